"""Files by the names they had on the live site: where clients of FoolFuuka, 4chan and vichan look for them.

The archive may have stored such a file under another name: that of the first post that had it. So the post is looked
up, and its file is led to, wherever that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from quart import Blueprint, Response
from quart.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter

from app.context import absolute_links, current_archive, live_links, page_links
from app.errors import NotFound
from app.filenames import MEDIA_TYPES, THUMB_TYPES, usable_name
from app.media_layout import GENUINE_HASH, Kind
from app.media_links import MediaLinks
from app.model import Media
from app.web.render import redirect_to, render

if TYPE_CHECKING:
    from app.board import Board

NEVER: Final = "The image was never in our databases."
"""FoolFuuka's words for a file of which nothing is known."""

_FOR_ALL_SITES: Final = MappingProxyType({"Access-Control-Allow-Origin": "*"})
_COLUMN: Final = 20  # characters that Asagi's columns hold; a longer name was cut off

# 4chan's names have sixteen digits; some archives have only the first thirteen, which were all in older times.
_LONG_NUMBER = re.compile(r"([0-9]{13})[0-9]+(\..+)", re.ASCII)
_THUMB = re.compile(r"([0-9]{10,}(?:-[0-9]+)?)s\.[^.]+", re.ASCII)


class LiveNameConverter(BaseConverter):
    """`1658260989011151.webm`, `1425939200001-0.png`: a file as 4chan and vichan name it; with `s`: its thumbnail."""

    regex = rf"[0-9]{{10,}}(?:-[0-9]+)?s?\.(?i:{'|'.join(MEDIA_TYPES)})"


def add_routes(blueprint: Blueprint) -> None:
    blueprint.record_once(_add_converter)
    blueprint.add_url_rule("/<board>/full_image/<name>/", view_func=full_image, strict_slashes=False)
    blueprint.add_url_rule("/<board>/redirect/<name>/", view_func=redirect_page, strict_slashes=False)
    blueprint.add_url_rule("/<board>/<live_name:name>", view_func=live_file)
    blueprint.add_url_rule("/<board>/src/<name>", view_func=live_file, endpoint="live_source")
    blueprint.add_url_rule("/<board>/thumb/<live_name:name>", view_func=live_thumb)


async def full_image(board: str, name: str) -> Response:
    """FoolFuuka's way to a file: the file itself, else the posts that had it."""
    known = current_archive().board(board)
    media = await _posted_as(known, _spellings(name))
    href = _address("image", known, media or _so_named(known, name))
    if href is not None:
        return redirect_to(href, 303, _FOR_ALL_SITES)
    if media is None or media.hash is None or GENUINE_HASH.fullmatch(media.hash) is None:
        raise NotFound(NEVER)
    return redirect_to(page_links().hash(known.name, media.hash), headers=_FOR_ALL_SITES)


async def live_file(board: str, name: str) -> Response:
    """4chan's address of a file, and vichan's."""
    if _THUMB.fullmatch(name):
        return await live_thumb(board, name)
    known = current_archive().board(board)
    return _lead("image", known, await _posted_as(known, _spellings(name)) or _so_named(known, name))


async def live_thumb(board: str, name: str) -> Response:
    """The thumbnail of the file with that number, of whatever type the file is."""
    known = current_archive().board(board)
    stem = name.rpartition(".")[0].removesuffix("s")
    media = await _posted_as(known, [each for kind in MEDIA_TYPES for each in _spellings(f"{stem}.{kind}")])
    return _lead("thumb", known, media or _so_named(known, name))


async def redirect_page(board: str, name: str) -> Response:
    """The page that leads programs to a file: ours where it is stored, else that of the live site.

    Nothing leads to a banned file, wherever it is.
    """
    archive = current_archive()
    known, usable = archive.board(board), usable_name(name)
    if usable is None or not archive.visible_file(known, usable):
        raise NotFound(NEVER)
    try:
        media = await _posted_as(known, _spellings(usable)) or _so_named(known, usable)
    except NotFound:
        media = None
    if media is not None and media.banned:
        raise NotFound(NEVER)
    if media is not None and _address("image", known, media) is not None:
        target, href = (links.full_image(known.name, usable) for links in (absolute_links(), page_links()))
    elif (there := live_links().file(known.name, usable)) is not None:
        target = href = there
    else:
        raise NotFound(NEVER)
    return render(
        "redirect.html",
        title=f"/{known.name}/ - {usable}",
        board=known.name,
        target=target,
        href=href,
        heading="A file",
        go_on="Go to the file",
    )


async def _posted_as(board: Board, names: Iterable[str]) -> Media | None:
    """The file that had the first of these names that any had; None where the board cannot tell.

    Raises NotFound where no post had such a file.
    """
    wanted = dict.fromkeys(names)
    if not wanted:
        raise NotFound(NEVER)
    try:
        posts = await current_archive().posts_with_original(
            board, [*wanted, *(name[:_COLUMN] for name in wanted if len(name) > _COLUMN)]
        )
    except NotFound:
        return None
    # Some databases find names that differ in letter case: those are other files.
    had = {post.media.original: post.media for post in reversed(posts) if post.media is not None}
    for name in wanted:
        if name in had:
            return had[name]
    raise NotFound(NEVER)


def _spellings(name: str) -> list[str]:
    """The name and its short form, as far as they can be names of files."""
    return [each for each in (name, _LONG_NUMBER.sub(r"\1\2", name)) if usable_name(each) == each]


def _so_named(board: Board, name: str) -> Media:
    """What a file must be like that is stored under the very name it had: all there is to go by.

    Raises NotFound for the name of a banned file.
    """
    if not current_archive().visible_file(board, name):
        raise NotFound(NEVER)
    return Media(
        hash=None,
        filename=None,
        image=usable_name(name),
        thumb=usable_name(name, THUMB_TYPES),
        original=None,
        width=0,
        height=0,
        size=0,
        thumb_width=0,
        thumb_height=0,
        spoiler=False,
        banned=False,
    )


def _address(kind: Kind, board: Board, media: Media) -> str | None:
    files = MediaLinks(page_links(), current_archive().settings)
    return files.image(board.name, media) if kind == "image" else files.thumb(board.name, media)


def _lead(kind: Kind, board: Board, media: Media) -> Response:
    href = _address(kind, board, media)
    if href is None:
        raise NotFound(NEVER)
    return redirect_to(href, headers=_FOR_ALL_SITES)


def _add_converter(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["live_name"] = LiveNameConverter

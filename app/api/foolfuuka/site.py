"""The site and its boards as FoolFuuka answers them (FoolFuuka notes, section 2), and as 4chan-X wants to know them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit
from zlib import crc32

from msgspec import UNSET, UnsetType
from quart import Response

from app.api.answering import answer
from app.api.foolfuuka.asking import given
from app.api.foolfuuka.shapes import FoolArchive, FoolBoards, FoolSite, ListedArchive
from app.context import absolute_links, current_archive, live_links
from app.media_links import media_on, media_origins
from app.model import BoardSummary


async def site() -> Response:
    boards = _boards()
    return answer(FoolBoards(_site(), archives=boards, boards=boards))


async def archives() -> Response:
    return answer(FoolBoards(_site(), archives=_boards()))


async def boards() -> Response:
    """FoolFuuka lists boards here that take posts; programs that ask only here would find none with us."""
    return answer(FoolBoards(_site(), boards=_boards()))


async def listed_archive() -> Response:
    """This archive as an entry of the lists of archives that 4chan-X and its kin are pointed at."""
    settings = current_archive().settings
    address = urlsplit(absolute_links().base)
    domain = address.netloc + address.path
    names = [board.name for _, board in _shown()]
    entry = ListedArchive(
        uid=crc32(domain.encode()),
        name=settings.site.name,
        domain=domain,
        http=address.scheme == "http",
        https=address.scheme == "https",
        boards=names,
        files=[name for name in names if media_on(settings, name)],
        search=names,
    )
    return answer([entry])


def _shown() -> Iterator[tuple[int, BoardSummary]]:
    """The boards that may stand in a list and can be read. The others are counted too, so that numbers stay."""
    for number, board in enumerate(current_archive().boards.values(), 1):
        if board.available and not board.hidden:
            yield number, board


def _site() -> FoolSite:
    settings, links = current_archive().settings, absolute_links()
    origins = list(media_origins(settings.media)) or [links.base]
    return FoolSite(
        url=links.home(),
        name=settings.site.name,
        title=settings.site.name,
        media_http=origins,
        media_https=[origin for origin in origins if origin.startswith("https:")] or origins,
        global_search_enabled=True,
        assets=UNSET if given("theme") is None else [links.static("koiwai.css"), links.static("koiwai.js")],
    )


def _boards() -> dict[str, FoolArchive] | UnsetType:
    return {str(number): _board(board) for number, board in _shown()} or UNSET


def _board(board: BoardSummary) -> FoolArchive:
    settings = current_archive().settings
    files = media_on(settings, board.name)
    return FoolArchive(
        name=board.title,
        shortname=board.name,
        board_url=absolute_links().board(board.name),
        threads_per_page="10",
        original_board_url=live_links().board(board.name) or "",
        thumbs_url="",
        images_url="",
        anonymous_default_name=settings.site.anonymous_name,
        # Nobody can post here: FoolFuuka's own defaults.
        max_comment_characters_allowed="4096",
        max_comment_lines_allowed="20",
        cooldown_new_comment="10",
        transparent_spoiler=False,
        # What posts have of these is shown.
        enable_flags=True,
        display_exif=True,
        enable_poster_hash=True,
        disable_ghost=False,
        is_nsfw=board.nsfw,
        hide_thumbnails=not files,
        search_enabled=True,
        board_hidden=False,
        archive_full_images=files,
    )

"""Posts as FoolFuuka answers them (FoolFuuka notes, sections 2, 5 and 6)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import msgspec
from msgspec import UNSET

from app.api.foolfuuka.formatting import formatted
from app.api.foolfuuka.media import media_shape
from app.api.foolfuuka.quotes import Quotes
from app.api.foolfuuka.shapes import FoolBoard, FoolPost
from app.api.posts import tagged_comment
from app.context import absolute_links, current_archive, live_links
from app.countries import country_of
from app.exif import read_exif
from app.labels import tells_of
from app.markup import escape_named, parse, to_foolfuuka
from app.media_links import MediaLinks
from app.model import Post
from app.times import site_date

TURN: Final = 100
"""Posts shaped in one go before other requests get their turn."""


async def shaped(posts: Sequence[Post]) -> list[FoolPost]:
    """The shapes of all posts of an answer, in their order. A quote of another of them leads into its thread."""
    tells_of(*{post.board for post in posts})
    archive = current_archive()
    links = absolute_links()
    files = MediaLinks(links, archive.settings)
    boards = archive.boards
    quotes = Quotes(posts, links, live_links(), boards)
    anonymous = archive.settings.site.anonymous_name
    shapes = []
    for place, (post, html) in enumerate(zip(posts, await formatted(posts), strict=True), 1):
        comment = parse(post.comment, archive.board(post.board).settings.comments)
        shapes.append(
            post_shape(
                post,
                board=FoolBoard(boards[post.board].title, post.board),
                name=post.name or anonymous,
                comment=tagged_comment(archive, post),
                processed=to_foolfuuka(comment, partial(quotes.link, post), quotes.board),
                html=html,
                files=files,
                page=links.post(post.board, post.id),
            )
        )
        if place % TURN == 0:
            await asyncio.sleep(0)
    return shapes


def post_shape(
    post: Post,
    *,
    board: FoolBoard,
    name: str,
    comment: str | None,
    processed: str,
    html: str | bool,
    files: MediaLinks,
    page: str,
) -> FoolPost:
    """`comment` in tagged text, `processed` the same in FoolFuuka's HTML, `html` the whole post on our pages."""
    exif, facts = exif_text(post.exif), read_exif(post.exif)
    code, country = country_of(post.country) if post.country else (None, None)
    country = country or code
    return FoolPost(
        doc_id=str(row_of(post)),
        num=str(post.num),
        subnum=str(post.subnum),
        thread_num=str(post.thread_num),
        op=flag(post.op),
        timestamp=post.time,
        timestamp_expired=str(post.expired or 0),
        capcode=post.capcode or "N",
        email=post.email,
        name=name,
        trip=post.trip,
        title=post.subject,
        comment=comment,
        poster_hash=post.poster_hash,
        poster_country=code,
        sticky=flag(post.sticky),
        locked=flag(post.locked),
        deleted=flag(post.deleted),
        nreplies=None,
        nimages=None,
        fourchan_date=site_date(post.time),
        comment_sanitized=comment or "",
        comment_processed=processed,
        formatted=html,
        title_processed=_escaped(post.subject),
        name_processed=escape_named(name),
        email_processed=_escaped(post.email),
        trip_processed=_escaped(post.trip),
        poster_hash_processed=_escaped(post.poster_hash),
        poster_country_name=country or False,
        poster_country_name_processed=escape_named(country or ""),
        extra_data=[],
        exif=exif,
        media=None if post.media is None else media_shape(post.media, post, exif, files, page),
        board=board,
        unique_ips=UNSET if facts.unique_ips is None else str(facts.unique_ips),
        since4pass=UNSET if facts.since4pass is None else str(facts.since4pass),
        troll_country_code=facts.flag[0] if facts.flag else UNSET,
        troll_country_name=facts.flag[1] if facts.flag else UNSET,
    )


def row_of(post: Post) -> int:
    """The key by which clients ask for what is newer; the number where the writer numbers no rows."""
    return post.doc_id or post.num


def flag(value: bool) -> str:
    """Flags are text: some clients compare them with "1"."""
    return "1" if value else "0"


def exif_text(stored: str | None) -> str | None:
    """The stored JSON object as it is, but for its `comment`: raw HTML that nobody has cleaned. None for what is none.

    Clients parse this text themselves.
    """
    try:
        facts: Any = msgspec.json.decode(stored or "")
        if not isinstance(facts, dict):
            return None
        shown = {key: fact for key, fact in facts.items() if key.lower() != "comment"}
        return stored if len(shown) == len(facts) else msgspec.json.encode(shown).decode()
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def _escaped(text: str | None) -> str | None:
    return None if text is None else escape_named(text)

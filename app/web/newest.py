"""The newest threads of all boards, for the front page."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

from msgspec import Struct

from app.context import current_archive, page_links
from app.errors import NotFound, Unavailable
from app.labels import tells_of
from app.markup import parse
from app.media_links import MediaLinks
from app.model import BoardSummary, NewThread, listed
from app.times import to_the_minute
from app.web.file_view import file_view
from app.web.text import counted, excerpt, fit, one_line

_SHOWN: Final = 12
_SUBJECT: Final = 100
_EXCERPT: Final = 160
_THUMB: Final = 80
"""CSS pixels of the longer side."""


class Picture(Struct, frozen=True, gc=False):
    """A thumbnail."""

    href: str
    width: int | None
    height: int | None


class NewestThread(Struct, frozen=True, gc=False):
    """A thread as the template prints it; "" and None print nothing."""

    href: str
    title: str
    excerpt: str
    facts: str
    """`/g/ · 12 replies · 24 Apr 2013 17:50 UTC`."""
    nsfw: bool
    picture: Picture | None


def newest_threads() -> list[NewestThread]:
    """Those of the boards that may be listed; pictures only of boards that are safe for work.

    It asks nothing of the database: each board looks up its newest threads now and then. A board that is away is left
    out.
    """
    boards = listed(current_archive().boards)
    return list(islice(_views(_by_time(boards), {board.name: board for board in boards}), _SHOWN))


def _by_time(boards: Iterable[BoardSummary]) -> list[NewThread]:
    threads = (thread for board in boards for thread in board.latest)
    return sorted(threads, key=lambda thread: thread.op.time, reverse=True)


def _views(threads: Iterable[NewThread], boards: dict[str, BoardSummary]) -> Iterable[NewestThread]:
    archive, links = current_archive(), page_links()
    files = MediaLinks(links, archive.settings)
    for thread in threads:
        op = thread.op
        try:
            comments = archive.board(op.board).settings.comments
        except (NotFound, Unavailable):
            continue
        tells_of(op.board)
        said = excerpt(parse(op.comment, comments), _EXCERPT)
        subject = one_line(op.subject, _SUBJECT) if op.subject else ""
        nsfw = boards[op.board].nsfw
        file = None if nsfw else file_view(op, links, files, longest_side=_THUMB)
        yield NewestThread(
            href=links.thread(op.board, op.num),
            title=subject or said or f"No. {op.num}",
            excerpt=said if subject else "",
            facts=f"/{fit(op.board)}/ · {counted(thread.replies, 'reply', 'replies')} · {to_the_minute(op.time)} UTC",
            nsfw=nsfw,
            picture=Picture(file.thumb_href, file.width, file.height) if file and file.thumb_href else None,
        )

"""A board's newest rows, looked at for the habits of its writers."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

from app.check.asking import Asker
from app.check.conventions import (
    CountedPost,
    CountedThread,
    comment_dialect,
    counters,
    file_name_escaping,
)
from app.check.report import BoardReport, Notes
from app.clock import Clock, vote
from app.clock_detection import find_clock
from app.db.check_queries import CheckQueries
from app.db.queries import BoardQueries
from app.db.schema import BoardTables
from app.filenames import usable_name
from app.model import LARGEST_NUMBER, Media
from app.reading import Picture, flag, image_name, number, read_picture, text, thumb_name
from app.settings import BoardSettings

_FILES: Final = 4_000  # rows looked at for names; as many as the clock is found by
_VOTERS: Final = 15
_COMMENTS: Final = 200
_THREADS: Final = 200  # of which the small ones are counted
_COUNTED: Final = 20
_LARGEST_COUNTED: Final = 60  # posts
_PICTURES: Final = 40  # so few that an index is cheaper than reading through a table of more than 10,000
_NEARLY_FULL: Final = 0.9  # of the numbers there are


class StoredFile(Struct, frozen=True):
    """A post's file as Koiwai looks for it, and the names it would have if each post had its own."""

    media: Media
    own: Media


class Sample(Struct, frozen=True):
    """The newest rows of a board as far as they hold files."""

    files: tuple[StoredFile, ...]
    """Newest first; banned ones are left out."""


class BoardLook:
    """Looks at one board and fills its report. A sample that no index makes cheap is left out, and said to be."""

    def __init__(
        self, report: BoardReport, settings: BoardSettings, tables: BoardTables, asker: Asker, notes: Notes
    ) -> None:
        self._report = report
        self._settings = settings
        self._tables = tables
        self._asker = asker
        self._notes = notes
        self._queries = BoardQueries(asker.database.dialect, tables)
        self._samples = CheckQueries(asker.database.dialect, tables)

    async def look(self) -> Sample:
        await self._look_at_size()
        if self._samples.walked is None:
            self._notes.note(
                "sample-skipped",
                "Nothing was read of the posts: without an index on num or doc_id even the newest are found only by "
                "reading all of them. What the writer's habits are is not known.",
            )
            return Sample(())
        rows = await self._asker.rows("the newest posts", self._samples.newest_files(_FILES))
        if rows is None:
            return Sample(())
        if not rows:
            self._report.posts = 0
            self._notes.warning("board-empty", "The board has no posts.")
            return Sample(())
        self._look_at_numbers(rows)
        await self._look_at_clock([(number(row[4]), text(row[7])) for row in rows if not number(row[1])])
        await self._look_at_counters()
        await self._look_at_comments()
        return Sample(await self._look_at_files(rows))

    async def _look_at_size(self) -> None:
        if self._tables.posts.is_table:
            found = await self._asker.rows("the size of the table", self._queries.estimated_posts())
            posts = number(found[0][0]) if found else 0
            self._report.posts = posts if posts > 0 else None

    def _look_at_numbers(self, rows: list[tuple[Any, ...]]) -> None:
        newest, last_row = max(number(row[0]) for row in rows), max(number(row[3]) for row in rows)
        self._report.newest_num = newest
        if self._report.posts is None and self._tables.posts.is_table:
            self._report.posts = last_row or None  # the server has not counted yet
        if any(row[0] is None or not number(row[0]) for row in rows):
            self._notes.warning("num-garbage", "Some of the newest posts have no number: they cannot be shown.")
        if newest > LARGEST_NUMBER * _NEARLY_FULL:
            self._notes.warning(
                "capacity-num",
                f"The highest post number is {newest:,}. Numbers beyond {LARGEST_NUMBER:,} (32 bits) fit neither into "
                "PostgreSQL's tables nor into addresses of Koiwai.",
            )
        if last_row > LARGEST_NUMBER * _NEARLY_FULL:
            self._notes.note(
                "capacity-doc-id",
                f"The highest doc_id is {last_row:,}: at {LARGEST_NUMBER:,} (PostgreSQL) or {2**32 - 1:,} (MySQL) the "
                "writer can store no more posts.",
            )

    async def _look_at_clock(self, newest: list[tuple[int, str | None]]) -> None:
        conventions, settings = self._report.conventions, self._settings
        found, told = await self._clock_of_files(newest)
        if settings.clock != "auto":
            conventions.clock, conventions.clock_switch_num = settings.clock, settings.clock_switch_num
            conventions.clock_source = "settings"
            wanted = Clock(settings.clock == "new_york", settings.clock_switch_num)
            if told and found is not None and _kind(found) != _kind(wanted):
                self._notes.warning(
                    "clock-differs",
                    f"boards.toml says that times are {_told(wanted)}, but the names of the files say {_told(found)}: "
                    "all times may be hours wrong.",
                )
        elif found is not None:
            conventions.clock = "new_york" if found.new_york else "utc"
            conventions.clock_switch_num = found.switch_num
            conventions.clock_source = "file names" if told else "assumed"
            if not told:
                self._notes.warning(
                    "clock-unknown",
                    "No file name tells which clock the stored times follow: New York is assumed, as most archives "
                    'have it. If times are 4 or 5 hours late, set clock = "utc" in boards.toml.',
                )

    async def _clock_of_files(self, newest: list[tuple[int, str | None]]) -> tuple[Clock | None, bool]:
        """The clock as far as it can be found out, and whether any file name speaks for it."""
        oldest_rows = await self._asker.rows("the oldest posts", self._samples.oldest_times(_FILES))
        oldest = [(number(stored), text(name)) for stored, name in oldest_rows or ()]
        telling = [choice for pair in (*newest, *oldest) if (choice := vote([pair])) is not None]
        if self._samples.walked == "num":
            look = find_clock(self._asker.database, self._queries, self._report.name, BoardSettings())
            return await self._asker.attempt("the clock", look), bool(telling)
        # Without an index on numbers there is no looking for a change: the newest files decide.
        nearest = telling[:_VOTERS]
        return Clock(not telling or 2 * sum(nearest) > len(nearest)), bool(telling)

    async def _look_at_counters(self) -> None:
        rows = await self._asker.rows("the newest threads", self._samples.newest_threads(_THREADS))
        counts = {number(num): (number(replies), number(images)) for num, replies, images in rows or ()}
        small = [num for num, (replies, _) in counts.items() if 1 <= replies < _LARGEST_COUNTED][:_COUNTED]
        if not small:
            return
        found = await self._asker.rows(
            "the posts of some small threads", self._samples.posts_of(small, _LARGEST_COUNTED + 1)
        )
        posts: dict[int, list[CountedPost]] = {}
        for thread_num, num, subnum, deleted, media_hash in found or ():
            op = number(num) == number(thread_num) and not number(subnum)
            posts.setdefault(number(thread_num), []).append(CountedPost(op, flag(deleted), bool(media_hash)))
        result = counters(
            [
                CountedThread(*counts[num], tuple(members))
                for num, members in posts.items()
                if num in counts and len(members) <= _LARGEST_COUNTED and any(post.op for post in members)
            ]
        )
        self._report.conventions.nreplies, self._report.conventions.nimages = result.nreplies, result.nimages
        wrong = [name for name in ("nreplies", "nimages") if getattr(result, name) in ("mixed", "every_reply")]
        if wrong:
            self._notes.note(
                "counters-wrong",
                f"In the table of threads {' and '.join(wrong)} cannot be relied upon: it does not fit the posts. "
                "Koiwai counts the posts itself.",
            )

    async def _look_at_comments(self) -> None:
        rows = await self._asker.rows("the newest comments", self._samples.newest_comments(_COMMENTS))
        found = comment_dialect(comment for row in rows or () if (comment := text(row[0])) is not None)
        self._report.conventions.comments = found
        if found is not None and found != self._settings.comments:
            cost = "readers see raw tags" if found == "html" else "lines run together and greater-than signs vanish"
            self._notes.warning(
                "comments-differ",
                f"Comments look like {'HTML' if found == 'html' else 'BBCode'}, but are read as "
                f'{self._settings.comments}: {cost}. Set comments = "{found}" for this board in boards.toml.',
            )

    async def _look_at_files(self, rows: list[tuple[Any, ...]]) -> tuple[StoredFile, ...]:
        self._report.conventions.file_names = file_name_escaping(name for row in rows if (name := text(row[9])))
        names = (name for row in rows for name in (text(row[7]), text(row[8])) if name)
        if any((usable := usable_name(name)) is not None and usable != name for name in names):
            self._notes.note(
                "names-cut",
                "Some names of files are cut off at 20 characters, the width of the column. Koiwai mends what can be "
                "mended; the writer should get wider columns.",
            )
        with_file = [row for row in rows if text(row[6]) or text(row[7])]
        if not with_file:
            return ()
        pictures = await self._pictures([number(row[5]) for row in with_file])
        files, shared, other = [], 0, 0
        for row in with_file[:_PICTURES]:
            picture = pictures.get(number(row[5])) if row[5] else None
            if picture is not None and picture.media_hash != text(row[6]):
                picture, other = None, other + 1
            shared += picture is not None and picture.media is not None
            if picture is None or not picture.banned:
                files.append(StoredFile(_media(picture, row), _media(None, row)))
        self._report.conventions.media = "shared" if 2 * shared >= len(with_file[:_PICTURES]) else "own"
        if other:
            self._notes.note(
                "images-other-hash",
                f"{other} of {len(with_file[:_PICTURES])} media_ids lead to a picture with another hash, as collations "
                "that ignore case make them do. Koiwai uses the posts' own names there.",
            )
        return tuple(files)

    async def _pictures(self, media_ids: list[int]) -> dict[int, Picture]:
        images = self._tables.images
        wanted = sorted({media_id for media_id in media_ids[:_PICTURES] if media_id})
        if not wanted or images is None or not images.has_index("media_id"):
            return {}
        rows = await self._asker.rows("the table of pictures", self._queries.images(wanted))
        return {picture.media_id: picture for picture in map(read_picture, rows or ())}


def _media(picture: Picture | None, row: tuple[Any, ...]) -> Media:
    """What of a post's file names it on the disk."""
    op = number(row[0]) == number(row[2]) and not number(row[1])
    return Media(
        hash=text(row[6]),
        filename=None,
        image=image_name(picture, text(row[7])),
        thumb=thumb_name(picture, text(row[8]), op),
        original=usable_name(text(row[7])),
        width=0,
        height=0,
        size=0,
        thumb_width=0,
        thumb_height=0,
        spoiler=False,
        banned=False,
    )


def _kind(clock: Clock) -> tuple[bool, bool]:
    return clock.new_york, clock.switch_num is not None


def _told(clock: Clock) -> str:
    names = ("New York time", "UTC") if clock.new_york else ("UTC", "New York time")
    return names[0] if clock.switch_num is None else f"{names[0]} and {names[1]} from post {clock.switch_num} on"

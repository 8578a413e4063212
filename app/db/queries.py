"""Every statement that reads a board's posts. What a writer left out is replaced by literals.

Costs are those of Asagi schema notes, section 8.3. Nothing here selects who posted from where, or with what password.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from app.db.base import Dialect, Sql, join, values
from app.db.columns import IMAGE_COLUMNS, POST_COLUMNS, has_media, image_columns, names
from app.db.schema import BoardTables
from app.model import PostId

_PAIR: Final = 2**31  # larger than any subnum
_MOST_LEFT_OUT: Final = 500  # posts of one thread
_POST_NAMES: Final = names(POST_COLUMNS)
_IMAGE_NAMES: Final = names(IMAGE_COLUMNS)


class BoardQueries:
    """The statements for one board, in the words of one dialect, for the columns that are there."""

    def __init__(self, dialect: Dialect, tables: BoardTables) -> None:
        self._dialect = dialect
        self._tables = tables
        posts = tables.posts
        self._posts = dialect.quote(posts.name)
        have = posts.columns
        self._columns = ", ".join(
            name if name in have else f"{substitute} AS {name}" for name, substitute in POST_COLUMNS
        )
        self._serial = "doc_id" if "doc_id" in have else "num"
        self._subnum = "subnum" if "subnum" in have else "0"
        self._has_hash = "media_hash" in have
        self._time = "timestamp" if "timestamp" in have else "0"
        self._deleted = "deleted = '1'" if "deleted" in have else "1 = 0"
        self._has_media = has_media(have)
        self._has_original = "media_orig" in have
        self.finds_originals = posts.has_index("media_orig")
        """Whether posts are found by the live site's name of their file without reading all of them."""
        self.finds_hashes = posts.has_index("media_hash")
        """Whether posts are found by the hash of their file without reading all of them."""
        # Walking all numbers backwards to find a few rows of one thread is what planners like to do where no index
        # has both columns; an expression keeps them from it, and the few rows are sorted.
        self._num_in_thread = "num" if posts.has_index("thread_num", "num") else "num + 0"

    # posts

    def thread_posts(self, thread_num: int, after: PostId | None, limit: int) -> Sql:
        """A thread's posts in order, from the start or after one of them."""
        where = Sql("thread_num = ?", (thread_num,))
        if after is not None:
            where += Sql(f"AND num >= ? AND (num > ? OR {self._subnum} > ?)", (after.num, after.num, after.subnum))
        return self._select(where, f"{self._num_in_thread}, subnum", limit)

    def first_and_last_posts(self, hidden: Mapping[int, Sequence[PostId]], last: int, *, ghosts: bool = True) -> Sql:
        """The first post and the newest `last` ones of each thread, without the posts that are to be left out.

        `hidden` has these by thread number, for all threads. Each part reads hardly more rows than it returns.
        """
        thread = "thread_num = ?" if ghosts else f"thread_num = ? AND COALESCE({self._subnum}, 0) = 0"
        order, backwards = (f"{self._num_in_thread}{way}, subnum{way}" for way in ("", " DESC"))
        wheres = [Sql(thread, (num,)) + self._without(hidden[num]) for num in hidden]
        parts = [self._select(where, order, 1) for where in wheres]
        if last:
            parts += [self._select(where, backwards, last) for where in wheres]
        return _all_of(parts)

    def _without(self, hidden: Sequence[PostId]) -> Sql:
        if not hidden:
            return Sql("")
        # Both numbers in one: lists of pairs are written differently in each dialect.
        pairs = [post.num * _PAIR + post.subnum for post in hidden[:_MOST_LEFT_OUT]]
        return Sql(f"AND num * {_PAIR} + COALESCE({self._subnum}, 0) NOT IN") + values(pairs)

    def deleted_posts(self, thread_num: int, limit: int) -> Sql:
        where = Sql(f"thread_num = ? AND {self._deleted}", (thread_num,))
        return self._select(where, f"{self._num_in_thread}, subnum", limit)

    def newer_posts(self, thread_num: int, doc_id: int, limit: int) -> Sql:
        """The posts of a thread that were stored after a row, by row: who asks again goes on after the last of them."""
        where = Sql(f"thread_num = ? AND {self._serial} > ?", (thread_num, doc_id))
        # The thread's rows are found by its number and sorted, never by walking all later rows of the board.
        return self._select(where, f"{self._serial} + 0, subnum", limit)

    def posts_numbered(self, nums: Sequence[int]) -> Sql:
        """All posts with one of these numbers, ghost posts included."""
        return self._select(Sql("num IN") + values(nums), None, None)

    def posts_with_hash(self, media_hash: str, before: PostId | None, limit: int) -> Sql:
        """Posts whose file has exactly this hash, newest first."""
        condition = self._dialect.equals("media_hash") if self._has_hash else "1 = 0"
        where = Sql(condition, (media_hash,) * condition.count("?"))
        if before is not None:
            where += Sql(f"AND num <= ? AND (num < ? OR {self._subnum} < ?)", (before.num, before.num, before.subnum))
        # The hash has few rows: they are found by its index and sorted, never by walking the numbers.
        return self._select(where, "num + 0 DESC, subnum DESC", limit)

    def posts_with_original(self, names: Sequence[str], limit: int) -> Sql:
        """Posts whose file had one of these names on the live site, newest first; some databases ignore letter case."""
        where = Sql("media_orig IN") + values(names) if self._has_original and names else Sql("1 = 0")
        return self._select(where, "num + 0 DESC, subnum DESC", limit)

    def outermost_posts(self, *, newest: bool) -> Sql:
        """The fifty highest numbers or the fifty lowest, among them the newest or oldest post that is shown."""
        return self._select(Sql("1 = 1"), "num DESC, subnum DESC" if newest else "num, subnum", 50)

    def _select(self, where: Sql, order: str | None, limit: int | None) -> Sql:
        text = f"SELECT {self._columns} FROM {self._posts} WHERE {where.text}"
        # An order names columns of the result: a literal that stands for a missing one would mean a place in it.
        if order is not None:
            text += f" ORDER BY {order}"
        if limit is not None:
            return Sql(f"{text} LIMIT ?", (*where.args, limit), _POST_NAMES)
        return Sql(text, where.args, _POST_NAMES)

    # facts about posts

    def facts_of(self, nums: Sequence[int]) -> Sql:
        """Rows (num, subnum, thread_num, 1 with a file or 0 without) of the posts with these numbers."""
        has_media = f"CASE WHEN {self._has_media} THEN 1 ELSE 0 END"
        return Sql(f"SELECT num, {self._subnum}, thread_num, {has_media} FROM {self._posts} WHERE num IN") + values(
            nums
        )

    def threads_of(self, nums: Sequence[int]) -> Sql:
        """Rows (num, subnum, thread_num) of the posts with these numbers."""
        return Sql(f"SELECT num, {self._subnum}, thread_num FROM {self._posts} WHERE num IN") + values(nums)

    def count_ghosts(self, thread_nums: Sequence[int]) -> Sql:
        """Rows (thread_num, ghost posts) of those of these threads that have some."""
        counting = Sql(f"SELECT thread_num, COUNT(*) FROM {self._posts} WHERE thread_num IN")
        return counting + values(thread_nums) + Sql(f"AND {self._subnum} > 0 GROUP BY thread_num")

    def thread_counts(self, thread_nums: Sequence[int], up_to_doc_id: int) -> Sql:
        """Rows (thread_num, posts, posts with a file) of these threads, for doc_id up to a value."""
        return (
            Sql(f"{self._counting} WHERE thread_num IN")
            + values(thread_nums)
            + Sql(f"AND {self._serial} <= ? GROUP BY thread_num", (up_to_doc_id,))
        )

    def new_counts(self, after_doc_id: int, up_to_doc_id: int) -> Sql:
        """The same for the rows with doc_id in (after, up to]."""
        return Sql(
            f"{self._counting} WHERE {self._serial} > ? AND {self._serial} <= ? GROUP BY thread_num",
            (after_doc_id, up_to_doc_id),
        )

    @property
    def _counting(self) -> str:
        return f"SELECT thread_num, COUNT(*), SUM(CASE WHEN {self._has_media} THEN 1 ELSE 0 END) FROM {self._posts}"

    def last_doc_id(self) -> Sql:
        return Sql(f"SELECT MAX({self._serial}) FROM {self._posts}")

    def threads_between(self, after_doc_id: int, up_to_doc_id: int) -> Sql:
        """Rows (thread_num, newest time, newest ghost time or NULL) of the posts with doc_id in (after, up to]."""
        return Sql(
            f"SELECT thread_num, MAX(CASE WHEN {self._subnum} > 0 THEN 0 ELSE {self._time} END), "
            f"MAX(CASE WHEN {self._subnum} > 0 THEN {self._time} END) FROM {self._posts} "
            f"WHERE {self._serial} > ? AND {self._serial} <= ? GROUP BY thread_num",
            (after_doc_id, up_to_doc_id),
        )

    def count_up_to(self, limit: int) -> Sql:
        """How many posts there are, counting no further than `limit`."""
        return Sql(f"SELECT COUNT(*) FROM (SELECT num FROM {self._posts} LIMIT ?) AS t", (limit,))

    def estimated_posts(self) -> Sql:
        return self._dialect.estimate(self._tables.posts.name)

    def moments_near(self, lowest: int, highest: int, around: int, between: int) -> Sql:
        """Rows (num, subnum, timestamp, media_orig): the posts from `lowest` to `highest`, `around` on each side."""
        name = "media_orig" if "media_orig" in self._tables.posts.columns else "NULL"
        columns = f"SELECT num, {self._subnum}, {self._time}, {name} FROM {self._posts}"
        parts = (
            Sql(f"{columns} WHERE num < ? ORDER BY num DESC LIMIT ?", (lowest, around)),
            Sql(f"{columns} WHERE num >= ? AND num <= ? ORDER BY num LIMIT ?", (lowest, highest, between)),
            Sql(f"{columns} WHERE num > ? ORDER BY num LIMIT ?", (highest, around)),
        )
        return _all_of(parts)

    def media_names(self, from_num: int | None, newest: bool, rows: int) -> Sql:
        """Rows (num, subnum, timestamp, media_orig) of `rows` posts: the newest, the oldest, or from a number on."""
        name = "media_orig" if "media_orig" in self._tables.posts.columns else "NULL"
        where = Sql("" if from_num is None else "WHERE num >= ?", () if from_num is None else (from_num,))
        direction = "DESC" if newest else "ASC"
        return Sql(
            f"SELECT num, {self._subnum}, {self._time}, {name} FROM {self._posts} {where.text} "
            f"ORDER BY num {direction} LIMIT ?",
            (*where.args, rows),
        )

    def early_expiry(self, switch_num: int | None, after_switch: bool, rows: int) -> Sql | None:
        """A row if one of the newest `rows` posts of a stretch seems to have expired up to five hours too early.

        The stretch is the whole board, or what comes before or after the number where its clock changed.
        """
        if not {"timestamp", "timestamp_expired"} <= self._tables.posts.columns:
            return None
        where = "" if switch_num is None else f"WHERE num {'>=' if after_switch else '<'} ?"
        return Sql(
            f"SELECT 1 FROM (SELECT timestamp, timestamp_expired, {self._subnum} AS subnum FROM {self._posts} {where} "
            "ORDER BY num DESC LIMIT ?) AS t "
            "WHERE subnum = 0 AND timestamp_expired > 0 AND timestamp_expired < timestamp "
            "AND timestamp_expired + 18000 >= timestamp LIMIT 1",
            (rows,) if switch_num is None else (switch_num, rows),
        )

    def bumps_since(self, switch_num: int, bumps: Mapping[int, int]) -> Sql:
        """Rows (thread_num) of those threads in `bumps` that hold a post numbered `switch_num` or higher, ghost
        posts apart, with exactly the stored time given for the thread."""
        parts = (
            Sql(
                f"SELECT thread_num FROM {self._posts} "
                f"WHERE thread_num = ? AND num >= ? AND {self._subnum} = 0 AND {self._time} = ? LIMIT 1",
                (thread_num, switch_num, stored),
            )
            for thread_num, stored in bumps.items()
        )
        return _all_of(parts)

    # pictures

    def images(self, media_ids: Sequence[int]) -> Sql | None:
        """Rows in the order of `image_columns` of these pictures."""
        images = self._tables.images
        if images is None:
            return None
        wanted = values(media_ids)
        listed = f"SELECT {image_columns(images)} FROM {self._dialect.quote(images.name)}"
        return Sql(f"{listed} WHERE media_id IN {wanted.text}", wanted.args, _IMAGE_NAMES)


def _all_of(parts: Iterable[Sql]) -> Sql:
    """The rows of several statements, each with an order and a limit of its own."""
    return join(
        " UNION ALL ",
        (Sql(f"SELECT * FROM ({part.text}) AS t{place}", part.args) for place, part in enumerate(parts)),
    )

"""Every statement that reads a board's posts. What a writer left out is replaced by literals.

Costs are those of Asagi schema notes, section 8.3. Nothing here selects `poster_ip` or `delpass`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from app.db.base import Dialect, Sql, join, values
from app.db.schema import BoardTables
from app.model import PostId

_TEXT: Final = "NULL"
_NUMBER: Final = "0"

POST_COLUMNS: Final = (
    ("doc_id", _NUMBER),
    ("num", _NUMBER),
    ("subnum", _NUMBER),
    ("thread_num", _NUMBER),
    ("timestamp", _NUMBER),
    ("timestamp_expired", _NUMBER),
    ("name", _TEXT),
    ("trip", _TEXT),
    ("title", _TEXT),
    ("email", _TEXT),
    ("capcode", _TEXT),
    ("poster_hash", _TEXT),
    ("poster_country", _TEXT),
    ("comment", _TEXT),
    ("deleted", _NUMBER),
    ("sticky", _NUMBER),
    ("locked", _NUMBER),
    ("exif", _TEXT),
    ("media_id", _NUMBER),
    ("media_hash", _TEXT),
    ("media_orig", _TEXT),
    ("media_filename", _TEXT),
    ("preview_orig", _TEXT),
    ("media_w", _NUMBER),
    ("media_h", _NUMBER),
    ("media_size", _NUMBER),
    ("preview_w", _NUMBER),
    ("preview_h", _NUMBER),
    ("spoiler", _NUMBER),
)
"""Columns of a post row in order, each with what stands for it where a board's table lacks it.

`app.reading` takes rows apart in this order. `op` is not read: a post is the OP when num = thread_num,
because some writers set the flag wrongly.
"""


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
        self._deleted = "deleted = '1'" if "deleted" in have else "1 = 0"
        self._has_media = (
            " OR ".join(f"{column} <> ''" for column in ("media_hash", "media_orig") if column in have) or "1 = 0"
        )
        # Walking all numbers backwards to find a few rows of one thread is what planners like to do where no index
        # has both columns; an expression keeps them from it, and the few rows are sorted.
        self._num_in_thread = "num" if posts.has_index("thread_num", "num") else "num + 0"

    # posts

    def thread_posts(self, thread_num: int, after: PostId | None, limit: int) -> Sql:
        """A thread's posts in order, from the start or after one of them."""
        where = Sql("thread_num = ?", (thread_num,))
        if after is not None:
            where += Sql(f"AND num >= ? AND (num > ? OR {self._subnum} > ?)", (after.num, after.num, after.subnum))
        return self._select(where, f"{self._num_in_thread}, {self._subnum}", limit)

    def first_post(self, thread_num: int) -> Sql:
        return self.thread_posts(thread_num, None, 1)

    def last_posts(self, thread_num: int, limit: int) -> Sql:
        """The newest posts of a thread, newest first."""
        where = Sql("thread_num = ?", (thread_num,))
        return self._select(where, f"{self._num_in_thread} DESC, {self._subnum} DESC", limit)

    def first_and_last_posts(self, thread_nums: Sequence[int], last: int) -> Sql:
        """The first post and the newest `last` ones of each thread; each part reads only the rows it returns."""
        parts = [self.first_post(num) for num in thread_nums]
        if last:
            parts += [self.last_posts(num, last) for num in thread_nums]
        return _all_of(parts)

    def deleted_posts(self, thread_num: int, limit: int) -> Sql:
        where = Sql(f"thread_num = ? AND {self._deleted}", (thread_num,))
        return self._select(where, f"{self._num_in_thread}, {self._subnum}", limit)

    def posts_numbered(self, nums: Sequence[int]) -> Sql:
        """All posts with one of these numbers, ghost posts included."""
        return self._select(Sql("num IN") + values(nums), None, None)

    def posts_with_hash(self, media_hash: str, before: PostId | None, limit: int) -> Sql:
        """Posts whose file has exactly this hash, newest first."""
        where = Sql(self._dialect.equals("media_hash"), (media_hash,) * self._dialect.equals("media_hash").count("?"))
        if before is not None:
            where += Sql(f"AND num <= ? AND (num < ? OR {self._subnum} < ?)", (before.num, before.num, before.subnum))
        # The hash has few rows: they are found by its index and sorted, never by walking the numbers.
        return self._select(where, f"num + 0 DESC, {self._subnum} DESC", limit)

    def newest_post(self) -> Sql:
        return self._select(Sql("1 = 1"), "num DESC", 1)

    def _select(self, where: Sql, order: str | None, limit: int | None) -> Sql:
        text = f"SELECT {self._columns} FROM {self._posts} WHERE {where.text}"
        if order is not None:
            text += f" ORDER BY {order}"
        if limit is not None:
            return Sql(f"{text} LIMIT ?", (*where.args, limit))
        return Sql(text, where.args)

    # facts about posts

    def threads_of(self, nums: Sequence[int]) -> Sql:
        """Rows (num, subnum, thread_num) of the posts with these numbers."""
        return Sql(f"SELECT num, {self._subnum}, thread_num FROM {self._posts} WHERE num IN") + values(nums)

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
            f"SELECT thread_num, MAX(CASE WHEN {self._subnum} > 0 THEN 0 ELSE timestamp END), "
            f"MAX(CASE WHEN {self._subnum} > 0 THEN timestamp END) FROM {self._posts} "
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
        columns = f"SELECT num, {self._subnum}, timestamp, {name} FROM {self._posts}"
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
            f"SELECT num, {self._subnum}, timestamp, {name} FROM {self._posts} {where.text} "
            f"ORDER BY num {direction} LIMIT ?",
            (*where.args, rows),
        )

    # pictures

    def images(self, media_ids: Sequence[int]) -> Sql | None:
        """Rows (media_id, media_hash, media, preview_op, preview_reply, banned) of these pictures."""
        if self._tables.images is None:
            return None
        return Sql(f"SELECT {self._image_columns} FROM {self._images} WHERE media_id IN") + values(media_ids)

    def banned_images(self) -> Sql | None:
        """The same rows of all banned pictures."""
        images = self._tables.images
        if images is None or "banned" not in images.columns:
            return None
        return Sql(f"SELECT {self._image_columns} FROM {self._images} WHERE banned > 0")

    def hashes_banned_everywhere(self) -> Sql | None:
        table = self._tables.banned_everywhere
        return None if table is None else Sql(f"SELECT md5 FROM {self._dialect.quote(table.name)}")

    def names_of_files(self, hashes: Sequence[str]) -> Sql:
        """Rows (media_hash, media_orig, preview_orig) of the posts with one of these hashes, in any letter case."""
        return Sql(f"SELECT media_hash, media_orig, preview_orig FROM {self._posts} WHERE media_hash IN") + values(
            hashes
        )

    @property
    def _images(self) -> str:
        assert self._tables.images is not None
        return self._dialect.quote(self._tables.images.name)

    @property
    def _image_columns(self) -> str:
        assert self._tables.images is not None
        have = self._tables.images.columns
        wanted: Iterable[tuple[str, str]] = (
            ("media_id", _NUMBER),
            ("media_hash", _TEXT),
            ("media", _TEXT),
            ("preview_op", _TEXT),
            ("preview_reply", _TEXT),
            ("banned", _NUMBER),
        )
        return ", ".join(name if name in have else f"{substitute} AS {name}" for name, substitute in wanted)

    # removed posts

    def removed_posts(self) -> Sql | None:
        """Rows (num, subnum) of the posts that moderators of the archive took away."""
        table = self._tables.deleted
        if table is None or not table.is_table:
            return None  # a view of that name shows what the live site deleted, which stays public
        subnum = "subnum" if "subnum" in table.columns else "0"
        return Sql(f"SELECT num, {subnum} FROM {self._dialect.quote(table.name)}")


def _all_of(parts: Iterable[Sql]) -> Sql:
    """The rows of several statements, each with an order and a limit of its own."""
    return join(
        " UNION ALL ",
        (Sql(f"SELECT * FROM ({part.text}) AS t{place}", part.args) for place, part in enumerate(parts)),
    )

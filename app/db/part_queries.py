"""The statement by which a reader of a long thread goes back."""

from __future__ import annotations

from app.db.base import Dialect, Sql
from app.db.schema import Table
from app.model import PostId


def place_before(dialect: Dialect, posts: Table, thread_num: int, place: PostId, count: int) -> Sql:
    """The number of the post that stands `count` posts before `place` in its thread: (num, subnum), or no row.

    Where an index has the thread's numbers in order, only that index is read.
    """
    subnum = "subnum" if "subnum" in posts.columns else "0"
    num = "num" if posts.has_index("thread_num", "num") else "num + 0"  # see BoardQueries
    return Sql(
        f"SELECT num, {subnum} AS subnum FROM {dialect.quote(posts.name)} "
        f"WHERE thread_num = ? AND num <= ? AND (num < ? OR {subnum} <= ?) "
        f"ORDER BY {num} DESC, subnum DESC LIMIT 1 OFFSET ?",
        (thread_num, place.num, place.num, place.subnum, count),
    )

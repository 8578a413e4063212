"""Statements about what the archive's own moderators took away: removed posts and banned pictures."""

from __future__ import annotations

from collections.abc import Sequence

from app.db.base import Dialect, Sql, values
from app.db.columns import image_columns
from app.db.schema import BoardTables


class ModerationQueries:
    """For one board. Pictures are rows (media_id, media_hash, media, preview_op, preview_reply, banned)."""

    def __init__(self, dialect: Dialect, tables: BoardTables) -> None:
        self._dialect = dialect
        self._tables = tables
        self._posts = dialect.quote(tables.posts.name)
        have = tables.posts.columns
        self._serial = "doc_id" if "doc_id" in have else "num"
        self._names = ", ".join(
            column if column in have else f"NULL AS {column}" for column in ("media_hash", "media_orig", "preview_orig")
        )

    def removed_posts(self) -> Sql | None:
        """Rows (num, subnum, thread_num) of the posts that moderators of the archive took away."""
        table = self._tables.deleted
        if table is None or not table.is_table:
            return None  # a view of that name shows what the live site deleted, which stays public
        columns = ", ".join(name if name in table.columns else "0" for name in ("num", "subnum", "thread_num"))
        return Sql(f"SELECT {columns} FROM {self._dialect.quote(table.name)}")

    def count_removed(self) -> Sql | None:
        """A row (how many, highest number, their sum): as long as it stays the same, so do the removed posts."""
        table = self._tables.deleted
        if table is None or not table.is_table:
            return None
        return Sql(f"SELECT COUNT(*), MAX(num), SUM(num) FROM {self._dialect.quote(table.name)}")

    def banned_images(self) -> Sql | None:
        """The banned pictures of the board."""
        images = self._tables.images
        if images is None or "banned" not in images.columns:
            return None
        return Sql(f"SELECT {image_columns(images)} FROM {self._dialect.quote(images.name)} WHERE banned > 0")

    def hashes_banned_everywhere(self) -> Sql | None:
        table = self._tables.banned_everywhere
        return None if table is None else Sql(f"SELECT md5 FROM {self._dialect.quote(table.name)}")

    def images_with(self, hashes: Sequence[str]) -> Sql | None:
        """The pictures with one of these hashes, in any letter case."""
        images = self._tables.images
        if images is None:
            return None
        listed = f"SELECT {image_columns(images)} FROM {self._dialect.quote(images.name)}"
        return Sql(f"{listed} WHERE media_hash IN") + values(hashes)

    def names_of_files(self, hashes: Sequence[str], *, small: bool) -> Sql | None:
        """Rows (media_hash, media_orig, preview_orig) of the posts with one of these hashes, in any letter case.

        None where no index finds them: on a board that is not small, looking for them would take too long.
        """
        posts, images = self._tables.posts, self._tables.images
        if "media_hash" not in posts.columns:
            return None
        rows = f"SELECT {self._names} FROM {self._posts} WHERE"
        if small or posts.has_index("media_hash"):
            return Sql(f"{rows} media_hash IN") + values(hashes)
        if images is None or not posts.has_index("media_id"):
            return None
        ids = f"{rows} media_id IN (SELECT media_id FROM {self._dialect.quote(images.name)} WHERE media_hash IN"
        return Sql(ids) + values(hashes) + Sql(")")

    def names_of_new_files(self, after_doc_id: int, up_to_doc_id: int) -> Sql:
        """The same rows of all posts with a file and with doc_id in (after, up to]."""
        column = "media_hash" if "media_hash" in self._tables.posts.columns else "NULL"
        return Sql(
            f"SELECT {self._names} FROM {self._posts} WHERE {self._serial} > ? AND {self._serial} <= ? "
            f"AND {column} <> ''",
            (after_doc_id, up_to_doc_id),
        )

    def last_doc_id(self) -> Sql:
        return Sql(f"SELECT MAX({self._serial}) FROM {self._posts}")

"""What the archive's own moderators have taken away: removed posts and banned files of one board."""

from __future__ import annotations

from typing import Final

from app.db.base import Database
from app.db.queries import BoardQueries
from app.model import Post, PostId
from app.reading import Picture, image_name, read_picture, thumb_name

_HASHES_AT_ONCE: Final = 500


class Moderation:
    """Kept in memory and read anew by `refresh`, so that no request pays for it.

    Every post on its way out passes `visible`, and every file `visible_file`.
    """

    def __init__(self, database: Database, queries: BoardQueries) -> None:
        self._database = database
        self._queries = queries
        self._removed: frozenset[PostId] = frozenset()
        self._names_by_hash: dict[str, frozenset[str]] = {}
        self.banned_hashes: frozenset[str] = frozenset()
        self._banned_names: frozenset[str] = frozenset()

    def visible(self, post: Post) -> bool:
        """False for a post that moderators removed and a careless scraper put back (Asagi schema notes, 2.3)."""
        return post.id not in self._removed

    def visible_file(self, name: str) -> bool:
        """False for a file of a banned picture, under whatever name it may still lie on the disk."""
        return name not in self._banned_names

    async def refresh(self) -> None:
        if (statement := self._queries.removed_posts()) is not None:
            self._removed = frozenset(PostId(num, subnum or 0) for num, subnum in await self._database.fetch(statement))
        pictures: list[Picture] = []
        if (statement := self._queries.banned_images()) is not None:
            pictures = [read_picture(row) for row in await self._database.fetch(statement)]
        hashes = {picture.media_hash for picture in pictures if picture.media_hash}
        if (statement := self._queries.hashes_banned_everywhere()) is not None:
            hashes |= {row[0] for row in await self._database.fetch(statement) if row[0]}
        await self._look_up_names(hashes)
        shared = {name for picture in pictures for name in _names(picture)}
        self._banned_names = frozenset(shared.union(*self._names_by_hash.values()))
        self.banned_hashes = frozenset(hashes)

    async def _look_up_names(self, hashes: set[str]) -> None:
        """Reposts may have been stored under names of their own; each hash is looked up once."""
        self._names_by_hash = {known: names for known, names in self._names_by_hash.items() if known in hashes}
        fresh = sorted(hashes - self._names_by_hash.keys())
        for start in range(0, len(fresh), _HASHES_AT_ONCE):
            wanted = fresh[start : start + _HASHES_AT_ONCE]
            found: dict[str, set[str]] = {media_hash: set() for media_hash in wanted}
            for media_hash, media_orig, preview_orig in await self._database.fetch(
                self._queries.names_of_files(wanted)
            ):
                if media_hash in found:
                    found[media_hash] |= {
                        name
                        for name in (image_name(None, media_orig), thumb_name(None, preview_orig, op=False))
                        if name is not None
                    }
            self._names_by_hash |= {media_hash: frozenset(names) for media_hash, names in found.items()}


def _names(picture: Picture) -> set[str]:
    names = (
        image_name(picture, None),
        thumb_name(picture, None, op=True),
        thumb_name(picture, None, op=False),
    )
    return {name for name in names if name is not None}

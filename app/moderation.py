"""What the archive's own moderators have taken away: removed posts and banned files of one board."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any, Final

from app.db.base import Database, Sql
from app.db.moderation_queries import ModerationQueries
from app.model import Post, PostId
from app.reading import Picture, image_name, number, read_picture, thumb_name

_HASHES_AT_ONCE: Final = 500
_LARGEST_CATCH_UP: Final = 50_000  # new posts; after more than that every banned hash is looked up anew


class Moderation:
    """Kept in memory and read anew by `refresh`, so that no request pays for it.

    Every post on its way out passes `visible`, and every file `visible_file`.
    """

    def __init__(self, database: Database, queries: ModerationQueries) -> None:
        self._database = database
        self._queries = queries
        self._removed: frozenset[PostId] = frozenset()
        self._removed_count: list[tuple[Any, ...]] = []
        self._removed_in: dict[int, tuple[PostId, ...]] = {}
        self._names_by_hash: dict[str, set[str]] = {}
        self._names_up_to = 0
        self._banned_names: frozenset[str] = frozenset()
        self._banned_folded: frozenset[str] = frozenset()
        self.banned_hashes: frozenset[str] = frozenset()

    def visible(self, post: Post) -> bool:
        """False for a post that moderators removed and a careless scraper put back (Asagi schema notes, 2.3)."""
        return not self.is_removed(post.id)

    @property
    def removed(self) -> frozenset[PostId]:
        """The posts that moderators removed, whether or not they have come back; another set after a change."""
        return self._removed

    def is_removed(self, post_id: PostId) -> bool:
        return post_id in self._removed

    def removed_in(self, thread_num: int) -> tuple[PostId, ...]:
        """The posts of a thread that moderators removed, whether or not they have come back."""
        return self._removed_in.get(thread_num, ())

    def visible_file(self, name: str) -> bool:
        """False for a file of a banned picture, under whatever name it may still lie on the disk."""
        return _folded(name) not in self._banned_names

    def visible_hash(self, media_hash: str) -> bool:
        """False for the hash of a banned picture that a file may be named by."""
        return _folded(media_hash) not in self._banned_folded

    async def refresh(self, *, small: bool) -> None:
        """Reads anew what was removed and banned. A later refresh looks at new posts, not at all of them.

        `small`: the board's posts may be read through, where no index helps.
        """
        counted = await self._rows(self._queries.count_removed())
        if counted != self._removed_count:
            await self._read_removed()
            self._removed_count = counted
        pictures = [read_picture(row) for row in await self._rows(self._queries.banned_images())]
        hashes = {picture.media_hash for picture in pictures if picture.media_hash}
        hashes |= {row[0] for row in await self._rows(self._queries.hashes_banned_everywhere()) if row[0]}
        # From here on no post links one of these files; what else could still be fetched follows.
        self.banned_hashes = frozenset(hashes)
        self._banned_folded = frozenset(map(_folded, hashes))
        await self._look_up_names(hashes, small=small)
        shared = {name for picture in pictures for name in _shared_names(picture)}
        self._banned_names = frozenset(map(_folded, shared.union(*self._names_by_hash.values())))

    async def _read_removed(self) -> None:
        removed_in: dict[int, list[PostId]] = {}
        for num, subnum, thread_num in await self._rows(self._queries.removed_posts()):
            removed_in.setdefault(number(thread_num), []).append(PostId(number(num), number(subnum)))
        self._removed_in = {num: tuple(sorted(ids)) for num, ids in removed_in.items()}
        self._removed = frozenset(post_id for ids in removed_in.values() for post_id in ids)

    async def _look_up_names(self, hashes: set[str], *, small: bool) -> None:
        """Reposts may be stored under names of their own: a newly banned hash is looked up, new posts are read."""
        row = await self._database.fetch_one(self._queries.last_doc_id())
        newest, known = number(row[0]) if row else 0, self._names_up_to
        names: dict[str, set[str]] = {}
        if newest - known <= _LARGEST_CATCH_UP:
            names = {media_hash: names for media_hash, names in self._names_by_hash.items() if media_hash in hashes}
        if names and known < newest:
            _add_names(names, await self._rows(self._queries.names_of_new_files(known, newest)))
        fresh = sorted(hashes - names.keys())
        names |= {media_hash: set() for media_hash in fresh}
        for start in range(0, len(fresh), _HASHES_AT_ONCE):
            wanted = fresh[start : start + _HASHES_AT_ONCE]
            _add_names(names, await self._rows(self._queries.names_of_files(wanted, small=small)))
            for picture in map(read_picture, await self._rows(self._queries.images_with(wanted))):
                if picture.media_hash in names:
                    names[picture.media_hash] |= _shared_names(picture)
        self._names_by_hash, self._names_up_to = names, newest

    async def _rows(self, statement: Sql | None) -> list[tuple[Any, ...]]:
        return [] if statement is None else await self._database.fetch(statement)


def _folded(name: str) -> str:
    """What names have in common that lead to the same file on disks that ignore case or the form of letters."""
    return unicodedata.normalize("NFC", name).casefold()


def _add_names(names: dict[str, set[str]], rows: Iterable[tuple[Any, ...]]) -> None:
    """Adds the names in rows (media_hash, media_orig, preview_orig) to those of exactly the same hash."""
    for media_hash, media_orig, preview_orig in rows:
        if media_hash in names:
            own = (image_name(None, media_orig), thumb_name(None, preview_orig, op=False))
            names[media_hash] |= {name for name in own if name is not None}


def _shared_names(picture: Picture) -> set[str]:
    names = (
        image_name(picture, None),
        thumb_name(picture, None, op=True),
        thumb_name(picture, None, op=False),
    )
    return {name for name in names if name is not None}

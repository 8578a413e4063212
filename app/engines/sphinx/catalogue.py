"""Which indexes the server has, and what they can be asked: looked up now and then."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from app.engines.sphinx.alphabet import Alphabet
from app.engines.sphinx.client import SphinxClient
from app.engines.sphinx.naming import SHORTEST_PREFIX, WORDS, index_names
from app.engines.sphinx.quoting import index_name, literal
from app.errors import Unavailable

if TYPE_CHECKING:
    from app.engines.pacing import TimeLimit


FIELDS: Final = frozenset(
    {"name", "trip", "email", "title", "comment", "media_filename", "media_hash", "pid", "country"}
)
ATTRIBUTES: Final = frozenset({"num", "subnum", "tnum", "cap", "has_image", "timestamp"})
"""FoolFuuka's layout, as far as it is asked for; that of indexes of other hosts is taken to be this."""


_KEPT: Final = 60.0  # seconds
_TEXTS: Final = frozenset({"field", "text"})  # Sphinx's word, and Manticore's
_NUMBERS: Final = frozenset({"uint", "bigint", "bool", "timestamp"})


class BoardIndex(Struct, frozen=True):
    """What a board's posts are looked for in."""

    names: tuple[str, ...]
    fields: frozenset[str]
    attributes: frozenset[str]
    alphabet: Alphabet


class Catalogue:
    """Of one server. What is known of it is forgotten after a minute: an index may be made anew at any time."""

    def __init__(self, client: SphinxClient, patterns: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._patterns = patterns
        self._clock = clock
        self._until = float("-inf")
        self._types: dict[str, str] = {}
        self._boards: dict[str, BoardIndex] = {}
        self._alphabets: dict[str, Alphabet] = {}

    async def index_of(self, board: str, limit: TimeLimit) -> BoardIndex:
        """Raises Unavailable where the board has none, and TimeUp."""
        if self._clock() >= self._until:
            types = await self._ask(limit, "SHOW TABLES")
            self._types = {str(row[0]): str(row[1]) for row in types}
            self._boards, self._alphabets = {}, {}
            self._until = self._clock() + _KEPT
        if board not in self._boards:
            self._boards[board] = await self._look_up(board, limit)
        return self._boards[board]

    def forget(self) -> None:
        """The next search looks again: an index may have gone, or be another one by now."""
        self._until = float("-inf")

    async def _look_up(self, board: str, limit: TimeLimit) -> BoardIndex:
        names = [name for name in index_names(self._patterns, board) if name in self._types]
        if not names:
            self.forget()  # it may be made at any moment
            raise Unavailable(f"The board /{board}/ has no search index at the moment.", retry_after=60)
        fields, attributes = FIELDS, ATTRIBUTES
        alphabet: Alphabet | None = None
        for name in names:
            local = await self._local(name, limit)
            if local is None:
                continue
            columns = await self._ask(limit, f"DESCRIBE {index_name(local)}")
            fields &= {str(row[0]) for row in columns if row[1] in _TEXTS}
            attributes &= {str(row[0]) for row in columns if row[1] in _NUMBERS}
            alphabet = alphabet or await self._alphabet(local, limit)
        if alphabet is None:
            alphabet = await self._alphabet(WORDS if WORDS in self._types else None, limit)
        return BoardIndex(tuple(names), fields, attributes, alphabet)

    async def _local(self, name: str, limit: TimeLimit) -> str | None:
        """An index of this server itself that tells how others are made; None where all parts are elsewhere."""
        for _ in range(5):
            if self._types.get(name) != "distributed":
                return name
            parts = await self._ask(limit, f"DESCRIBE {index_name(name)}")
            name = next((str(row[0]) for row in parts if row[1] == "local" and str(row[0]) in self._types), "")
            if not name:
                return None
        return None

    async def _alphabet(self, name: str | None, limit: TimeLimit) -> Alphabet:
        if name is None:
            return Alphabet(None, shortest_prefix=None)
        known = self._alphabets.get(name)
        if known is None:

            async def words_of(text: str) -> Sequence[str]:
                # Whoever asks first waits; its time limit is as good as that of any other.
                rows = await self._client.fetch(f"CALL KEYWORDS({literal(text)}, {literal(name)})")
                return [str(row[1]) for row in rows]

            known = self._alphabets[name] = Alphabet(words_of, shortest_prefix=await self._shortest_prefix(name, limit))
        return known

    async def _shortest_prefix(self, name: str, limit: TimeLimit) -> int | None:
        if name == WORDS:  # which has no settings, says the server
            return SHORTEST_PREFIX
        try:
            rows = await self._ask(limit, f"SHOW INDEX {index_name(name)} SETTINGS")
        except Unavailable:  # a server that is away will not answer the next question either
            return None
        lengths = re.findall(r"\bmin_(?:prefix|infix)_len = ([0-9]+)", " ".join(str(row[-1]) for row in rows))
        return min((int(length) for length in lengths if int(length)), default=None)

    async def _ask(self, limit: TimeLimit, statement: str) -> list[tuple[Any, ...]]:
        return await limit.within(lambda: self._client.fetch(statement))

"""What of a search a database can tell: a condition for each field.

It lets through every post that `app.search` would call a match, and as few others as a database can tell at little
cost; each row is compared again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any, Final

from app.db.base import Dialect, Sql, join
from app.db.columns import has_media
from app.db.patterns import safe_parts
from app.search import Filter
from app.search.choices import CAPCODES
from app.search.dates import WALL, DateKind
from app.search.folding import fold
from app.search.kinds import Bound, CountryKind, ExactKind, ExtensionKind, HashKind, NumberKind, TextKind, YearKind
from app.search.words import Words


class SearchConditions:
    """For one board and the columns that its table has."""

    def __init__(self, dialect: Dialect, have: frozenset[str]) -> None:
        self._dialect = dialect
        self._have = have
        # Some writers leave NULL in it; and as an expression it draws no planner to its index.
        self.subnum = "COALESCE(subnum, 0)" if "subnum" in have else "0"
        self._has_media = has_media(have)

    def of(self, each: Filter) -> list[Sql]:
        """Conditions for one field; none where only reading can tell, or a column is missing."""
        kind, value = each.field.kind, each.value
        columns = [column for column in each.field.columns if column in self._have]
        if each.field.key in _CHOICES:
            return [Sql(f"({text})") for text in [_CHOICES[each.field.key](self, value)] if text]
        if not columns and each.field.columns != (WALL,):
            return []
        if isinstance(kind, TextKind) and value.whole is None:
            return self._words(value, columns)
        if isinstance(kind, TextKind | ExactKind | HashKind):
            exact = str(value.whole if isinstance(value, Words) else value)
            if each.field.key in ("filename", "text"):  # not stored as they are seen
                parts = safe_parts([fold(exact)])
                return [self._dialect.contains(columns[0], parts)] if parts else []
            return [Sql(self._dialect.equals_by_reading(columns[0]), (exact,))]
        if isinstance(kind, CountryKind):
            parts = safe_parts([value])
            return [self._dialect.contains(columns[0], parts)] if parts else []
        if isinstance(kind, ExtensionKind):
            # A name that was cut off ends with fewer letters.
            return [join_or([self._dialect.contains(column, (f".{value[:2]}",)) for column in columns])]
        if isinstance(kind, YearKind):
            return [self._dialect.contains(columns[0], ("since4pass", str(value)))]
        if isinstance(kind, NumberKind):
            column = each.field.columns[0]
            return self._number(kind, value, column if column in self._have else "NULL")
        assert isinstance(kind, DateKind)
        return []

    def _words(self, value: Words, columns: list[str]) -> list[Sql]:
        found = []
        for group in value.all_of:
            parts = [safe_parts(term.folded) for term in group]
            if all(parts):
                found.append(join_or([self._dialect.contains(column, part) for column in columns for part in parts]))
        return found

    def _number(self, kind: NumberKind, bound: Bound, column: str) -> list[Sql]:
        found = [Sql(f"({self._has_media})")] if kind.of_file else []
        if not kind.length:
            return [*found, Sql(f"COALESCE({column}, 0) {bound.sign} ?", (bound.number,))]
        low, high = self._dialect.length(f"COALESCE({column}, '')")
        if bound.sign != "<=":
            found.append(Sql(f"{high} >= ?", (bound.number,)))
        if bound.sign != ">=":
            found.append(Sql(f"{low} <= ?", (bound.number,)))
        return found

    def _flag(self, column: str, *, on: bool) -> str:
        # Quoted, because one database has numbers here and another booleans; two ways, because some have NULLs.
        if column not in self._have:
            return ""
        return f"{column} <> '0'" if on else f"{column} <> '1' OR {column} IS NULL"

    def _capcode(self, letter: str) -> str:
        if "capcode" not in self._have:
            return ""
        return f"capcode = '{letter}'" + (" OR capcode = '' OR capcode IS NULL" if letter == "N" else "")

    def _spoiler(self, *, on: bool) -> str:
        parts = (f"({self._has_media})", self._flag("spoiler", on=on))
        return " AND ".join(f"({part})" for part in parts if part)

    def _kind(self, *, op: bool) -> str:
        return f"num = thread_num AND {self.subnum} = 0" if op else f"num <> thread_num OR {self.subnum} > 0"

    def _file(self, *, there: bool) -> str:
        if there:
            return self._has_media
        columns = [column for column in ("media_hash", "media_orig", "media_filename") if column in self._have]
        return " AND ".join(f"({column} IS NULL OR {column} = '')" for column in columns)


_CHOICES: Final[MappingProxyType[str, Callable[[SearchConditions, Any], str]]] = MappingProxyType(
    {
        "capcode": lambda conditions, value: conditions._capcode(CAPCODES[value]),
        "file": lambda conditions, value: conditions._file(there=value == "with"),
        "spoiler": lambda conditions, value: conditions._spoiler(on=value == "spoiler"),
        "type": lambda conditions, value: conditions._kind(op=value == "op"),
        "sticky": lambda conditions, value: conditions._flag("sticky", on=value == "sticky"),
        "deleted": lambda conditions, value: conditions._flag("deleted", on=value == "deleted"),
        "ghost": lambda conditions, value: f"{conditions.subnum} {'>' if value == 'only' else '='} 0",
    }
)


def join_or(conditions: Sequence[Sql]) -> Sql:
    whole = join(" OR ", conditions)
    return Sql(f"({whole.text})", whole.args)

"""The text of docs/configuration.md: every key of the settings, from the structs that define them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import inspect

from app.settings import RESERVED_BOARDS, SIDE_TABLE_SUFFIXES, BoardSettings, Section
from app.settings.examples import DRIVERS
from app.settings.guide import BOARDS, GUIDE, SECTIONS
from app.settings.keys import Key, Place, config_keys, config_sections, keys_of
from app.settings.toml import toml_value
from app.settings.values import bare, may_be_absent


def configuration_page() -> str:
    blocks = [GUIDE]
    for where, struct in config_sections().items():
        keys = [key for key in config_keys().values() if key.place[:-1] == where]
        if keys:
            blocks += [f"## [{'.'.join(where)}]", SECTIONS[where], *_section(where, struct, keys)]
    reserved = ", ".join(f"`{name}`" for name in sorted(RESERVED_BOARDS))
    endings = ", ".join(f"`{ending}`" for ending in SIDE_TABLE_SUFFIXES)
    blocks += ["## boards.toml", BOARDS.format(reserved=reserved, endings=endings)]
    blocks.append(_table(("key", "values", "default", "meaning"), _rows(keys_of(BoardSettings), variables=False)))
    return "\n\n".join(block.strip("\n") for block in blocks) + "\n"


def _section(where: Place, struct: type[Section], keys: list[Key]) -> Iterator[str]:
    yield _table(
        ("key and variable", "values", "default", "meaning"),
        _rows((key for key in keys if not key.option), variables=True),
    )
    options = [key for key in keys if key.option]
    if options:
        driver = DRIVERS[where[-1]]
        yield f"Further keys, handed to the driver {driver} as they are, which has defaults of its own:"
        yield _table(
            ("key and variable", "values", "meaning"), ((*row[:2], row[3]) for row in _rows(options, variables=True))
        )
    if struct.refused_options:
        yield "What cannot be set here:"
        reasons: dict[str, list[str]] = {}
        for name, reason in struct.refused_options.items():
            reasons.setdefault(reason, []).append(f"`{name}`")
        yield "\n".join(f"* {', '.join(names)}: {reason}." for reason, names in reasons.items())


def _rows(keys: Iterable[Key], *, variables: bool) -> Iterator[tuple[str, ...]]:
    for key in keys:
        settable = variables and not isinstance(bare(key.kind), inspect.DictType)
        name = f"`{key.name}`" + (f"<br>`{key.variable}`" if settable else "")
        default = "none" if key.default is None else f"`{toml_value(key.default)}`"
        yield name, _values(key.kind), default, key.description


def _values(kind: inspect.Type) -> str:
    """What a key may hold, in a few words."""
    inner = bare(kind)
    if isinstance(inner, inspect.LiteralType):
        return ", ".join(f"`{toml_value(choice)}`" for choice in inner.values)
    if isinstance(inner, (inspect.IntType, inspect.FloatType)):
        word = "integer" if isinstance(inner, inspect.IntType) else "number"
        return f"{word} from {inner.ge} to {inner.le}"
    if isinstance(inner, inspect.StrType):
        return "text, not empty" if inner.min_length else "text"
    if isinstance(inner, inspect.DictType):
        return "table of texts, only in config.toml"
    return _WORDS[type(inner)] + (" or none" if may_be_absent(kind) else "")


_WORDS: Mapping[type[inspect.Type], str] = {inspect.BoolType: "`true`, `false`", inspect.CustomType: "path"}


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines)

"""Every key of config.toml with its place, type and name as a variable: what sources and reference are made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from msgspec import inspect

from app.settings import ConfigFile, Section

Place = tuple[str, ...]
"""A key with the names in the header of its table: ("db", "mysql", "port") for `port` of `[db.mysql]`."""


class Key(NamedTuple):
    """One key. `default` is None for an option of a driver, which then does as it likes."""

    place: Place
    kind: inspect.Type
    default: Any
    secret: bool
    option: bool

    @property
    def name(self) -> str:
        return self.place[-1]

    @property
    def variable(self) -> str:
        return variable_of(self.place)

    @property
    def description(self) -> str:
        return str(self._said.get("description", ""))

    @property
    def example(self) -> Any:
        """A value for those who have none yet: the default, or an invented one for a key that has no default."""
        return self._said["examples"][0] if self.default is None else self.default

    @property
    def _said(self) -> dict[str, Any]:
        return (self.kind.extra_json_schema or {}) if isinstance(self.kind, inspect.Metadata) else {}


def variable_of(place: Place) -> str:
    return "KOIWAI_" + "__".join(place).upper()


def keys_of(struct: type[Section], where: Place = ()) -> Iterator[Key]:
    """The keys of a section and of those inside it: first its own, then those that it has like others, then options."""
    inner = []
    for field in sorted(fields_of(struct), key=lambda field: field.name not in struct.__annotations__):
        section = section_of(field)
        if section is not None:
            inner.append((section, (*where, field.name)))
            continue
        yield Key((*where, field.name), field.type, field.default, field.name in struct.secret_keys, option=False)
    for name, kind in struct.accepted_options.items():
        yield Key((*where, name), inspect.type_info(kind), None, secret=False, option=True)
    for section, place in inner:
        yield from keys_of(section, place)


def sections_of(struct: type[Section], where: Place = ()) -> Iterator[tuple[Place, type[Section]]]:
    """The sections inside a struct with their headers, those within them included."""
    for field in fields_of(struct):
        section = section_of(field)
        if section is not None:
            yield (*where, field.name), section
            yield from sections_of(section, (*where, field.name))


@cache
def config_keys() -> Mapping[Place, Key]:
    """Every key of config.toml."""
    return {key.place: key for key in keys_of(ConfigFile)}


@cache
def config_sections() -> Mapping[Place, type[Section]]:
    """Every section of config.toml, `()` being the file itself."""
    return {(): ConfigFile, **dict(sections_of(ConfigFile))}


def fields_of(struct: type[Section]) -> list[inspect.Field]:
    """The fields of a section. The options of a driver are keys beside the others, not a key of their own."""
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    return [field for field in info.fields if field.name != "options"]


def section_of(field: inspect.Field) -> type[Section] | None:
    """The struct of a field that is a section of its own."""
    struct = field.type.cls if isinstance(field.type, inspect.StructType) else None
    return struct if struct is not None and issubclass(struct, Section) else None

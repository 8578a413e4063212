"""Values out of one source after another, each with where it came from, and the structs they make in the end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from app.settings import Section
from app.settings.keys import Key, Place, config_sections, fields_of, keys_of, section_of
from app.settings.values import checked, closest, from_text, meant, quoted, shown

S = TypeVar("S", bound=Section)

# The two drivers call the same thing by different names, too unlike for a comparison of spelling.
_SYNONYMS = {"db": "database", "database": "db"}


class Origin(NamedTuple):
    """Where a value stands: `source` for people, and the words that a complaint about it starts with."""

    source: str  # "config.toml", "environment: KOIWAI_DB__MYSQL__PORT"
    before: str  # "config.toml: [db.mysql] ", "environment: "
    name: str  # what the key is called there: "port", "KOIWAI_DB__MYSQL__PORT"

    def complaint(self, key: str, sentence: str) -> str:
        """The whole line; `sentence` may start with the key or with another one that it goes against."""
        if sentence.startswith(f"{key} "):
            return f"{self.before}{self.name}{sentence.removeprefix(key)}"
        return f"{self.before}{sentence}" if self.name == key else f"{self.before}{self.name}: {sentence}"


class Entry(NamedTuple):
    value: Any
    origin: Origin


Layer = dict[Place, Entry]
"""What one source sets, or several on top of each other."""


class Collector:
    """Takes the values of one source into `layer`, and what is wrong with them into `problems`.

    Paths start at `base`.
    """

    def __init__(self, base: Path, problems: list[str]) -> None:
        self.base = base
        self.problems = problems
        self.layer: Layer = {}

    def put(self, key: Key, value: Any, origin: Origin, *, is_text: bool = False, hide: bool = False) -> None:
        """`is_text`: a value of any type, as a variable holds it. `hide`: a complaint must not show the value."""
        secret = key.secret or hide
        try:
            typed = from_text(key.kind, value, secret=secret) if is_text else value
            fitting = checked(key.kind, typed, secret=secret) if typed is not None else None
        except ValueError as error:
            self.problems.append(f"{origin.before}{origin.name} {error}")
        else:
            self.layer[key.place] = Entry(self.base / fitting if isinstance(fitting, Path) else fitting, origin)

    def table(self, struct: type[Section], table: Mapping[str, Any], where: Place, file: str) -> None:
        """All of a table of a TOML file called `file`."""
        before = f"{file}: [{'.'.join(where)}] " if where else f"{file}: "
        fields = {field.name: field for field in fields_of(struct)}
        keys = {key.name: key for key in keys_of(struct, where) if len(key.place) == len(where) + 1}
        for name, value in table.items():
            inner = section_of(fields[name]) if name in fields else None
            if inner is not None and isinstance(value, dict):
                self.table(inner, value, (*where, name), file)
            elif inner is not None:
                self.problems.append(f"{before}{name} must be a table, not {shown(value, secret=True)}")
            elif name in keys:
                self.put(keys[name], value, Origin(file, before, name))
            elif name in struct.refused_options:
                self.problems.append(f"{before}{name} cannot be set: {struct.refused_options[name]}")
            else:
                what = "section" if isinstance(value, dict) else "key"
                guess = likely(name, [*fields, *keys], where)
                self.problems.append(f"{before}unknown {what} {quoted(name)}{meant(guess)}")


def likely(name: str, known: list[str], where: Place) -> str:
    """The key that an unknown one is meant to be: one of `known` in the section `where`, or the same elsewhere."""
    if _SYNONYMS.get(name) in known:
        return quoted(_SYNONYMS[name])
    homes = [
        place
        for place, section in config_sections().items()
        if place and name in {field.name for field in fields_of(section)}
    ]
    elsewhere = f"[{'.'.join(homes[0])}] {name}" if homes and where[:1] != ("boards",) else ""
    return closest(name, known, 0.85) or elsewhere or closest(name, known)


def build(struct: type[S], layer: Layer, where: Place, base: Path) -> S:
    """The struct of the values of a layer. Paths that nobody set start at `base`."""
    values: dict[str, Any] = {}
    for field in fields_of(struct):
        place = (*where, field.name)
        inner = section_of(field)
        if inner is not None:
            values[field.name] = build(inner, layer, place, base)
        elif place in layer:
            values[field.name] = layer[place].value
        elif isinstance(field.default, Path):
            values[field.name] = base / field.default
    places = {name: (*where, name) for name in struct.accepted_options}
    options = {name: layer[place].value for name, place in places.items() if place in layer}
    return struct(**values, **({"options": options} if options else {}))


def misfits(section: Section, layer: Layer, where: Place) -> Iterator[str]:
    """Complaints about values that do not go together, each naming the source of one of them."""
    for sentence in section.problems():
        yield _sourced(sentence, layer, where)
    for field in fields_of(type(section)):
        if section_of(field) is not None:
            yield from misfits(getattr(section, field.name), layer, (*where, field.name))


def _sourced(sentence: str, layer: Layer, where: Place) -> str:
    """The sentence with the source of the first key in it that anybody set."""
    for name in re.findall(r"\w+", sentence):
        place = (*where, name)
        if place in layer:
            return layer[place].origin.complaint(name, sentence)
    return f"[{'.'.join(where)}] {sentence}"

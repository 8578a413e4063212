"""What a program reads in a JSON answer, written down as a shape: reading by it tells what would break the program, and
what it got to see."""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

_GONE = object()


class Leaf(Struct, frozen=True):
    """A value that a program takes for something."""

    name: str
    good: Callable[[Any], bool]
    bad: tuple[Any, ...]
    """Values that would break the program; null is among them unless it copes."""
    null: bool = False
    """Null is what the program wants to see."""


class Fields(Struct, frozen=True):
    """An object of which a program reads these keys."""

    fields: Mapping[str, "Shape"]
    order: tuple[tuple[str, str], ...] = ()
    """Keys that a program reading as it goes must meet before others."""
    optional: frozenset[str] = frozenset()
    """Keys that may be lacking; an archive that knows them must give them all the same."""


class OrNull(Struct, frozen=True):
    """Null, or what a program reads further."""

    of: "Shape"


class Items(Struct, frozen=True):
    """An array, of whose items all are read."""

    of: "Shape"


class Values(Struct, frozen=True):
    """An object of which a program reads all values, `key` telling what it takes the keys for."""

    key: Leaf
    of: "Shape"
    only: bool = False
    """There must be exactly one key."""


Shape = Leaf | Fields | OrNull | Items | Values


class Reading(Struct):
    """What a program made of an answer."""

    broken: list[str] = []
    """Where it would fail, and over what."""
    met: set[str] = set()
    """The fields whose value it got to see, the steps to them as `labels` writes them; null is not a value."""


def read(shape: Shape, value: Any) -> Reading:
    reading = Reading()
    _read(shape, value, "", "", reading)
    return reading


def labels(shape: Shape, label: str = "") -> Iterator[str]:
    """All that is read by a shape: `*.op.num`, `*` for whatever key or place."""
    if label:
        yield label
    if isinstance(shape, Fields):
        for key, inner in shape.fields.items():
            yield from labels(inner, _step(label, key))
    elif isinstance(shape, OrNull):
        yield from (inner for inner in labels(shape.of, label) if inner != label)
    elif not isinstance(shape, Leaf):
        yield from labels(shape.of, _step(label, "*"))


def orders(shape: Shape, label: str = "") -> Iterator[tuple[str, str, str]]:
    """All rules about the order of keys: the object, the key that comes first, the key that follows."""
    if isinstance(shape, Fields):
        for first, second in shape.order:
            yield label, first, second
        for key, inner in shape.fields.items():
            yield from orders(inner, _step(label, key))
    elif isinstance(shape, OrNull):
        yield from orders(shape.of, label)
    elif not isinstance(shape, Leaf):
        yield from orders(shape.of, _step(label, "*"))


def spoilt(shape: Shape, answer: Any, label: str) -> Iterator[tuple[str, Any]]:
    """Answers in which one value of a field is what would break the program, and one where the field is nowhere."""
    at = _at(shape, label)
    null = isinstance(at, Leaf) and at.null
    for bad in _bad(at):
        yield f"is {bad!r}", _changed(answer, label, lambda _, bad=bad: bad, once=True, null=null)
    if not label.endswith("*"):
        yield "is gone", _changed(answer, label, lambda _: _GONE, null=null)


def turned(answer: Any, label: str, first: str) -> Any:
    """The answer with a key of each object at a place put last."""

    def put_last(found: Any) -> Any:
        return {**{key: value for key, value in found.items() if key != first}, first: found[first]}

    return _changed(answer, label, put_last) if label else put_last(answer)


def _read(shape: Shape, value: Any, label: str, place: str, reading: Reading) -> None:
    if isinstance(shape, OrNull):
        if value is None:
            return
        shape = shape.of
    if value is not None or (isinstance(shape, Leaf) and shape.null):
        reading.met.add(label)
    if isinstance(shape, Leaf):
        if not shape.good(value):
            reading.broken.append(f"{place}: {value!r} is not {shape.name}")
    elif isinstance(shape, Items):
        if not isinstance(value, list):
            reading.broken.append(f"{place} is not an array")
            return
        for number, inner in enumerate(value):
            _read(shape.of, inner, _step(label, "*"), _step(place, str(number)), reading)
    elif not isinstance(value, dict):
        reading.broken.append(f"{place} is not an object")
    elif isinstance(shape, Values):
        if shape.only and len(value) != 1:
            reading.broken.append(f"{place} has the keys {list(value)} instead of one")
        for key, inner in value.items():
            if not shape.key.good(key):
                reading.broken.append(f"{place}: the key {key!r} is not {shape.key.name}")
            _read(shape.of, inner, _step(label, "*"), _step(place, key), reading)
    else:
        _read_fields(shape, value, label, place, reading)


def _read_fields(shape: Fields, value: Mapping[str, Any], label: str, place: str, reading: Reading) -> None:
    for key, inner in shape.fields.items():
        if key in value:
            _read(inner, value[key], _step(label, key), _step(place, key), reading)
        elif key not in shape.optional:
            reading.broken.append(f"{place} has no {key}")
    keys = list(value)
    for first, second in shape.order:
        if first in value and second in value and keys.index(first) > keys.index(second):
            reading.broken.append(f"{place}: {second} comes before {first}")


def _bad(shape: Shape) -> tuple[Any, ...]:
    if isinstance(shape, Leaf):
        return shape.bad
    if isinstance(shape, OrNull):
        return tuple(bad for bad in _bad(shape.of) if bad is not None)
    return (None, "text", {} if isinstance(shape, Items) else [])


def _at(shape: Shape, label: str) -> Shape:
    for step in label.split("."):
        if isinstance(shape, OrNull):
            shape = shape.of
        assert not isinstance(shape, (Leaf, OrNull))
        shape = shape.fields[step] if isinstance(shape, Fields) else shape.of
    return shape


def _changed(answer: Any, label: str, change: Callable[[Any], Any], *, once: bool = False, null: bool = False) -> Any:
    """A copy whose values at a label are changed, all or the first; _GONE takes a key away. Null is left alone
    unless `null`."""
    changed = copy.deepcopy(answer)
    *way, last = label.split(".")
    done = 0
    for holder in list(_holders(changed, way)):
        for key in _keys(holder, last):
            if (holder[key] is None and not null) or (once and done):
                continue
            done += 1
            new = change(holder[key])
            if new is _GONE:
                del holder[key]
            else:
                holder[key] = new
    assert done, f"there is no {label} in the answer"
    return changed


def _holders(value: Any, way: list[str]) -> Iterator[Any]:
    if not way:
        yield value
        return
    for key in _keys(value, way[0]):
        yield from _holders(value[key], way[1:])


def _keys(holder: Any, step: str) -> list[Any]:
    if isinstance(holder, list):
        return list(range(len(holder)))
    if isinstance(holder, dict):
        return list(holder) if step == "*" else [step] * (step in holder)
    return []


def _step(label: str, key: str) -> str:
    return f"{label}.{key}" if label else key


def may_lack(shape: Shape, label: str) -> bool:
    """Whether the program copes with answers that lack a field."""
    holder, _, key = label.rpartition(".")
    at = _at(shape, holder) if holder else shape
    at = at.of if isinstance(at, OrNull) else at
    return isinstance(at, Fields) and key in at.optional

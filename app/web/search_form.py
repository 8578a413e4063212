"""The search form: made of the table of fields, with whatever was typed into it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import groupby

from msgspec import Struct

from app.context import page_links
from app.model import BoardSummary
from app.search import FIELDS, Field, InvalidSearch
from app.search.query import translated
from app.search.telling import board_label
from app.web.search_address import Pairs
from app.web.text import fit


class Choice(Struct, frozen=True, gc=False):
    """A value that can be chosen."""

    value: str
    label: str
    chosen: bool


class FormField(Struct, frozen=True):
    """One line of the form."""

    key: str
    label: str
    value: str
    choices: tuple[Choice, ...]
    """Empty for a field that is typed into."""
    hint: str
    example: str
    error: str
    """What is wrong with the value; "" where nothing is."""

    @property
    def described_by(self) -> str:
        """Ids of the elements that explain the field."""
        parts = (("error", self.error), ("hint", self.hint))
        return " ".join(f"{name}_{self.key}" for name, text in parts if text)


class FormGroup(Struct, frozen=True):
    """Fields that belong together."""

    legend: str
    fields: tuple[FormField, ...]


class SearchForm(Struct, frozen=True):
    """All that the form's template prints."""

    action: str
    everywhere: str | None
    """Where the same goes for a search of all boards; None on the page that searches them anyway."""
    groups: tuple[FormGroup, ...]
    order: FormField
    by_thread: bool
    gallery: bool
    boards: tuple[Choice, ...]
    """Empty on the page of one board."""
    boards_error: str
    opened: bool


def search_form(
    pairs: Pairs,
    boards: Mapping[str, BoardSummary],
    board: str | None,
    *,
    opened: bool,
    error: InvalidSearch | None = None,
) -> SearchForm:
    """The form with the values of an address, on the page of `board` or on that of all boards."""
    links = page_links()
    given: dict[str, str] = {}
    chosen: set[str] = set()
    for key, value in translated(pairs):
        given[key] = value
        if key == "boards":
            chosen.update(re.split(r"[.,\s]+", value))
    wrong = (error.key, error.message) if error is not None else ("", "")
    return SearchForm(
        action=links.search(board),
        everywhere=None if board is None else links.search(),
        groups=tuple(
            FormGroup(legend, tuple(_field(field, given, wrong) for field in fields))
            for legend, fields in groupby(FIELDS, key=lambda field: field.group)
        ),
        order=_order(given, wrong),
        by_thread=given.get("results", "").lower() in ("thread", "threads"),
        gallery=given.get("view") == "gallery",
        boards=() if board is not None else tuple(_boards(boards.values(), chosen)),
        boards_error=wrong[1] if wrong[0] == "boards" else "",
        opened=opened,
    )


def _field(field: Field, given: Mapping[str, str], wrong: tuple[str, str]) -> FormField:
    value = given.get(field.key, "")
    return FormField(
        key=field.key,
        label=field.label,
        value=fit(value),
        choices=_choices(field.kind.options, value),
        hint=f"YYYY-MM-DD, {field.hint}" if field.kind.input == "date" else field.hint,
        example=field.example,
        error=fit(wrong[1]) if wrong[0] == field.key else "",
    )


def _choices(options: tuple[tuple[str, str], ...], value: str) -> tuple[Choice, ...]:
    return tuple(Choice(option, label, option == value.lower()) for option, label in options)


def _order(given: Mapping[str, str], wrong: tuple[str, str]) -> FormField:
    oldest_first = given.get("order", "").lower() in ("asc", "oldest", "old")
    return FormField(
        key="order",
        label="Order",
        value="",
        choices=(Choice("asc", "oldest first", oldest_first),),
        hint="",
        example="",
        error=wrong[1] if wrong[0] == "order" else "",
    )


def _boards(boards: Iterable[BoardSummary], chosen: set[str]) -> Iterable[Choice]:
    """All boards that may stand in a list, and those that somebody knew by name."""
    for board in boards:
        if not board.hidden or board.name in chosen:
            yield Choice(board.name, board_label(board), board.name in chosen)

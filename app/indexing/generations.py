"""Which index of a board is written to: the one that is searched, or one beside it that is being made."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import msgspec
import tantivy
from msgspec import Struct

from app.engines.tantivy.documents import kept_document
from app.engines.tantivy.schema import create
from app.engines.tantivy.shelf import CURRENT, GENERATION, current_index, make_current
from app.engines.tantivy.snapshot import Kept, NoIndex, open_index, read_kept

_SMALL_HEAP: Final = 15_000_000  # the least that tantivy takes


class CannotIndex(Exception):
    """One sentence for the operator."""


class Generation(Struct, frozen=True):
    """An index that is written to."""

    path: Path
    index: tantivy.Index
    kept: Kept
    why: str = ""
    """Why it is made anew although there is one, for the operator."""

    @property
    def is_current(self) -> bool:
        return current_index(self.path.parent) == self.path

    def take_over(self) -> None:
        """From now on it is searched; the one before is removed."""
        if not self.is_current:
            make_current(self.path)
        for path in _all_in(self.path.parent):
            if path != self.path:
                shutil.rmtree(path, ignore_errors=True)


def generation(folder: Path, basis: str, *, rebuild: bool = False) -> Generation:
    """The index of a board to write to. One that was begun is gone on with; with `rebuild` a new one is begun.

    Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    current = current_index(folder)
    why = ""
    for path in sorted(_all_in(folder), reverse=True):
        if rebuild and path != current:
            shutil.rmtree(path)
        if rebuild or (current is not None and current.is_dir() and path.name < current.name):
            continue
        try:
            index = open_index(path)
            kept = read_kept(index.schema, index.searcher())
            if kept.basis == basis:
                return Generation(path, index, kept)
            why = "its settings have changed"
        except (NoIndex, ValueError) as error:
            why = str(error)
        if path != current:
            shutil.rmtree(path)
    newest = max((int(path.name[1:]) for path in _all_in(folder)), default=0)
    path = folder / f"g{newest + 1:06}"
    path.mkdir()
    return Generation(path, _begun(path, Kept(basis)), Kept(basis), why if current is not None else "")


def finished(folder: Path, basis: str) -> Generation:
    """The index of a board that is searched. Raises CannotIndex where there is none that can be."""
    current = current_index(folder)
    if current is None:
        raise CannotIndex("There is no index yet.")
    try:
        index = open_index(current)
        kept = read_kept(index.schema, index.searcher())
    except (NoIndex, ValueError) as error:
        raise CannotIndex(f"The index is of no use: {error}") from error
    if kept.basis != basis:
        raise CannotIndex('The index was made with other settings; "koiwai index" makes it anew.')
    return Generation(current, index, kept)


def known_boards(state: Path) -> list[str]:
    """Boards that have an index."""
    return sorted(path.parent.name for path in (state / "index").glob(f"*/{CURRENT}"))


def _begun(path: Path, kept: Kept) -> tantivy.Index:
    """A new index that says of itself what it is going to be, so that whoever finds it can go on with it."""
    index = create(path)
    writer = index.writer(_SMALL_HEAP, 1)
    writer.add_document(kept_document(msgspec.json.encode(kept).decode()))
    writer.commit()
    writer.wait_merging_threads()
    return index


def _all_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if GENERATION.fullmatch(path.name) and path.is_dir()]

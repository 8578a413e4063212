"""Stored comments of genuine archives to text, with the quotes that a correct reader sees in them."""

from __future__ import annotations

import gzip
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.markup import canonical_quote, parse, to_text

GENUINE = Path(__file__).parents[2] / "shared" / "archives"


def genuine_posts(name: str, folder: Path) -> list[tuple[str | None, dict[str, Any]]]:
    """Stored comments of a genuine archive, each with what a correct reader shows."""
    file = GENUINE / f"{name}.db.gz"
    if not file.exists():
        pytest.skip("the genuine archives are not on this machine")
    truth = json.loads((GENUINE / "truth.json").read_text())["archives"][name]["posts"]
    unpacked = folder / "archive.db"
    unpacked.write_bytes(gzip.decompress(file.read_bytes()))
    with closing(sqlite3.connect(unpacked)) as database:
        return [
            (
                database.execute(
                    f'SELECT comment FROM "{post["board"]}" WHERE num = ? AND subnum = ?',
                    (post["num"], post["subnum"]),
                ).fetchone()[0],
                post,
            )
            for post in truth
        ]


@pytest.mark.parametrize(
    ("name", "dialect"),
    [("ritual-sqlite", "bbcode"), ("oldasagi-sqlite", "bbcode"), ("vichan-sqlite", "html")],
)
def test_genuine_archives(name: str, dialect: Any, tmp_path: Path) -> None:
    posts = genuine_posts(name, tmp_path)
    assert posts
    for stored, post in posts:
        comment = parse(stored, dialect)
        own = [canonical_quote(quote)[2:] for quote in comment.quotes if quote.board is None]
        assert own == post["quotes"], post["id"]
        if post.get("text") is not None:
            assert to_text(comment).split() == post["text"].split(), post["id"]
            other = [[quote.board, str(quote.num)] for quote in comment.quotes if quote.board is not None]
            other += [[board.board, ""] for board in comment.board_links]
            assert sorted(other) == sorted(post["cross_board_quotes"]), post["id"]

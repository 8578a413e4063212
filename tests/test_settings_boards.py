"""boards.toml: what it may hold, and what is said of the rest."""

from pathlib import Path

import pytest

from app.settings import (
    RESERVED_BOARDS,
    SIDE_TABLE_SUFFIXES,
    BoardSettings,
)
from tests.support.settings_files import load, problems, rows, says

ROOT = Path(__file__).parent.parent


# boards.toml


def test_boards_keep_their_order_and_both_forms(tmp_path: Path) -> None:
    text = """
        [boards]
        po = "Papercraft & Origami"
        3 = "3DCG"
        "λ" = "Programming"
        G = "Not g"
        [boards.g]
        title = "Technology"
        clock = "new_york"
        clock_switch_num = 105000000
        comments = "html"
        [boards.a-b_c]
    """
    boards = load(tmp_path, boards=text).boards
    assert list(boards) == ["po", "3", "λ", "G", "g", "a-b_c"]
    assert boards["3"] == BoardSettings(title="3DCG")
    assert boards["g"] == BoardSettings(
        title="Technology", clock="new_york", clock_switch_num=105_000_000, comments="html"
    )
    assert boards["a-b_c"] == BoardSettings()


# section | line | sentence
BAD_BOARDS = r"""
boards | # none | there must be at least one board
| # no section | [boards] there must be at least one board
| boards = ["g"] | boards must be a table, not an array
boards | g = 1 | g must be a title or a table, not the integer 1
boards | "a b" = "x" | "a b" cannot be a board: a board name consists of ...
boards | "-a" = "x" | "-a" cannot be a board: a board name consists of ...
boards | "" = "x" | "" cannot be a board: a board name consists of ...
boards | "g\n" = "x" | "g\u000a" cannot be a board: a board name consists of ...
boards | "a/b" = "x" | "a/b" cannot be a board: a board name consists of ...
boards.g | titel = "x" | unknown key "titel" (did you mean "title"?)
boards.g | name = "x" | unknown key "name"
boards.g | title = 1 | title must be text, not the integer 1
boards.g | clock = "ny" | clock must be "auto", "new_york" or "utc", not the text "ny"
boards.g | comments = "auto" | comments must be "bbcode" or "html", not the text "auto"
boards.g | clock_switch_num = 0 | clock_switch_num must be from 1 to 2147483647, not the integer 0
boards.g | clock_switch_num = "5" | clock_switch_num must be an integer, not the text "5"
boards.g | clock_switch_num = 5 | clock_switch_num needs clock = "new_york" or "utc", ...
"""


@pytest.mark.parametrize(("section", "line", "sentence"), rows(BAD_BOARDS))
def test_a_mistake_in_the_boards_is_named(tmp_path: Path, section: str, line: str, sentence: str) -> None:
    (told,) = problems(tmp_path, boards=f"[{section}]\n{line}\n" if section else line)
    assert says(told, f"boards.toml: [{section}] " if section else "boards.toml: ", sentence)


@pytest.mark.parametrize("name", sorted(RESERVED_BOARDS))
def test_a_reserved_name_is_refused(tmp_path: Path, name: str) -> None:
    (line,) = problems(tmp_path, boards=f"[boards]\n{name} = 'x'\n{name}2 = 'x'\n")
    assert line == (
        f'boards.toml: [boards] "{name}" cannot be a board: this name is reserved for addresses of Koiwai itself'
    )


def test_the_reserved_names_are_the_first_segments_of_our_own_addresses() -> None:
    own = {"_", "api", "static", "media", "healthz", "readyz", "metrics", "admin"}
    assert own == RESERVED_BOARDS


@pytest.mark.parametrize("suffix", SIDE_TABLE_SUFFIXES)
def test_a_side_table_is_no_board(tmp_path: Path, suffix: str) -> None:
    (line,) = problems(tmp_path, boards=f"[boards]\ng{suffix} = 'x'\ng{suffix}x = 'x'\n")
    assert line.startswith(f'boards.toml: [boards] "g{suffix}" cannot be a board: a name that ends in {suffix} ')


def test_a_board_outside_its_section_is_pointed_to_it(tmp_path: Path) -> None:
    assert problems(tmp_path, boards="g = 'Technology'\n")[0] == (
        'boards.toml: unknown key "g" (every board stands under [boards])'
    )


def test_a_name_beyond_ascii_without_quotes_gets_a_hint(tmp_path: Path) -> None:
    hint = "; a name with letters beyond a-z must stand in quotes"
    for text in ("[boards]\nλ = 'Lambda'\n", "[boards.λ]\n"):
        (line,) = problems(tmp_path, boards=text)
        assert line.endswith(hint)
    (line,) = problems(tmp_path, boards='[boards]\ng = "λ\n')
    assert not line.endswith(hint)

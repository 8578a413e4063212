"""Settings files of a test, and the words that loading them ends with."""

import re
from pathlib import Path

import pytest

from app.errors import SettingsError
from app.settings import Settings
from app.settings.file import Loaded, load_all, load_settings

BOARDS = '[boards]\ng = "Technology"\n'


def load(folder: Path, config: str = "", boards: str = BOARDS) -> Settings:
    (folder / "config.toml").write_text(config, encoding="utf-8")
    (folder / "boards.toml").write_text(boards, encoding="utf-8")
    return load_settings({}, folder)


def problems(folder: Path, config: str = "", boards: str = BOARDS) -> list[str]:
    """The lines of the error; each must be one line."""
    with pytest.raises(SettingsError) as caught:
        load(folder, config, boards)
    assert str(caught.value).split("\n") == list(caught.value.problems)
    return list(caught.value.problems)


def load_over(
    folder: Path,
    environ: dict[str, str],
    config: str | None = "",
    dotenv: str | None = None,
    boards: str | None = BOARDS,
) -> Loaded:
    """What variables make of the files in the folder; None means that there is no such file."""
    for name, text in (("config.toml", config), (".env", dotenv), ("boards.toml", boards)):
        if text is not None:
            (folder / name).write_text(text, encoding="utf-8")
    return load_all(environ, folder)


def problems_over(
    folder: Path, environ: dict[str, str], config: str | None = "", dotenv: str | None = None
) -> list[str]:
    """The lines of the error that `load_over` ends with; each must be one line."""
    with pytest.raises(SettingsError) as caught:
        load_over(folder, environ, config, dotenv)
    assert str(caught.value).split("\n") == list(caught.value.problems)
    return list(caught.value.problems)


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split(" | ")] for line in table.replace("\n|", "\n |").split("\n")[1:-1]]


def says(line: str, start: str, sentence: str) -> bool:
    return re.fullmatch(re.escape(start + sentence).replace(r"\.\.\.", ".+"), line) is not None

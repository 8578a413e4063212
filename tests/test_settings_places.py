"""Where the settings files are looked for, and what is served without any; the errors they end in."""

import re
from pathlib import Path

import pytest

from app import errors
from app.errors import SettingsError
from app.settings.file import load_settings
from tests.support.settings_files import BOARDS, load

ROOT = Path(__file__).parent.parent


# Where the files are


def test_both_files_can_be_named_by_the_environment(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "k.toml").write_text('[site]\nname = "A"\n')
    (tmp_path / "b" / "list.toml").write_text('[boards]\nck = "Cooking"\n')
    environ = {"KOIWAI_CONFIG": str(tmp_path / "a" / "k.toml"), "KOIWAI_BOARDS": "b/list.toml"}
    settings = load_settings(environ, tmp_path)
    assert settings.site.name == "A"
    assert list(settings.boards) == ["ck"]


def test_messages_name_the_file_as_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "k.toml").write_text("[sites]\n")
    (tmp_path / "boards.toml").write_text(BOARDS)
    with pytest.raises(SettingsError) as caught:
        load_settings({"KOIWAI_CONFIG": "k.toml"}, tmp_path)
    assert str(caught.value) == 'k.toml: unknown section "sites" (did you mean "site"?)'


def test_empty_variables_count_as_unset(tmp_path: Path) -> None:
    load(tmp_path)
    assert list(load_settings({"KOIWAI_CONFIG": "", "KOIWAI_BOARDS": ""}, tmp_path).boards) == ["g"]


@pytest.mark.parametrize("variable", ["KOIWAI_CONFIG", "KOIWAI_BOARDS"])
def test_a_file_named_by_the_environment_must_exist(tmp_path: Path, variable: str) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "archive.db").touch()
    expected = re.escape(f"{tmp_path / 'gone.toml'}: there is no such file, but {variable} names it")
    with pytest.raises(SettingsError, match=f"^{expected}$"):
        load_settings({variable: "gone.toml"}, tmp_path)
    load(tmp_path)
    with pytest.raises(SettingsError, match=f"^{expected}$"):
        load_settings({variable: "gone.toml"}, tmp_path)


def test_without_boards_the_error_names_the_example(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch()
    with pytest.raises(SettingsError, match=r"boards\.toml: there is no such file; boards\.toml\.example"):
        load_settings({}, tmp_path)


def test_an_empty_folder_names_the_two_ways_on(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({}, tmp_path)
    (line,) = caught.value.problems
    assert "`koiwai demo`" in line
    assert "config.toml.example" in line


def test_the_archive_in_the_state_folder_is_served_without_settings(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "archive.db").touch()
    settings = load_settings({}, tmp_path)
    assert settings.db.db_type == "sqlite"
    assert settings.db.sqlite.database == tmp_path / "var" / "archive.db"
    assert settings.app.state == tmp_path / "var" / "state"
    assert settings.media.root == tmp_path / "var" / "media"
    assert (settings.boards, settings.discover_boards) == ({}, True)


@pytest.mark.parametrize(
    ("place", "environ"),
    [("boards.toml", {}), ("var/boards.toml", {}), ("b.toml", {"KOIWAI_BOARDS": "b.toml"})],
)
def test_its_boards_file_is_used_where_there_is_one(tmp_path: Path, place: str, environ: dict[str, str]) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "archive.db").touch()
    (tmp_path / place).write_text(BOARDS)
    settings = load_settings(environ, tmp_path)
    assert (list(settings.boards), settings.discover_boards) == (["g"], False)
    (tmp_path / place).write_text("[boards]\n")
    with pytest.raises(SettingsError, match="at least one board"):
        load_settings(environ, tmp_path)


def test_a_config_file_wins_over_the_archive_in_the_state_folder(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "archive.db").touch()
    settings = load(tmp_path)
    assert (settings.db.db_type, settings.discover_boards) == ("mysql", False)


def test_boards_beside_the_settings_come_before_those_of_the_folder(tmp_path: Path) -> None:
    elsewhere = tmp_path / "etc"
    elsewhere.mkdir()
    (elsewhere / "config.toml").write_text("")
    (tmp_path / "boards.toml").write_text('[boards]\na = "here"\n')
    environ = {"KOIWAI_CONFIG": "etc/config.toml"}
    assert list(load_settings(environ, tmp_path).boards) == ["a"]
    (elsewhere / "boards.toml").write_text('[boards]\nb = "beside"\n')
    assert list(load_settings(environ, tmp_path).boards) == ["b"]


# The errors


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.KoiwaiError, 500),
        (errors.Internal, 500),
        (errors.NotFound, 404),
        (errors.BadRequest, 400),
        (errors.Unavailable, 503),
    ],
)
def test_an_error_has_a_status_and_a_sentence(error: type[errors.KoiwaiError], status: int) -> None:
    assert error.status == status
    assert re.fullmatch(r"[A-Z].+\.", error().message)
    assert str(error()) == error().message
    assert str(error("No such thread.")) == error("No such thread.").message == "No such thread."


def test_unavailable_knows_when_to_try_again() -> None:
    assert errors.Unavailable().retry_after is None
    assert errors.Unavailable("Busy.", retry_after=5).retry_after == 5

"""The documents and examples that are made from the code: up to date, complete, and usable as they are."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.settings import BoardSettings, ConfigFile, Section
from app.settings.examples import boards_example, config_example
from app.settings.keys import config_keys, config_sections
from app.settings.reference import configuration_page
from tests.support.settings_files import load

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("config.toml.example", config_example),
        ("boards.toml.example", boards_example),
        ("docs/configuration.md", configuration_page),
    ],
)
def test_the_file_is_what_the_code_says(name: str, made: Any) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == made(), "run scripts/docs"


def test_the_page_has_every_key_and_what_cannot_be_set() -> None:
    page = configuration_page()
    for key in config_keys().values():
        assert f"| `{key.name}`" in page
        assert key.description
        if key.name != "server_settings":
            assert f"`{key.variable}`" in page
    for place, section in config_sections().items():
        assert not place or f"\n## [{'.'.join(place)}]\n" in page
        for name, reason in section.refused_options.items():
            assert re.search(rf"(?m)^\* .*`{name}`.*: {re.escape(reason)}\.$", page)
    for name in BoardSettings.__struct_fields__:
        assert f"| `{name}` |" in page.split("## boards.toml")[1]


def test_no_line_of_a_table_is_broken() -> None:
    rows = [line for line in configuration_page().split("\n") if line.startswith("|")]
    assert len(rows) > 80
    assert {len(re.split(r" \| ", row)) for row in rows} <= {2, 3, 4}


def uncommented(text: str) -> dict[str, Any]:
    """An example with the settings that are commented out (`#key = ...`) switched on."""
    table: dict[str, Any] = msgspec.toml.decode(re.sub(r"(?m)^#(?=\w+ = )", "", text))
    return table


def defaults(section: Section) -> dict[str, Any]:
    """A section as a TOML file would spell it, without the keys that have no default."""
    spelled: dict[str, Any] = {}
    for name in section.__struct_fields__:
        value = getattr(section, name)
        if isinstance(value, Section):
            spelled[name] = defaults(value)
        elif name != "options" and value is not None:
            spelled[name] = str(value) if isinstance(value, Path) else value
    return spelled


def test_the_example_of_the_settings_holds_every_key_with_its_default() -> None:
    assert msgspec.toml.decode(config_example()) == defaults(ConfigFile())
    keys = {place for place, key in config_keys().items() if not key.option}
    shown = uncommented(config_example())
    assert keys == {path for path in paths(shown) if path in config_keys()}


def paths(table: dict[str, Any], where: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found = set()
    for name, value in table.items():
        found |= paths(value, (*where, name)) if isinstance(value, dict) else {(*where, name)}
    return found


def test_the_example_names_every_further_argument_of_the_drivers() -> None:
    for place, section in config_sections().items():
        if section.accepted_options:
            part = config_example().split(f"\n[{'.'.join(place)}]\n")[1].split("\n[")[0].split("Also understood")[1]
            named = set(re.findall(r"[a-z_]+", part))
            assert set(section.accepted_options) <= named
            assert not named & set(section.refused_options)


def test_the_example_of_the_boards_holds_every_key_with_its_default() -> None:
    tables = uncommented(boards_example())
    assert list(tables) == ["boards"]
    assert [type(form) for form in tables["boards"].values()] == [str, dict]
    shown = tables["boards"]["po"]
    assert set(shown) == set(BoardSettings.__struct_fields__)
    assert {**defaults(BoardSettings()), **{name: shown[name] for name in ("title", "clock_switch_num")}} == shown


def test_the_examples_work_as_they_are(tmp_path: Path) -> None:
    settings = load(tmp_path, config_example(), boards_example())
    assert list(settings.boards) == ["g", "po"]
    assert settings == load(tmp_path, "", '[boards]\ng = "Technology"\npo = "Papercraft & Origami"\n')


def test_every_url_on_the_page_can_be_used(tmp_path: Path) -> None:
    urls = [text for text in re.findall(r"`([^`\s]+)`", configuration_page()) if re.match(r"[a-z+]+://[^`]", text)]
    complete = [url for url in urls if not url.endswith("://")]
    assert len(complete) > 8
    for url in complete:
        load(tmp_path, f"[db]\nurl = '{url}'\n")

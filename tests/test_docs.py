"""The documents have everything there is, and name nothing that is not there."""

import re
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest

from app import create_app
from app.cli import main
from app.server_config import KEYS as SERVER_KEYS
from app.settings import BoardSettings
from app.settings.keys import config_keys, config_sections
from tests.support.documents import ROOT, Document, commands_in, document, documents
from tests.support.settings_files import load
from tests.test_check_command import codes

COMMANDS = document("docs/commands.md")
ADDRESSES = document("docs/addresses.md")

SECTIONS = {
    ".".join(place): {key.name for key in config_keys().values() if key.place[:-1] == place}
    for place in config_sections()
    if place
}
SECTIONS["db"] |= {"url", "echo"}

EVERY_COMMAND = {
    name: command
    for name in main.list_commands(click.Context(main))
    if (command := main.get_command(click.Context(main), name)) is not None
}

each_document = pytest.mark.parametrize("text", documents(), ids=lambda document: document.name)


def options(command: click.Command) -> dict[str, click.Option]:
    """The options of a command by what is typed."""
    return {name: each for each in command.params if isinstance(each, click.Option) for name in each.opts}


@pytest.mark.parametrize("name", EVERY_COMMAND)
def test_every_command_and_option_is_explained_with_an_example(name: str) -> None:
    section = COMMANDS.section(f"koiwai {name}")
    examples = [words for block in COMMANDS.blocks for words in commands_in(block.text) if words[0] == name]
    assert examples
    for option in options(EVERY_COMMAND[name]):
        assert re.search(rf"(?m)^\| .*`{option}[ `]", section), option
        assert any(option in words for words in examples), f"no example of {option}"


def test_every_route_has_its_line(tmp_path: Path) -> None:
    app = create_app(load(tmp_path))
    routes = {re.sub(r"<[^>]*>", "{}", rule.rule).rstrip("/") for rule in app.url_map.iter_rules()}
    named = re.findall(r"(?m)^\| `(/[^`]*)` \|", ADDRESSES.prose)
    assert len(named) == len(set(named))
    assert {re.sub(r"\{\w+\}", "{}", address).rstrip("/") for address in named} == routes - {"/api/{}"}


def test_every_variable_is_explained() -> None:
    configuration = (ROOT / "docs/configuration.md").read_text("utf-8")
    for key in config_keys().values():
        assert f"`{key.name}`" in configuration
        assert key.name == "server_settings" or f"`{key.variable}`" in configuration
    others = {f"{each.envvar}" for command in EVERY_COMMAND.values() for each in command.params if each.envvar}
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "app").rglob("*.py"))
    # Nothing is read from the environment beside the settings: what is, must be named here and in the document.
    assert set(re.findall(r"(?:environ(?:\.get\(|\[)|getenv\()\s*\"(\w+)\"", sources)) <= others
    for name in {"KOIWAI_CONFIG", "KOIWAI_BOARDS", "DATABASE_URL", "DATABASE_URL_FILE"} | others:
        assert f"`{name}`" in COMMANDS.section("Variables"), name


@each_document
def test_links_lead_somewhere(text: Document) -> None:
    for link in text.links:
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / text.name).parent / path if path else ROOT / text.name
        assert target.exists(), f"{text.name}: {link}"
        if anchor:
            assert anchor in document(str(target.resolve().relative_to(ROOT))).anchors, f"{text.name}: {link}"


def test_the_front_page_leads_to_every_document() -> None:
    assert {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")} <= set(document("README.md").links)


@each_document
def test_commands_and_options_exist(text: Document) -> None:
    code = [*text.spans, *(block.text for block in text.blocks if block.kind in ("", "sh"))]
    for words in (words for part in code for words in commands_in(part)):
        if words[0] in ("--version", "--help"):
            continue
        assert words[0] in EVERY_COMMAND, f"{text.name}: koiwai {' '.join(words)}"
        known = {*options(EVERY_COMMAND[words[0]]), "--help"}
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known, f"{text.name}: {words}"


@each_document
def test_settings_exist(text: Document) -> None:
    for span in text.spans:
        found = re.match(r"\[([a-z._]+)\] ([a-z_]+)", span)
        if found is not None:
            assert found[2] in SECTIONS.get(found[1], ()), f"{text.name}: {span}"
        elif re.fullmatch(r"\[(db|db\.\w+|app|log|media|archive|site)\]", span):
            assert span[1:-1] in SECTIONS, f"{text.name}: {span}"
        # A key by itself, as in `sslmode = "require"`.
        elif (alone := re.match(r"([a-z_]+) = ", span)) is not None:
            everywhere = set().union(*SECTIONS.values()) | set(BoardSettings.__struct_fields__) | set(SERVER_KEYS)
            assert alone[1] in everywhere, f"{text.name}: {span}"
    for block in text.blocks:
        if block.kind == "toml" or (block.kind == "" and re.match(r"\[[a-z._]+\]$", block.text.split("\n")[0])):
            check_toml(msgspec.toml.decode(block.text), f"{text.name}:{block.line}")


def check_toml(table: dict[str, Any], where: str, section: str = "") -> None:
    for name, value in table.items():
        place = f"{section}.{name}" if section else name
        if place == "boards":
            keys = {key for board in value.values() if isinstance(board, dict) for key in board}
            assert keys <= set(BoardSettings.__struct_fields__), where
        elif place in SECTIONS:
            check_toml(value, where, place)
        else:
            assert name in SECTIONS.get(section, ()), f"{where}: {place}"


@each_document
def test_variables_exist(text: Document) -> None:
    keys = {key.variable: key for key in config_keys().values()}
    known = {*keys, *(f"{name}_FILE" for name, key in keys.items() if key.secret), "KOIWAI_CONFIG", "KOIWAI_BOARDS"}
    code = [text.prose, *(block.text for block in text.blocks if block.kind != "text")]
    for name in (name for part in code for name in re.findall(r"\bKOIWAI_\w*\w", part)):
        assert name in known or name == "KOIWAI_", f"{text.name}: {name}"


@each_document
def test_files_and_targets_exist(text: Document) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for code in (*text.spans, *(block.text for block in text.blocks)):
        for target in re.findall(r"(?m)^ *make ([a-z-]+)", code):
            assert f"\n{target}:" in makefile, f"{text.name}: make {target}"
        for name in re.findall(r"(?<![\w/{])(?:app|scripts|docs|tests)/[\w/.-]*\w", code):
            assert (ROOT / name).exists(), f"{text.name}: {name}"


def test_every_make_target_is_explained() -> None:
    targets = re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"))
    explained = re.findall(r"(?m)^\| `make ([a-z-]+)`", COMMANDS.prose)
    assert sorted(explained) == sorted(targets)


def test_findings_that_are_named_exist() -> None:
    words = {word for text in documents() for word in re.findall(r"\(`koiwai check`: `([a-z-]+)`", text.prose)}
    words |= {
        word for text in documents() for span in text.spans for word in [span] if re.match(r"(media|index)-\w", span)
    }
    assert words and words <= codes()


def test_the_lines_of_the_installation_are_proved() -> None:
    """scripts/prove-docs runs the marked blocks; those it cannot run are few, and known here."""
    install = document("docs/install.md")
    marks = {"sqlite", "mariadb", "postgresql", "network", "background"}
    unproved = []
    for block in install.blocks:
        if block.kind == "sh":
            words = block.mark.split()
            if block.mark:
                assert words[0] == "prove:" and set(words[1:]) <= marks, block.mark
            else:
                unproved.append(block.text.split("\n")[0])
    # Asks questions; needs an engine; needs a newer version.
    assert unproved == [
        "runuser -u koiwai -- koiwai setup",
        "docker build --tag koiwai .",
        "/opt/koiwai/bin/pip install --upgrade .",
    ]
    commands = {words[0] for block in install.blocks if block.mark for words in commands_in(block.text)}
    assert commands == {"--version", "setup", "check", "serve"}

"""The pins: complete, with hashes, without addresses, true to pyproject.toml; an audit that audits nothing fails."""

import json
import re
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import msgspec
import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).resolve().parents[1]
Answer: TypeAlias = tuple[str, str]

FILES = (
    "requirements.txt",
    "requirements-demo.txt",
    "requirements-dev.txt",
    "requirements-tools.txt",
    "requirements-clients.txt",
)
PYTHONS = ("3.10", "3.11", "3.12", "3.13")


def entries(name: str) -> list[str]:
    """Each requirement of a file on one line, its hashes included."""
    joined = (REPOSITORY / name).read_text("utf-8").replace("\\\n", " ")
    return [line for line in joined.splitlines() if line and not line.startswith("#")]


def pins(name: str, python: str) -> dict[str, str]:
    """The packages that a file gives to a Python on this system, and their versions."""
    environment: dict[str, str] = {**default_environment(), "python_version": python}  # type: ignore[dict-item]
    environment["python_full_version"] = f"{python}.9"
    found: dict[str, str] = {}
    for entry in entries(name):
        requirement = Requirement(entry.split(" --hash")[0])
        if requirement.marker is None or requirement.marker.evaluate(environment):
            package = canonicalize_name(requirement.name)
            assert package not in found, f"{package} is pinned twice for Python {python}"
            found[package] = str(requirement.specifier).removeprefix("==")
    return found


def wanted(python: str, *extras: str) -> list[Requirement]:
    """What pyproject.toml asks for."""
    project: Any = msgspec.toml.decode((REPOSITORY / "pyproject.toml").read_bytes())["project"]
    texts = [*project["dependencies"], *(text for extra in extras for text in project["optional-dependencies"][extra])]
    environment = {"python_version": python}
    return [one for one in map(Requirement, texts) if one.marker is None or one.marker.evaluate(environment)]


@pytest.mark.parametrize("name", FILES)
def test_every_pin_has_hashes_and_no_address(name: str) -> None:
    assert len(entries(name)) > 8
    for entry in entries(name):
        assert re.fullmatch(r"[a-z0-9.-]+==[\w.+!]+(?: ; [^#@]+?)?(?: +--hash=sha256:[0-9a-f]{64})+ *", entry), entry
    assert "://" not in (REPOSITORY / name).read_text("utf-8")


@pytest.mark.parametrize("name", ["browser", "clients"])
def test_the_packages_of_npm_are_pinned_alike(name: str) -> None:
    folder = REPOSITORY / "tests" / name
    text = (folder / "package-lock.json").read_text("utf-8")
    root, *packages = json.loads(text)["packages"].values()
    wanted_here = json.loads((folder / "package.json").read_text("utf-8"))
    for kind in ("dependencies", "devDependencies"):
        assert root.get(kind) == wanted_here.get(kind)
    assert packages and not any("resolved" in package or "hasInstallScript" in package for package in packages)
    assert all(package["integrity"].startswith("sha512-") for package in packages)
    # npm writes where it found a package and who asks for money; strike both out of a new lock.
    assert "://" not in text


def test_no_file_of_pins_is_forgotten_here() -> None:
    assert {file.name for file in REPOSITORY.glob("requirements*.txt")} == set(FILES)


@pytest.mark.parametrize("python", PYTHONS)
def test_pins_are_what_the_project_asks_for(python: str) -> None:
    for name, extras in (("requirements.txt", ()), ("requirements-demo.txt", ("demo",))):
        have = pins(name, python)
        for requirement in wanted(python, *extras):
            version = have.get(canonicalize_name(requirement.name))
            assert version is not None, f"{requirement} is not in {name}: run scripts/lock"
            assert requirement.specifier.contains(version), f"{name} has {requirement.name} {version}"
    have = pins("requirements-dev.txt", python)
    assert {canonicalize_name(one.name) for one in wanted(python, "demo", "dev")} <= set(have)


@pytest.mark.parametrize("python", PYTHONS)
def test_what_is_served_is_what_was_tested(python: str) -> None:
    served, shown, tested = (pins(name, python).items() for name in FILES[:3])
    assert served <= shown <= tested


def test_the_program_supports_the_pythons_that_are_pinned() -> None:
    project: Any = msgspec.toml.decode((REPOSITORY / "pyproject.toml").read_bytes())["project"]
    assert project["requires-python"] == f">={PYTHONS[0]}"
    told = [line.rpartition(" ")[2] for line in project["classifiers"] if " :: Python :: " in line]
    assert told == list(PYTHONS)


# The audit, with the network played by a function


@pytest.fixture(scope="module")
def audit_pins() -> ModuleType:
    spec = spec_from_file_location("audit_pins", REPOSITORY / "scripts" / "audit_pins.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def looked_up(requirements: str, arguments: list[str], **changes: Any) -> Answer:
    """What pip-audit answers when it has looked everything up; `changes` by package."""
    names = re.findall(r"^(\S+)==(\S+)", requirements, re.MULTILINE)
    packages = [{"name": name, "version": version, "vulns": []} | changes.get(name, {}) for name, version in names]
    return json.dumps({"dependencies": packages, "fixes": []}), "No known vulnerabilities found"


def test_an_audit_that_looked_every_pin_up_is_content(audit_pins: ModuleType) -> None:
    asked: list[str] = []

    def ask(requirements: str, arguments: list[str]) -> Answer:
        names = re.findall(r"^(\S+)==", requirements, re.MULTILINE)
        assert len(names) == len(set(names)) and ";" not in requirements
        assert requirements.count("==") <= requirements.count("--hash=sha256:")
        asked.extend(re.findall(r"^\S+==\S+", requirements, re.MULTILINE))
        return looked_up(requirements, arguments)

    assert audit_pins.audit(REPOSITORY, [], ask) == []
    assert set(asked) == {entry.split()[0] for name in FILES for entry in entries(name)}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (("", "Traceback\nConnectionError: no route\n"), ["gave up: ConnectionError: no route", "nothing was audited"]),
        (("", ""), ["gave up: no reason given", "nothing was audited"]),
        (('{"dependencies": [], "fixes": []}', ""), ["nothing was audited"]),
        (('{"dependencies": [{"name": "x", "skip_reason": "not found"}]}', ""), ["nothing was audited"]),
    ],
)
def test_an_audit_of_nothing_fails(audit_pins: ModuleType, answer: Answer, words: list[str]) -> None:
    problems = " | ".join(audit_pins.audit(REPOSITORY, [], lambda requirements, arguments: answer))
    assert all(word in problems for word in words), problems


def test_an_audit_without_pins_fails(audit_pins: ModuleType, tmp_path: Path) -> None:
    assert "nothing was audited" in audit_pins.audit(tmp_path, [], looked_up)[0]


def test_an_audit_that_leaves_a_pin_out_fails(audit_pins: ModuleType) -> None:
    def ask(requirements: str, arguments: list[str]) -> Answer:
        output, errors = looked_up(requirements, arguments)
        report = json.loads(output)
        report["dependencies"] = [package for package in report["dependencies"] if package["name"] != "jinja2"]
        return json.dumps(report), errors

    (problem,) = audit_pins.audit(REPOSITORY, [], ask)
    assert re.search(r"^1 of \d+ pins could not be looked up: jinja2 ", problem)


def test_a_vulnerability_is_named_and_fails(audit_pins: ModuleType) -> None:
    flaw = {"vulns": [{"id": "PYSEC-1", "fix_versions": ["9.9"], "aliases": []}]}
    (problem,) = audit_pins.audit(REPOSITORY, [], partial(looked_up, jinja2=flaw))
    assert re.fullmatch(r"jinja2 \S+: PYSEC-1, mended in 9\.9", problem)

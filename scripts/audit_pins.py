"""Asks pip-audit about every pin of requirements*.txt; started by scripts/audit.

A pin that could not be looked up fails the audit. pip-audit by itself may say "No known vulnerabilities found" of
packages that its source does not know, and a network that is away must not look like safety.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

REPOSITORY = Path(__file__).resolve().parents[1]

Pin: TypeAlias = tuple[str, str]  # name and version
Answer: TypeAlias = tuple[str, str]  # what pip-audit wrote to standard output and to standard error

_PIN = re.compile(r"^([\w.-]+)==([^ \\;]+)[^\\]*((?:\\\n +--hash=\S+ ?)+)", re.MULTILINE)


def read_pins(folder: Path) -> dict[Pin, str]:
    """Every pin of the requirement files in `folder`, with the lines of its hashes."""
    pins = {}
    for file in sorted(folder.glob("requirements*.txt")):
        for name, version, hashes in _PIN.findall(file.read_text("utf-8")):
            pins[_canonical(name), version] = hashes
    return pins


def batches(pins: dict[Pin, str]) -> Iterator[str]:
    """Requirement files without conditions, which together hold every pin: a file has one version of a package."""
    left = dict(pins)
    while left:
        batch = dict(left.keys())  # of several versions of a package the last
        yield "".join(f"{name}=={version} {left.pop((name, version))}\n" for name, version in sorted(batch.items()))


def ask_pip_audit(requirements: str, arguments: list[str]) -> Answer:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "requirements.txt")
        file.write_text(requirements, "utf-8")
        command = [sys.executable, "-m", "pip_audit", "--strict", "--require-hashes", "--disable-pip"]
        command += ["--progress-spinner=off", "--format=json", f"--requirement={file}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout, done.stderr


def audit(folder: Path, arguments: list[str], ask: Callable[[str, list[str]], Answer] = ask_pip_audit) -> list[str]:
    """Sentences about whatever is wrong; none when every pin in `folder` was looked up and no vulnerability is known.

    `arguments` go to pip-audit, which `ask` runs over the text of a requirement file.
    """
    pins = read_pins(folder)
    if not pins:
        return [f"nothing was audited: there are no pins in {folder}"]
    looked_up: set[Pin] = set()
    problems: list[str] = []
    for requirements in batches(pins):
        output, errors = ask(requirements, arguments)
        try:
            found = json.loads(output)["dependencies"]
        except (ValueError, LookupError):
            last = next((line for line in reversed(errors.splitlines()) if line.strip()), "no reason given")
            problems.append(f"pip-audit gave up: {last.strip()}")
            continue
        for package in found:
            if "vulns" not in package:
                continue
            looked_up.add((_canonical(package["name"]), package["version"]))
            for flaw in package["vulns"]:
                mended = ", ".join(flaw["fix_versions"]) or "no version"
                problems.append(f"{package['name']} {package['version']}: {flaw['id']}, mended in {mended}")
    left_out = [f"{name} {version}" for name, version in sorted(pins.keys() - looked_up)]
    if not looked_up:
        problems.append(f"nothing was audited: none of the {len(pins)} pins could be looked up")
    elif left_out:
        problems.append(f"{len(left_out)} of {len(pins)} pins could not be looked up: {', '.join(left_out)}")
    return problems


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    complaints = audit(REPOSITORY, sys.argv[1:])
    for complaint in complaints:
        print(f"koiwai: audit: {complaint}", file=sys.stderr)
    if complaints:
        sys.exit(1)
    print(f"koiwai: audit: {len(read_pins(REPOSITORY))} pins looked up, no known vulnerability")

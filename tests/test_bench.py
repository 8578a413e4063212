"""The measurements of searches, on an archive too small to measure anything: they run, and look where they say."""

import json
from pathlib import Path

from click.testing import CliRunner

from bench.search import main


def run(folder: Path, *options: str) -> str:
    given = ("--posts", "600", "--folder", str(folder), "--database", "sqlite", "--runs", "1", *options)
    result = CliRunner().invoke(main, given, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_all_searches_are_measured(tmp_path: Path) -> None:
    whole = json.loads(run(tmp_path, "--json"))
    found = {each["case"]["name"]: each for each in whole["databases"]["sqlite"]}

    assert {each["outcome"] for each in found.values()} == {"found", "nothing found"}
    assert found["=Anonymous"]["shown"] == 25
    assert found["common word, second page"]["shown"] > 0
    assert found["common tripcode"]["total"] > 0
    assert found["absent word"]["total"] == 0 and found["absent word"]["exact"]
    # It looked through the board to know that.
    assert found["absent word"]["rows"] > 100
    assert all(set(each["timings"]) == {"1", "8"} for each in found.values())
    assert not any(timing["refused"] for each in found.values() for timing in each["timings"].values())


def test_it_prints_a_table_and_plans(tmp_path: Path) -> None:
    printed = run(tmp_path, "--only", "absent")
    rows = [line for line in printed.splitlines() if line.startswith("| ")]
    assert len(rows) == 1 + 5
    assert "600 posts" in printed and "g_num_subnum_index" in printed

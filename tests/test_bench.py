"""The measurements, on an archive too small to measure anything: they run, and look where they say."""

import http.server
import json
import socketserver
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

import bench.answers
from bench.load import load
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


def test_answers_are_measured_beside_what_the_server_can_do(tmp_path: Path, wrk: Path) -> None:
    given = ["--folder", str(tmp_path), "--posts=2000", "--database=sqlite", "--seconds=1", "--turns=1", "--only=index"]
    result = CliRunner().invoke(bench.answers.main, given, catch_exceptions=False)
    assert result.exit_code == 0
    rows = [line.split("|")[1:-1] for line in result.stdout.splitlines() if line.startswith("| ")][1:]
    ((name, size, rate, _, hello, share, _, _, bare, _),) = rows
    assert name.strip() == "board index" and int(size) > 10 and "%" in share
    assert all(float(each.replace(",", "")) > 0 for each in (rate, hello, bare))


def test_an_error_is_no_answer_to_be_measured(wrk: Path) -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            with pytest.raises(RuntimeError, match="Non-2xx"):
                load(f"http://127.0.0.1:{server.server_address[1]}/missing", 1, at_once=1)
        finally:
            server.shutdown()

"""`koiwai check` on a million posts: no statement reads more than 10,000 rows, whatever indexes there are."""

import asyncio
from pathlib import Path

import pytest

from app.check import Report, fixes, run
from app.db.check_queries import MOST_ROWS
from app.settings import AppSettings, MediaSettings, Settings
from tests.support.databases import Place, fresh_place
from tests.support.million import POSTS, SWITCH, add_indexes, fill_million
from tests.support.recorder import Cost, Recorder


def checked(place: Place, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Report, list[Cost]]:
    """The report, and what each statement cost that was needed for it and for the statements that would help."""
    settings = Settings(
        db=place.settings(),
        app=AppSettings(state=folder / "var"),
        media=MediaSettings(root=folder),
        discover_boards=True,
    )
    with monkeypatch.context() as patch:
        recorder = Recorder(patch)
        report = asyncio.run(run(settings))
        asyncio.run(fixes(settings))
    return report, recorder.costs(place)


def assert_cheap(costs: list[Cost], kind: str) -> None:
    assert len(costs) > 3
    for cost in costs:
        assert cost.rows <= MOST_ROWS, f"{cost.rows} rows: {cost.statement.text}\n{cost.plan}"
        if kind == "sqlite":
            sorted_all = "SCAN g" in cost.plan and "TEMP B-TREE" in cost.plan
            assert not sorted_all, f"{cost.statement.text}\n{cost.plan}"


def test_a_million_posts(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    monkeypatch = pytest.MonkeyPatch()
    with fresh_place(database_kind, request, tmp_path) as place:
        fill_million(place)

        report, costs = checked(place, tmp_path, monkeypatch)
        assert_cheap(costs, database_kind)
        codes = {finding.code for finding in report.findings if finding.board == "g"}
        assert {"index-num", "index-thread", "index-media-hash", "index-threads-bump"} <= codes
        assert "index-doc-id" not in codes
        (board,) = report.boards
        assert board.posts is not None and POSTS * 0.8 <= board.posts <= POSTS * 1.2
        assert board.newest_num == SWITCH + POSTS // 2 - 1
        assert board.conventions.nreplies is None  # not without an index on threads

        add_indexes(place)
        report, costs = checked(place, tmp_path, monkeypatch)
        assert_cheap(costs, database_kind)
        place.execute("ANALYZE TABLE g, g_images, g_threads" if database_kind == "mysql" else "ANALYZE")
        again, costs = checked(place, tmp_path, monkeypatch)
        assert_cheap(costs, database_kind)
        assert again.boards[0].conventions == report.boards[0].conventions
        found = report.boards[0].conventions
        assert (found.clock, found.clock_switch_num, found.clock_source) == ("utc", SWITCH, "file names")
        assert (found.nreplies, found.nimages, found.media) == ("with_op", "with_op", "shared")
        assert (found.comments, found.file_names) == ("bbcode", "escaped")
        codes = {finding.code for finding in report.findings if finding.board == "g"}
        wanted = {"index-name", "index-trip", "index-email"}
        if database_kind == "postgresql":
            wanted.add("index-thread-order")
        assert {code for code in codes if code.startswith("index-")} == wanted

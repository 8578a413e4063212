"""`koiwai check` and the disk: media files present, elsewhere, missing or unreadable; the state folder."""

import asyncio
from base64 import b64encode
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest

from app.check import BoardReport, Level, Report, run
from app.media_layout import Kind, Layout, path_below, stored_at
from app.settings import AppSettings, MediaSettings, SearchSettings, Settings, SqliteSettings
from tests.support.databases import fresh_place
from tests.support.indexes import index_boards
from tests.support.stage import NOON, Stage

POSTS = 10


@pytest.fixture
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """A board whose every post has a picture, and a media folder without any."""
    (tmp_path / "media").mkdir()
    (tmp_path / "archive").mkdir()
    with fresh_place("sqlite", request, tmp_path / "archive") as place:
        stage = Stage(place, tmp_path / "media")
        stage.board()
        stage.posts(
            *(
                {
                    "num": num,
                    "thread_num": 1,
                    "media_id": num,
                    "media_hash": hash_of(num),
                    "media_orig": own_name(num),
                    "preview_orig": own_name(num).replace(".", "s."),
                }
                for num in range(1, POSTS + 1)
            )
        )
        stage.add(
            "g_images",
            *(
                {"media_id": num, "media_hash": hash_of(num), "media": shared_name(num), "banned": 0}
                for num in range(1, POSTS + 1)
            ),
        )
        yield stage


def test_the_search_index(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def checked(engine: Literal["auto", "sql", "tantivy", "sphinx"]) -> dict[str, str]:
        settings = Settings(
            db=stage.place.settings(),
            app=AppSettings(state=tmp_path / "state"),
            boards=stage.boards,
            media=MediaSettings(enabled=False),
            search=SearchSettings(engine=engine),
        )
        if engine == "auto" and indexing:
            index_boards(settings)
        found = [each for each in asyncio.run(run(settings)).findings if each.code == "search-index"]
        return {each.level: each.text for each in found}

    indexing = False
    assert checked("auto") == {}  # a small board is quickly searched as it is
    assert "koiwai index --board g" in checked("tantivy")["fault"]
    monkeypatch.setattr("app.check.indexes._WORTH_IT", POSTS)
    assert "koiwai index --board g" in checked("auto")["note"]
    indexing = True
    assert f"{POSTS} posts, up to row {POSTS}" in checked("auto")["ok"]
    assert checked("tantivy").keys() == {"ok"}
    assert checked("sql") == checked("sphinx") == {}


def hash_of(num: int) -> str:
    return b64encode(md5(b"%d" % num).digest()).decode()


def own_name(num: int) -> str:
    return f"{(NOON + num) * 1000}.jpg"


def shared_name(num: int) -> str:
    return f"{(NOON - 99 + num) * 1000}.jpg"


def put(stage: Stage, layout: Layout, kind: Kind, name: str) -> None:
    path = path_below(stage.media, stored_at(layout, "g", kind, name))
    assert path is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def checked(stage: Stage, state: Path | None = None, **media: Any) -> Report:
    return asyncio.run(
        run(
            Settings(
                db=stage.place.settings(),
                boards=stage.boards,
                app=AppSettings(state=state or stage.media.parent / "var", url=media.pop("url", "")),
                media=MediaSettings(**{"root": stage.media, **media}),
            )
        )
    )


def levels(report: Report) -> dict[str, Level]:
    return {finding.code: finding.level for finding in report.findings}


def board(report: Report) -> BoardReport:
    return report.boards[0]


def test_files_where_they_belong(stage: Stage) -> None:
    for num in range(1, POSTS + 1):
        put(stage, "asagi", "image", shared_name(num))
        put(stage, "asagi", "thumb", own_name(num).replace(".", "s."))
    report = checked(stage)
    found = levels(report)
    assert found["media-folder"] == found["media-images"] == found["media-thumbnails"] == "ok"
    assert board(report).conventions.layout == "asagi" and board(report).conventions.media == "shared"


@pytest.mark.parametrize(("there", "level"), [(9, "note"), (2, "warning"), (0, "warning")])
def test_files_that_are_missing(stage: Stage, there: int, level: Level) -> None:
    for num in range(1, there + 1):
        put(stage, "asagi", "image", shared_name(num))
    assert levels(checked(stage))["media-images"] == level


def test_files_in_the_other_layout(stage: Stage) -> None:
    for num in range(1, POSTS + 1):
        put(stage, "sutra", "image", f"{hash_of(num).replace('+', '-').replace('/', '_')}.jpg")
    report = checked(stage)
    assert levels(report)["media-layout"] == "fault" and board(report).conventions.layout == "sutra"
    report = checked(stage, layout="sutra")
    assert "media-layout" not in levels(report) and levels(report)["media-images"] == "ok"
    assert "media-other-folders" not in levels(report)


def test_files_under_the_posts_own_names(stage: Stage) -> None:
    for num in range(1, POSTS + 1):
        put(stage, "asagi", "image", own_name(num))
    assert levels(checked(stage))["media-names"] == "warning"


def test_files_that_other_servers_have(stage: Stage) -> None:
    template = "http://cdn.example.org/{board}/{path}"
    found = levels(checked(stage, root=Path("/nonexistent"), image_url=template, thumb_url=template))
    assert found["media-url"] == "ok" and "media-folder" not in found and "media-images" not in found
    found = levels(checked(stage, image_url=template, thumb_url=template, url="https://archive.example.org"))
    assert found["media-url"] == "warning"
    found = levels(checked(stage, image_url=template))
    assert "media-images" not in found and found["media-thumbnails"] == "warning"


def test_media_switched_off(stage: Stage) -> None:
    found = levels(checked(stage, enabled=False, root=Path("/nonexistent")))
    assert found["media-off"] == "ok" and "media-folder" not in found
    stage.boards["g"] = msgspec.structs.replace(stage.boards["g"], media=False)
    assert "media-images" not in levels(checked(stage))


def test_a_media_folder_that_cannot_be_read(stage: Stage, tmp_path: Path) -> None:
    file, loop = tmp_path / "file", tmp_path / "loop"
    file.touch()
    loop.symlink_to(loop)
    for root in (tmp_path / "nothing", file, loop):
        report = checked(stage, root=root)
        assert levels(report)["media-folder"] == "warning" and not report.faulty  # pages are served all the same
        assert "media-images" not in levels(report)


def test_surprises_in_the_media_folder(stage: Stage) -> None:
    (stage.media / "archive.db").touch()
    (stage.media / ".env").touch()
    for folder in ("g", "old", "wsg"):
        (stage.media / folder).mkdir()
    report = checked(stage)
    said = {finding.code: finding.text for finding in report.findings}
    assert ".env, archive.db" in said["media-private"] and "old, wsg." in said["media-other-folders"]


def test_the_state_folder(stage: Stage, tmp_path: Path) -> None:
    assert levels(checked(stage, tmp_path / "a" / "b"))["state-folder"] == "ok"
    assert not (tmp_path / "a").exists()
    assert levels(checked(stage, tmp_path))["state-folder"] == "ok"
    (tmp_path / "file").touch()
    assert levels(checked(stage, tmp_path / "file"))["state-folder"] == "fault"
    assert levels(checked(stage, tmp_path / "file" / "below"))["state-folder"] == "fault"
    sqlite: SqliteSettings = stage.place.settings().sqlite
    assert levels(checked(stage, sqlite.database.parent))["state-beside-archive"] == "note"

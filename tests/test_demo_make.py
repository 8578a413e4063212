"""`koiwai demo`: its files, and when it is made, left alone or refused."""

import base64
import hashlib
import io
import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from app.demo import make
from app.demo.make import DemoError, make_demo
from app.demo.media import MediaFile, render, write_media
from app.demo.model import DemoPicture
from app.settings.file import load_settings


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> make.DemoPaths:
    return make_demo(tmp_path_factory.mktemp("made") / "demo", lambda line: None)


def size_of(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as image:
        return image.size


def media_in(paths: make.DemoPaths) -> Iterator[tuple[str, str, bytes]]:
    """(file name, hash in the archive, bytes on disk) of each picture that both archive and disk have."""
    with closing(sqlite3.connect(paths.database)) as connection:
        for board, query in (
            ("g", 'SELECT media, media_hash FROM "g_images"'),
            ("λ", 'SELECT media_orig, media_hash FROM "λ" WHERE media_orig IS NOT NULL'),
        ):
            for name, stored in connection.execute(query):
                path = paths.media / board / "image" / name[:4] / name[4:6] / name
                if re.fullmatch(r"\d+\.\w+", name) and path.exists():
                    yield name, stored, path.read_bytes()


def test_demo_media_have_the_hashes_of_the_archive(demo: make.DemoPaths) -> None:
    found = list(media_in(demo))
    differing = [
        name for name, stored, data in found if base64.b64encode(hashlib.md5(data).digest()).decode() != stored
    ]
    assert len(found) > 100
    assert len(differing) == 1  # the hostile record whose hash is none
    thumbs = [path for path in (demo.media / "g" / "thumb").rglob("*") if path.is_file()]
    sizes = {max(size_of(path.read_bytes())) for path in thumbs}
    assert sizes == {125, 250}
    with closing(sqlite3.connect(demo.database)) as connection:
        names = connection.execute("SELECT media FROM g_images").fetchall()
    lost = [name for (name,) in names if not (demo.media / "g" / "image" / name[:4] / name[4:6] / name).is_file()]
    assert len(lost) == 3  # one lost picture and two server names that no server gives
    assert not [path for path in demo.media.parent.rglob("*") if "passwd" in path.name]


def test_demo_boards(demo: make.DemoPaths) -> None:
    with closing(sqlite3.connect(demo.database)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"g", "ck_threads", "3_images", "λ", "λ_threads"} < names


def test_a_complete_demo_is_left_alone(tmp_path: Path) -> None:
    said: list[str] = []
    first = make_demo(tmp_path / "demo", said.append)
    first.database.write_bytes(b"changed by somebody")
    assert make_demo(tmp_path / "demo", said.append) == first
    assert first.database.read_bytes() == b"changed by somebody"
    assert said[-1].endswith("is complete.")
    assert sorted(path.name for path in (tmp_path / "demo").iterdir()) == [
        "archive.db",
        "boards.toml",
        "config.toml",
        "demo.version",
        "media",
    ]


@pytest.mark.parametrize("environ", [{}, {"KOIWAI_CONFIG": "var/config.toml"}])
def test_servers_find_the_demo(environ: dict[str, str], tmp_path: Path) -> None:
    make_demo(tmp_path / "var", lambda line: None)
    settings = load_settings(environ, tmp_path)
    assert settings.db.sqlite.database == tmp_path / "var" / "archive.db"
    assert settings.media.root == tmp_path / "var" / "media"
    assert {name: board.comments for name, board in settings.boards.items()} == {
        "g": "bbcode",
        "ck": "bbcode",
        "3": "bbcode",
        "λ": "html",
    }
    assert [name for name, board in settings.boards.items() if board.nsfw] == ["3"]
    assert all(board.title and board.description for board in settings.boards.values())


def outdate(folder: Path) -> None:
    marker = folder / "demo.version"
    marker.write_text(marker.read_text().replace(make.VERSION, "0", 1))


def test_another_version_and_an_incomplete_demo_are_made_anew(tmp_path: Path) -> None:
    paths = make_demo(tmp_path, lambda line: None)
    outdate(tmp_path)
    (tmp_path / "media" / "old").write_text("")
    make_demo(tmp_path, lambda line: None)
    assert (tmp_path / "demo.version").read_text().split()[0] == make.VERSION
    assert not (tmp_path / "media" / "old").exists()
    paths.database.unlink()
    make_demo(tmp_path, lambda line: None)
    assert paths.database.is_file()


def test_an_archive_put_in_the_place_of_an_old_demo_is_left_alone(tmp_path: Path) -> None:
    paths = make_demo(tmp_path, lambda line: None)
    outdate(tmp_path)
    paths.database.write_bytes(b"mine")
    with pytest.raises(DemoError, match="not the demo's; nothing was changed"):
        make_demo(tmp_path, lambda line: None)
    assert paths.database.read_bytes() == b"mine"


@pytest.mark.parametrize("name", ["archive.db", "media", "boards.toml", "config.toml"])
def test_somebodys_own_archive_is_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(DemoError, match=f"already holds {name}"):
        make_demo(tmp_path, lambda line: None)
    assert (tmp_path / name).read_text() == "mine"


def test_other_files_of_the_state_folder_stay(tmp_path: Path) -> None:
    (tmp_path / "counts.json").write_text("mine")
    make_demo(tmp_path, lambda line: None)
    outdate(tmp_path)
    make_demo(tmp_path, lambda line: None)
    assert (tmp_path / "counts.json").read_text() == "mine"


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("")
    with pytest.raises(DemoError, match="is a file"):
        make_demo(tmp_path / "demo", lambda line: None)


def test_an_interrupted_run_leaves_nothing(tmp_path: Path) -> None:
    def interrupt(line: str) -> None:
        if line.startswith("Writing"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_demo(tmp_path / "demo", interrupt)
    assert list((tmp_path / "demo").iterdir()) == []


def test_a_run_killed_while_it_built_claims_nothing(tmp_path: Path) -> None:
    (tmp_path / ".demo-unfinished").mkdir()
    (tmp_path / "archive.db").write_text("mine")
    with pytest.raises(DemoError, match=r"already holds archive\.db"):
        make_demo(tmp_path, lambda line: None)
    assert (tmp_path / "archive.db").read_text() == "mine"


def test_a_run_killed_while_it_moved_parts_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(new: Path, old: Path) -> None:
        new.replace(old)
        if old.name == "archive.db":
            raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(make, "_replace", dies)
        make_demo(tmp_path, lambda line: None)
    said: list[str] = []
    make_demo(tmp_path, said.append)
    assert "Writing the archive." in said


def test_two_runs_at_once_make_one_demo(tmp_path: Path) -> None:
    said: list[str] = []
    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(make_demo, tmp_path, said.append) for _ in range(2)]
        assert runs[0].result() == runs[1].result()
    assert said.count("Writing the archive.") == 1


@pytest.mark.parametrize("name", ["../../../../up", "../up.jpg", '"><svg onload=x>.svg', ".jpg"])
def test_names_that_no_server_gives_are_not_written(name: str, tmp_path: Path) -> None:
    picture = DemoPicture(key="k", filename="k.jpg", ext=".jpg", width=40, height=30)
    root = tmp_path / "a" / "b" / "c" / "d" / "e"
    root.mkdir(parents=True)
    files = [MediaFile("g", "image", name, "k"), MediaFile("g", "image", "1668902400123.jpg", "k")]
    write_media(root, files, {"k": render(picture)})
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert written == [root / "g" / "image" / "1668" / "90" / "1668902400123.jpg"]

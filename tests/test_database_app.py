"""The application and the world around it: nothing is touched too early, nothing is left open at the end."""

import gc
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app import create_app
from app.settings import BoardSettings, Settings
from tests.support.databases import KINDS, POSTS, Place, fresh_place, threads_end
from tests.support.reader import Reader

REPOSITORY = Path(__file__).resolve().parents[1]

# Reports every file that is opened and every socket that is made from here on.
WATCH = """
import sys
seen = []
def watch(event, arguments):
    if event == "open" or event.startswith(("socket.", "os.mkdir", "sqlite3.", "subprocess.", "os.listdir")):
        seen.append((event, str(arguments[0])))
sys.addaudithook(watch)
"""
EVERYTHING = """
import importlib, pkgutil, app
names = [each.name for each in pkgutil.walk_packages(app.__path__, "app.") if each.name != "app.__main__"]
assert len(names) > 50
for name in names:
    importlib.import_module(name)
"""


def python(program: str, folder: Path) -> list[str]:
    """What a fresh interpreter in a folder prints."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={"PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_importing_everything_in_an_empty_folder_opens_nothing_but_code(tmp_path: Path) -> None:
    report = """
for event, name in seen:
    if event.startswith(("socket.connect", "socket.bind", "sqlite3.connect/handle", "os.mkdir")):
        print(event, name)
    if event == "open" and name.endswith((".toml", ".env", ".html", ".db", ".ini")):
        print(event, name)
"""
    assert python(WATCH + EVERYTHING + report, tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_making_an_app_touches_nothing(tmp_path: Path) -> None:
    program = """
from pathlib import Path
from app import create_app
from app.settings import DbSettings, Settings, SqliteSettings, AppSettings
import threading
settings = [
    Settings(db=DbSettings(db_type=kind, sqlite=SqliteSettings(database=Path("/no/such.db"))), discover_boards=True)
    for kind in ("sqlite", "mysql", "postgresql")
]
for each in settings:
    create_app(each)  # modules are loaded now
seen.clear()
for each in settings:
    create_app(each)
print(seen, threading.active_count())
"""
    assert python(WATCH + program, tmp_path) == ["[] 1"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "driver"), [("sqlite", "aiosqlite"), ("mysql", "aiomysql pymysql"), ("postgresql", "asyncpg")]
)
def test_only_the_driver_in_use_is_loaded(tmp_path: Path, kind: str, driver: str) -> None:
    program = f"""
import sys
from app import create_app
from importlib import import_module
from app.cli import COMMANDS
for each in COMMANDS:
    import_module("app.commands." + each.replace("-", "_"))
def loaded():
    print(*sorted({{"aiomysql", "pymysql", "asyncpg", "aiosqlite"}} & set(sys.modules)))
loaded()
from app.settings import DbSettings, Settings
create_app(Settings(db=DbSettings(db_type="{kind}")))
loaded()
"""
    assert python(program, tmp_path) == ["", driver]


def with_board(place: Place, name: str) -> Settings:
    place.create(name, POSTS)
    place.insert(name, {"num": 1, "thread_num": 1, "comment": f"of {name}"})
    return Settings(db=place.settings(), boards={name: BoardSettings(clock="utc")})


@pytest.mark.parametrize("kind", KINDS)
async def test_the_end_of_an_app_leaves_nothing_open(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    before = threading.enumerate()
    with fresh_place(kind, request, tmp_path) as place:
        settings = with_board(place, "a")
        for _ in range(2):
            app = create_app(settings)
            async with app.test_app() as running:
                await Reader(running.test_client()).html("/a/thread/1/")
            if place.server is not None:
                assert _sessions(place) == 0
            del app, running
            gc.collect()  # whatever was left open warns now, and warnings are errors
    assert await threads_end(before)


def _sessions(place: Place) -> int:
    """Sessions of other clients in this database; the pooler's own are kept by design."""
    if place.kind == "pgbouncer":
        return 0
    count = (
        f"SELECT COUNT(*) FROM information_schema.processlist WHERE db = '{place.name}' AND id <> CONNECTION_ID()"
        if place.kind == "mysql"
        else f"SELECT COUNT(*) FROM pg_stat_activity WHERE datname = '{place.name}' AND pid <> pg_backend_pid()"
    )
    for _ in range(100):  # a server notices a moment later
        if (left := int(place.execute(count)[0][0])) == 0:
            break
    return left


async def test_two_apps_in_one_process(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with (
        fresh_place("sqlite", request, tmp_path) as one,
        fresh_place("sqlite", request, tmp_path / "other") as other,
    ):
        first, second = create_app(with_board(one, "a")), create_app(with_board(other, "b"))
        async with first.test_app() as here, second.test_app() as there:
            readers = {"a": Reader(here.test_client()), "b": Reader(there.test_client())}
            for name, reader in readers.items():
                thread = await reader.json(f"/api/v1/boards/{name}/threads/1")
                assert thread["posts"][0]["comment"] == f"of {name}"
            await readers["a"].json("/api/v1/boards/b/threads/1", 404)

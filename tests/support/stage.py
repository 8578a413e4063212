"""Small archives that a test puts together row by row, on any kind of database, while the app is reading them."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from quart import Quart

from app import create_app
from app.archive import Archive
from app.board import Board
from app.context import EXTENSION
from app.demo.tables import DialectName, create_statements
from app.demo.writers import WRITERS, Writer
from app.settings import AppSettings, BoardSettings, MediaSettings, SearchSettings, Settings
from tests.support.asgi import Answer, ask
from tests.support.databases import Place, fresh_place

NOON = 1_657_627_200
"""2022-07-12 12:00 UTC, far from any change of New York's clocks."""

_AT_ONCE = 500


class Stage:
    """An archive with the tables of one writer; times are stored as they are given."""

    def __init__(self, place: Place, media: Path) -> None:
        self.place = place
        self.media = media
        self.boards: dict[str, BoardSettings] = {}

    def board(self, name: str = "g", writer: str | Writer = "asagi", **settings: Any) -> None:
        """Makes the tables of a board, whose clock is UTC unless set."""
        conventions = WRITERS[writer] if isinstance(writer, str) else writer
        self.place.execute(*create_statements(cast("DialectName", self.place.kind), conventions, name))
        self.boards[name] = BoardSettings(**{"clock": "utc", **settings})

    def post(self, num: int, thread_num: int | None = None, board: str = "g", **columns: Any) -> None:
        self.posts({"num": num, "thread_num": thread_num or num, **columns}, board=board)

    def posts(self, *rows: Mapping[str, Any], board: str = "g") -> None:
        """Rows need `num` and `thread_num`; times rise with the number."""
        self.add(
            board,
            *(
                {
                    "subnum": 0,
                    "op": int(row["num"] == row["thread_num"] and not row.get("subnum")),
                    "timestamp": NOON + row["num"],
                    "timestamp_expired": 0,
                    "comment": f"Post {row['num']}.",
                    **row,
                }
                for row in rows
            ),
        )

    def threads(self, *rows: Mapping[str, Any], board: str = "g") -> None:
        """Rows of the table of threads; they need `thread_num`."""
        self.add(
            f"{board}_threads",
            *(
                {
                    **dict.fromkeys(
                        ("time_op", "time_last", "time_bump", "time_last_modified"), NOON + row["thread_num"]
                    ),
                    **row,
                }
                for row in rows
            ),
        )

    def add(self, table: str, *rows: Mapping[str, Any]) -> None:
        """Rows with the same columns; one connection of its own writes them all."""
        if rows:
            names = ", ".join(self.place.quote(column) for column in rows[0])
            values = [f"({', '.join(_literal(value) for value in row.values())})" for row in rows]
            self.place.execute(
                *(
                    f"INSERT INTO {self.place.quote(table)} ({names}) "
                    f"VALUES {', '.join(values[start : start + _AT_ONCE])}"
                    for start in range(0, len(values), _AT_ONCE)
                )
            )

    def execute(self, statement: str) -> None:
        """Names in the statement stand between double quotes."""
        self.place.execute(statement.replace('"', "`") if self.place.kind == "mysql" else statement)

    @asynccontextmanager
    async def running(
        self, *, validate_boards_db: bool = True, search: SearchSettings | None = None, **media: Any
    ) -> AsyncIterator["Running"]:
        """The app over what the stage holds by now; `media` are settings of that section."""
        settings = Settings(
            db=self.place.settings(),
            app=AppSettings(validate_boards_db=validate_boards_db),
            boards=self.boards,
            media=MediaSettings(root=self.media, **media),
            search=search or SearchSettings(),
        )
        app = create_app(settings)
        async with app.test_app():
            yield Running(app)


class Running:
    """The app over a stage."""

    def __init__(self, app: Quart) -> None:
        self.app = app

    @property
    def archive(self) -> Archive:
        return cast("Archive", self.app.extensions[EXTENSION])

    def board(self, name: str = "g") -> Board:
        return self.archive.board(name)

    async def ask(self, target: str, status: int = 200) -> Answer:
        answer = await ask(self.app, target)
        assert answer.status == status, f"{target}: {answer.status} {answer.body[:400]!r}"
        return answer

    async def text(self, target: str, status: int = 200) -> str:
        return (await self.ask(target, status)).body.decode()

    async def json(self, target: str, status: int = 200) -> Any:
        """An answer of the API; `target` begins behind the board's address."""
        return (await self.ask(f"/api/v1/boards/g{target}", status)).json

    async def nums(self, target: str) -> list[int]:
        """Numbers of the posts in a thread or a list of posts."""
        return [post["num"] for post in (await self.json(target))["posts"]]


@pytest.fixture
def stage(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """An empty stage on each kind of database; modules that use it import it."""
    with fresh_place(database_kind, request, tmp_path) as place:
        yield Stage(place, tmp_path / "media")


def _literal(value: Any) -> str:
    """All three databases turn a quoted number into what the column holds."""
    if value is None:
        return "NULL"
    if "\\" in str(value):
        raise ValueError("Backslashes mean different things in different databases.")
    return "'" + str(value).replace("'", "''") + "'"

"""What a reader gets: the app over one database, asked through its own addresses."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import lxml.html
import msgspec
from quart.typing import TestClientProtocol

from app import create_app
from app.settings import (
    BoardSettings,
    DbSettings,
    MediaSettings,
    MysqlSettings,
    PostgresqlSettings,
    Settings,
    SqliteSettings,
)


def settings_for(
    kind: str, place: Path | dict[str, Any], boards: dict[str, BoardSettings], media: Path | None = None
) -> Settings:
    """Settings for boards in a database: a SQLite file, or the `[db.…]` table that leads to a server's database."""
    if isinstance(place, Path):
        db = DbSettings(db_type="sqlite", sqlite=SqliteSettings(database=place))
    elif kind == "mysql":
        db = DbSettings(db_type="mysql", mysql=msgspec.convert(place, MysqlSettings))
    else:
        db = DbSettings(db_type="postgresql", postgresql=msgspec.convert(place, PostgresqlSettings))
    return Settings(db=db, boards=boards, media=MediaSettings(root=media or Path("/nonexistent")))


class Reader:
    """Asks a running app; every answer is looked at for its status."""

    def __init__(self, client: TestClientProtocol) -> None:
        self._client = client
        self.said: list[str] = []
        """Bodies of all answers so far."""

    async def text(self, path: str, status: int = 200) -> str:
        response = await self._client.get(path)
        body: str = await response.get_data(as_text=True)
        assert response.status_code == status, f"{path}: {response.status_code}: {body[:500]}"
        self.said.append(body)
        return body

    async def json(self, path: str, status: int = 200) -> Any:
        return json.loads(await self.text(path, status))

    async def html(self, path: str, status: int = 200) -> lxml.html.HtmlElement:
        return lxml.html.fromstring(await self.text(path, status))


class Walk(msgspec.Struct):
    """Everything the API tells of an archive."""

    boards: dict[str, Any]
    listed: dict[str, list[Any]]
    """Board -> threads in the order of the list."""
    threads: dict[str, dict[int, Any]]
    """Board -> thread number -> thread with all posts, rendered."""
    media: dict[str, dict[str, list[str]]]
    """Board -> MD5 -> ids of its posts, newest first."""
    said: list[str]

    def posts(self, board: str) -> dict[str, Any]:
        return {post_id(post): post for thread in self.threads[board].values() for post in thread["posts"]}


def post_id(post: Any) -> str:
    """The form of truth.json: "123", or "123,1" for a ghost post."""
    return f"{post['num']},{post['subnum']}" if post["subnum"] else str(post["num"])


async def walk(settings: Settings, unlisted: dict[str, list[int]], hashes: dict[str, list[str]]) -> Walk:
    """Reads all boards, all threads of the lists and some beside them, and the posts of some pictures."""
    app = create_app(settings)
    async with app.test_app() as running:
        reader = Reader(running.test_client())
        boards = {board["name"]: board for board in (await reader.json("/api/v1/boards"))["boards"]}
        found = Walk(boards, {}, {}, {}, reader.said)
        for board in boards:
            base = f"/api/v1/boards/{quote(board)}"
            found.listed[board] = await _list(reader, base)
            nums = [thread["num"] for thread in found.listed[board]] + unlisted.get(board, [])
            found.threads[board] = {num: await _thread(reader, base, num) for num in nums}
            found.media[board] = {}
            for media_hash in hashes.get(board, []):
                answer = await reader.json(f"{base}/media/{quote(media_hash, safe='')}?limit=100")
                found.media[board][media_hash] = [post_id(post) for post in answer["posts"]]
        return found


async def _list(reader: Reader, base: str) -> list[Any]:
    listed: list[Any] = []
    answer = await reader.json(f"{base}/threads?limit=50&replies=0")
    while True:
        listed += answer["threads"]
        if answer["older"] is None:
            return listed
        answer = await reader.json(f"{base}/threads?limit=50&replies=0&before={answer['older']}")


async def _thread(reader: Reader, base: str, num: int) -> Any:
    thread = await reader.json(f"{base}/threads/{num}?rendered=1")
    following = thread["next"]
    while following is not None:
        part = await reader.json(f"{base}/threads/{num}?rendered=1&after={following}")
        thread["posts"] += part["posts"]
        following = part["next"]
    return thread


def folded(text: str) -> str:
    """Text with runs of white space as one space, for comparisons."""
    return re.sub(r"\s+", " ", text).strip()

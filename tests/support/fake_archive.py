"""A stand-in for the archive: two boards and one thread, for tests of what is made of its answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec
from quart import Quart

from app.api import api_blueprint
from app.context import EXTENSION
from app.conversation import Conversation, backlinks_among
from app.errors import BadRequest, NotFound, Unavailable
from app.markup import parse
from app.model import (
    BoardSummary,
    Media,
    Post,
    PostId,
    PostPage,
    Thread,
    ThreadCounts,
    ThreadPage,
    ThreadPreview,
)
from app.search import Query
from app.search.outcome import SearchResult
from app.settings import AppSettings, BoardSettings, MediaSettings, Settings

HASH = "/+aB09cdEFghIJklMNopQg=="
V1 = "/api/v1/boards"

PICTURE = Media(
    hash=HASH,
    filename="cat & mouse.png",
    image="1366825828123.png",
    thumb="1366825828123s.jpg",
    original="1366825828123.png",
    width=800,
    height=600,
    size=12345,
    thumb_width=250,
    thumb_height=187,
    spoiler=False,
    banned=False,
)
BANNED = msgspec.structs.replace(PICTURE, banned=True)


def post(num: int, subnum: int = 0, *, board: str = "g", thread: int = 100, **facts: Any) -> Post:
    values: dict[str, Any] = dict.fromkeys(
        (
            "expired",
            "name",
            "trip",
            "subject",
            "email",
            "capcode",
            "poster_hash",
            "country",
            "comment",
            "exif",
        )
    )
    values |= {"deleted": False, "sticky": False, "locked": False, "media": None, "time": 1_366_825_828 + num}
    values |= facts
    op = num == thread and not subnum
    return Post(board=board, doc_id=num, num=num, subnum=subnum, thread_num=thread, op=op, **values)


OP = post(100, subject="<b>", comment="first\nsecond", media=PICTURE, exif='{"uniqueIps":"7"}', name="A\0\x1f")
REPLY = post(101, comment=">>100 yes\n>>555\n>>200\n>>>/λ/5\n>>>/zz/9 [spoiler]x[/spoiler]", media=BANNED)
GHOST = post(101, 1, comment=">>101", exif='{"since4pass":2016,"troll_country_code":"JH","troll_country_name":"J"}')
HTML = post(5, board="λ", thread=5, comment='<p>a <strong>b</strong></p><script>x</script><a onclick="y">c</a>')
POSTS = (OP, REPLY, GHOST, HTML)


class FakeArchive:
    """The archive as the API knows it, with two boards and one thread; `asked` is what it was asked for."""

    def __init__(self, url: str = "", media: bool = True) -> None:
        self.settings = Settings(app=AppSettings(url=url), media=MediaSettings(enabled=media))
        self.asked: dict[str, Any] = {}
        self.posts: tuple[Post, ...] = POSTS
        self.ill: Exception | None = None
        self.newer: str | None = None

    @property
    def boards(self) -> dict[str, BoardSummary]:
        return {
            "g": BoardSummary("g", "Technology", True, 3, 1, 1_366_825_929),
            "λ": BoardSummary("λ", "λ", True, 1, 1, None),
            "new": BoardSummary("new", "new", False, None, None, None),
        }

    def board(self, name: str) -> Any:
        if name == "new":
            raise Unavailable("This board is not available yet.", retry_after=30)
        if name not in self.boards:
            raise NotFound("There is no such board.")
        return SimpleNamespace(name=name, settings=BoardSettings(comments="html" if name == "λ" else "bbcode"))

    async def ping(self) -> None:
        if self.ill is not None:
            raise self.ill

    async def threads(self, board: Any, **asked: Any) -> ThreadPage:
        self.asked = asked
        if asked["before"] == "bad":
            raise BadRequest('The parameter "before" is not a cursor.')
        preview = ThreadPreview("g", 100, OP, (REPLY, GHOST), ThreadCounts(9, 4), 7, True, False, 6, 2, "c1")
        return ThreadPage("g", asked["order"], (preview,), 1, 3, "older-cursor", self.newer)

    async def catalog(self, board: Any, **asked: Any) -> ThreadPage:
        return await self.threads(board, **asked)

    async def thread(self, board: Any, num: int, *, after: PostId | None) -> Thread:
        self.asked = {"num": num, "after": after}
        if num != 100:
            raise NotFound("This thread is not in the archive.")
        posts = tuple(found for found in self.posts if found.board == board.name)
        return Thread("g", 100, posts, ThreadCounts(3, 2), False, True, 1_366_825_929, 0, PostId(101, 1))

    async def post(self, board: Any, post_id: PostId) -> Post:
        for found in self.posts:
            if (found.board, found.id) == (board.name, post_id):
                return found
        raise NotFound("This post is not in the archive.")

    async def posts_with_media(self, board: Any, media_hash: str, **asked: Any) -> PostPage:
        self.asked = {"hash": media_hash, **asked}
        return PostPage(board.name, (REPLY, OP), PostId(100))

    async def search(self, query: Query, **asked: Any) -> SearchResult:
        self.asked = {"query": query, **asked}
        return SearchResult(query, query.boards or ("g", "λ"), "found", (OP, HTML), 9, False, "2~g.1", 1_366_825_828)

    async def conversation(self, posts: Any) -> Conversation:
        comments = {
            (item.board, item.id): parse(item.comment, self.board(item.board).settings.comments) for item in posts
        }
        threads: dict[Any, int | None] = {(item.board, item.id): item.thread_num for item in posts}
        threads |= {("g", PostId(555)): None, ("g", PostId(200)): 150, ("λ", PostId(5)): 5}
        return Conversation(tuple(posts), comments, backlinks_among(posts, comments), threads, self.boards)


def build_app(archive: FakeArchive) -> Quart:
    app = Quart(__name__, static_folder=None)
    app.extensions[EXTENSION] = archive
    app.register_blueprint(api_blueprint())
    return app

"""A stand-in for the archive, with one hostile thread, and the means to read the pages made of it."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import msgspec
from quart import Quart, Response

from app.assets import assets
from app.context import EXTENSION
from app.conversation import Conversation, backlinks_among
from app.errors import BadRequest, NotFound
from app.labels import label_answers
from app.markup import parse
from app.media import media_blueprint
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
from app.settings import Settings
from app.stats.model import BoardStatistics
from app.web import error_page, pages_blueprint
from app.web.themes import SNIPPET
from tests.support.asgi import Answer, ask

EVIL = "\"'><script>alert(1)</script><!-- & \u202e\x00\ud800"
SHOWN = "\"'><script>alert(1)</script><!-- & \u202e"
TITLE = 'Things & "<stuff>"'
HASH = "/b+d/f/hijklmnopqrstu/=="
NAME = "1366825828123"

MEDIA = Media(
    hash=HASH,
    filename="a very long name of a file " + EVIL + ".jpeg",
    image=f"{NAME}.jpeg",
    thumb=f"{NAME}s.jpg",
    original=f"{NAME}.jpeg",
    width=800,
    height=600,
    size=1536,
    thumb_width=250,
    thumb_height=188,
    spoiler=False,
    banned=False,
)
PLAIN = Post(
    board="g", doc_id=1, num=100, subnum=0, thread_num=100, op=True, time=1366825828, expired=None, name=None,
    trip=None, subject=None, email=None, capcode=None, poster_hash=None, country=None, comment="Hello",
    deleted=False, sticky=False, locked=False, media=None, exif=None,
)  # fmt: skip
OP = msgspec.structs.replace(
    PLAIN, subject=EVIL, name=EVIL, trip=EVIL, poster_hash=EVIL, country=EVIL, capcode="M",
    comment=f"{EVIL}\n>>101,1", media=MEDIA, sticky=True, locked=True,
    exif='{"uniqueIps":"9","Make":"<b>","since4pass":2014,"troll_country_code":"AC","troll_country_name":"<i>"}',
)  # fmt: skip
REPLY = msgspec.structs.replace(
    PLAIN, doc_id=2, num=101, op=False, name="", email="SAGE", country="US", deleted=True, expired=1366825999,
    comment=">>100\n>green", media=MEDIA,
)  # fmt: skip
GHOST = msgspec.structs.replace(
    PLAIN,
    doc_id=3,
    num=101,
    subnum=1,
    op=False,
    email="a@b.example",
    capcode="?",
    comment=">>101 >>7 >>>/x/1",
)
POSTS = (OP, REPLY, GHOST)


class FakeArchive:
    """An archive of one thread, whose answers a test may change."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.posts: Sequence[Post] = POSTS
        self.same: tuple[Post, ...] = (REPLY, OP)
        self.next: PostId | None = None
        self.asked: list[Any] = []
        self.fault: Exception | None = None
        self.numbers: BoardStatistics | None = None
        self.boards = {
            "g": BoardSummary("g", TITLE, True, 1234567, 5, 1366825828),
            "λ": BoardSummary("λ", "λ", True, 1, 1, None),
            "late": BoardSummary("late", "Late", False, None, None, None),
        }

    def board(self, name: str) -> Any:
        if name not in self.boards:
            raise NotFound("There is no such board in this archive.")
        return SimpleNamespace(name=name, settings=SimpleNamespace(comments="bbcode"))

    async def threads(self, board: Any, **asked: Any) -> ThreadPage:
        self.asked.append(asked)
        if self.fault is not None:
            raise self.fault
        first, *replies = self.posts
        preview = ThreadPreview(
            board.name, 100, first, tuple(replies), ThreadCounts(80, 3), first.time, True, False, 77, 2, "c"
        )
        return ThreadPage(board.name, asked.get("order", "bump"), (preview,), asked.get("page"), 9, "old&er", "new")

    catalog = threads

    async def thread(self, board: Any, num: int, *, after: PostId | None = None) -> Thread:
        if num != 100:
            raise NotFound("This thread is not in the archive.")
        posts = tuple(post for post in self.posts if after is None or post.id > after)
        return Thread(board.name, num, posts, ThreadCounts(3, 2), False, False, 1366825999, 0, self.next)

    async def part_before(self, board: Any, num: int, after: PostId) -> PostId | None:
        return None

    async def statistics(self, board: Any, *, patience: float = 2.0) -> BoardStatistics | None:
        return self.numbers

    async def last_posts(self, board: Any, num: int, count: int) -> Thread:
        self.asked.append(count)
        return msgspec.structs.replace(await self.thread(board, num), older_omitted=12)

    async def deleted_posts(self, board: Any, num: int) -> Thread:
        return await self.thread(board, num)

    async def thread_of(self, board: Any, num: int) -> int | None:
        return {101: 100, 300: 300}.get(num)

    async def post(self, board: Any, post_id: PostId) -> Post:
        for post in self.posts:
            if post.id == post_id:
                return post
        raise NotFound("This post is not in the archive.")

    async def posts_with_media(self, board: Any, media_hash: str, *, before: PostId | None = None) -> PostPage:
        self.asked.append(media_hash)
        if len(media_hash) != 22:
            raise BadRequest("This is not the MD5 of a file in base64.")
        return PostPage(board.name, self.same, PostId(100))

    def visible_file(self, board: Any, name: str) -> bool:
        return False

    async def conversation(self, posts: Sequence[Post]) -> Conversation:
        comments = {(post.board, post.id): parse(post.comment, "bbcode") for post in posts}
        threads: dict[Any, int | None] = {(post.board, post.id): post.thread_num for post in posts}
        threads["g", PostId(7)] = None
        return Conversation(tuple(posts), comments, backlinks_among(posts, comments), threads, self.boards)


def app_of(archive: FakeArchive) -> Quart:
    app = Quart(__name__, static_folder=None, template_folder=None)
    label_answers(app)
    app.url_map.merge_slashes = False
    app.extensions[EXTENSION] = archive
    app.register_blueprint(media_blueprint())
    app.register_blueprint(pages_blueprint())

    async def answer_error(error: Exception) -> Response:
        return error_page(error)

    app.register_error_handler(Exception, answer_error)
    return app


def document(answer: Answer) -> Element:
    """The page, which must be free of any fault that HTML knows."""
    html = answer.body.decode()
    root: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    return root


async def page(app: Quart, address: str, status: int = 200) -> Element:
    answer = await ask(app, address)
    assert answer.status == status
    return document(answer)


def having(root: Element, classes: str) -> list[Element]:
    """Elements whose class attribute is exactly this."""
    return [element for element in root.iter() if element.get("class") == classes]


def one(root: Element, classes: str) -> Element:
    (element,) = having(root, classes)
    return element


def is_own_script(element: Element) -> bool:
    """Whether this is one of the scripts that pages may run."""
    if element.tag != "script":
        return False
    given = {"type": "module", "src": f"/static/koiwai.js?v={assets()['koiwai.js'].version}"}
    return (element.attrib == given and not element.text) or (element.attrib == {} and element.text == SNIPPET)


def text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())

"""`/api/v1/search`: what it takes, what it answers, and how a program walks through it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from quart import Quart

from app.api.search_fields import SEARCH_FIELDS
from app.errors import Unavailable
from tests.support.asgi import ask
from tests.support.fake_archive import FakeArchive, build_app
from tests.support.stage import NOON, Running, Stage, stage

__all__ = ["stage"]

SEARCH = "/api/v1/search"


@pytest.fixture
def archive() -> FakeArchive:
    return FakeArchive()


@pytest.fixture
def app(archive: FakeArchive) -> Quart:
    return build_app(archive)


def fill(stage: Stage) -> None:
    stage.board("g")
    stage.board("h", comments="html")
    stage.posts(
        *(
            {"num": num, "thread_num": 1, "comment": f"[b]Router[/b] number {num}\n>>1 is a router too."}
            for num in range(1, 10)
        )
    )
    stage.posts(
        {"num": 5, "thread_num": 5, "timestamp": NOON + 5, "comment": "<p>A <em>router</em></p><p>&lt;b&gt;</p>"},
        {"num": 6, "thread_num": 5, "timestamp": NOON + 600, "comment": "<p>switch</p>"},
        board="h",
    )
    stage.post(20, comment=None, name="Router")


def places(answer: Any) -> list[tuple[str, int]]:
    return [(hit["post"]["board"], hit["post"]["num"]) for hit in answer["hits"]]


async def walked(running: Running, address: str) -> list[Any]:
    """All answers from an address on, by the header Link."""
    found, target = [], address
    while target:
        answer = await running.ask(target)
        found.append(answer.json)
        link = re.fullmatch(r'<(\?[^>]+)>; rel="next"', answer.headers.get("link", ""))
        assert bool(link) == (answer.json["cursor"] is not None)
        target = "" if link is None else SEARCH + link[1]
    return found


async def test_a_program_walks_through_it(stage: Stage) -> None:
    fill(stage)
    async with stage.running() as running:
        answers = await walked(running, f"{SEARCH}?text=router&limit=4")
        hits = [place for answer in answers for place in places(answer)]
        assert sorted(hits[4:6]) == [("g", 5), ("h", 5)]  # of the same second
        assert hits[:4] + hits[6:] == [("g", num) for num in (9, 8, 7, 6, 4, 3, 2, 1)]
        assert [len(answer["hits"]) for answer in answers] == [4, 4, 2]
        assert {answer["outcome"] for answer in answers} == {"found"}
        assert {(answer["total"], answer["exact"]) for answer in answers} == {(10, True)}
        assert list(answers[0]) == ["outcome", "about", "boards", "total", "exact", "reached", "hits", "cursor"]
        assert answers[0]["boards"] == ["g", "h"]
        assert answers[0]["about"] == "Posts on all boards with “router” in the comment"

        up = await walked(running, f"{SEARCH}?text=router&limit=7&order=asc&boards=g")
        assert [place for answer in up for place in places(answer)] == [("g", num) for num in range(1, 10)]
        second = (await running.ask(f"{SEARCH}?text=router&boards=g&limit=4&page=2")).json
        assert [num for _, num in places(second)] == [5, 4, 3, 2]
        assert places(second) == places((await walked(running, f"{SEARCH}?text=router&boards=g&limit=4"))[1])
        following = (await running.ask(f"{SEARCH}?text=router&boards=g&limit=4&page=2")).headers["link"]
        assert "page" not in following and "cursor" in following

        threads = (await running.ask(f"{SEARCH}?text=router&results=thread&boards=g,h")).json
        assert sorted(places(threads)) == [("g", 1), ("h", 5)]
        none = (await running.ask(f"{SEARCH}?text=nobody&boards=h")).json
        assert (none["outcome"], none["total"], none["hits"], none["cursor"]) == ("nothing found", 0, [], None)


async def test_snippets_fields_and_rendered_comments(stage: Stage) -> None:
    fill(stage)
    async with stage.running() as running:
        html = (await running.ask(f"{SEARCH}?text=router&boards=h")).json["hits"][0]
        assert html["snippet"] == {"text": "A router <b>", "words": [[2, 8]]}
        assert html["post"]["comment"].startswith("A [i]router[/i]")
        hit = (await running.ask(f"{SEARCH}?num=9&text=router&fields=num&rendered=1")).json["hits"][0]
        assert hit["snippet"] == {"text": "Router number 9 >>1 is a router too.", "words": [[0, 6], [25, 31]]}
        assert list(hit["post"]) == ["num", "rendered"]
        assert hit["post"]["rendered"]["quotes"][0]["state"] == "thread"
        bare = (await running.ask(f"{SEARCH}?username=router")).json["hits"][0]
        assert (bare["post"]["num"], bare["snippet"]) == (20, {"text": "", "words": []})


async def test_a_cursor_of_another_search_and_a_board_without_a_table(stage: Stage) -> None:
    fill(stage)
    async with stage.running() as running:
        for cursor in ("x", "5", "1~ck.5", "1~g.99999999999"):
            answer = await running.ask(f"{SEARCH}?text=router&boards=g&cursor={quote(cursor)}", 400)
            assert '"cursor"' in answer.json["error"]["message"]
    stage.boards["ck"] = stage.boards["g"]
    async with stage.running(validate_boards_db=False) as running:
        assert (await running.ask(f"{SEARCH}?text=router")).json["boards"] == ["g", "h"]
        away = await running.ask(f"{SEARCH}?text=router&boards=ck", 503)
        assert away.headers["retry-after"] == "30"


async def test_what_the_archive_is_asked(app: Quart, archive: FakeArchive) -> None:
    assert (await ask(app, f"{SEARCH}?text=a&text=b")).status == 400
    answer = await ask(app, f"{SEARCH}?type=posts&boards=%CE%BB.g&order=asc&limit=250&cursor=1~g.5")
    assert answer.status == 200
    query = archive.asked.pop("query")
    assert query.pairs() == [("boards", "λ.g"), ("type", "reply"), ("order", "asc")]
    assert archive.asked == {"limit": 250, "cursor": "1~g.5", "page": 1}
    await ask(app, f"{SEARCH}?text=a&page=200")
    assert (archive.asked["limit"], archive.asked["cursor"], archive.asked["page"]) == (25, None, 200)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        *(("", "field"), ("?boards=g", "field"), ("?order=asc&results=thread", "field"), ("?limit=5", "field")),
        *(("?text=", "text"), ("?text=+&username=a", "text"), ("?text=a&boards=g,", "boards")),
        *(("?text=a&boards=zz", "boards"), ("?text=a&boards=,", "boards"), ("?text=a&board=g", "board")),
        *(("?txt=a", "txt"), ("?text=a&order=newest", "order"), ("?text=a&results=threads", "results")),
        *(("?text=a&limit=251", "limit"), ("?text=a&page=201", "page"), ("?text=a&page=1&cursor=x", "cursor")),
        *(("?width=wide", "Width"), ("?width=5k", "Width"), ("?image=abc", "Hash"), ("?tnum=%3E5", "Thread number")),
        *(("?start=2021-02-30", "start"), ("?start=2022&end=2021", "start"), ("?op=a&type=op", "op")),
        *(("?num=99999999999", "Post number"), ("?file=yes", "with or without"), ("?text=%00", "character")),
        *(("?text=%ED%A0%80%00", "text"), (f"?text={'a' * 5000}", "500"), ("?text=-a+|+-b", "alternative")),
    ],
)
async def test_mistakes_are_named(app: Quart, asked: str, named: str) -> None:
    answer = await ask(app, SEARCH + asked)
    assert answer.status == 400
    assert answer.headers["access-control-allow-origin"] == "*"
    message = answer.json["error"]["message"]
    assert named in message and message.endswith(".")


async def test_it_is_answered_like_the_rest(app: Quart, archive: FakeArchive, monkeypatch: Any) -> None:
    target = f"{SEARCH}?text=first&rendered=1"
    whole = await ask(app, target, headers={"Accept-Encoding": "gzip"})
    assert whole.status == 200 and whole.headers["content-encoding"] == "gzip"
    assert whole.headers["access-control-allow-origin"] == "*"
    assert whole.headers["link"] == '<?text=first&rendered=1&cursor=2~g.1>; rel="next"'
    again = await ask(app, target, headers={"If-None-Match": whole.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert (await ask(app, target, method="HEAD")).body == b""

    conversations = []
    read = archive.conversation

    async def counted(posts: Any) -> Any:
        conversations.append(len(posts))
        return await read(posts)

    monkeypatch.setattr(archive, "conversation", counted)
    await ask(app, target)
    assert conversations == [2]

    async def away(*_: Any, **__: Any) -> None:
        raise Unavailable("Too many searches are running at the moment.", retry_after=7)

    monkeypatch.setattr(archive, "search", away)
    answer = await ask(app, target)
    assert (answer.status, answer.headers["retry-after"]) == (503, "7")
    assert answer.json["error"]["message"] == "Too many searches are running at the moment."


GOOD = {
    "width": ["5", ">=5", "<= 5", "=5"],
    "size": ["5", ">5k", "<=2MiB", "1GB", "7b"],
    "tnum": ["5", "=5"],
    "start": ["2021", "2021-3", "2021/03/04", "2021-03-04 15:30", "2021-03-04T15:30:01Z"],
    "extension": ["webm", ".PNG"],
    "image": ["CdsWDPNH2-bTYx8Uhpv0Sg", "CdsWDPNH2+bTYx8Uhpv0Sg=="],
}
BAD = {
    "width": ["", "5k", "a", "≥5", "5-6", "1234567890123"],
    "size": ["5x", "k", "5kk"],
    "tnum": [">=5", "-5"],
    "start": ["21", "2021-03-", "2021-03-04 15", "yesterday"],
    "extension": ["a b", "..png", "é"],
    "image": ["CdsWDPNH2", "CdsWDPNH2*bTYx8Uhpv0Sg"],
    "since4pass": ["1999", "16"],
}


def test_the_document_says_what_the_fields_take() -> None:
    for parameter in SEARCH_FIELDS:
        kind, pattern = parameter.field.kind, re.compile(parameter.schema().get("pattern", ".*"))
        good = [*GOOD.get(parameter.name, []), parameter.field.example or kind.options[0][0]]
        for value in good:
            assert pattern.search(value.replace("= ", "=")), (parameter.name, value)
            kind.read(value)
        for value in BAD.get(parameter.name, []):
            assert pattern.search(value) is None, (parameter.name, value)
            with pytest.raises(ValueError, match=r"^(must|is) "):
                kind.read(value)
        assert parameter.field.label in parameter.description

"""The parameter `fields`: posts with only what was asked for, and work that is not done for the rest."""

from __future__ import annotations

from typing import Any

import pytest
from quart import Quart

from app.api import posts, shaping
from app.api.shapes import PostShape
from tests.support.asgi import ask
from tests.support.fake_archive import HASH, V1, FakeArchive, build_app

ALL = [name for name in PostShape.__struct_fields__ if name != "rendered"]


@pytest.fixture
def archive() -> FakeArchive:
    return FakeArchive()


@pytest.fixture
def app(archive: FakeArchive) -> Quart:
    return build_app(archive)


@pytest.mark.parametrize("place", ["threads", "catalog", "threads/100", "posts/100", f"media/{HASH}"])
async def test_posts_have_these_fields_and_no_others(app: Quart, place: str) -> None:
    async def found(query: str) -> list[Any]:
        answer = (await ask(app, f"{V1}/g/{place}{query}")).json
        if "threads" in answer:
            return [post for thread in answer["threads"] for post in (thread["op"], *thread["replies"])]
        listed: list[Any] = answer.get("posts", [answer])
        return listed

    whole = await found("")
    assert all(list(post) == ALL for post in whole)
    part = await found("?fields=comment,num,time")
    assert part == [{name: post[name] for name in ("num", "time", "comment")} for post in whole]
    assert all(list(post) == ["num", "time", "comment"] for post in part)
    for name in ALL:
        assert await found(f"?fields={name}") == [{name: post[name]} for post in whole]


async def test_what_is_around_the_posts_stays(app: Quart) -> None:
    whole, part = [(await ask(app, f"{V1}/g/threads/100{query}")) for query in ("", "?fields=num")]
    assert {**part.json, "posts": 0} == {**whole.json, "posts": 0}
    assert part.headers["last-modified"] == whole.headers["last-modified"]
    assert part.headers["etag"] != whole.headers["etag"]


async def test_rendered_comes_by_either_way_of_asking(app: Quart) -> None:
    async def post(query: str) -> Any:
        return (await ask(app, f"{V1}/g/posts/100?{query}")).json

    named, flagged = await post("fields=num,rendered"), await post("fields=num&rendered=1")
    assert named == flagged
    assert list(named) == ["num", "rendered"]
    assert list(await post("fields=num&rendered=0")) == ["num"]


@pytest.mark.parametrize(
    ("value", "named"),
    [
        *(("nothing", '"nothing"'), ("num,", '""'), ("num,num", '"num" twice'), ("Num", '"Num"')),
        *(("num%20", '"num "'), ("media.hash", '"media.hash"'), ("x" * 99, f'"{"x" * 50}"')),
        *(("", "with a value"), ("num&fields=time", "once")),
    ],
)
async def test_unknown_fields_are_named(app: Quart, value: str, named: str) -> None:
    answer = await ask(app, f"{V1}/g/threads/100?fields={value}")
    assert answer.status == 400
    assert named in answer.json["error"]["message"]
    assert "fields" in answer.json["error"]["message"]


async def test_what_is_not_asked_for_is_not_worked_out(
    app: Quart, archive: FakeArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def watch(module: Any, name: str) -> None:
        original = getattr(module, name)

        def watched(*arguments: Any, **named: Any) -> Any:
            if arguments != (None,):
                done.append(name)
            return original(*arguments, **named)

        monkeypatch.setattr(module, name, watched)

    watch(posts, "tagged_comment")
    watch(shaping, "media_shape")
    watch(shaping, "read_exif")
    watch(archive, "conversation")

    async def work(query: str) -> set[str]:
        done.clear()
        assert (await ask(app, f"{V1}/g/posts/100{query}")).status == 200
        return set(done)

    assert await work("?fields=num,time") == set()
    assert await work("?fields=comment") == {"tagged_comment"}
    assert await work("?fields=media") == {"media_shape"}
    assert await work("?fields=flag") == await work("?fields=unique_ips") == {"read_exif"}
    assert await work("?fields=rendered") == {"conversation"}
    assert await work("") == {"tagged_comment", "media_shape", "read_exif"}

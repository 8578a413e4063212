"""FoolFuuka's addresses of pages: old links and forms still arrive."""

from __future__ import annotations

import pytest
from quart import Quart

from tests.support.asgi import Answer, ask
from tests.support.pages import HASH, FakeArchive, app_of, document, having, one, page, text


@pytest.fixture
def archive() -> FakeArchive:
    return FakeArchive()


@pytest.fixture
def app(archive: FakeArchive) -> Quart:
    return app_of(archive)


async def led(app: Quart, address: str, headers: dict[str, str] | None = None, root_path: str = "") -> str:
    answer = await ask(app, address, headers=headers or {}, root_path=root_path)
    assert answer.status == 302, address
    assert "set-cookie" not in answer.headers
    return answer.headers["location"]


@pytest.mark.parametrize("slash", ["", "/"])
async def test_orders_are_part_of_the_address(app: Quart, slash: str) -> None:
    assert await led(app, f"/g/page_mode/by_post{slash}") == "/g/"
    assert await led(app, f"/g/page_mode/by_thread{slash}") == "/g/?order=creation"
    for missing in ("/g/page_mode/by_luck/", "/nowhere/page_mode/by_post/"):
        assert (await ask(app, missing + slash.strip("/"))).status == 404


CAME_FROM = {
    "": "/?",
    "http://archive.example/g/thread/100/": "/g/thread/100/?",
    "http://archive.example/g/search/?text=a%26b&theme=old": "/g/search/?text=a%26b&",
    "http://other.example/g/": "/?",
    "http://archive.example//other.example/": "/?",
    "http://archive.example/\\other.example/": "/?",
    "http://archive.example:81/g/": "/?",
    "http://archive.example/%CE%BB/": "/%CE%BB/?",
    "http://archive.example/é/": "/?",
    "http://[": "/?",
    "javascript:alert(1)": "/?",
}


@pytest.mark.parametrize(("referer", "back"), CAME_FROM.items())
async def test_themes_and_languages_are_part_of_the_address(app: Quart, referer: str, back: str) -> None:
    headers = {"Referer": referer} if referer else {}
    for address, chosen in {
        "/_/theme/foolz/foolfuuka-theme-foolfuuka/midnight/": "theme=midnight",
        "/_/theme/foolz/foolfuuka-theme-fuuka": "theme=foolfuuka-theme-fuuka",
        "/_/theme/foolz/x/%26%0dy%23:z": "theme=%26%0Dy%23%3Az",
        "/_/theme/foolz/x/midnight/y/z": "theme=midnight",
    }.items():
        assert await led(app, address, headers) == back + chosen
    assert (await led(app, "/_/language/fr_FR/", headers)).endswith("language=fr_FR")


async def test_a_sub_path_stays(app: Quart) -> None:
    headers = {"Referer": "http://archive.example/x/g/"}
    assert await led(app, "/_/theme/a/b/c/", headers, "/x") == "/x/g/?theme=c"
    assert await led(app, "/_/theme/a/b/c/", {"Referer": "http://archive.example/y/"}, "/x") == "/x/?theme=c"
    assert await led(app, "/g/page_mode/by_thread/", root_path="/x") == "/x/g/?order=creation"


async def test_fuuka_s_numbers_of_threads(app: Quart) -> None:
    assert having(await page(app, "/g/thread/S100/"), "thread_counts")
    for words in ("some-words", "some-words/", "a/b"):
        assert await led(app, f"/g/thread/100/{words}") == "/g/thread/100/"
    await page(app, "/g/thread/x/some-words", 404)
    for wrong in ("SS100", "100S", "S", "S0"):
        await page(app, f"/g/thread/{wrong}/", 404)


WRITTEN = {
    "%3E%3E101": "101",
    "No.101": "101",
    "p101": "101",
    "101%20": "101",
    "%3E%3E101,1": "101_1",
    "post/101_1": "101_1",
    "%3E%3E999": "999",
}


@pytest.mark.parametrize(("written", "number"), WRITTEN.items())
async def test_numbers_of_posts_as_people_write_them(app: Quart, written: str, number: str) -> None:
    assert await led(app, f"/g/post/{written}") == f"/g/post/{number}/"
    assert await led(app, f"/g/post/{written}/") == f"/g/post/{number}/"


async def test_numbers_that_are_none(app: Quart) -> None:
    for wrong in ("none", "99999999999", "x0", "2147483648", "%3E%3E99999999999999999999"):
        await page(app, f"/g/post/{wrong}/", 404)


async def post(app: Quart, body: str) -> Answer:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    return await ask(app, "/g/post/", method="POST", headers=headers, body=body.encode())


async def test_the_form_of_a_post_s_number(app: Quart) -> None:
    for typed, number in {"101": "101", "%3E%3E101%2C1": "101_1", "+No.+101+": "101"}.items():
        answer = await post(app, f"post={typed}")
        assert (answer.status, answer.headers["location"]) == (302, f"/g/post/{number}/")
    for wrong in ("post=", "post=none", "other=101"):
        assert (await post(app, wrong)).status == 404
    assert (await post(app, "post=" + "1" * 70_000)).status == 400
    await page(app, "/g/post/", 404)
    await page(app, "/g/post", 404)


async def test_last_posts_need_a_number(app: Quart) -> None:
    for wrong in ("0", "x", "-1", "999999999999"):
        await page(app, f"/g/last/{wrong}/100/", 404)


@pytest.mark.parametrize("written", [HASH, HASH[:22], "_b-d_f_hijklmnopqrstu_"])
async def test_pages_behind_a_hash(app: Quart, archive: FakeArchive, written: str) -> None:
    for ending in ("/1", "/1/", "/0"):
        root = await page(app, f"/g/image/{written}{ending}")
        assert [article.get("id") for article in root.iter("article")] == [None, "101", "100"]
    assert {asked.replace("/", "_").replace("+", "-") for asked in archive.asked} == {"_b-d_f_hijklmnopqrstu_"}
    assert await led(app, f"/g/image/{written}/2") == "/g/search/?image=_b-d_f_hijklmnopqrstu_&page=2"
    assert await led(app, f"/g/image/{written}/03/") == "/g/search/?image=_b-d_f_hijklmnopqrstu_&page=3"


async def test_errors_are_honest_and_look_like_foolfuuka_s(app: Quart) -> None:
    for address in ("/g/thread/7/", "/g/post/7/", "/nowhere/", "/g/last/0/100/", "/g/full_image/x/"):
        root = await page(app, address, 404)
        assert text(one(one(root, "alert"), "alert-heading")) == "Not found"
        assert not list(root.iter("article")) and not list(root.iter("time"))


async def test_each_reply_has_its_stub(app: Quart) -> None:
    for address in ("/g/thread/100/", "/g/", f"/g/image/{HASH[:22]}"):
        root = document(await ask(app, address))
        (listed,) = having(root, "posts")
        children = list(listed)
        assert len(children) % 2 == 0 and children
        for stub, article in zip(children[::2], children[1::2], strict=True):
            (button,) = stub
            assert stub.get("class") == f"post stub stub_doc_id_{article.get('data-doc-id')}"
            assert stub.get("hidden") is not None
            assert (button.tag, button.get("type"), button.get("data-function")) == ("button", "button", "showPost")
            for name in ("data-board", "data-thread-num"):
                assert button.get(name) == article.get(name)
            assert text(button) == "Show post"

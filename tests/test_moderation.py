"""What moderators took away stays away: removed posts that scrapers put back, and banned pictures by any name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app import moderation as moderation_module
from tests.support.stage import NOON, Running, Stage, stage

__all__ = ["stage"]

HASH, OTHER = "AbCdEfGhIjKlMnOpQrStUw==", "ZyXwVuTsRqPoNmLkJiHgFg=="
TWIN = HASH.swapcase()
SECRET = "a moderator took this away"


def _file(num: int, media_hash: str = HASH, **columns: Any) -> dict[str, Any]:
    """Columns of a post's file whose server names hold the post's number."""
    return {"media_hash": media_hash, "media_orig": _name(num), "preview_orig": _name(num, "s"), **columns}


def _name(num: int, mark: str = "", ending: str = "jpg") -> str:
    return f"{1657627200000 + num}{mark}.{ending}"


def _remove(stage: Stage, num: int, thread_num: int, subnum: int = 0) -> None:
    """The row a moderator's removal leaves behind."""
    removed = {"num": num, "thread_num": thread_num, "subnum": subnum, "timestamp": NOON, "timestamp_expired": 0}
    stage.add("g_deleted", {**removed, "op": 0, "comment": SECRET})


def _image(stage: Stage, media_id: int, media_hash: str, num: int, **columns: Any) -> None:
    stage.add(
        "g_images",
        {"media_id": media_id, "media_hash": media_hash, "media": _name(num), "preview_reply": _name(num, "s"),
         **columns},
    )  # fmt: skip


def _save(media: Path, *names: str) -> None:
    for name in names:
        kind = "thumb" if "s." in name else "image"
        path = media / "g" / kind / name[:4] / name[4:6] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"the picture " + name.encode())


async def _served(app: Running, names: Mapping[str, bool]) -> None:
    """Asks for each file by its name, whether or not a page links it."""
    for name, served in names.items():
        kind = "thumb" if "s." in name else "image"
        answer = await app.ask(f"/g/{kind}/{name[:4]}/{name[4:6]}/{name}", 200 if served else 404)
        assert (answer.body == b"the picture " + name.encode()) == served


async def _everything(app: Running) -> str:
    """All pages and answers that might tell of a post of thread 100."""
    addresses = (
        "/g/", "/g/ghost/", "/g/catalog/", "/g/gallery/", "/g/thread/100/", "/g/last/50/100/", "/g/deleted/100/",
        "/api/v1/boards/g/threads?rendered=1&replies=10", "/api/v1/boards/g/threads/100?rendered=1",
        "/api/v1/boards/g/catalog?rendered=1", "/api/v1/boards/g/threads?order=ghost&rendered=1",
    )  # fmt: skip
    return "\n".join([await app.text(address) for address in addresses])


async def test_a_removed_post_that_came_back_is_shown_nowhere(stage: Stage) -> None:
    stage.board()
    stage.posts(*({"num": num, "thread_num": 100} for num in (100, 101, 103)))
    stage.post(102, 100, comment=f"{SECRET} >>101", name="removedname", deleted=1, **_file(102))
    stage.post(104, 100, comment=">>102\n>>101")
    stage.post(104, 100, subnum=1, comment=f"{SECRET} >>100", name="removedname")
    stage.post(104, 100, subnum=2, comment=">>104,1")
    stage.post(105, 100, **_file(105))
    stage.threads({"thread_num": 100, "time_ghost_bump": NOON + 1000})
    _remove(stage, 102, 100)
    _remove(stage, 104, 100, 1)
    async with stage.running() as app:
        said = await _everything(app)
        assert "removedname" not in said
        assert SECRET not in said
        thread = await app.json("/threads/100?rendered=1")
        ids = [(post["num"], post["subnum"]) for post in thread["posts"]]
        assert ids == [(100, 0), (101, 0), (103, 0), (104, 0), (104, 2), (105, 0)]
        quoting = {(post["num"], post["subnum"]): post["rendered"] for post in thread["posts"]}
        assert [quote["state"] for quote in quoting[104, 0]["quotes"]] == ["dead", "here"]
        assert [quote["state"] for quote in quoting[104, 2]["quotes"]] == ["dead"]
        assert quoting[101, 0]["backlinks"] == ["104"]
        assert quoting[100, 0]["backlinks"] == []
        alone = await app.json("/posts/104?rendered=1")
        assert [quote["state"] for quote in alone["rendered"]["quotes"]] == ["dead", "thread"]
        for address in ("/posts/102", "/posts/104_1", "/threads/102"):
            await app.json(address, 404)
        for address in ("/g/post/102/", "/g/post/104_1/", "/g/thread/102/", "/g/last/5/102/", "/g/deleted/102/"):
            await app.ask(address, 404)
        assert await app.nums(f"/media/{HASH}") == [105]
        # It is neither counted nor called omitted, and its place goes to another reply.
        assert (thread["posts_count"], thread["images_count"]) == (6, 1)
        (listed,) = (await app.json("/threads?replies=2"))["threads"]
        assert [post["num"] for post in listed["replies"]] == [104, 105]
        assert (listed["posts"], listed["images"], listed["omitted"], listed["omitted_images"]) == (6, 1, 3, 0)
        (listed,) = (await app.json("/threads?replies=10"))["threads"]
        assert (len(listed["replies"]), listed["omitted"]) == (5, 0)
        assert [post.num for post in (await app.archive.last_posts(app.board(), 100, 3)).posts] == [100, 104, 104, 105]


async def test_a_removed_opening_post(stage: Stage) -> None:
    stage.board()
    stage.posts({"num": 100, "thread_num": 100, "comment": SECRET}, {"num": 200, "thread_num": 200, "comment": SECRET})
    stage.posts(*({"num": 100 + place, "thread_num": 100} for place in range(1, 9)))
    stage.post(300)
    stage.threads(*({"thread_num": num} for num in (100, 200, 300)))
    _remove(stage, 100, 100)
    _remove(stage, 200, 200)
    async with stage.running() as app:
        assert SECRET not in await _everything(app)
        await app.json("/threads/200", 404)
        await app.ask("/g/thread/200/", 404)
        assert await app.nums("/threads/100") == list(range(101, 109))
        for address in ("/threads?replies=2", "/catalog"):
            listed = (await app.json(address))["threads"]
            assert [(thread["num"], thread["op"]["num"]) for thread in listed] == [(300, 300), (100, 101)]
            assert listed[1]["posts"] == 8
        listed = (await app.json("/threads?replies=2"))["threads"][1]
        assert ([post["num"] for post in listed["replies"]], listed["omitted"]) == ([107, 108], 5)
        _remove(stage, 300, 300)
        await app.board().refresh()
        assert (await app.ask("/api/v1/boards/g")).json["newest"] == NOON + 108


async def test_a_removal_while_running(stage: Stage) -> None:
    stage.board()
    stage.posts(*({"num": num, "thread_num": 100} for num in (100, 101, 102)))
    stage.threads({"thread_num": 100})
    async with stage.running() as app:
        assert await app.nums("/threads/100") == [100, 101, 102]
        _remove(stage, 102, 100)
        await app.board().refresh()
        assert await app.nums("/threads/100") == [100, 101]
        assert (await app.json("/threads"))["threads"][0]["posts"] == 2


async def test_many_removed_posts_in_pieces(stage: Stage) -> None:
    """More than a statement is asked to leave out; the list of posts with one file still goes on behind them."""
    stage.board()
    nums = range(101, 801)
    stage.posts({"num": 100, "thread_num": 100, "comment": "Kept.", **_file(100)})
    stage.posts(*({"num": num, "thread_num": 100, "comment": SECRET, **_file(num)} for num in nums))
    stage.posts({"num": 900, "thread_num": 100, "comment": "Kept.", **_file(900)})
    stage.threads({"thread_num": 100})
    row = {"thread_num": 100, "subnum": 0, "op": 0, "timestamp": NOON, "timestamp_expired": 0, "comment": SECRET}
    stage.add("g_deleted", *({"num": num, **row} for num in nums))
    async with stage.running() as app:
        assert SECRET not in await _everything(app)
        thread = await app.json("/threads/100")
        assert [post["num"] for post in thread["posts"]] == [100, 900]
        assert thread["posts_count"] == (await app.json("/threads"))["threads"][0]["posts"] == 2
        found, target = [], f"/media/{HASH}?limit=100"
        page = await app.json(target)
        for _ in range(8):
            found += [post["num"] for post in page["posts"]]
            if page["older"] is None:
                break
            page = await app.json(f"{target}&before={page['older']}")
        assert page["older"] is None
        assert found == [900, 100]


async def test_a_banned_picture_is_neither_linked_nor_served(stage: Stage) -> None:
    stage.board()
    _image(stage, 1, HASH, 101, preview_op=_name(100, "s"), banned=1, total=3)
    _image(stage, 2, OTHER, 103)
    stage.posts(
        {"num": 100, "thread_num": 100, "media_id": 1, **_file(100)},
        {"num": 101, "thread_num": 100, "media_id": 1, **_file(101)},
        {"num": 102, "thread_num": 100, "media_id": 1, **_file(102)},
        {"num": 103, "thread_num": 100, "media_id": 2, **_file(103, OTHER)},
    )
    stage.threads({"thread_num": 100})
    names = {_name(num, mark): num == 103 for num in (100, 101, 102, 103) for mark in ("", "s")}
    _save(stage.media, *names)
    async with stage.running() as app:
        for post in (await app.json("/threads/100"))["posts"]:
            banned = post["num"] != 103
            assert (post["media"]["banned"], post["media"]["image"] is None) == (banned, banned)
            assert (post["media"]["thumb"] is None) == banned
        said = (await _everything(app)) + await app.text(f"/g/image/{HASH[:22]}/")
        for name, served in names.items():
            assert (f"/{name}" in said) == served
        await _served(app, names)
        stage.execute('UPDATE "g_images" SET banned = 0 WHERE media_id = 1')
        await app.board().refresh()
        await _served(app, dict.fromkeys(names, True))


async def test_a_picture_banned_on_all_boards(stage: Stage) -> None:
    """FoolFuuka's list knows hashes only; the file's names come from posts and pictures, gone posts' included."""
    stage.board()
    stage.execute('CREATE TABLE "ff_banned_md5" (md5 varchar(25) PRIMARY KEY)')
    stage.add("ff_banned_md5", {"md5": HASH}, {"md5": "NeverSeenHereAtAllAAAA=="})
    _image(stage, 1, HASH, 90)  # of a post that is gone
    _image(stage, 2, OTHER, 102)
    stage.posts(
        {"num": 101, "thread_num": 101, "media_id": 1, **_file(101)},
        {"num": 102, "thread_num": 101, "media_id": 2, **_file(102, OTHER)},
    )
    stage.threads({"thread_num": 101})
    names = {_name(num, mark): num == 102 for num in (90, 101, 102) for mark in ("", "s")}
    _save(stage.media, *names)
    async with stage.running() as app:
        assert [post["media"]["banned"] for post in (await app.json("/threads/101"))["posts"]] == [True, False]
        await _served(app, names)


@pytest.mark.parametrize("writer", ["asagi", "ritual"])
async def test_a_later_repost_of_a_banned_picture(stage: Stage, writer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.board(writer=writer)
    shared = {"media_id": 1} if writer == "asagi" else {}
    _image(stage, 1, HASH, 100, banned=1)
    stage.posts({"num": 100, "thread_num": 100, **shared, **_file(100)})
    stage.threads({"thread_num": 100})
    _save(stage.media, *(_name(num, mark) for num in range(100, 130) for mark in ("", "s")))
    async with stage.running() as app:
        await _served(app, {_name(100): False, _name(101): True})
        stage.posts({"num": 101, "thread_num": 100, **shared, **_file(101)})
        stage.posts({"num": 102, "thread_num": 100, **_file(102)})
        posts = (await app.json("/threads/100"))["posts"]
        assert [post["media"]["image"] for post in posts] == [None, None, None]  # at once
        await app.board().refresh()
        await _served(app, {_name(num, mark): False for num in (100, 101, 102) for mark in ("", "s")})
        await _served(app, {_name(103): True})
        monkeypatch.setattr(moderation_module, "_LARGEST_CATCH_UP", 3)
        stage.posts(*({"num": num, "thread_num": 100, **_file(num)} for num in range(110, 120)))
        await app.board().refresh()
        await _served(app, {_name(num): False for num in (100, 102, *range(110, 120))})


async def test_names_that_were_cut_off_are_known_mended(stage: Stage) -> None:
    stage.board(writer="ritual")
    _image(stage, 1, HASH, 100, banned=1)
    stage.post(100, media_hash=HASH, media_orig="1658260989011151.web", preview_orig="1658260989011151s.jp")
    stage.threads({"thread_num": 100})
    _save(stage.media, "1658260989011151.webm", "1658260989011151s.jpg")
    async with stage.running() as app:
        await _served(app, {"1658260989011151.webm": False, "1658260989011151s.jpg": False})


@pytest.mark.parametrize("banned", [0, 1])
async def test_hashes_that_differ_only_in_letter_case(stage: Stage, banned: int) -> None:
    """Stock tables of MySQL take both for one picture and give the second post the first one's `media_id`."""
    stage.board()
    _image(stage, 1, HASH, 100, banned=banned, total=2)
    merged = stage.place.kind == "mysql"
    if merged:
        with pytest.raises(Exception, match="Duplicate"):
            _image(stage, 2, TWIN, 101)
    else:
        _image(stage, 2, TWIN, 101)
    stage.posts(
        {"num": 100, "thread_num": 100, "media_id": 1, **_file(100)},
        {"num": 101, "thread_num": 100, "media_id": 1 if merged else 2, **_file(101, TWIN)},
    )
    stage.threads({"thread_num": 100})
    _save(stage.media, _name(100), _name(101), _name(100, "s"), _name(101, "s"))
    async with stage.running() as app:
        first, second = (post["media"] for post in (await app.json("/threads/100"))["posts"])
        assert second["image"] == f"/g/image/1657/62/{_name(101)}"
        assert second["thumb"] == f"/g/thumb/1657/62/{_name(101, 's')}"
        assert (first["banned"], second["banned"]) == (bool(banned), False)
        assert first["image"] == (None if banned else f"/g/image/1657/62/{_name(100)}")
        assert await app.nums(f"/media/{HASH}") == [100]
        assert await app.nums(f"/media/{TWIN}") == [101]
        assert await app.nums(f"/media/{HASH.lower()}") == []
        await _served(app, {_name(100): not banned, _name(100, "s"): not banned})
        await _served(app, {_name(101): True, _name(101, "s"): True})


async def test_a_view_of_deleted_posts_hides_nothing(stage: Stage) -> None:
    """In one lineage `_deleted` is a view of what the live site deleted, which stays public."""
    stage.board(writer="oldasagi")
    stage.posts({"num": 100, "thread_num": 100, "deleted": 0}, {"num": 101, "thread_num": 100, "deleted": 1})
    stage.threads({"thread_num": 100})
    stage.execute('CREATE VIEW "g_deleted" AS SELECT num, subnum, thread_num FROM "g" WHERE deleted = \'1\'')
    async with stage.running() as app:
        assert await app.nums("/threads/100") == [100, 101]


@pytest.mark.parametrize("small", [True, False])
async def test_without_an_index_large_boards_are_not_read_through(stage: Stage, small: bool) -> None:
    """The original tables may have lost `media_hash_index`; what finds a file then is `media_id`, or nothing."""
    stage.board("g", "oldasagi")
    stage.posts({"num": 100, "thread_num": 100, **_file(100)}, {"num": 101, "thread_num": 100, **_file(101)})
    stage.threads({"thread_num": 100})
    async with stage.running() as app:
        app.board().small = small
        found = await app.ask(f"/api/v1/boards/g/media/{HASH.replace('/', '_')}", 200 if small else 404)
        assert ("has no index for that" in found.body.decode()) == (not small)
        statement = app.board().moderation._queries.names_of_files([HASH], small=small)
        assert (statement is None) == (not small)


async def test_a_banned_name_in_other_letters(stage: Stage) -> None:
    """Disks that ignore case would give the banned file out under it."""
    stage.board("g")
    _image(stage, 1, HASH, 100, banned=1)
    stage.post(100, **_file(100, media_id=1))
    stage.post(101, 100, **_file(101, OTHER))
    async with stage.running() as app:
        for num, served in ((100, False), (101, True)):
            names = [_name(num, ending=ending) for ending in ("jpg", "JPG", "Jpg")]
            _save(stage.media, *names)
            await _served(app, dict.fromkeys(names, served))


async def test_a_picture_that_all_boards_share_is_banned_on_all(stage: Stage) -> None:
    async def files(app: Running, board: str) -> list[tuple[bool, bool]]:
        posts = (await app.ask(f"/api/v1/boards/{board}/threads/100")).json["posts"]
        return [(post["media"]["banned"], post["media"]["image"] is None) for post in posts]

    stage.board("g")
    _image(stage, 1, HASH, 100, banned=1)
    stage.post(100, **_file(100, media_id=1))
    stage.board("ck")
    stage.post(100, board="ck", **_file(100))
    stage.post(101, 100, board="ck", **_file(101, OTHER))
    for layout, banned in (("sutra", True), ("asagi", False)):
        async with stage.running(layout=layout, image_url="https://cdn.example/{path}") as app:
            assert await files(app, "ck") == [(banned, banned), (False, False)]
            assert await files(app, "g") == [(True, True)]
    stage.execute('UPDATE "g_images" SET banned = 0 WHERE media_id = 1')
    async with stage.running(layout="sutra") as app:
        assert await files(app, "ck") == [(False, False), (False, False)]
        stage.execute('UPDATE "g_images" SET banned = 1 WHERE media_id = 1')
        await app.archive._boards.refresh()
        assert await files(app, "ck") == [(True, True), (False, False)]
        assert [await app.archive.visible_hash(media_hash) for media_hash in (HASH, TWIN, OTHER)] == [
            False,
            False,
            True,
        ]

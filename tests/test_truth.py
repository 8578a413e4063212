"""Genuine archives, as five writers leave them, show what truth.json says: on their own database and on the others."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import lxml.html
import pytest
from msgspec import Struct

from app import create_app
from app.settings import BoardSettings, Settings
from tests.support import genuine
from tests.support.contract_genuine import check_clients
from tests.support.foolfuuka_genuine import check_truth
from tests.support.foolfuuka_truth import check_foolfuuka_lookups
from tests.support.genuine import GENUINE, Contents, Genuine
from tests.support.reader import Reader, Walk, folded, settings_for, walk
from tests.support.scraping_genuine import check_scrapers
from tests.support.search_truth import check_lookups

_NOTE = re.compile(r' ?<span class="quote-note">[^<]*</span>')
KINDS = ("sqlite", "mysql", "postgresql")


class Loaded(Struct):
    """A genuine archive in one kind of database."""

    archive: Genuine
    settings: Settings
    truth: dict[str, Any]
    walked: Walk

    def posts(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """(what is true, what the API says) for each post of truth.json."""
        for post in self.truth["posts"]:
            yield post, self.walked.posts(post["board"])[post["id"]]


@pytest.fixture(scope="module", params=[f"{archive.name}-on-{kind}" for archive in GENUINE for kind in KINDS])
def loaded(
    request: pytest.FixtureRequest, genuine_archives: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loaded]:
    name, _, kind = request.param.rpartition("-on-")
    archive = next(archive for archive in GENUINE if archive.name == name)
    truth = json.loads((genuine_archives / "truth.json").read_text())["archives"][name]
    folder = tmp_path_factory.mktemp("genuine")
    boards = {
        board: BoardSettings(comments="html" if archive.writer == "vichan" else "bbcode") for board in truth["boards"]
    }
    with _placed(request, archive, kind, genuine_archives, folder) as place:
        settings = settings_for(kind, place, boards)
        unlisted = {"ck": [truth["thread_without_row"]]} if "thread_without_row" in truth else {}
        hashes: dict[str, list[str]] = {}
        for lookup in truth["lookups"]:
            if lookup["field"] == "md5":
                hashes.setdefault(lookup["board"], []).append(lookup["value"])
        for post in truth["posts"]:
            if post["same_image_posts"]:
                hashes.setdefault(post["board"], []).append(post["md5"])
        yield Loaded(archive, settings, truth, asyncio.run(walk(settings, unlisted, hashes)))


class _placed:
    """The archive in a database of the wanted kind: its own file or dump, or its rows carried over."""

    def __init__(self, request: pytest.FixtureRequest, archive: Genuine, kind: str, packed: Path, folder: Path) -> None:
        self._servers: Callable[[str], Any] = lambda kind: request.getfixturevalue(f"{kind}_server")
        self._archive, self._kind, self._folder = archive, kind, folder
        self._packed = packed / archive.file
        self._databases: list[tuple[Any, str]] = []

    def __enter__(self) -> Path | dict[str, Any]:
        native = self._native(self._archive.kind)
        if self._kind == self._archive.kind:
            return native if isinstance(native, Path) else self._table(-1)
        contents = self._contents(native)
        if self._kind == "sqlite":
            path = self._folder / "carried.db"
            genuine.write_sqlite(path, contents, self._archive.writer)
            return path
        server, name = self._fresh(self._kind)
        write = genuine.write_mysql if self._kind == "mysql" else genuine.write_postgresql
        asyncio.run(write(server, name, contents, self._archive.writer))
        return self._table(-1)

    def __exit__(self, *_: object) -> None:
        for server, name in self._databases:
            server.drop_database(name)

    def _native(self, kind: str) -> Path | tuple[Any, str]:
        if kind == "sqlite":
            path = self._folder / "archive.db"
            genuine.unpack_sqlite(self._packed, path)
            return path
        server, name = self._fresh(kind)
        if kind == "mysql":
            genuine.load_dump_mysql(self._packed, server, name)
        else:
            asyncio.run(genuine.load_dump_postgresql(self._packed, server, name))
        return server, name

    def _contents(self, native: Path | tuple[Any, str]) -> dict[str, Contents]:
        if isinstance(native, Path):
            return genuine.read_sqlite(native)
        if self._archive.kind == "mysql":
            return genuine.read_mysql(*native)
        return asyncio.run(genuine.read_postgresql(*native))

    def _fresh(self, kind: str) -> tuple[Any, str]:
        server = self._servers(kind)
        name = f"genuine_{self._archive.writer}_{len(self._databases)}_{self._kind}"
        server.drop_database(name)
        server.create_database(name)
        self._databases.append((server, name))
        return server, name

    def _table(self, place: int) -> dict[str, Any]:
        server, name = self._databases[place]
        table: dict[str, Any] = server.settings_table(name)
        return table


def test_boards(loaded: Loaded) -> None:
    for name, true in loaded.truth["boards"].items():
        threads = loaded.walked.threads[name]
        posts = list(loaded.walked.posts(name).values())
        images = [post for post in posts if post["media"] is not None]
        times = [post["time"] for post in posts]
        ops = [post for post in posts if post["op"]]
        seen = {
            "threads": len(threads),
            "posts": len(posts),
            "posts_not_ghost": sum(not post["ghost"] for post in posts),
            "ghosts": sum(post["ghost"] for post in posts),
            "deleted": sum(post["deleted"] for post in posts),
            "posts_with_image": len(images),
            "distinct_images": len({post["media"]["hash"] for post in images}),
            "first_num": min(post["num"] for post in posts),
            "last_num": max(post["num"] for post in posts),
            "first_utc": min(times),
            "last_utc": max(times),
            "named_posts": sum(post["name"] not in (None, "Anonymous") for post in posts),
            "trip_posts": sum(post["trip"] is not None for post in posts),
            "sticky_threads": sorted(post["num"] for post in ops if post["sticky"]),
            "threads_without_op": sorted(set(threads) - {post["num"] for post in ops}),
        }
        assert seen == {key: true[key] for key in seen}, name
        assert loaded.walked.boards[name]["posts"] == true["posts"]
        assert loaded.walked.boards[name]["threads"] == true.get("threads_in_thread_table", true["threads"])
        for num, thread in threads.items():
            assert thread["posts_count"] == len(thread["posts"]), num


def test_newest_threads_by_bump(loaded: Loaded) -> None:
    for name, true in loaded.truth["boards"].items():
        listed = loaded.walked.listed[name]
        in_table = true.get("newest_by_bump_in_thread_table")
        if in_table is not None:
            assert [thread["num"] for thread in listed[: len(in_table)]] == in_table
        seen = {
            thread["num"]: {
                "thread_num": thread["num"],
                "bump_utc": thread["bumped"],
                "posts": thread["posts"],
                "images": thread["images"],
                "subject": thread["op"]["subject"],
                "sticky": thread["sticky"],
                "op_deleted": thread["op"]["deleted"],
            }
            for thread in listed
        }
        rows = [row for row in true["newest_by_bump"] if row["thread_num"] in seen or in_table is None]
        for row in rows:
            assert seen[row["thread_num"]] == {key: row[key] for key in seen[row["thread_num"]]}
        nums = [row["thread_num"] for row in rows]
        assert [thread["num"] for thread in listed][: len(nums)] == nums


def test_posts(loaded: Loaded) -> None:
    for true, seen in loaded.posts():
        media = seen["media"]
        shown = {
            "num": seen["num"],
            "subnum": seen["subnum"],
            "thread_num": seen["thread_num"],
            "op": seen["op"],
            "utc": seen["time"],
            "name": seen["name"],
            "trip": seen["trip"],
            "subject": seen["subject"],
            "capcode": seen["capcode"],
            "sticky": seen["sticky"],
            "locked": seen["locked"],
            "deleted": seen["deleted"],
            "filename": media and media["filename"],
            "md5": media and media["hash"],
            "image": media and media["image"] and unquote(media["image"]),
            "thumb": media and media["thumb"] and unquote(media["thumb"]),
        }
        if _undecidable(true):
            assert seen["time"] in true["utc_readings"]
            del shown["utc"]
        assert shown == {key: true[key] for key in shown}, true["id"]
        assert (media is not None and media["spoiler"]) == (true["spoiler"] and media is not None)
        if media is not None:
            assert [media[key] for key in ("width", "height", "size")] == [
                true[key] for key in ("width", "height", "size")
            ]
        if "expired_utc_between" in true:
            earliest, latest = true["expired_utc_between"]
            assert earliest <= seen["expired"] <= latest
        thread = loaded.walked.threads[true["board"]][true["thread_num"]]
        assert (thread["posts_count"], thread["images_count"]) == (
            true["thread_posts"],
            true["thread_images"],
        )


def test_comments(loaded: Loaded) -> None:
    for true, seen in loaded.posts():
        rendered = seen["rendered"]
        if "text" in true:
            assert folded(rendered["text"]) == folded(true["text"]), true["id"]
        optional = set(true.get("quotes_optional", ()))
        quotes = [_id(quote) for quote in rendered["quotes"] if quote["board"] is None and _id(quote) not in optional]
        assert quotes == [quote for quote in true["quotes"] if quote not in optional], true["id"]
        assert [back.replace("_", ",") for back in rendered["backlinks"]] == true["backlinks"], true["id"]
        crossing = [(quote["board"], _id(quote)) for quote in rendered["quotes"] if quote["board"] is not None]
        assert crossing == [(board, num) for board, num in true["cross_board_quotes"] if num], true["id"]


def test_same_pictures(loaded: Loaded) -> None:
    for true, _ in loaded.posts():
        if true["same_image_posts"]:
            found = set(loaded.walked.media[true["board"]][true["md5"]])
            assert found == {true["id"], *true["same_image_posts"]}


def test_lookups(loaded: Loaded) -> None:
    for lookup in loaded.truth["lookups"]:
        posts = loaded.walked.posts(lookup["board"])
        value = lookup["value"]
        match lookup["field"]:
            case "md5":
                assert sorted(loaded.walked.media[lookup["board"]][value]) == sorted(lookup["posts"])
                continue
            case "utc":
                # truth.json counts the recorded posts, not the hostile thread that was added to them.
                times = [
                    post["time"] for post in posts.values() if post["thread_num"] != loaded.truth.get("hostile_thread")
                ]
                assert sum(value[0] <= time < value[1] for time in times) == lookup["count"]
                continue
            case "text":
                word = re.compile(rf"\b{re.escape(value)}\b", re.IGNORECASE)
                found = [post_id for post_id, post in posts.items() if word.search(post["rendered"]["text"])]
            case field:
                found = [post_id for post_id, post in posts.items() if post[field] == value]
        assert sorted(found, key=int) == lookup["posts"], lookup


async def test_searches(loaded: Loaded) -> None:
    async with create_app(loaded.settings).test_app() as running:
        await check_lookups(Reader(running.test_client()), loaded.truth)
        await check_foolfuuka_lookups(Reader(running.test_client()), loaded.truth)


async def test_foolfuuka_s_interface(loaded: Loaded) -> None:
    async with create_app(loaded.settings).test_app() as running:
        await check_truth(Reader(running.test_client()), loaded.truth)


async def test_programs_find_all_that_they_read(loaded: Loaded) -> None:
    async with create_app(loaded.settings).test_app() as running:
        await check_clients(Reader(running.test_client()), loaded.truth)


async def test_pages(loaded: Loaded) -> None:
    """The same posts on their thread's page, and nothing anywhere that may not be shown."""
    app = create_app(loaded.settings)
    async with app.test_app() as running:
        reader = Reader(running.test_client())
        for board in loaded.truth["boards"]:
            for page in ("", "catalog/", "gallery/", "ghost/"):
                await reader.text(f"/{board}/{page}")
        pages: dict[tuple[str, int], Any] = {}
        for true in loaded.truth["posts"]:
            key = (true["board"], true["thread_num"])
            if key not in pages:
                # Notes after quotes are told to readers; the poster did not write them.
                html = _NOTE.sub("", await reader.text(f"/{key[0]}/thread/{key[1]}/"))
                pages[key] = lxml.html.fromstring(html)
            _check_on_page(pages[key], true)
    said = reader.said + loaded.walked.said
    for forbidden in loaded.truth.get("never_show", ()):
        assert not [body for body in said if forbidden["text"] in body], forbidden
    for string in loaded.truth.get("never_raw_in_html", {}).get("strings", ()):
        assert not [body for body in reader.said if string in body], string
    for string in loaded.truth.get("never_in_links", {}).get("strings", ()):
        for page in pages.values():
            for attribute in ("href", "src", "download"):
                assert not [link for link in page.xpath(f"//@{attribute}") if string in link.lower()], string


def _check_on_page(page: Any, true: dict[str, Any]) -> None:
    (article,) = page.xpath("//article[@id=$id]", id=true["id"].replace(",", "_"))
    own = article.xpath("./*[not(self::aside)]")
    (text,) = [div for part in own for div in part.xpath("descendant-or-self::div[@class='text']")]
    if "text" in true:
        for formula in text.xpath(".//math/semantics"):  # which is drawn, and has what was typed beside the drawing
            for drawn in formula.xpath("./*[not(self::annotation)]"):
                formula.remove(drawn)
        for br in text.iter("br"):
            br.tail = "\n" + (br.tail or "")
        assert folded(text.text_content()) == folded(true["text"]), true["id"]
    links = [link for part in own for link in part.xpath(".//a[contains(@class, 'thread_image_link')]/@href")]
    images = [source for part in own for source in part.xpath(".//img/@src")]
    if true["image"] is None:
        assert not [link for link in links if "/image/" in link]
    else:
        assert true["image"] in _decoded(links), true["id"]
    if true["thumb"] is not None and not true["spoiler"]:
        assert true["thumb"] in _decoded(images), true["id"]
    times = [time for part in own for time in part.xpath(".//time/@datetime")]
    assert len(times) == 1
    assert _unix(times[0]) in (true["utc_readings"] if _undecidable(true) else [true["utc"]]), true["id"]
    if true["subject"]:
        assert true["subject"] in [
            title.text_content().strip() for part in own for title in part.find_class("post_title")
        ]
    shown = {
        link.get("data-post")
        for part in own
        for link in part.xpath("descendant-or-self::div[@class='backlink_list']//a")
    }
    assert shown == {back.replace(",", "_") for back in true["backlinks"]}, true["id"]


def _undecidable(true: dict[str, Any]) -> bool:
    """In the hour that is repeated in autumn, with no picture and no neighbour near enough to tell."""
    return bool(true.get("utc_ambiguous")) and true["image"] is None


def _decoded(links: list[str]) -> list[str]:
    return [unquote(link) for link in links]


def _unix(iso: str) -> int:
    return int(datetime.fromisoformat(iso).timestamp())


def _id(quote: dict[str, Any]) -> str:
    return f"{quote['num']},{quote['subnum']}" if quote["subnum"] else str(quote["num"])


async def test_pages_hold_for_scrapers(loaded: Loaded) -> None:
    async with create_app(loaded.settings).test_app() as running:
        await check_scrapers(Reader(running.test_client()), loaded.walked, loaded.truth)

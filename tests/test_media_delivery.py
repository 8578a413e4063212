"""Files that a server in front sends in our place: what it is told, and a real nginx that does it as the docs say."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from app.settings import BoardSettings
from tests.support.asgi import ask
from tests.support.daemon import free_port
from tests.support.media_app import (
    ADDRESS,
    CONTENT,
    HASH,
    MTIME,
    NAME,
    SUTRA_IMAGE,
    FakeMediaArchive,
    build_app,
    listening,
    put,
)
from tests.support.nginx import Nginx

ODD = "odd ~ +$[x](1)=é;,!@.png"
ODD_ADDRESS = f"/λ/image/{ODD[:4]}/{ODD[4:6]}/{ODD}"
PDF = "/g/image/1366/82/1366825828123.pdf"
MADE_IN_FRONT = {"etag", "last-modified", "accept-ranges", "content-length"}
EXAMPLE = re.compile(r"```nginx\n(.*?)```", re.DOTALL)


def encoded(address: str) -> str:
    return quote(address, safe="/")


@pytest.mark.parametrize("delivery", ["x-accel-redirect", "x-sendfile"])
async def test_the_answer_is_empty_and_names_the_file(tmp_path: Path, delivery: str) -> None:
    root = tmp_path / "a b%é"
    app = build_app(FakeMediaArchive(root, delivery=delivery, accel_location="/in/side/"))
    direct = build_app(FakeMediaArchive(root))
    for address in (ADDRESS, ODD_ADDRESS, PDF):
        path = put(root, address)
        ours = (await ask(direct, encoded(address))).headers
        if delivery == "x-sendfile":
            named = {"x-sendfile": str(path).replace("%", "%25")}
        else:
            named = {"x-accel-redirect": "/in/side/" + quote(address.lstrip("/"), safe="/~")}
        expected = {name: value for name, value in ours.items() if name not in MADE_IN_FRONT}
        for method in ("GET", "HEAD"):
            answer = await ask(app, encoded(address), method=method, headers={"Range": "bytes=0-1"})
            assert (answer.status, answer.body) == (200, b"")
            assert answer.headers == {**expected, **named, "content-length": "0"}


@pytest.mark.parametrize("delivery", ["x-accel-redirect", "x-sendfile"])
async def test_what_is_not_served_is_not_named_either(tmp_path: Path, delivery: str) -> None:
    put(tmp_path, ADDRESS)
    put(tmp_path, f"/λ/image/1366/82/{NAME}")
    put(tmp_path, SUTRA_IMAGE)
    (tmp_path / "g/image/1366/82/1366820000000.png").mkdir()
    boards = {"λ": BoardSettings(media=False)}
    archive = FakeMediaArchive(tmp_path, boards=boards, delivery=delivery)
    archive.banned.add(("g", NAME))
    shared = FakeMediaArchive(tmp_path, layout="sutra", delivery=delivery)
    shared.banned_hashes.add(HASH)
    for app, address in (
        (build_app(archive), ADDRESS),
        (build_app(archive), f"/λ/image/1366/82/{NAME}"),
        (build_app(archive), ADDRESS.replace("123.png", "124.png")),
        (build_app(archive), "/g/image/1366/82/1366820000000.png"),
        (build_app(archive), "/g/image/..%2f../..%2f/..%2f..%2f..%2fetc%2fpasswd.png"),
        (build_app(shared), SUTRA_IMAGE),
        (build_app(FakeMediaArchive(tmp_path, enabled=False, delivery=delivery)), ADDRESS),
    ):
        answer = await ask(app, encoded(address).replace("%25", "%"))
        assert answer.status == 404
        assert not {"x-accel-redirect", "x-sendfile"} & answer.headers.keys()


@dataclass
class Front:
    """An nginx over a media folder; it asks `port` for everything else."""

    root: Path
    port: int
    nginx: Nginx

    @asynccontextmanager
    async def before(self, archive: FakeMediaArchive) -> AsyncIterator[httpx.AsyncClient]:
        async with listening(build_app(archive), self.port), httpx.AsyncClient(base_url=self.nginx.origin) as client:
            yield client


@pytest.fixture(scope="module")
def front(nginx: Callable[[str], Nginx], tmp_path_factory: pytest.TempPathFactory) -> Front:
    root, port = tmp_path_factory.mktemp("media"), free_port()
    docs = Path(__file__).resolve().parents[1] / "docs" / "media.md"
    example = EXAMPLE.search(docs.read_text("utf-8"))
    assert example is not None
    return Front(root, port, nginx(example[1].replace("/srv/media", str(root)).replace("9001", str(port))))


async def test_nginx_sends_the_files(front: Front) -> None:
    archive = FakeMediaArchive(front.root, delivery="x-accel-redirect")
    direct = build_app(FakeMediaArchive(front.root))
    async with front.before(archive) as client:
        for address in (ADDRESS, ODD_ADDRESS, PDF, f"/λ/image/1366/82/{NAME}"):
            put(front.root, address)
            ours = (await ask(direct, encoded(address))).headers
            answer = await client.get(encoded(address))
            assert (answer.status_code, answer.content) == (200, CONTENT)
            for name in ours.keys() - {"etag"}:
                assert answer.headers.get_list(name) == [ours[name]], name
            assert "x-accel-redirect" not in answer.headers
            head = await client.head(encoded(address))
            assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "1024")


async def test_nginx_answers_ranges_and_conditions(front: Front) -> None:
    put(front.root, ADDRESS)
    async with front.before(FakeMediaArchive(front.root, delivery="x-accel-redirect")) as client:
        part = await client.get(ADDRESS, headers={"Range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, CONTENT[10:20])
        assert part.headers["content-range"] == "bytes 10-19/1024"
        assert (await client.get(ADDRESS, headers={"Range": "bytes=5000-"})).status_code == 416
        for condition in (
            {"If-None-Match": part.headers["etag"]},
            {"If-Modified-Since": formatdate(MTIME, usegmt=True)},
        ):
            same = await client.get(ADDRESS, headers=condition)
            assert (same.status_code, same.content) == (304, b"")
        assert (await client.get(ADDRESS, headers={"If-None-Match": '"x"'})).status_code == 200


async def test_nginx_sends_files_that_all_boards_share(front: Front) -> None:
    put(front.root, SUTRA_IMAGE)
    archive = FakeMediaArchive(front.root, layout="sutra", delivery="x-accel-redirect")
    async with front.before(archive) as client:
        assert (await client.get(SUTRA_IMAGE)).content == CONTENT
        archive.banned_hashes.add(HASH)
        assert (await client.get(SUTRA_IMAGE)).status_code == 404


async def test_nginx_sends_nothing_else(front: Front) -> None:
    """Not what is banned, and nothing to those who ask for the folder itself."""
    put(front.root, ADDRESS)
    archive = FakeMediaArchive(front.root, delivery="x-accel-redirect")
    archive.banned.add(("g", NAME))
    async with front.before(archive) as client:
        for address in (
            ADDRESS,
            ADDRESS.replace("123.png", "124.png"),
            f"/_files{ADDRESS}",
            f"//_files{ADDRESS}",
            f"/x/../_files{ADDRESS}",
            f"/%5ffiles{ADDRESS}",
            f"/g/image/%2e%2e/%2e%2e/_files{ADDRESS}",
        ):
            for method in ("GET", "HEAD"):
                answer = await client.request(method, address)
                assert answer.status_code == 404, address
                assert CONTENT not in answer.content
        assert (await client.get(ADDRESS)).text == "There is no such file."  # ours, not the server's own page

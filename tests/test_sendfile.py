"""Files over HTTP: whole, in part, not again, in bounded pieces, and closed in the end."""

from __future__ import annotations

import os
from email.utils import formatdate
from pathlib import Path

import pytest
from quart import Quart

from app.sendfile import CHUNK_BYTES, UnsatisfiableRange, parse_range
from tests.support.asgi import ask
from tests.support.media_app import ADDRESS, CONTENT, MTIME, FakeMediaArchive, build_app, put


@pytest.fixture
def root(tmp_path: Path) -> Path:
    put(tmp_path, ADDRESS)
    return tmp_path


@pytest.fixture
def app(root: Path) -> Quart:
    return build_app(FakeMediaArchive(root))


async def test_a_whole_file(app: Quart) -> None:
    response = await ask(app, ADDRESS)
    assert response.status == 200
    assert response.body == CONTENT
    assert response.headers["content-type"] == "image/png"
    assert response.headers["content-length"] == "1024"
    assert response.headers["accept-ranges"] == "bytes"
    assert response.headers["last-modified"] == "Wed, 24 Apr 2013 17:50:28 GMT"
    assert response.headers["cache-control"] == "public, max-age=86400"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert "content-disposition" not in response.headers


async def test_head_has_the_headers_and_no_body(app: Quart) -> None:
    whole, head = await ask(app, ADDRESS), await ask(app, ADDRESS, method="HEAD")
    assert head.status == 200
    assert head.body == b""
    assert head.headers == whole.headers
    ranged = await ask(app, ADDRESS, method="HEAD", headers={"Range": "bytes=0-1"})
    assert (ranged.status, ranged.headers["content-length"]) == (200, "1024")


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=1000-", 1000, 1024),
        ("bytes=-5", 1019, 1024),
        ("bytes=-5000", 0, 1024),
        ("bytes=1020-9999", 1020, 1024),
        ("Bytes=0-1023", 0, 1024),
        ("bytes= 3-4 ", 3, 5),
    ],
)
async def test_one_range(app: Quart, asked: str, start: int, stop: int) -> None:
    response = await ask(app, ADDRESS, headers={"Range": asked})
    assert response.status == 206
    assert response.body == CONTENT[start:stop]
    assert response.headers["content-range"] == f"bytes {start}-{stop - 1}/1024"
    assert response.headers["content-length"] == str(stop - start)


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
async def test_a_range_beyond_the_file(app: Quart, asked: str) -> None:
    response = await ask(app, ADDRESS, headers={"Range": asked})
    assert response.status == 416
    assert response.headers["content-range"] == "bytes */1024"
    assert response.body == b""


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "items=0-1", "bytes=5-2", "bytes=-", "bytes=a-b", "bytes=²-³", "bytes", ""]
)
async def test_a_range_that_means_nothing_here(app: Quart, asked: str) -> None:
    response = await ask(app, ADDRESS, headers={"Range": asked})
    assert response.status == 200
    assert response.body == CONTENT


def test_ranges_of_an_empty_file() -> None:
    with pytest.raises(UnsatisfiableRange):
        parse_range("bytes=0-", 0)
    with pytest.raises(UnsatisfiableRange):
        parse_range("bytes=-1", 0)


async def test_an_empty_file(app: Quart, root: Path) -> None:
    put(root, ADDRESS, b"")
    response = await ask(app, ADDRESS)
    assert (response.status, response.headers["content-length"]) == (200, "0")
    assert response.body == b""


async def test_a_range_only_of_the_file_that_the_client_knows(app: Quart, root: Path) -> None:
    first = await ask(app, ADDRESS)
    for condition in (first.headers["etag"], first.headers["last-modified"]):
        response = await ask(app, ADDRESS, headers={"Range": "bytes=0-3", "If-Range": condition})
        assert (response.status, response.body) == (206, CONTENT[:4])
    later = formatdate(MTIME + 60, usegmt=True)
    for condition in (f"W/{first.headers['etag']}", '"other"', later):
        response = await ask(app, ADDRESS, headers={"Range": "bytes=0-3", "If-Range": condition})
        assert (response.status, response.body) == (200, CONTENT)
    os.utime(root / ADDRESS.lstrip("/"), ns=(0, MTIME * 10**9 + 1))
    headers = {"Range": "bytes=0-3", "If-Range": first.headers["etag"]}
    assert (await ask(app, ADDRESS, headers=headers)).status == 200


async def test_known_files_are_not_sent_again(app: Quart) -> None:
    etag = (await ask(app, ADDRESS)).headers["etag"]
    past, future = formatdate(MTIME - 1, usegmt=True), formatdate(MTIME + 1, usegmt=True)
    for headers, status in (
        ({"If-None-Match": etag}, 304),
        ({"If-None-Match": f'"x", W/{etag}'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": etag, "Range": "bytes=0-1"}, 304),
        ({"If-None-Match": '"x"'}, 200),
        ({"If-None-Match": '"x"', "If-Modified-Since": future}, 200),
        ({"If-Modified-Since": formatdate(MTIME, usegmt=True)}, 304),
        ({"If-Modified-Since": future}, 304),
        ({"If-Modified-Since": past}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
    ):
        response = await ask(app, ADDRESS, headers=headers)
        assert response.status == status, headers
        assert response.headers["etag"] == etag
        assert response.body == (CONTENT if status == 200 else b"")


async def test_a_changed_file_has_another_etag(app: Quart, root: Path) -> None:
    path = root / ADDRESS.lstrip("/")
    tags = set()
    for content, modified in ((CONTENT, 0), (CONTENT, 1), (CONTENT[1:], 1)):
        path.write_bytes(content)
        os.utime(path, ns=(0, modified))
        tags.add((await ask(app, ADDRESS, method="HEAD")).headers["etag"])
    assert len(tags) == 3


def open_copies(path: Path) -> int:
    """How many descriptors of this process have the file open."""
    count = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            count += descriptor.readlink() == path
        except OSError:
            continue
    return count


async def test_large_files_come_in_bounded_pieces(app: Quart, root: Path) -> None:
    content = os.urandom(3 * CHUNK_BYTES + 17)
    path = put(root, ADDRESS, content)
    pieces = (await ask(app, ADDRESS)).pieces
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= CHUNK_BYTES
    assert len(pieces) == 4
    assert open_copies(path) == 0


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc to see open files")
async def test_the_file_is_closed_when_the_client_goes_away(app: Quart, root: Path) -> None:
    path = put(root, ADDRESS, bytes(4 * CHUNK_BYTES))
    with path.open("rb"):
        assert open_copies(path) == 1
    pieces = (await ask(app, ADDRESS, leave_after=2)).pieces
    assert len(pieces) == 2
    assert open_copies(path) == 0


async def test_a_slow_download_is_not_cut_off(app: Quart) -> None:
    app.config["RESPONSE_TIMEOUT"] = 0  # seconds the framework allows an ordinary answer
    assert (await ask(app, ADDRESS)).body == CONTENT

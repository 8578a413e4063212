"""One file from the disk as an HTTP answer: validators, one byte range, bounded memory; or left to a server in front.

Written out, rather than left to the framework, because conditions have an order (RFC 9110, 13.2.2: first
If-None-Match, then Range), because a request for several ranges or in an unknown unit is to be answered with
the whole file, and because a download may take longer than an ordinary answer is allowed to.
"""

from __future__ import annotations

import asyncio
import os
import re
import stat
from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final

from quart import Response, request
from quart.wrappers.response import ResponseBody

from app.http import asked_etags, etag_listed, not_modified

CHUNK_BYTES: Final = 256 * 1024
"""The most of a file that is in memory at one time for one answer."""

_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,19})-([0-9]{0,19})[ \t]*", re.ASCII | re.IGNORECASE)


class UnsatisfiableRange(Exception):
    """A well-formed range that holds no byte of the file."""


class FileSlice(ResponseBody):
    """The bytes `start` up to, but not including, `stop` of a file.

    The file is open only while it is sent: it is closed when the last byte is out, and when the client goes
    away before. A file that shrinks meanwhile ends early, which the client notices by the promised length.
    """

    def __init__(self, path: Path, start: int, stop: int) -> None:
        self.path = path
        self.start = start
        self.left = stop - start
        self.file: BinaryIO | None = None

    async def __aenter__(self) -> FileSlice:
        self.file = await asyncio.to_thread(_open_at, self.path, self.start)
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        if self.file is not None:
            self.file.close()

    def __aiter__(self) -> FileSlice:
        return self

    async def __anext__(self) -> bytes:
        if self.left <= 0 or self.file is None:
            raise StopAsyncIteration
        chunk = await asyncio.to_thread(self.file.read, min(CHUNK_BYTES, self.left))
        if not chunk:
            raise StopAsyncIteration
        self.left -= len(chunk)
        return chunk


def _open_at(path: Path, start: int) -> BinaryIO:
    file = path.open("rb", buffering=0)  # unbuffered: a chunk is read straight into the bytes that are sent
    file.seek(start)
    return file


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """The bytes a Range header asks for, as (start, stop) with `stop` excluded.

    None means that the header is to be ignored (RFC 9110, 14.2): another unit, several ranges, or no valid
    form. Raises UnsatisfiableRange for a valid range without a byte in a file of `size` bytes.
    """
    match = _RANGE.fullmatch(header)
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        start, stop = max(0, size - int(match[2])), size
    else:
        start, stop = int(match[1]), size
        if match[2]:
            if int(match[2]) < start:
                return None
            stop = min(int(match[2]) + 1, size)
    if start >= stop:
        raise UnsatisfiableRange
    return start, stop


def regular_file(path: Path) -> os.stat_result | None:
    """What the system knows about a readable regular file, links followed; None for anything else."""
    try:
        found = path.stat()
    except (OSError, ValueError):  # ValueError: a name the system cannot express
        return None
    return found if stat.S_ISREG(found.st_mode) and os.access(path, os.R_OK) else None


async def respond_file(
    path: Path, content_type: str, *, cache_control: str, headers: Mapping[str, str] | None = None
) -> Response | None:
    """The file as the answer to the current GET or HEAD request, or None where there is no such file.

    Answers 200; 206 to one range, 416 to a range beyond the file; 304 to If-None-Match with the file's ETag
    (its modification time in nanoseconds and its size) or, without that header, to an If-Modified-Since that
    is not older than the file. `headers` are added to all of them.
    """
    found = await asyncio.to_thread(regular_file, path)
    if found is None:
        return None
    sent = dict(headers or {})
    sent["Cache-Control"] = cache_control
    sent["Accept-Ranges"] = "bytes"
    sent["ETag"] = f'"{found.st_mtime_ns:x}-{found.st_size:x}"'
    sent["Last-Modified"] = formatdate(int(found.st_mtime), usegmt=True)
    if _unchanged(sent["ETag"], int(found.st_mtime)):
        return not_modified(sent)
    try:
        part = _asked_range(found.st_size, sent["ETag"], sent["Last-Modified"])
    except UnsatisfiableRange:
        sent["Content-Range"] = f"bytes */{found.st_size}"
        return Response(b"", status=416, headers=sent, content_type="text/plain; charset=utf-8")
    start, stop = part or (0, found.st_size)
    body = b"" if request.method == "HEAD" else FileSlice(path, start, stop)
    response = Response(body, status=206 if part else 200, headers=sent, content_type=content_type)
    response.content_length = stop - start
    if part:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{found.st_size}"
    response.timeout = None  # a slow download may take its time; the server notices a connection that died
    return response


async def hand_over(
    path: Path, content_type: str, *, cache_control: str, headers: Mapping[str, str]
) -> Response | None:
    """An empty answer, one of whose `headers` tells the server in front to send the file; None as `respond_file`.

    That server makes the validators and answers conditions and ranges, so none of them are here.
    """
    if await asyncio.to_thread(regular_file, path) is None:
        return None
    response = Response(b"", headers={**headers, "Cache-Control": cache_control}, content_type=content_type)
    response.content_length = 0
    return response


def _unchanged(etag: str, modified: int) -> bool:
    asked = asked_etags()
    if asked is not None:
        return etag_listed(asked, etag)
    since = _http_time(request.headers.get("If-Modified-Since"))
    return since is not None and modified <= since


def _asked_range(size: int, etag: str, last_modified: str) -> tuple[int, int] | None:
    header = request.headers.get("Range")
    if header is None or request.method != "GET":
        return None
    condition = request.headers.get("If-Range")
    # If-Range compares strongly: the very tag, or the very date that we sent (RFC 9110, 13.1.5).
    if condition is not None and condition.strip() not in {etag, last_modified}:
        return None
    return parse_range(header, size)


def _http_time(header: str | None) -> float | None:
    """Unix seconds of an HTTP date, None where there is none or it cannot be understood."""
    if header is None:
        return None
    try:
        return parsedate_to_datetime(header).timestamp()
    except (ValueError, OverflowError):
        return None

"""Answers with validators: one place that decides between a whole body and 304 Not Modified.

Every page and every JSON answer leaves through `respond`. Its ETag is a digest of the very bytes of the body, so
it cannot claim that something is unchanged when it is not. A date alone never makes a 304: a post can be edited or
marked as deleted without any time in its thread becoming newer. `app.dates` tells when a date will do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import formatdate
from hashlib import blake2b
from typing import Final, cast

from quart import Response, current_app, request

from app.compression import CODINGS, SHORTEST, Coding, PackedBody, accepted_coding, compressible, packed, packed_once
from app.dates import EXTENSION, Dates

DIGEST_BYTES: Final = 16
"""Bytes of BLAKE2b kept in an ETag; its text is twice as many hexadecimal digits."""

_LATEST_DATE: Final = 253_402_300_799  # no HTTP date can name a time after the year 9999
_ENTITY_TAG = re.compile(r'(?:W/)?("[!#-~\x80-\xff]*")')


def body_etag(body: bytes) -> str:
    """The strong ETag of these bytes, quotes included."""
    return f'"{blake2b(body, digest_size=DIGEST_BYTES).hexdigest()}"'


def etag_listed(header: str | None, etag: str) -> bool:
    """Whether an If-None-Match header names `etag` (quoted, strong), by weak comparison (RFC 9110, 8.8.3.2).

    A weak form counts as a match, because a proxy that compresses turns our strong tag into a weak one.
    """
    if header is None:
        return False
    return header.strip() == "*" or etag in _ENTITY_TAG.findall(header)


def asked_etags() -> str | None:
    """The request's If-None-Match, several header lines joined into one list; None when there is none."""
    return ", ".join(request.headers.getlist("If-None-Match")) or None


def not_modified(headers: Mapping[str, str]) -> Response:
    """A 304 with these headers: the validators and caching rules that the whole answer would have had."""
    response = Response(b"", status=304, headers=dict(headers))
    del response.headers["Content-Type"]
    del response.headers["Content-Length"]
    return response


def respond(
    body: bytes,
    content_type: str,
    *,
    status: int = 200,
    last_modified: int | None = None,
    cache_control: str = "no-cache",
    headers: Mapping[str, str] | None = None,
    lasting: bool = False,
) -> Response:
    """The answer to the current request: `body`, or 304 when the client already has exactly these bytes.

    `last_modified` is in Unix seconds; a client that knows no ETag may come back with it. `headers` are added to
    every form of the answer. An answer to HEAD has the headers of GET and no body. Only a status of 200 can turn into
    a 304; other statuses carry no ETag. Text is compressed for clients that accept it; a long one then has no
    Content-Length, because it is compressed while it is sent. `lasting` is for the few bodies that stay the same while
    the program runs: they are compressed once, and as well as can be.
    """
    sent = dict(headers or {})
    sent["Cache-Control"] = cache_control
    etag = body_etag(body)
    unchanged = False
    if last_modified is not None:
        date = min(max(last_modified, 0), _LATEST_DATE)
        if status == 200:
            date, unchanged = _dates().settle(request.url, etag, date, _asked_since())
        sent["Last-Modified"] = formatdate(date, usegmt=True)
    coding: Coding | None = None
    if len(body) >= SHORTEST and compressible(content_type):
        sent["Vary"] = "Accept-Encoding"
        coding = accepted_coding(request.headers.get("Accept-Encoding"))
    if status == 200:
        sent["ETag"] = etag if coding is None else coding.etag(etag)
        asked = asked_etags()
        if asked is not None:  # then a date does not count (RFC 9110, 13.2.2)
            unchanged = any(etag_listed(asked, form) for form in (etag, *(each.etag(etag) for each in CODINGS)))
        if unchanged and request.method in {"GET", "HEAD"}:
            return not_modified(sent)
    form: bytes | PackedBody = body
    if coding is not None:
        sent["Content-Encoding"] = coding.name
        form = packed_once(body, coding) if lasting else packed(body, coding)
    whole = b"" if request.method == "HEAD" else form
    response = Response(whole, status=status, headers=sent, content_type=content_type)
    if isinstance(form, bytes):
        response.content_length = len(form)
    else:
        del response.headers["Content-Length"]
    return response


def _dates() -> Dates:
    extensions = current_app.extensions
    if EXTENSION not in extensions:
        extensions[EXTENSION] = Dates()
    return cast("Dates", extensions[EXTENSION])


def _asked_since() -> int | None:
    """The request's If-Modified-Since in Unix seconds; None when there is none that can be read."""
    asked = request.if_modified_since
    return None if asked is None else int(asked.timestamp())

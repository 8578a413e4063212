"""What proxies in front say about a request, believed as far as the operator trusts them; and the sub-path we stand at.

Each proxy adds to X-Forwarded-For the address that it was asked from, so with N trusted proxies the N-th entry from
the right is the visitor, and everything left of it is hearsay. A request with fewer entries has not come by way of
all N, and then nothing it says is believed. Of X-Forwarded-Proto, -Host and -Prefix the N-th entry from the right
counts too; a single entry is taken as well, because most proxies replace these headers instead of adding to them.
What a proxy neither sets nor takes away is whatever the visitor has written there: docs/serving.md says so.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit

from hypercorn.typing import ASGIFramework, ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope, WebsocketScope

from app.settings import AppSettings

_HOST: Final = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::([0-9]{1,5}))?", re.ASCII)
_PREFIX: Final = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[\w.~-]+)*/?", re.ASCII)
_ORIGIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*", re.ASCII)
_PORT: Final = r"(?::[0-9]{1,5})?"
_ADDRESS: Final = re.compile(rf"\[([0-9A-Fa-f:.]+)\]{_PORT}|([0-9.]+){_PORT}|([0-9A-Fa-f:.]+)", re.ASCII)


class Proxied:
    """ASGI middleware: puts the visitor's address, scheme, host and our sub-path in their places in the scope.

    `hops` proxies are trusted. `root_path` is the sub-path that the settings name; None: they leave it to the
    proxies, that is, to X-Forwarded-Prefix or else to the server's own `root_path`. In either case a proxy may have
    cut the sub-path off or left it in the path.
    """

    def __init__(self, app: ASGIFramework, *, hops: int, root_path: str | None) -> None:
        self._app = app
        self._hops = hops
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "http" or scope["type"] == "websocket":
            self._correct(scope)
        await self._app(scope, receive, send)

    def _correct(self, scope: HTTPScope | WebsocketScope) -> None:
        prefix = None
        if self._hops and (client := self._told(scope, b"x-forwarded-for")) is not None:
            if address := visitor(client):
                scope["client"] = (address, 0)
            if (scheme := self._told(scope, b"x-forwarded-proto", alone=True)) and scheme.lower() in {"http", "https"}:
                scope["scheme"] = scheme.lower()
            if (host := self._told(scope, b"x-forwarded-host", alone=True)) and is_host(host):
                others = [(name, value) for name, value in scope["headers"] if name != b"host"]
                scope["headers"] = [(b"host", host.encode("ascii")), *others]
            if (said := self._told(scope, b"x-forwarded-prefix", alone=True)) and is_prefix(said):
                prefix = said.rstrip("/")
        own = scope.get("root_path", "").rstrip("/")
        if self._root_path is not None:
            prefix = self._root_path
        _mount(scope, own, own if prefix is None else prefix)

    def _told(self, scope: HTTPScope | WebsocketScope, header: bytes, *, alone: bool = False) -> str | None:
        """The entry of a header that the outermost trusted proxy has made; with `alone` also the only one."""
        lines = [value for name, value in scope["headers"] if name == header]
        if not lines:
            return None
        entries = b",".join(lines).decode("latin-1").split(",")
        if len(entries) >= self._hops:
            return entries[-self._hops].strip()
        return entries[0].strip() if alone and len(entries) == 1 else None


@lru_cache(4096)
def visitor(entry: str) -> str:
    """The address in an entry of X-Forwarded-For, which may carry a port; "" if there is none in it.

    IPv4 addresses that a proxy writes as IPv6 are IPv4 again.
    """
    match = _ADDRESS.fullmatch(entry.strip('"'))
    if match is None:
        return ""
    try:
        address = ipaddress.ip_address(match[1] or match[2] or match[3])
    except ValueError:
        return ""
    return str((address.version == 6 and address.ipv4_mapped) or address)


def is_host(text: str) -> bool:
    """Whether `text` is a host name or an address, with or without a port."""
    match = _HOST.fullmatch(text)
    return match is not None and int(match[1] or 1) in range(1, 65_536)


def is_prefix(text: str) -> bool:
    """Whether `text` is a path that links can begin with: never a host, and no way up."""
    return _PREFIX.fullmatch(text) is not None


def settled_root_path(settings: AppSettings) -> str | None:
    """The sub-path that the settings name, in plain characters; "" for the root, None if they name none."""
    if settings.url:
        return unquote(urlsplit(settings.url).path)
    return settings.root_path or None


def _mount(scope: HTTPScope | WebsocketScope, own: str, prefix: str) -> None:
    """Makes the path begin with `prefix`, once, whether or not it did; `own` was the server's idea of the prefix."""
    sent = scope["raw_path"].decode("latin-1") if "raw_path" in scope else quote(scope["path"])
    # The path is worked out of the raw one, so that both always name the same place. An escaped slash separates
    # nothing: a path that has one where the prefix has a real one does not begin with the prefix.
    parts = _path_only(sent).split("/")
    for cut in (own, prefix) if own != prefix else (prefix,):
        wanted = cut.split("/")
        if cut and [_plain(part) for part in parts[: len(wanted)]] == wanted:
            parts = ["", *(parts[len(wanted) :] or [""])]
    raw_path = "/".join(parts)
    scope["root_path"], scope["path"] = prefix, prefix + _plain(raw_path)
    scope["raw_path"] = (quote(prefix) + raw_path).encode("latin-1")


def _plain(raw: str) -> str:
    """A raw path, its bytes as characters, as a server reads it; bytes that are no UTF-8 become U+FFFD."""
    return unquote_to_bytes(raw.encode("latin-1")).decode(errors="replace")


def _path_only(target: str) -> str:
    """The path of a request's target, which may be a whole address or nonsense; it starts with a slash."""
    return target if target.startswith("/") else "/" + _ORIGIN.sub("", target).removeprefix("/")

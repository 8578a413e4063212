"""A database in one line, as `DATABASE_URL` and `[db] url` hold it, taken apart into the keys of its section.

No message about a URL repeats its user name, its password or anything that may be a piece of one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from app.settings.keys import config_keys, config_sections
from app.settings.layers import Collector, Entry, Layer, Origin, likely
from app.settings.values import closest, meant

_BACKENDS: Mapping[str, tuple[str, str]] = {
    "sqlite": ("sqlite", "aiosqlite"),
    "mysql": ("mysql", "aiomysql"),
    "mariadb": ("mysql", "aiomysql"),
    "postgresql": ("postgresql", "asyncpg"),
    "postgres": ("postgresql", "asyncpg"),
}
"""Scheme -> db_type, and the name of the driver that may follow the scheme after a plus sign."""

_SCHEMES = "sqlite:///, mysql://, mariadb://, postgresql:// or postgres://"
_ENCODE = (
    "in user names, passwords and parameters write %25 for %, %2F for /, %3F for ?, %23 for #, %40 for @ and %20 for "
    "a blank"
)

_SPELLINGS: Mapping[str, Mapping[str, str]] = {
    "mysql": {
        **dict.fromkeys(("database", "dbname"), "db"),
        "min_size": "minsize",
        "max_size": "maxsize",
        "ssl_mode": "sslmode",
        "ssl_ca": "sslrootcert",
        "ssl_cert": "sslcert",
        "ssl_key": "sslkey",
    },
    "postgresql": {
        **dict.fromkeys(("db", "dbname"), "database"),
        "minsize": "min_size",
        "maxsize": "max_size",
    },
    "sqlite": {},
}
"""Parameters that other programs call something else: db_type -> that name -> ours."""

_MYSQL_MODES: Mapping[str, str] = {
    "disabled": "disable",
    "preferred": "prefer",
    "required": "require",
    "verify_ca": "verify-ca",
    "verify_identity": "verify-full",
}


class Part(NamedTuple):
    """One value out of a URL: the key that it sets, what the URL calls it, and whether it may be shown."""

    key: str
    spelled: str
    text: str
    hide: bool


def expand(text: str, label: str, into: Collector, declared: Entry | None) -> Layer:
    """Puts the keys of a database URL into the collector's layer, and complaints, which start with `label`.

    `declared` is the db_type that the same source gives besides; it must be that of the URL. Returns what holds only
    where no source says anything else: no password, when the URL gives none.
    """
    before = f"{label}: "
    try:
        db_type, parts = _take_apart(text)
    except ValueError as error:
        into.problems.append(f"{before}{error}")
        return {}
    where = ("db", db_type)
    if declared is not None and declared.value != db_type:
        into.problems.append(f'{before}is a URL of {db_type}, but {declared.origin.name} is "{declared.value}"')
    into.layer["db", "db_type"] = Entry(db_type, Origin(label, before, "db_type"))
    keys = config_keys()
    refused = config_sections()[where].refused_options
    seen: set[str] = set()
    for part in parts:
        origin = Origin(label, before, part.spelled)
        key = keys.get((*where, part.key))
        if part.key in seen:
            into.problems.append(f"{before}gives {part.key} twice")
        elif key is not None:
            into.put(key, part.text, origin, is_text=True, hide=part.hide)
        elif part.key in refused:
            into.problems.append(f"{before}{part.spelled} cannot be set: {refused[part.key]}")
        else:
            own = [place[-1] for place in keys if place[:-1] == where]
            # Not by its name: what stands behind an unencoded ? may be a piece of the password.
            guess = likely(part.key, own, where)
            known = meant(guess) if guess else f"; known are {', '.join(own)}"
            into.problems.append(f"{before}holds an unknown parameter{known}")
        seen.add(part.key)
    if "host" in seen and "unix_socket" not in seen and db_type == "mysql":  # a socket set elsewhere would come first
        into.layer["db", "mysql", "unix_socket"] = Entry("", Origin(label, before, "unix_socket"))
    return {(*where, "password"): Entry("", Origin(label, before, "password"))} if db_type != "sqlite" else {}


def _take_apart(text: str) -> tuple[str, list[Part]]:
    """The db_type and the parts of a URL. ValueError: one sentence about it."""
    if any(character.isspace() or unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        raise ValueError(f"must not hold blanks and control characters; {_ENCODE}")
    if "#" in text:
        raise ValueError(f"must not hold a #; {_ENCODE}")
    found = re.fullmatch(r"([^:/?]*)://([^/?]*)([^?]*)\??(.*)", text)
    scheme, plus, driver = found[1].lower().partition("+") if found else ("", "", "")
    if found is None or scheme not in _BACKENDS:
        raise ValueError(f"must start with {_SCHEMES}{meant(closest(scheme, list(_BACKENDS)) if scheme else '')}")
    db_type, own_driver = _BACKENDS[scheme]
    if plus and driver != own_driver:
        raise ValueError(f"names a driver that Koiwai does not have: write {scheme}:// or {scheme}+{own_driver}://")
    authority, path, query = found[2], found[3], found[4]
    if "@" in path or "@" in query:
        raise ValueError(f"holds an @ behind the host name; {_ENCODE}")
    parts = list(_file(authority, path) if db_type == "sqlite" else _server(db_type, authority, path))
    parts += _parameters(db_type, query)
    return db_type, parts


def _file(authority: str, path: str) -> Iterator[Part]:
    if authority:
        raise ValueError("a file has no host: write sqlite:///relative/path or sqlite:////absolute/path")
    if path in {"", "/"}:
        raise ValueError("must name a file: sqlite:///relative/path or sqlite:////absolute/path")
    yield Part("database", "database", _decoded(path[1:]), hide=True)


def _server(db_type: str, authority: str, path: str) -> Iterator[Part]:
    account, _, place = authority.rpartition("@")
    user, colon, password = account.partition(":")
    if user:
        yield Part("user", "user", _decoded(user), hide=True)
    if colon:
        yield Part("password", "password", _decoded(password, secret=True), hide=True)
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.%\w]*\]|[^:\[\]]*)(?::(\d*))?", place, re.ASCII)
    if found is None:
        raise ValueError(f"must hold one host name and one port, or an IPv6 address in square brackets; {_ENCODE}")
    host = _decoded(found[1].strip("[]"))
    if "," in host:
        raise ValueError("names several hosts, but Koiwai reads from one")
    if host.startswith("/") and db_type == "mysql":
        yield Part("unix_socket", "unix_socket", host, hide=True)
    elif host:
        yield Part("host", "host", host, hide=True)
    if found[2]:
        yield Part("port", "port", found[2], hide=True)
    database = path.removeprefix("/")
    if "/" in database:
        raise ValueError(f"must hold one name of a database behind the host; {_ENCODE}")
    if database:
        yield Part("database" if db_type == "postgresql" else "db", "database", _decoded(database), hide=True)


def _parameters(db_type: str, query: str) -> Iterator[Part]:
    for pair in query.split("&") if query else ():
        name, equals, value = pair.partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z][A-Za-z_-]*", name):
            raise ValueError(f"must hold its parameters as ?name=value&name=value; {_ENCODE}")
        key = name.lower().replace("-", "_")
        key = _SPELLINGS[db_type].get(key, key)
        text = _decoded(value, secret=key == "password")
        if key == "sslmode" and db_type == "mysql":
            text = _MYSQL_MODES.get(text.lower().replace("-", "_"), text)
        yield Part(key, name, text, hide=key in {"user", "password"})


def _decoded(text: str, *, secret: bool = False) -> str:
    """Percent-encoded text in plain. Anything but a password must not hold control characters."""
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise ValueError(f"holds a % without two hexadecimal digits behind it; {_ENCODE}")
    try:
        plain = unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("holds a percent-encoded character that is not UTF-8 text") from None
    if not secret and any(unicodedata.category(character) == "Cc" for character in plain):
        raise ValueError("must not hold control characters")
    return plain

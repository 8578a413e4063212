"""What every section of the settings is made of: the base of its struct, and the types of its keys."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit, urlunsplit

import msgspec
from msgspec import Meta

SEPARATE_PARTS = "write host, port, user, password and database as keys of their own"


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of a settings file. Its repr hides the values of `secret_keys`, and tables among a driver's options."""

    secret_keys: ClassVar[frozenset[str]] = frozenset()
    """Keys whose values never appear in a message, a log or a repr."""
    accepted_options: ClassVar[Mapping[str, Any]] = {}
    """A driver's further arguments: name -> type."""
    refused_options: ClassVar[Mapping[str, str]] = {}
    """Keys that somebody may expect here but that cannot be set: name -> reason, or what to write instead."""

    def __repr__(self) -> str:
        values = (
            f"{name}={'***' if name in self.secret_keys else repr(without_tables(getattr(self, name)))}"
            for name in self.__struct_fields__
        )
        return f"{type(self).__name__}({', '.join(values)})"

    def problems(self) -> Iterator[str]:
        """Sentences about values that are fine alone but do not go together; each starts with a key."""
        return iter(())


def without_tables(value: Any) -> Any:
    """Of the options of a driver, those that are tables masked: they may hold anything. Other values as they are."""
    if not isinstance(value, dict):
        return value
    return {name: "***" if isinstance(entry, dict) else entry for name, entry in value.items()}


def says(description: str, example: object = None) -> Meta:
    """What a key means, in sentences for the operator; the reference and the example files are made of these.

    `example` is a value for the example files; keys with a default are shown with that.
    """
    return Meta(description=description, examples=None if example is None else [example])


def clean_url(text: str) -> str:
    """The address in canonical form, without a slash at its end; "" stays "". ValueError: what is wrong."""
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or re.search(r"[^\w.~:/\[\]%!$&'()*+,;=@-]", text, re.ASCII):
        raise ValueError(
            "must be an absolute http or https address in ASCII, such as https://archive.example.org, "
            "without query and fragment"
        )
    if "@" in parts.netloc:
        raise ValueError("must not hold a user name or password")
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path.rstrip("/"), "", ""))


def clean_site_host(text: str) -> str:
    """A web site's host in lower case, a port allowed. ValueError says what is wrong."""
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?", text, re.ASCII | re.IGNORECASE):
        raise ValueError("must be a bare host name such as boards.example.org, without scheme and path")
    return text.lower()


def clean_database_host(text: str) -> str:
    """A database server's host, address or socket folder. ValueError if it looks like a whole URL."""
    if "://" in text or "@" in text or re.search(r"\s", text):
        raise ValueError(f"must be only a host name or an address; {SEPARATE_PARTS}")
    return text


def clean_root_path(text: str) -> str:
    """A path such as /archive, without a slash at its end; "/" is "". ValueError says what is wrong."""
    path = text.rstrip("/")
    if not re.fullmatch(r"(/[\w.~-]+)*", path, re.ASCII):
        raise ValueError("must be a path that starts with a slash, such as /archive")
    return path


Text = Annotated[str, Meta(min_length=1)]
Port = Annotated[int, Meta(ge=1, le=65_535)]
PoolMin = Annotated[int, Meta(ge=0, le=10_000)]
PoolMax = Annotated[int, Meta(ge=1, le=10_000)]
Seconds = Annotated[float, Meta(ge=0.001, le=86_400)]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Matches = Annotated[int, Meta(ge=10, le=1_000_000)]
Hops = Annotated[int, Meta(ge=0, le=10)]
DatabaseHost = Annotated[str, Meta(min_length=1, extra={"clean": clean_database_host})]
SiteHost = Annotated[str, Meta(min_length=1, extra={"clean": clean_site_host})]
SiteUrl = Annotated[str, Meta(extra={"clean": clean_url})]
RootPath = Annotated[str, Meta(extra={"clean": clean_root_path})]
PostNum = Annotated[int, Meta(ge=1, le=2**31 - 1)]  # 32 bits, signed (Asagi schema notes, section 1.1)

"""Addresses with names in braces: of media files on other servers, and of the live site."""

import re
from collections.abc import Set
from typing import Annotated

from msgspec import Meta

_NAME = re.compile(r"\{(\w+)\}", re.ASCII)
_HOST = r"(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
_ADDRESS = re.compile(rf"https?://{_HOST}(?:[/?][\w.~:/\[\]%!$&'()*+,;=@?#-]*)", re.ASCII | re.IGNORECASE)


def _clean(text: str, known: Set[str], needed: Set[str], *, host_known: bool = False) -> str:
    """The address as it is. ValueError says what is wrong with it.

    Only `{host}`, where it is known, may stand before the path: what a page is allowed to load is told by host.
    """
    choices = " ".join(f"{{{name}}}" for name in sorted(known))
    names = set(_NAME.findall(text))
    scheme, slashes, rest = text.partition("://")
    host, slash, path = rest.partition("/")
    if host_known:
        host = host.replace("{host}", "host")
    plain = f"{scheme}{slashes}{host}{slash}{_NAME.sub('x', path)}"
    address = _ADDRESS.fullmatch(plain)
    if address is None or int(address["port"] or 1) not in range(1, 65_536):
        raise ValueError(f"must be an http or https address with a path, in which only these are replaced: {choices}")
    if unknown := names - known:
        raise ValueError(f"must not hold {{{min(unknown)}}}; only these are replaced: {choices}")
    if missing := needed - names:
        raise ValueError(f"must hold {' and '.join(f'{{{name}}}' for name in sorted(missing))}")
    return text


def clean_media_template(text: str) -> str:
    """An address of media files, "" for none: `{path}` is the file's place in the layout, `{name}` its name alone."""
    if "://[" in text:
        raise ValueError("must name its host by name or IPv4 address: browsers ignore others in a security policy")
    return text and _clean(text, {"board", "path", "name"}, {"name"} if "{name}" in text else {"path"})


def clean_board_template(text: str) -> str:
    return text and _clean(text, {"host", "board"}, {"board"}, host_known=True)


def clean_thread_template(text: str) -> str:
    return text and _clean(text, {"host", "board", "thread"}, {"board", "thread"}, host_known=True)


def clean_post_template(text: str) -> str:
    return text and _clean(text, {"host", "board", "thread", "post"}, {"board", "thread", "post"}, host_known=True)


MediaUrl = Annotated[str, Meta(extra={"clean": clean_media_template})]
BoardUrl = Annotated[str, Meta(extra={"clean": clean_board_template})]
ThreadUrl = Annotated[str, Meta(extra={"clean": clean_thread_template})]
PostUrl = Annotated[str, Meta(extra={"clean": clean_post_template})]

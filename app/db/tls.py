"""TLS to a database server: the six modes of PostgreSQL's client library, with the same meaning for MySQL.

A mode is an order of ways to try: with TLS, in plain text, or one after the other. The library decides anew
at each connection, and so do we; nothing is remembered of a server that an attacker could have put in its place.
"""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from msgspec import Struct

from app.db.base import CannotOpen
from app.settings.database import ServerSection

Connection = TypeVar("Connection")

_WITH_TLS = MappingProxyType({"disable": (False,), "allow": (False, True), "prefer": (True, False)})
_CHECKED = frozenset({"verify-ca", "verify-full"})

# OpenSSL's numbers for what is wrong with a certificate.
_NOT_YET_VALID, _EXPIRED, _OTHER_NAME, _OTHER_ADDRESS = 9, 10, 62, 64
_UNTRUSTED = frozenset({2, 18, 19, 20, 21})
# The other side hung up: a restart, an overload, a broken line.
_PASSING = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)


class Way(Struct, frozen=True):
    """How to connect once."""

    context: ssl.SSLContext | None
    """None: in plain text."""
    optional: bool = False
    """Whether a driver that learns in time that the server has no TLS may go on without it."""


class TlsFault(CannotOpen):
    """TLS could not be had: the server offers none, or one side does not accept the other's certificate."""


def ways(settings: ServerSection, section: str, *, local: bool, protocol: str = "") -> tuple[Way, ...]:
    """What to try in turn. `local` connections go through a Unix socket, where no mode has a meaning. `protocol` is
    what we tell the server to speak, for those that want to be told (ALPN).

    Raises CannotOpen that names the key of `section` whose file is missing or useless. Reads files.
    """
    if local:
        return (Way(None),)
    order = _WITH_TLS.get(settings.sslmode, (True,))
    context = _context(settings, section) if True in order else None
    if context is not None and protocol:
        context.set_alpn_protocols([protocol])
    return tuple(Way(context, optional=order[-1] is False) if tls else Way(None) for tls in order)


async def first_that_works(ways: tuple[Way, ...], connect: Callable[[Way], Awaitable[Connection]]) -> Connection:
    """The connection of the first way the server accepts. Raises the CannotOpen that says most, or what else comes."""
    refused: CannotOpen | None = None
    for way in ways:
        try:
            return await connect(way)
        except TlsFault as error:
            refused = refused or error
        except CannotOpen as error:
            # A server that insists on TLS says only that about plain text: what it said under TLS tells more.
            if refused is None or isinstance(refused, TlsFault) or way.context is not None:
                refused = error
    assert refused is not None
    raise refused


def fault(error: BaseException | None, host: str) -> str | None:
    """What is wrong with TLS, in words, if that is what an error, or what caused it, tells. None: it may pass."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return _certificate_fault(error, host)
        if isinstance(error, ssl.SSLError) and not isinstance(error, _PASSING):
            return (error.reason or str(error)).replace("_", " ").lower()
        error = error.__cause__
    return None


def _certificate_fault(error: ssl.SSLCertVerificationError, host: str) -> str:
    if error.verify_code in _UNTRUSTED:
        return "its certificate is signed by an authority that is not trusted (sslrootcert names those to trust)"
    return {
        _NOT_YET_VALID: "its certificate is not valid yet",
        _EXPIRED: "its certificate has expired",
        _OTHER_NAME: f"its certificate is not made out to {host}",
        _OTHER_ADDRESS: f"its certificate is not made out to {host}",
    }.get(error.verify_code, f"its certificate is not accepted ({error.verify_message})")


def _context(settings: ServerSection, section: str) -> ssl.SSLContext:
    # The bare class: what ssl.create_default_context() asks of a certificate grows with each Python.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = settings.sslmode == "verify-full"
    if settings.sslmode not in _CHECKED:
        context.verify_mode = ssl.CERT_NONE
    elif settings.sslrootcert is None:
        context.load_default_certs()
    else:
        _must_be_readable(settings.sslrootcert, "sslrootcert", section)
        try:
            context.load_verify_locations(settings.sslrootcert)
        except ssl.SSLError as error:
            raise CannotOpen(f"[{section}] sslrootcert: {settings.sslrootcert} holds no certificate (PEM).") from error
    if settings.sslcert is not None and settings.sslkey is not None:
        _must_be_readable(settings.sslcert, "sslcert", section)
        _must_be_readable(settings.sslkey, "sslkey", section)

        def no_password() -> str:
            raise CannotOpen(f"[{section}] sslkey: {settings.sslkey} is encrypted; a key without password is needed.")

        try:
            context.load_cert_chain(settings.sslcert, settings.sslkey, password=no_password)
        except ssl.SSLError as error:
            raise CannotOpen(
                f"[{section}] sslcert, sslkey: {settings.sslcert} and {settings.sslkey} must be "
                "a certificate and its key (PEM)."
            ) from error
    return context


def _must_be_readable(file: Path, key: str, section: str) -> None:
    try:
        with file.open("rb") as handle:
            handle.read(1)
    except OSError as error:
        raise CannotOpen(f"[{section}] {key}: {file} cannot be read: {error.strerror}.") from error

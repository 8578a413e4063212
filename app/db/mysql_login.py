"""aiomysql's connection, made careful about passwords while it logs in, and tidy when it ends."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from typing import Any

import aiomysql
from pymysql.constants import CLIENT
from pymysql.err import OperationalError
from pymysql.protocol import MysqlPacket

from app.compat import timeout

NO_TLS = 2026  # the client library's number for a TLS connection that cannot be had
UNKNOWN_METHOD = 2059

_GRACE = 2.0  # seconds the server has for its farewell
_AT_ONCE = 65536
_QUIT = b"\x01\0\0\0\x01"

_OLD = "mysql_old_password"  # a scramble from which the password can be had
_FAST = b"\x01\x03"  # caching_sha2_password: the scramble was enough
_GIVES_PASSWORD_AWAY = frozenset({"mysql_clear_password", _OLD})


class CarefulConnection(aiomysql.Connection):  # type: ignore[misc]  # the driver has no types
    """By itself the driver goes on in plain text where a server offers no TLS, and it gives any server that asks the
    password, or an old scramble that is as good as the password, or the password encrypted with the very key that
    the server has just sent. Here, without TLS, nothing goes out but scrambles that hold for one log-in."""

    _ssl_context: ssl.SSLContext | None

    def __init__(self, *, tls_is_optional: bool, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._tls_is_optional = tls_is_optional

    async def open(self) -> None:
        """Connects and logs in. Afterwards, or after a failure, nothing is left half-open."""
        try:
            await self._connect()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Hangs up at once. Over TLS the driver's own way would wait for the server's farewell."""
        if self._writer is not None:
            self._writer.transport.abort()
        super().close()

    async def part(self) -> None:
        """Ends a connection that is at rest, so that the server does not count it as broken off, and no more at all."""
        writer = self._writer
        if writer is None:
            return
        writer.write(_QUIT)
        # A server that hangs up before it has read TLS's own farewell resets the connection.
        with suppress(OSError, asyncio.TimeoutError):
            async with timeout(_GRACE):
                while await self._reader.read(_AT_ONCE):  # it hangs up when it has forgotten us
                    pass
                writer.close()
                await writer.wait_closed()
        self.close()

    async def _request_authentication(self) -> None:
        """Called by the driver between the server's greeting and the first byte of ours."""
        if self._ssl_context and not self.server_capabilities & CLIENT.SSL:
            if not self._tls_is_optional:
                raise OperationalError(NO_TLS, "the server offers no TLS")
            self._ssl_context = None
            self.client_flag &= ~CLIENT.SSL
        if not (self._ssl_context or self._secure):
            self._check(self._client_auth_plugin or self._server_auth_plugin)
        self._read_packet = self._read_packet_of_login
        try:
            await super()._request_authentication()
        except BaseException:
            self.close()
            raise
        finally:
            del self._read_packet

    async def _read_packet_of_login(self, *arguments: Any) -> MysqlPacket:
        packet = await super()._read_packet(*arguments)
        if packet.is_auth_switch_request() and not self._secure:
            method, end, _ = packet.get_all_data()[1:].partition(b"\0")
            # Without an end the driver takes the name for data of the oldest method.
            self._check(method.decode("latin1") if end else _OLD)
        elif packet.is_extra_auth_data() and packet.get_all_data() != _FAST and not self._secure:
            # It wants the password encrypted, and shows the key for that, or is about to.
            raise OperationalError(
                UNKNOWN_METHOD, 'it asks for the password without TLS; use TLS (sslmode = "require") or unix_socket'
            )
        return packet

    def _check(self, method: str) -> None:
        if method in _GIVES_PASSWORD_AWAY:
            raise OperationalError(UNKNOWN_METHOD, f"it asks for the password by {method} without TLS")

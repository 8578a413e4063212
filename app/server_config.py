"""hypercorn.toml: how the server listens and what it puts up with, read strictly."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final

import msgspec
from hypercorn.config import Config
from msgspec import Meta

from app.errors import SettingsError
from app.resources import resource
from app.settings.values import closest, meant, quoted

FILE: Final = "hypercorn.toml"

Seconds = Annotated[float, Meta(ge=0.001, le=86_400)]
Count = Annotated[int, Meta(ge=1, le=1_000_000_000)]

KEYS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "bind": str | Annotated[list[str], Meta(min_length=1)],
        "workers": Annotated[int, Meta(ge=1, le=256)],
        "backlog": Count,
        "umask": Annotated[int, Meta(ge=0, le=0o777)],
        "user": Annotated[int, Meta(ge=0)],
        "group": Annotated[int, Meta(ge=0)],
        "read_timeout": Annotated[int, Meta(ge=1, le=86_400)],
        "keep_alive_timeout": Seconds,
        "keep_alive_max_requests": Count,
        "graceful_timeout": Seconds,
        "shutdown_timeout": Seconds,
        "startup_timeout": Seconds,
        "h11_max_incomplete_size": Count,
        "h2_max_concurrent_streams": Count,
        "h2_max_header_list_size": Count,
        "h2_max_inbound_frame_size": Annotated[int, Meta(ge=16_384, le=16_777_215)],
        "max_app_queue_size": Count,
        "include_server_header": bool,
        "include_date_header": bool,
        "server_names": list[str],
        "certfile": str,
        "keyfile": str,
        "keyfile_password": str,
        "ca_certs": str,
        "ciphers": str,
        "alpn_protocols": list[str],
        "ssl_handshake_timeout": Seconds,
    }
)
"""The keys of hypercorn that `koiwai serve` heeds, with their types. The others are refused."""

_ELSEWHERE: Final = MappingProxyType(
    {
        "root_path": "it is [app] root_path in config.toml",
        "accesslog": "it is [log] requests in config.toml",
        "access_log_format": "it is [log] format in config.toml",
        "errorlog": "Koiwai logs on standard error; see [log] in config.toml",
        "logconfig": "see [log] in config.toml",
        "loglevel": "it is [log] level in config.toml",
        "application_path": "the application is Koiwai",
    }
)


def server_config(named: Path | None, folder: Path) -> Config:
    """The settings of the file `named`, else of hypercorn.toml in `folder`, else of the one Koiwai comes with.

    SettingsError with one line for each problem; it names the file and the key.
    """
    here = folder / FILE
    path = folder / named if named is not None else here if here.exists() else resource(FILE)
    try:
        table = msgspec.toml.decode(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, msgspec.DecodeError) else "a value is too large or too deep"
        raise SettingsError(f"{path.name}: is not valid TOML: {reason}") from None
    config, problems = Config(), []
    for key, value in table.items():
        if key in KEYS:
            try:
                setattr(config, key, msgspec.convert(value, KEYS[key]))
            except msgspec.ValidationError as error:
                # Without its place in the file: that is the key, which stands in front.
                problems.append(f"{path.name}: {key}: {str(error).partition(' - at ')[0]}")
        else:
            reason = f"; {_ELSEWHERE[key]}" if key in _ELSEWHERE else meant(closest(key, list(KEYS)))
            problems.append(f"{path.name}: unknown key {quoted(key)}{reason}")
    if (config.certfile is None) != (config.keyfile is None):
        problems.append(f"{path.name}: certfile and keyfile must be set together")
    if problems:
        raise SettingsError(*problems)
    try:
        config.create_ssl_context()
    except (OSError, ValueError) as error:  # SSLError is an OSError
        raise SettingsError(f"{path.name}: the certificate cannot be used: {error}") from None
    return config


class Listening:
    """Sockets that listen on all addresses of `config.bind`, and the files that unix sockets are.

    They listen at once, long before the archive is open: a socket that is only bound keeps no second server away.
    Whoever connects meanwhile waits. SettingsError with a line about the first address that cannot be had.
    """

    def __init__(self, config: Config) -> None:
        self.sockets: list[socket.socket] = []
        self._scheme = "https" if config.ssl_enabled else "http"
        self._files: dict[Path, int] = {}
        for address in config.bind:
            try:
                self._bind(address, config)
            except (OSError, ValueError, OverflowError) as error:
                reason = error.strerror if isinstance(error, OSError) else None
                self.close()
                raise SettingsError(f"Cannot listen on {address}: {reason or 'this is no address'}.") from None
        self.addresses = " ".join(map(self._url, self.sockets))

    def _bind(self, address: str, config: Config) -> None:
        if address.startswith("fd://"):
            self.sockets.append(socket.socket(fileno=int(address[5:])))
        elif address == "unix:":
            raise OSError(errno.EINVAL, "the path of a file must follow")
        elif address.startswith("unix:"):
            self._bind_unix(Path(address[5:]), config)
        else:
            host, _, port = address.rpartition(":")
            host = host.strip("[]")
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            # Only of a socket that names its protocol does asyncio know that small pieces need not wait for each other.
            sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            self.sockets.append(sock)
            # No SO_REUSEPORT: several processes share this very socket, and a second server on the port is noticed.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((host, int(port)))
        self.sockets[-1].setblocking(False)
        self.sockets[-1].listen(config.backlog)

    def _bind_unix(self, path: Path, config: Config) -> None:
        if path.is_socket():
            with socket.socket(socket.AF_UNIX) as probe:
                probe.setblocking(False)  # the other server may have as many waiting as it lets wait
                if probe.connect_ex(str(path)) != errno.ECONNREFUSED:
                    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
            path.unlink()  # of a server that was killed
        elif os.path.lexists(path):
            raise OSError(errno.EEXIST, "it is there and is no socket")
        self.sockets.append(socket.socket(socket.AF_UNIX))
        before = os.umask(config.umask) if config.umask is not None else None
        try:
            self.sockets[-1].bind(str(path))
        finally:
            if before is not None:
                os.umask(before)
        self._files[path] = path.stat().st_ino
        os.chown(path, -1 if config.user is None else config.user, -1 if config.group is None else config.group)

    def _url(self, sock: socket.socket) -> str:
        name = sock.getsockname()
        if sock.family == socket.AF_UNIX:
            return f"unix:{name}"
        host = f"[{name[0]}]" if ":" in name[0] else name[0]
        return f"{self._scheme}://{host}:{name[1]}"

    def close(self) -> None:
        """Closes the sockets and removes the files, unless another server has put its own in their place."""
        for sock in self.sockets:
            sock.close()
        for path, number in self._files.items():
            with suppress(OSError):
                if path.stat().st_ino == number:
                    path.unlink()

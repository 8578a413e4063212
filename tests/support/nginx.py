"""A private nginx for tests: one server block on a free port."""

import os
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from tests.support.daemon import Daemon, find_program, free_port, make_folder, write_file

# Every path nginx writes to lies in its own folder. The workers keep the tests' own account: pytest's folders are
# closed to others.
FRAME = """
daemon off;
master_process off;
{user}
pid {folder}/pid;
error_log {folder}/errors info;
events {{ worker_connections 64; }}
http {{
    default_type application/octet-stream;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        {block}
    }}
}}
"""


@dataclass
class Nginx:
    """A running nginx on ``port`` of 127.0.0.1. ``close`` ends it and removes its folder."""

    port: int
    daemon: Daemon

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def errors(self) -> str:
        """What it has written to its error log."""
        return (self.daemon.folder / "errors").read_text("utf-8", errors="replace")

    def close(self) -> None:
        self.daemon.close()


def start_nginx(block: str, inside: Path | None = None) -> Nginx:
    """Start an nginx whose one ``server`` holds ``block``; raises MissingServer, ServerFailed.

    ``block`` is what stands between the braces of ``server { }``, without ``listen``. Answers once it listens.
    """
    program = find_program("nginx", "nginx is not installed; install nginx-light")
    port, folder = free_port(), make_folder("koiwai-ng", inside, None)
    user = "user root;" if os.geteuid() == 0 else ""
    settings = write_file(folder / "nginx.conf", FRAME.format(user=user, folder=folder, port=port, block=block), None)

    def probe() -> None:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()

    command = [program, "-p", folder, "-c", settings, "-e", folder / "errors"]
    nginx = Nginx(port, Daemon(command, folder, None, signal.SIGTERM, probe, (OSError,)))
    nginx.daemon.first_start(None)
    return nginx

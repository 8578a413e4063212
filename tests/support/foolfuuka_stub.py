"""A server that says what a real FoolFuuka says where it has nothing: both times with status 200."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLD = {"thread": "Thread not found.", "search": "No results found."}
"""Recorded from an archive in autumn 2026."""


class _Nothing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"error": TOLD[self.path.split("/")[4]]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def foolfuuka_with_nothing() -> Iterator[str]:
    """Gives its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Nothing) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()

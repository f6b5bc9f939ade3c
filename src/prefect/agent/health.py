"""Where an agent tells whether it lives, and lets itself be told to look for runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from prefect.exceptions import ConfigurationError


class HealthServer:
    """Answers at `/api/health` and `/api/poke` of an address like `http://127.0.0.1:8080`, from a thread."""

    def __init__(self, address: str, poke: Callable[[], None]) -> None:
        parts = urlsplit(address if "//" in address else f"//{address}")
        if parts.hostname is None or parts.port is None:
            raise ConfigurationError(
                f"An agent's address must name a host and a port (http://127.0.0.1:8080), not {address!r}."
            )

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                if path == "/api/health":
                    self._answer(200, "application/json; charset=UTF-8", b"{}")
                elif path == "/api/poke":
                    poke()
                    self._answer(200, "text/html; charset=UTF-8", b"")
                else:
                    self._answer(404, "text/html; charset=UTF-8", b"Not Found")

            def _answer(self, status: int, kind: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Not each question is worth a line."""

        try:
            self._server = ThreadingHTTPServer((parts.hostname, parts.port), Handler)
        except OSError as error:
            raise ConfigurationError(
                f"The agent cannot answer at {address} (--agent-address): {error.strerror}. Give it another port, or "
                "stop what uses this one."
            ) from error
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="prefect-agent-health", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

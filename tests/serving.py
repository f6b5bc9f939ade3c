"""A server in this process for tests: its own thread and event loop, a real socket, a free port."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from prefect.server import app


@dataclass(frozen=True)
class Serving:
    """A running server: its address, and what it serves, which may be exchanged while it runs."""

    url: str
    served: app.Served


@contextmanager
def serving(endpoint: Any = None, **settings: Any) -> Iterator[Serving]:
    """A server for this endpoint, as long as the block lasts."""
    ready = threading.Event()
    served = app.Served(endpoint)
    listening = app.listen("127.0.0.1", 0)
    server = app.Server(app.create_app(served, **settings), started=ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="server")
    thread.start()
    try:
        if not ready.wait(30):
            raise TimeoutError("The server did not start.")
        yield Serving(f"http://127.0.0.1:{listening.getsockname()[1]}", served)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()

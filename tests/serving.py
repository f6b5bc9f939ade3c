"""A server in this process for tests: its own thread and event loop, a real socket, a free port."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from prefect.server import app
from prefect.server.endpoint import Endpoint


@dataclass(frozen=True)
class Serving:
    """A running server: its address, and what it serves, which may be exchanged while it runs."""

    url: str
    served: app.Served

    @contextmanager
    def serve(self, endpoint: Endpoint) -> Iterator[None]:
        """Serve this endpoint as long as the block lasts; after it nobody asks it any more."""
        self.served.endpoint = endpoint
        try:
            yield
        finally:
            pause = threading.Event()
            while self.served.is_followed():
                self.served.dismiss()
                pause.wait(0.01)
            # A connection that is closed under a thread that uses it brings the process down.
            while not self.served.writers.is_idle:
                pause.wait(0.01)
            idle = threading.Barrier(app.READERS + 1, timeout=30)
            for _ in range(app.READERS):
                self.served.readers.submit(idle.wait)
            idle.wait()


@contextmanager
def serving(endpoint: Any = None) -> Iterator[Serving]:
    """A server for this endpoint, as long as the block lasts."""
    ready = threading.Event()
    served = app.Served(endpoint)
    listening = app.listen("127.0.0.1", 0)
    server = app.Server(served, started=ready.set)
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

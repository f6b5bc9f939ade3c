"""A server in this process for a test: its own thread and event loop, a real socket, a free port."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prefect.server import app
from prefect.server.endpoint import Endpoint


@contextmanager
def serving(endpoint: Endpoint, **settings: Any) -> Iterator[str]:
    """The address of a server for this endpoint."""
    ready = threading.Event()
    listening = app.listen("127.0.0.1", 0)
    server = app.Server(app.create_app(endpoint, **settings), started=ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="server")
    thread.start()
    try:
        if not ready.wait(30):
            raise TimeoutError("The server did not start.")
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()

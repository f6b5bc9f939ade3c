"""What the tests of this room share."""

from pathlib import Path
from typing import Any

import pytest

from prefect.client import transport
from tests.backend.by_hand import Recorded


@pytest.fixture
def recorded(database: Path) -> Recorded:
    """A registered flow and one run of it, in a database of this test's own."""
    return Recorded()


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents that are sent to the backend in this process."""
    sent: list[str] = []
    send = transport.EmbeddedTransport.send

    def counted(self: transport.EmbeddedTransport, document: str, *args: Any, **kwargs: Any) -> Any:
        sent.append(document)
        return send(self, document, *args, **kwargs)

    monkeypatch.setattr(transport.EmbeddedTransport, "send", counted)
    return sent

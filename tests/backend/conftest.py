"""What the tests of this room share."""

from pathlib import Path

import pytest

from tests.backend.by_hand import Recorded


@pytest.fixture
def recorded(database: Path) -> Recorded:
    """A registered flow and one run of it, in a database of this test's own."""
    return Recorded()

"""What tests of the task library share."""

import logging
from collections.abc import Iterator

import pytest


class Lines(logging.Handler):
    """The lines that are logged, each with its level."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append((record.levelname, record.getMessage()))


@pytest.fixture
def logged() -> Iterator[list[tuple[str, str]]]:
    """What is logged during the test, as pairs of level and text."""
    logger = logging.getLogger("prefect")
    handler, level = Lines(), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler.lines
    logger.removeHandler(handler)
    logger.setLevel(level)

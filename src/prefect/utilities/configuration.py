"""Other settings for a while."""

import contextlib
from collections.abc import Iterator
from typing import Any

from prefect.configuration import Config, config


@contextlib.contextmanager
def set_temporary_config(temp_config: dict[str, Any]) -> Iterator[Config]:
    """Settings by dotted name, `{"flows.checkpointing": True}`, that hold for the length of a block."""
    before = config.copy()
    try:
        for dotted_name, value in temp_config.items():
            *sections, key = dotted_name.split(".")
            section = config
            for name in sections:
                section = section.setdefault(name, Config())
            section[key] = value
        yield config
    finally:
        _restore(config, before)


def _restore(section: Config, before: Config) -> None:
    """Bring `section` back in place: other parts of the program hold on to it."""
    for key in [key for key in section if key not in before]:
        del section[key]
    for key, value in before.items():
        present = section.get(key)
        if isinstance(present, Config) and isinstance(value, Config):
            _restore(present, value)
        else:
            section[key] = value

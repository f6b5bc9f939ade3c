"""Files that are made from the code say what the code says."""

import pytest

from scripts import generate


@pytest.mark.parametrize("name", generate.GENERATED)
def test_a_generated_file_is_current(name: str) -> None:
    assert (generate.ROOT / name).read_text() == generate.ended(generate.GENERATED[name]())

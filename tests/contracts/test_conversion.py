"""Structures are read in the two ways that several threads may use first at the same time."""

import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "prefect"
# Both look at a structure for the first time when they are called, which must not happen in two threads at once.
UNSAFE = re.compile(r"msgspec\.convert\(|msgspec\.(json|msgpack)\.decode\([^#\n]*type=")


def test_no_structure_is_first_read_wherever_a_thread_happens_to_be() -> None:
    home = SOURCE / "utilities" / "conversion.py"
    found = [
        f"{path.relative_to(SOURCE)}:{number}"
        for path in SOURCE.rglob("*.py")
        if path != home
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if UNSAFE.search(line)
    ]
    assert found == [], "prefect.utilities.conversion.convert, or a decoder made when the module is imported"

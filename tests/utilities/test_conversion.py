"""The first use of a structure by several threads at once."""

import subprocess
import sys
import textwrap

PROGRAM = """
import sys, threading, types
sys.setswitchinterval(1e-6)
from prefect.utilities.conversion import convert

SOURCE = '''
from __future__ import annotations
import msgspec

class State(msgspec.Struct):
''' + "".join(f"    word_{number}: str | None = None\\n" for number in range(30)) + '''
class Input(msgspec.Struct):
    states: list[State]
'''
for number in range(60):
    module = sys.modules[f"fresh_{number}"] = types.ModuleType(f"fresh_{number}")
    exec(SOURCE, module.__dict__)
    together, found = threading.Barrier(6), []

    def first():
        together.wait()
        found.append(convert({"states": [{"word_1": "a", "word_29": "z"}]}, module.Input).states[0].word_29)

    threads = [threading.Thread(target=first) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["z"] * 6
"""


def test_threads_that_use_a_structure_first_at_the_same_time_do_not_end_the_process() -> None:
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(PROGRAM)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

"""Promise: `import prefect` is cheap, in time and in memory.

The front door loads what it gives on first use, so the bare import would measure nothing: what a program imports to
write a flow is measured with it.
"""

from collections.abc import Iterator

from benchmarks.measure import Measurement, process_cost, report

PROGRAM = "import prefect; from prefect import Flow, Parameter, Task, case, config, context, mapped, task, unmapped"


def measure() -> Iterator[Measurement]:
    bare = process_cost("pass")
    ours = process_cost(PROGRAM)
    cpu = ours.cpu_seconds - bare.cpu_seconds
    standard = process_cost("import asyncio, json, logging, sqlite3").cpu_seconds - bare.cpu_seconds
    yield Measurement("import.cpu", cpu * 1000, "import asyncio, json, logging, sqlite3", cpu / standard)
    yield Measurement(
        "import.memory", ours.resident_mebibytes, "bare interpreter", ours.resident_mebibytes / bare.resident_mebibytes
    )


if __name__ == "__main__":
    report(measure())

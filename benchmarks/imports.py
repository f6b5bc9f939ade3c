"""Promise: `import prefect` is cheap, in time and in memory."""

from collections.abc import Iterator

from benchmarks.measure import Measurement, process_cost, report


def measure() -> Iterator[Measurement]:
    bare = process_cost("pass")
    ours = process_cost("import prefect")
    cpu = ours.cpu_seconds - bare.cpu_seconds
    standard = process_cost("import asyncio, json, logging, sqlite3").cpu_seconds - bare.cpu_seconds
    yield Measurement("import.cpu", cpu * 1000, "import asyncio, json, logging, sqlite3", cpu / standard)
    yield Measurement(
        "import.memory", ours.resident_mebibytes, "bare interpreter", ours.resident_mebibytes / bare.resident_mebibytes
    )


if __name__ == "__main__":
    report(measure())

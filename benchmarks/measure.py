"""How a promise is measured: CPU time of the process, median of several, beside a reference of the same run."""

import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Measurement:
    """One figure. `name` is its table in budgets.toml; `reference` is what the ratio compares it to."""

    name: str
    value: float
    reference: str = ""
    ratio: float | None = None


def cpu_seconds(function: Callable[[], object], repeats: int = 5) -> float:
    """Median CPU time of one call, after one call that fills caches."""
    function()
    taken = []
    for _ in range(repeats):
        gc.collect()
        started = time.process_time()
        function()
        taken.append(time.process_time() - started)
    return statistics.median(taken)


@dataclass(frozen=True)
class ProcessCost:
    cpu_seconds: float
    resident_mebibytes: float


def process_cost(program: str, repeats: int = 7) -> ProcessCost:
    """Median cost of a Python process that runs this program, its interpreter included."""
    measured = [run_process(program) for _ in range(repeats)]
    return ProcessCost(
        statistics.median(cost.cpu_seconds for cost in measured),
        statistics.median(cost.resident_mebibytes for cost in measured),
    )


def run_process(program: str) -> ProcessCost:
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"The program to be measured failed with {process.returncode}:\n{program}")
    return ProcessCost(usage.ru_utime + usage.ru_stime, mebibytes(usage))


def mebibytes(usage: resource.struct_rusage) -> float:
    # macOS counts bytes, Linux kibibytes.
    return usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def report(measurements: Iterable[Measurement]) -> None:
    """Write each figure as a line of JSON, for `python -m benchmarks` to put beside its budget."""
    for measurement in measurements:
        print(json.dumps(asdict(measurement)), flush=True)

"""The census of the standard library as a flow: find every module file, read each, reduce per package, report.

Some files that CPython ships do not parse; they test the parser. Their task runs fail, truly, and the flow decides what
that means: a few failures are part of the picture, more than one file in twenty spoils the census.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import prefect
from examples.census import reading
from examples.census.reading import Tally
from prefect import Flow, Parameter, case, task, unmapped
from prefect.engine import signals
from prefect.executors import LocalDaskExecutor
from prefect.storage import Module
from prefect.tasks.control_flow import FilterTask
from prefect.triggers import all_finished

TOLERATED_SHARE = 1 / 20  # of the files may fail to parse before the census counts as spoiled


@task
def find_modules(root: str) -> list[str]:
    found = [str(path) for path in reading.module_files(Path(root))]
    prefect.context.logger.info("Found %d module files below %s", len(found), root)
    return found


def name_after_file(**inputs: str) -> str:
    return Path(inputs["file"]).name


@task(task_run_name=name_after_file)
def read_module(file: str, root: str) -> Tally:
    return reading.read(Path(file), Path(root))


@task(trigger=all_finished)
def everything_parses(outcomes: Sequence[Tally | Exception]) -> bool:
    return not any(isinstance(outcome, Exception) for outcome in outcomes)


@task
def find_other_files(root: str) -> list[str]:
    """Where every module parses, as in Debian's build, files that are no modules show what a failure looks like."""
    found = [str(path) for path in reading.files_that_are_no_modules(Path(root))]
    prefect.context.logger.warning(
        "Every module parses. Reading files that are no modules as well: %s", ", ".join(found)
    )
    return found


@task
def group_by_package(tallies: Sequence[Tally]) -> list[list[Tally]]:
    return reading.by_package(tallies)


@task
def tally_package(tallies: Sequence[Tally]) -> Tally:
    return reading.add_up(tallies[0].package, tallies)


@task
def tally_library(packages: Sequence[Tally]) -> Tally:
    return reading.add_up("the standard library", packages)


@task(trigger=all_finished)
def judge(outcomes: Sequence[Tally | Exception]) -> str:
    """Decide what the failures mean."""
    failures = sum(isinstance(outcome, Exception) for outcome in outcomes)
    verdict = f"{failures:,} of {len(outcomes):,} module files do not parse"
    if failures > TOLERATED_SHARE * len(outcomes):
        raise signals.FAIL(f"{verdict}: too many for a census.")
    prefect.context.logger.info("%s: tolerated, up to one in %d is", verdict, round(1 / TOLERATED_SHARE))
    return verdict


only_tallies = FilterTask(filter_func=lambda outcome: isinstance(outcome, Tally))

# Parsing is work for the processor and holds the interpreter's lock: processes are faster than threads here.
with Flow(
    "census",
    executor=LocalDaskExecutor(scheduler="processes", num_workers=os.cpu_count()),
    storage=Module(__name__),
) as flow:
    library = Parameter("library", default=str(reading.standard_library()))
    files = find_modules(library)
    outcomes = read_module.map(files, root=unmapped(library))
    packages = tally_package.map(group_by_package(only_tallies(outcomes)))
    total = tally_library(packages)
    verdict = judge(outcomes)
    with case(everything_parses(outcomes), True):
        others = read_module.map(find_other_files(library), root=unmapped(library))

# The census stands if it was counted and judged fit, whichever files failed.
flow.set_reference_tasks([total, verdict])

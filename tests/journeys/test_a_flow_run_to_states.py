"""Journey (a): `flow.run()` to states, with no network, no database, and nothing left behind."""

import os
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

import prefect
from prefect import Flow, Parameter, Task, case, task, unmapped
from prefect.engine.state import Mapped, Skipped, State, Success
from prefect.tasks.control_flow import merge


@task
def numbers(count: int) -> list[int]:
    return list(range(count))


@task
def scale(x: int, factor: int) -> int:
    return x * factor


@task
def is_large(xs: list[int]) -> bool:
    return sum(xs) > 10


@task
def say(size: str) -> str:
    return size


class Total(Task):
    """The imperative spelling beside the functional one."""

    def run(self, xs: list[int]) -> int:
        return sum(xs)


def build() -> tuple[Flow, dict[str, Task]]:
    with Flow("journey a") as flow:
        count = Parameter("count", default=3)
        scaled = scale.map(numbers(count), factor=unmapped(10))
        total = Total(name="total")(scaled)
        large = is_large(scaled)
        with case(large, True):
            big = say("large")
        with case(large, False):
            small = say("small")
        size = merge(big, small)
    return flow, {"scaled": scaled, "total": total, "big": big, "small": small, "size": size}


@pytest.mark.parametrize(("count", "total", "size"), [(3, 30, "large"), (2, 10, "small")])
def test_a_flow_run_is_a_state_that_maps_tasks_to_states(count: int, total: int, size: str) -> None:
    flow, tasks = build()
    state = flow.run(parameters={"count": count})
    assert isinstance(state, Success)
    states: dict[Task, State] = state.result
    assert set(states) == flow.tasks
    assert isinstance(states[tasks["scaled"]], Mapped)
    assert [child.result for child in states[tasks["scaled"]].map_states] == [10 * n for n in range(count)]  # type: ignore[attr-defined]
    assert states[tasks["total"]].result == total
    assert states[tasks["size"]].result == size
    assert isinstance(states[tasks["small" if size == "large" else "big"]], Skipped)


def test_nothing_is_left_in_the_context() -> None:
    before = dict(prefect.context)
    flow, _ = build()
    flow.run()
    after = dict(prefect.context)
    after.pop("caches", None)
    assert {key: value for key, value in after.items() if key in before} == {
        key: value for key, value in before.items() if key in after
    }
    assert set(after) - set(before) == set()


def test_no_database_is_opened_and_no_server_or_client_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = textwrap.dedent(
        """
        import sys
        from prefect import Flow, task

        @task
        def one():
            return 1

        with Flow("quiet") as flow:
            one()
        assert flow.run().is_successful()
        loaded = [name for name in sys.modules if name.startswith(("prefect.server", "prefect.client.", "sqlite3"))]
        assert not loaded, loaded
        """
    )
    environment: dict[str, Any] = {**os.environ, "PREFECT__HOME_DIR": str(tmp_path / "home")}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    subprocess.run([sys.executable, "-c", program], check=True, env=environment, cwd=tmp_path)
    assert not (tmp_path / "home").exists()
    assert sqlite3.sqlite_version_info >= (3, 35)

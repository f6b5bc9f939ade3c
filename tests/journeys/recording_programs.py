"""Programs that record runs into the database of their environment; tests start several at once, or let them fork.

python -m tests.journeys.recording_programs record <name> <count>    waits for a line, then records that many runs
python -m tests.journeys.recording_programs fork <children>          records a run, forks, and records in each
"""

import multiprocessing
import os
import sys
import traceback

import prefect
from prefect import Flow, Parameter, task
from prefect.backend import run_flow
from prefect.executors import LocalExecutor

WIDTH = 5


@task
def speak(number: int, name: str) -> str:
    prefect.context.logger.info("%s says %s", name, number)
    return f"{name}-{number}"


@task
def join(words: list[str]) -> str:
    return " ".join(words)


def make_flow() -> Flow:
    with Flow("recording") as flow:
        name = Parameter("name")
        join(speak.map(list(range(WIDTH)), name=prefect.unmapped(name)))
    return flow


def record(name: str) -> None:
    """Records one run and checks it as its own view shows it."""
    view = run_flow(make_flow(), parameters={"name": name}, run_name=name, executor=LocalExecutor())
    assert view.state.is_successful(), view.state
    assert view.get_task_run(task_slug="join-1").get_result() == " ".join(f"{name}-{n}" for n in range(WIDTH))


@task
def fork_in_the_middle(name: str) -> int:
    """Starts a forked process, which logs and ends like any other."""
    prefect.context.logger.info("%s before", name)
    process = multiprocessing.get_context("fork").Process(target=prefect.context.logger.info, args=("%s inside", name))
    process.start()
    process.join(60)
    prefect.context.logger.info("%s after", name)
    return process.exitcode or 0


def fork(children: int) -> None:
    record("parent before")
    pids = []
    for number in range(children):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                record(f"child {number}")
                code = 0
            except BaseException:  # noqa: BLE001  the process ends here in any case
                traceback.print_exc()
            finally:
                os._exit(code)
        pids.append(pid)
    record("parent meanwhile")
    assert [os.waitpid(pid, 0)[1] for pid in pids] == [0] * children
    record("parent after")
    with Flow("forking task") as flow:
        fork_in_the_middle("task")
    view = run_flow(flow, run_name="forking task", executor=LocalExecutor())
    assert view.get_task_run(task_slug="fork_in_the_middle-1").get_result() == 0


def main() -> None:
    if sys.argv[1] == "fork":
        fork(int(sys.argv[2]))
    else:
        name, count = sys.argv[2], int(sys.argv[3])
        make_flow()
        print("ready", flush=True)
        sys.stdin.readline()
        for number in range(count):
            record(f"{name}.{number}")


if __name__ == "__main__":
    main()

"""A program as a user would annotate it: `mypy --strict` accepts it, but for the lines whose comment says otherwise."""

from typing import assert_type

from prefect import Client, Flow, Parameter, Task, apply_map, case, flatten, tags, task, unmapped
from prefect.backend import FlowRunView, FlowView, TaskRunView, run_flow
from prefect.core.parameter import DateTimeParameter
from prefect.engine.state import State
from prefect.tasks.control_flow import ifelse, merge, switch
from prefect.tasks.prefect import create_flow_run, wait_for_flow_run
from prefect.tasks.shell import ShellTask


@task
def length(text: str, *, extra: int = 0) -> int:
    return len(text) + extra


@task(max_retries=0, nout=2)
def both(a: int, b: str = "") -> tuple[int, str]:
    return a, b


class Add(Task):
    def run(self, x: int, y: int = 1) -> int:
        return x + y


# The function itself is as it was.
assert_type(length.run("abc"), int)
assert_type(length.run("abc", extra=1), int)
assert_type(both.run(1), tuple[int, str])
assert_type(Add().run(1), int)
length.run(3)  # type: ignore[arg-type]
length.run("abc", missing=1)  # type: ignore[call-arg]
both.run()  # type: ignore[call-arg]
Add().run("x")  # type: ignore[arg-type]
_: str = length.run("abc")  # type: ignore[assignment]


def pair(text: Task) -> tuple[Task, Task]:
    return length(text), length(text, extra=1)


with Flow("typed") as flow:
    text = Parameter("text", default="abc")
    since = DateTimeParameter("since", required=False)
    number = length(text)
    assert_type(number, Task)
    # A variable may hold one task after another.
    number = both(number, b="x", upstream_tasks=[since])
    first, second = number
    assert_type(first, Task)
    added = Add()(first, y=2, task_args={"name": "added"})
    assert_type(added, Add)
    mapped = length.map(["a", "b"], extra=unmapped(1))
    again = Add().map(flatten([[1], [2]]), y=mapped)
    assert_type(again, Add)
    with case(number, 3), tags("three"):
        three = length("three")
    last = merge(three, added)
    total = last + 1 > 2
    assert_type(total, Task)
    assert_type(apply_map(pair, text=["a", "b"]), tuple[Task, Task])
    switch(number, {1: length("one")})
    ifelse(total, length("yes"), None)
    run_id = create_flow_run(flow_name="child")
    wait_for_flow_run(run_id, raise_final_state=True)
    ShellTask(command="true")(upstream_tasks=[last])

length(flow="no flow", text="x")  # type: ignore[arg-type]
length.map("x", mapped_over="y", upstream_tasks=3)  # type: ignore[arg-type]


def final(given: Flow) -> State:
    state = given.run(parameters={"text": "x"})
    assert_type(state, State | None)
    assert state is not None
    assert_type(state.is_successful(), bool)
    return state


def looked_at(flow_run_id: str) -> FlowRunView:
    view = FlowRunView.from_flow_run_id(flow_run_id)
    assert_type(view.state, State)
    assert_type(view.name, str)
    assert_type(view.labels, list[str])
    assert_type(view.get_flow_metadata(), FlowView)
    assert_type(view.get_task_run("length-1"), TaskRunView)
    assert_type(view.get_all_task_runs(), list[TaskRunView])
    assert_type(Client().create_flow_run(flow_id=view.flow_id), str)
    assert_type(Client().get_flow_run_state(flow_run_id), State)
    FlowRunView.from_flow_run_id(3)  # type: ignore[arg-type]
    assert_type(run_flow(flow, parameters={"text": "x"}), FlowRunView)
    return view.get_latest()

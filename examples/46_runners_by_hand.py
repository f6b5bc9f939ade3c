"""Runners without `flow.run()`: one walk over the graph at a time, and one task with upstream states of one's own."""

from datetime import timedelta
from typing import Any

import prefect
from prefect import Flow, Parameter, Task, task
from prefect.core import Edge
from prefect.engine import FlowRunner, TaskRunner
from prefect.engine.state import Failed, Paused, Resume, Retrying, Skipped, State, Success
from prefect.triggers import manual_only


class Add(Task):
    def run(self, x: int, y: int = 1) -> int:
        return x + y


@task(max_retries=2, retry_delay=timedelta(hours=1))
def unsteady(x: int) -> int:
    if prefect.context.task_run_count < 2:
        raise ConnectionError("try again later")
    return x


@task(trigger=manual_only)
def approve(x: int) -> str:
    return f"approved {x}"


add, above = Add(name="add"), Task(name="above")
arrow = Edge(above, add, key="x")
for upstream in (Success(result=3), Failed("no rows"), Skipped("nothing to do")):
    given: dict[Any, State] = {arrow: upstream}
    state = TaskRunner(add).run(upstream_states=given)
    print(type(upstream).__name__, "->", repr(state), state.result)
assert TaskRunner(Parameter("p")).run(context={"parameters": {"p": 8}}).result == 8

with Flow("by hand") as flow:
    start = Parameter("start", default=1)
    sum_of_it = add(start)
    steady = unsteady(sum_of_it)
    approved = approve(steady)


def show(state: State) -> None:
    print(repr(state), {each.name: type(of_it).__name__ for each, of_it in sorted(state.result.items(), key=by_name)})


def by_name(item: Any) -> str:
    return str(item[0].name)


# A walk ends where something has to wait; nobody waits for it here.
walked = FlowRunner(flow).run(return_tasks=flow.tasks, parameters={"start": 5})
show(walked)
waiting = walked.result[steady]
assert isinstance(waiting, Retrying)
assert waiting.run_count == 1

# The next walk goes on from there: what is finished does not run again.
states = dict(walked.result)
states[steady] = Retrying(run_count=1)
walked = FlowRunner(flow).run(return_tasks=flow.tasks, task_states=states)
show(walked)
assert isinstance(walked.result[approved], Paused)

states = dict(walked.result)
states[approved] = Resume()
walked = FlowRunner(flow).run(return_tasks=flow.tasks, task_states=states)
show(walked)
print(walked.result[approved].result)
assert walked.result[approved].result == "approved 6"
assert FlowRunner(flow).run(return_tasks=[above]).is_failed()

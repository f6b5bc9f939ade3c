"""A recorded run can be asked afterwards what happened, in this process or in any other."""

import math

from prefect import Flow, context, task
from prefect.backend import FlowRunView, run_flow


@task
def measure(value: float) -> float:
    context.logger.info("measuring %s", value)
    if value < 0:
        raise ValueError(f"{value} is no length")
    return math.sqrt(value)


with Flow("measurements") as flow:
    lengths = measure.map([4.0, -1.0, 9.0])

flow_run = run_flow(flow)

again = FlowRunView.from_flow_run_id(flow_run.flow_run_id)
print(again.state)
parent = again.get_task_run(task_slug="measure-1")
for child in parent.iter_mapped():
    print(child.map_index, child.state)
for line in again.get_logs():
    print(f"{line.timestamp:%H:%M:%S} {line.message.splitlines()[0]}")

assert again.state.is_failed()
assert again.get_task_run(task_slug="measure-1", map_index=2).get_result() == 3.0

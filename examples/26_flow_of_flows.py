"""A flow that runs other flows: created, waited for, and asked for a result. Nothing else has to be started."""

from pathlib import Path

from prefect import Flow, Parameter, task
from prefect.backend import run_flow
from prefect.client import Client
from prefect.tasks.prefect import create_flow_run, get_task_run_result, wait_for_flow_run


@task
def square(x: int) -> int:
    return x * x


with Flow("child") as child:
    square(Parameter("x"))

with Flow("parent") as parent:
    created = create_flow_run(flow_name="child", project_name="family", parameters={"x": 12})
    waited = wait_for_flow_run(created, stream_logs=True, raise_final_state=True)
    squared = get_task_run_result(created, "square-1", upstream_tasks=[waited])

if __name__ == "__main__":
    from prefect.storage import Local

    Client().create_project("family")
    child.storage = Local(directory=str(Path.cwd() / "flows"))
    child.result = child.storage.result
    child.register("family", no_url=True)
    run = run_flow(parent, project_name="family")
    result = run.get_task_run("get_task_run_result-1").get_result()
    print(run.state, result)
    assert run.state.is_successful()
    assert result == 144

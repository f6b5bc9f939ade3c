"""Tasks that start a run of another flow, give it a name, and ask for its end before it has begun."""

from pathlib import Path

from prefect import Client, Flow, Parameter, task
from prefect.backend import FlowRunView, run_flow
from prefect.storage import Local
from prefect.tasks.prefect import CancelFlowRun, RenameFlowRun, StartFlowRun


@task
def square(x: int) -> int:
    return x * x


with Flow("child") as child:
    square(Parameter("x"))

with Flow("parent") as parent:
    done = StartFlowRun("child", "family", parameters={"x": 12}, wait=True, name="done")()
    waiting = StartFlowRun("child", "family", parameters={"x": 13}, name="waiting")()
    named = RenameFlowRun()(flow_run_id=waiting, flow_run_name="not needed any more")
    CancelFlowRun()(flow_run_id=waiting, upstream_tasks=[named])

if __name__ == "__main__":
    Client().create_project("family")
    child.storage = Local(directory=str(Path.cwd() / "flows"))
    child.register("family", no_url=True)
    run = run_flow(parent, project_name="family")
    cancelled = FlowRunView.from_flow_run_id(run.get_task_run("waiting-1").get_result())
    print(run.state, run.get_task_run("done-1").state)
    print(cancelled.name, cancelled.state)
    assert run.state.is_successful()
    assert cancelled.name == "not needed any more"
    assert type(cancelled.state).__name__ in ("Cancelling", "Cancelled")

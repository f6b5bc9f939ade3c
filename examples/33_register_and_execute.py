"""Registered once, run later: the flow's code is stored, a run is created by name, and executed by its id."""

from pathlib import Path

from prefect import Client, Flow, Parameter, task
from prefect.backend import FlowView
from prefect.backend.execution import execute_flow_run
from prefect.run_configs import LocalRun
from prefect.storage import Local


@task
def greet(name: str) -> str:
    return f"Hello, {name}!"


with Flow("greeting", storage=Local(directory=str(Path.cwd() / "flows")), run_config=LocalRun(labels=["here"])) as flow:
    greet(Parameter("name", default="world"))
flow.result = flow.storage.result if flow.storage is not None else None

client = Client()
client.create_project("examples")
flow_id = flow.register("examples")

view = FlowView.from_flow_name("greeting", project_name="examples")
flow_run_id = client.create_flow_run(flow_id=view.flow_id, parameters={"name": "Ada"}, run_name="first-greeting")
run = execute_flow_run(flow_run_id)
print(run.name, run.state, run.get_task_run("greet-1").get_result(), "here" in run.labels)
assert view.flow_id == flow_id
assert run.get_task_run("greet-1").get_result() == "Hello, Ada!"

"""Artifacts: what a recorded task run leaves for people to read."""

from prefect import Client, Flow, task
from prefect.artifacts import create_link_artifact, create_markdown_artifact, update_markdown_artifact
from prefect.backend import run_flow


@task
def report(count: int) -> None:
    artifact = create_markdown_artifact("# working ...")
    create_link_artifact("https://example.org/report")
    assert artifact is not None
    update_markdown_artifact(artifact, f"# {count} things counted")


with Flow("artifacts") as flow:
    report(3)

run = run_flow(flow)
question = """query($run: uuid!) {
  task_run_artifact(where: {task_run: {flow_run_id: {_eq: $run}}}, order_by: {kind: asc}) {
    kind data task_run { task { name } }
  }
}"""
left = Client().graphql(question, variables={"run": run.flow_run_id}).data.task_run_artifact
for artifact in left:
    print(artifact.task_run.task.name, artifact.kind, artifact.data)
assert [artifact.kind for artifact in left] == ["link", "markdown"]
assert left[1].data["markdown"] == "# 3 things counted"

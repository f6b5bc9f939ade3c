"""Where a flow's code is and what its runs need, said in Python, sent as JSON; nothing is fetched or started here."""

from prefect import Flow, task
from prefect.run_configs import DockerRun, ECSRun, KubernetesRun, LocalRun, UniversalRun, VertexRun
from prefect.serialization.run_config import RunConfigSchema
from prefect.serialization.storage import StorageSchema
from prefect.storage import S3, Docker, Git, GitHub, GitLab, Local, Module, Webhook


@task
def hello() -> str:
    return "hello"


storages = [
    Git(repo="team/flows", flow_path="etl.py", branch_name="main"),
    GitHub(repo="team/flows", path="etl.py", ref="v1"),
    GitLab(repo="team/flows", path="etl.py"),
    S3(bucket="flows", key="etl/flow"),
    Webhook(
        build_request_kwargs={"url": "https://example.com/upload"},
        build_request_http_method="POST",
        get_flow_request_kwargs={"url": "https://example.com/flow"},
        get_flow_request_http_method="GET",
    ),
    Docker(registry_url="example.com/team", image_name="etl", python_dependencies=["pandas"]),
    Module("team.flows"),
    Local(directory="/srv/flows", validate=False),
]
run_configs = [
    LocalRun(env={"STAGE": "test"}, working_dir="/srv"),
    DockerRun(image="python:3.12", labels=["docker"]),
    KubernetesRun(cpu_request=1, memory_limit="2Gi"),
    ECSRun(cpu="1 vcpu", memory="2 GB"),
    VertexRun(machine_type="e2-standard-4"),
    UniversalRun(labels=["anywhere"]),
]

with Flow("placed", storage=storages[0], run_config=run_configs[1]) as flow:
    hello()

for storage in storages:
    sent = StorageSchema().dump(storage)
    print(sent["type"], "->", sorted(key for key, value in sent.items() if value and not key.startswith("__")))
    assert type(StorageSchema().load(sent)) is type(storage)
for run_config in run_configs:
    sent = RunConfigSchema().dump(run_config)
    print(sent["type"], sent["labels"])
    assert type(RunConfigSchema().load(sent)) is type(run_config)

serialized = flow.serialize()
assert serialized["storage"]["type"] == "Git"
assert serialized["run_config"]["image"] == "python:3.12"

state = flow.run()
assert state is not None
assert state.is_successful()

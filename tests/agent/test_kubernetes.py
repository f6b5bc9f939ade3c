"""The Kubernetes agent, with the published client library, against a stub of the cluster's HTTP API."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from prefect.agent.kubernetes import KubernetesAgent
from prefect.client.client import Client
from prefect.configuration import config
from prefect.engine.state import Cancelled, Failed
from prefect.exceptions import ConfigurationError
from prefect.run_configs import KubernetesRun, LocalRun, RunConfig
from prefect.run_configs.base import parse_yaml
from prefect.utilities.kubernetes import get_kubernetes_client
from tests.agent.running import finished, register, started, until

kubernetes = pytest.importorskip(
    "kubernetes", reason="The Kubernetes agent is not tested: the library kubernetes is not installed"
)

pytestmark = [pytest.mark.served, pytest.mark.usefixtures("database")]


class Cluster:
    """The jobs of a namespace, and their pods, which do what a test says."""

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.deleted: list[str] = []
        self.authorizations: set[str | None] = set()
        self.state: dict[str, Any] = {"running": {}}
        self.log = "the last words"

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        """What the API server would."""
        if re.fullmatch(r"/apis/batch/v1/namespaces/space/jobs", path):
            if method == "POST":
                self.jobs[body["metadata"]["name"]] = body
                return 201, body
            selector = query.get("labelSelector", [""])[0]
            key, _, value = selector.partition("=")
            return 200, {
                "kind": "JobList",
                "items": [
                    {**job, "status": self._status()}
                    for job in self.jobs.values()
                    if not value or job["metadata"]["labels"][key] == value
                ],
            }
        if match := re.fullmatch(r"/apis/batch/v1/namespaces/space/jobs/([^/]+)", path):
            self.deleted.append(match[1])
            self.jobs.pop(match[1], None)
            return 200, {"kind": "Status", "status": "Success"}
        if path == "/api/v1/namespaces/space/pods":
            status = {"name": "flow", "image": "i", "imageID": "", "ready": False, "restartCount": 0}
            pod = {
                "metadata": {"name": "the-pod"},
                "status": {"containerStatuses": [{**status, "state": self.state}]},
            }
            return 200, {"kind": "PodList", "items": [pod]}
        if path == "/api/v1/namespaces/space/pods/the-pod/log":
            return 200, self.log
        return 404, {"kind": "Status", "message": f"no {path}"}

    def _status(self) -> dict[str, int]:
        ended = self.state.get("terminated")
        if ended is None:
            return {"active": 1}
        return {"failed": 1} if ended["exitCode"] else {"succeeded": 1}

    @property
    def job(self) -> dict[str, Any]:
        (job,) = self.jobs.values()
        return job

    def end(self, exit_code: int, reason: str = "Error") -> None:
        self.state = {"terminated": {"exitCode": exit_code, "reason": reason}}


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    made = Cluster()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.authorizations.add(self.headers.get("Authorization"))
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            status, answer = made.answer(self.command, parts.path, parse_qs(parts.query), body)
            content = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain" if isinstance(answer, str) else "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_DELETE = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    named = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "stub",
        "contexts": [{"name": "stub", "context": {"cluster": "stub", "user": "stub"}}],
        "clusters": [{"name": "stub", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
        "users": [{"name": "stub", "user": {"token": "a-token"}}],
    }
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps(named))
    monkeypatch.setattr(kubernetes.config.kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def agent(**options: Any) -> KubernetesAgent:
    made = KubernetesAgent(labels=["here"], namespace="space", **options)
    made.heartbeat_period = 0.02  # looks after its jobs each time that it wakes
    return made


def run_of(tmp_path: Path, run_config: RunConfig) -> str:
    return Client().create_flow_run(register(tmp_path, run_config))


def looked_after(made: KubernetesAgent, holds: Any, what: str) -> None:
    """Wake the agent until something holds."""

    def woken() -> bool:
        made.poke()
        return bool(holds())

    until(woken, what)


def test_a_run_becomes_a_job_and_is_removed_when_it_has_ended(tmp_path: Path, cluster: Cluster) -> None:
    run_config = KubernetesRun(
        image="flows:1", env={"A": "run"}, labels=["here"], cpu_limit=2, memory_request="1G", image_pull_policy="Always"
    )
    run = run_of(tmp_path, run_config)
    mounts = [{"name": "data", "mountPath": "/data"}]
    made = agent(
        service_account_name="account",
        image_pull_secrets=["secret"],
        env_vars={"A": "agent", "B": "agent"},
        volumes=[{"name": "data", "emptyDir": {}}],
        volume_mounts=mounts,
    )
    with started(made):
        until(lambda: bool(cluster.jobs), "a job")
        job = cluster.job
        cluster.end(0)
        looked_after(made, lambda: cluster.deleted == [job["metadata"]["name"]], "the removal of the job")
    assert cluster.authorizations == {"Bearer a-token"}
    assert job["metadata"]["labels"]["prefect.io/flow_run_id"] == run
    spec = job["spec"]["template"]["spec"]
    assert (job["spec"]["backoffLimit"], spec["restartPolicy"]) == (0, "Never")
    assert (spec["serviceAccountName"], spec["imagePullSecrets"]) == ("account", [{"name": "secret"}])
    (container,) = spec["containers"]
    assert (container["image"], container["imagePullPolicy"]) == ("flows:1", "Always")
    assert container["args"] == ["prefect", "execute", "flow-run"]
    assert container["resources"] == {"limits": {"cpu": "2"}, "requests": {"memory": "1G"}}
    assert (container["volumeMounts"], spec["volumes"]) == (mounts, [{"name": "data", "emptyDir": {}}])
    environment = {each["name"]: each["value"] for each in container["env"]}
    assert (environment["A"], environment["B"]) == ("run", "agent")
    assert environment["PREFECT__CONTEXT__FLOW_RUN_ID"] == run


def test_a_template_of_the_run_is_kept_and_completed(tmp_path: Path, cluster: Cluster) -> None:
    template = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"labels": {"team": "blue"}},
        "spec": {
            "backoffLimit": 0,
            "template": {
                "spec": {
                    "containers": [
                        {"name": "beside", "image": "other"},
                        {"name": "flow", "image": "of-template", "env": [{"name": "C", "value": "template"}]},
                    ]
                }
            },
        },
    }
    run_of(tmp_path, KubernetesRun(labels=["here"], job_template=template))
    with started(agent()):
        until(lambda: bool(cluster.jobs), "a job")
    assert cluster.job["metadata"]["labels"]["team"] == "blue"
    beside, flow = cluster.job["spec"]["template"]["spec"]["containers"]
    assert beside == {"name": "beside", "image": "other"}
    assert flow["image"] == "of-template"
    assert {"name": "C", "value": "template"} in flow["env"]


@pytest.mark.parametrize(
    ("exit_code", "reason", "said"), [(3, "Error", "exit code 3"), (137, "OOMKilled", "OOMKilled")]
)
def test_a_job_that_ends_before_its_run_is_reported(
    tmp_path: Path, cluster: Cluster, exit_code: int, reason: str, said: str
) -> None:
    run = run_of(tmp_path, KubernetesRun(labels=["here"], image="i"))
    made = agent()
    with started(made):
        until(lambda: bool(cluster.jobs), "a job")
        cluster.end(exit_code, reason)
        looked_after(made, lambda: bool(cluster.deleted), "the removal of the job")
    state = finished(run).state
    assert isinstance(state, Failed)
    assert said in str(state.message)
    assert "the last words" in str(state.message)


def test_a_job_whose_image_cannot_be_pulled_fails_its_run(tmp_path: Path, cluster: Cluster) -> None:
    run = run_of(tmp_path, KubernetesRun(labels=["here"], image="no-such-image"))
    made = agent()
    cluster.state = {"waiting": {"reason": "ImagePullBackOff", "message": "not found"}}
    with started(made):
        looked_after(made, lambda: bool(cluster.deleted), "the removal of the job")
    assert "ImagePullBackOff: not found" in str(finished(run).state.message)


def test_a_cancelled_run_loses_its_job(tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config.cloud.agent, "terminate_after", 0.05)
    run = run_of(tmp_path, KubernetesRun(labels=["here"], image="i"))
    set_states = "mutation($input: set_flow_run_states_input!) { set_flow_run_states(input: $input) { states { id } } }"
    with started(agent()):
        until(lambda: bool(cluster.jobs), "a job")
        running = {"flow_run_id": run, "state": {"type": "Running", "message": "as the pod would"}}
        Client().graphql_fast(set_states, {"input": {"states": [running]}})
        Client().cancel_flow_run(run)
        assert isinstance(finished(run).state, Cancelled)
    assert len(cluster.deleted) == 1


def test_a_run_without_any_image_fails_and_says_what_to_set(tmp_path: Path, cluster: Cluster) -> None:
    run = run_of(tmp_path, KubernetesRun(labels=["here"]))
    with started(agent()):
        assert "cloud.agent.image" in str(finished(run).state.message)
    assert cluster.jobs == {}


def test_a_run_for_another_kind_of_agent_is_refused(tmp_path: Path, cluster: Cluster) -> None:
    run = run_of(tmp_path, LocalRun(labels=["here"]))
    with started(agent()):
        assert "only `KubernetesRun` is supported" in str(finished(run).state.message)


def test_the_manifest_keeps_the_key_in_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config.cloud.agent, "image", "registry.example:5000/agent:1")
    text = KubernetesAgent.generate_deployment_yaml(
        api="http://server:4200", namespace="space", rbac=True, latest=True, key="qk_x", labels=["a"], mem_limit="1G"
    )
    deployment, secret, role, binding = [parse_yaml(each) for each in text.split("---\n")]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "registry.example:5000/agent:latest"
    assert container["resources"] == {"limits": {"memory": "1G"}}
    environment = {each["name"]: each.get("value") for each in container["env"]}
    assert environment["PREFECT__CLOUD__API"] == "http://server:4200"
    assert environment["PREFECT__CLOUD__AGENT__LABELS"] == "['a']"
    assert text.count("qk_x") == 1
    assert secret["stringData"] == {"api-key": "qk_x"}
    assert (role["kind"], binding["kind"]) == ("Role", "RoleBinding")


def test_a_manifest_without_an_image_says_what_to_set() -> None:
    with pytest.raises(ConfigurationError, match=r"cloud\.agent\.image"):
        KubernetesAgent.generate_deployment_yaml()


def test_an_embedded_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config, "backend", "embedded")
    with pytest.raises(ConfigurationError, match="prefect server start"):
        KubernetesAgent()


def test_an_unknown_resource_is_refused() -> None:
    with pytest.raises(ValueError, match="No client knows 'cloud'"):
        get_kubernetes_client("cloud")

"""Runs as jobs of a Kubernetes cluster."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from prefect.agent.agent import Agent
from prefect.configuration import config
from prefect.exceptions import ClientError, ConfigurationError
from prefect.run_configs.base import parse_yaml
from prefect.run_configs.kubernetes import KubernetesRun
from prefect.utilities.agent import get_flow_image, get_flow_run_command
from prefect.utilities.filesystems import read_bytes_from_path
from prefect.utilities.graphql import GraphQLResult
from prefect.utilities.importtools import import_optional
from prefect.utilities.kubernetes import get_kubernetes_client

__all__ = ["KubernetesAgent"]

DEFAULT_JOB_TEMPLATE_PATH = str(Path(__file__).parent / "job_template.yaml")
# The container of a job in which the flow run is executed.
CONTAINER = "flow"
# Of what a pod printed, so many lines are told with its end.
TOLD_LINES = 12
# What a container of SIGKILL ends with: 128 and the number of the signal.
KILLED = 137
LOOK_SECONDS = 5
LABEL = "prefect.io/"
FLOW_RUN = f"{LABEL}flow_run_id"
# A pod that waits for one of these reasons does not begin by itself.
HOPELESS = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError")


class KubernetesAgent(Agent):
    """Starts each run as a job.

    Args:
        namespace: the namespace of the jobs; None means NAMESPACE in the environment, else "default".
        service_account_name: the service account of the jobs.
        image_pull_secrets: names of the secrets to pull images with.
        job_template_path: where the template of the jobs is, for runs whose config has none.
        volume_mounts, volumes: added to every job, as Kubernetes writes them.
        delete_finished_jobs: whether jobs that have ended are removed.

    The further arguments are those of every agent. A run whose config names no image runs in that of the setting
    `cloud.agent.image`.
    """

    run_configs = ("KubernetesRun",)

    def __init__(
        self,
        agent_config_id: str | None = None,
        namespace: str | None = None,
        service_account_name: str | None = None,
        image_pull_secrets: Iterable[str] | None = None,
        job_template_path: str | None = None,
        name: str | None = None,
        labels: Iterable[str] | None = None,
        env_vars: dict[str, str] | None = None,
        max_polls: int | None = None,
        agent_address: str | None = None,
        no_cloud_logs: bool | None = None,
        volume_mounts: list[dict[str, Any]] | None = None,
        volumes: list[dict[str, Any]] | None = None,
        delete_finished_jobs: bool = True,
    ) -> None:
        super().__init__(
            agent_config_id=agent_config_id,
            name=name,
            labels=labels,
            env_vars=env_vars,
            max_polls=max_polls,
            agent_address=agent_address,
            no_cloud_logs=no_cloud_logs,
        )
        if config.backend == "embedded":
            raise ConfigurationError(
                "A pod cannot use the embedded database, a file of this machine. Start a server that the cluster "
                "reaches with `prefect server start`, and the agent with `--api`."
            )
        secrets = os.environ.get("IMAGE_PULL_SECRETS", "")
        self.namespace = namespace or os.environ.get("NAMESPACE") or "default"
        self.service_account_name = service_account_name or os.environ.get("SERVICE_ACCOUNT_NAME")
        self.image_pull_secrets = list(image_pull_secrets or [each for each in secrets.split(",") if each])
        self.job_template_path = job_template_path or os.environ.get("JOB_TEMPLATE_PATH") or DEFAULT_JOB_TEMPLATE_PATH
        self.volume_mounts = list(volume_mounts or [])
        self.volumes = list(volumes or [])
        self.delete_finished_jobs = delete_finished_jobs
        self.job_pod_event_timestamps: dict[str, Any] = {}
        self.heartbeat_period = LOOK_SECONDS
        self._reported: set[str] = set()
        kubernetes = import_optional("kubernetes", "kubernetes", "A Kubernetes agent")
        self._refused: type[Exception] = kubernetes.client.ApiException
        self.batch_client = get_kubernetes_client("job", kubernetes_api_key_secret=None)
        self.core_client = get_kubernetes_client("pod", kubernetes_api_key_secret=None)

    def deploy_flow(self, flow_run: GraphQLResult) -> str:
        """Make a job that executes a flow run; its name, in words."""
        spec = self.generate_job_spec(flow_run)
        made = self.batch_client.create_namespaced_job(namespace=self.namespace, body=spec)
        return f"Job {made.metadata.name}"

    def heartbeat(self) -> None:
        """Look after the jobs."""
        self.manage_jobs()

    def manage_jobs(self) -> None:
        """Report the jobs that have ended, and remove them; fail the runs whose pods cannot begin."""
        listed = self.batch_client.list_namespaced_job(namespace=self.namespace, label_selector=FLOW_RUN)
        for job in listed.items:
            flow_run_id = job.metadata.labels[FLOW_RUN]
            name = job.metadata.name
            if not (job.status.succeeded or job.status.failed):
                self._look_at_waiting_pods(name, flow_run_id)
            elif name not in self._reported:
                code, said = self._end_of(name)
                killed = "SIGKILL" if code == KILLED else None
                self._has_ended(flow_run_id, exit_code=None if killed else code, signal_name=killed, said=said)
                self._reported.add(name)
                if self.delete_finished_jobs:
                    self._delete(name)

    def _pods(self, job: str) -> list[Any]:
        pods = self.core_client.list_namespaced_pod(namespace=self.namespace, label_selector=f"job-name={job}")
        return list(pods.items)

    def _end_of(self, job: str) -> tuple[int | None, str]:
        """The exit code of the container of a job, and what it said last."""
        for pod in self._pods(job):
            for status in pod.status.container_statuses or ():
                ended = status.state.terminated if status.state else None
                if ended is None:
                    continue
                said = f"{ended.reason}. " if ended.reason not in (None, "Error", "Completed") else ""
                if ended.exit_code:
                    said += self._log_of(pod.metadata.name)
                return int(ended.exit_code), said.strip()
        return None, ""

    def _log_of(self, pod: str) -> str:
        try:
            text = self.core_client.read_namespaced_pod_log(name=pod, namespace=self.namespace, tail_lines=TOLD_LINES)
        except self._refused as error:
            return f"(Its log cannot be read: {getattr(error, 'reason', error)}.)"
        return str(text).strip()

    def _look_at_waiting_pods(self, job: str, flow_run_id: str) -> None:
        """A pod whose image cannot be pulled waits for ever: its run fails, with the reason."""
        for pod in self._pods(job):
            for status in pod.status.container_statuses or ():
                waiting = status.state.waiting if status.state else None
                if waiting is not None and waiting.reason in HOPELESS:
                    said = (
                        f"The pod {pod.metadata.name} cannot begin: {waiting.reason}: {waiting.message or ''}".strip()
                    )
                    self._fail(flow_run_id, ClientError(said))
                    self._delete(job)
                    return

    def _delete(self, job: str) -> None:
        try:
            self.batch_client.delete_namespaced_job(name=job, namespace=self.namespace, propagation_policy="Foreground")
        except self._refused as error:
            if getattr(error, "status", None) != 404:
                self.logger.error("Job %s could not be removed: %s", job, error)

    def stop_flow_run(self, flow_run_id: str, force: bool) -> bool:
        """Delete the job of a run: its pod is told to end, and killed after its own grace period."""
        listed = self.batch_client.list_namespaced_job(
            namespace=self.namespace, label_selector=f"{FLOW_RUN}={flow_run_id}"
        )
        if not listed.items:
            return False
        for job in listed.items:
            self._reported.add(job.metadata.name)
            self._delete(job.metadata.name)
        # Its end will not be seen any more, once there is no job.
        self._has_ended(flow_run_id, signal_name="SIGTERM", said="The job was deleted.")
        return True

    # What a job is

    def generate_job_spec(self, flow_run: GraphQLResult) -> dict[str, Any]:
        """The job that executes a flow run: its template, with what the run and this agent add."""
        run_config = self._run_config(flow_run, KubernetesRun) or KubernetesRun()
        if run_config.job_template is not None:
            job = json.loads(json.dumps(run_config.job_template))
        else:
            path = run_config.job_template_path or self.job_template_path
            job = parse_yaml(read_bytes_from_path(path.removeprefix("agent://")).decode())
        image = run_config.image or _image_of(job)
        if (flow_run["flow"].get("storage") or {}).get("type") == "Docker" or image is None:
            image = get_flow_image(flow_run, default=str(config.cloud.agent.image) or None)

        identity = {
            f"{LABEL}identifier": uuid.uuid4().hex[:8],
            FLOW_RUN: flow_run["id"],
            f"{LABEL}flow_id": flow_run["flow"]["id"],
        }
        metadata = _inside(job, "metadata")
        metadata["name"] = f"prefect-job-{identity[f'{LABEL}identifier']}"
        _inside(metadata, "labels").update(identity)
        template = _inside(job, "spec", "template")
        _inside(template, "metadata", "labels").update(identity)
        spec = _inside(template, "spec")
        # A run that has ended must not begin anew by itself.
        spec.setdefault("restartPolicy", "Never")
        _inside(job, "spec").setdefault("backoffLimit", 0)
        account = run_config.service_account_name or self.service_account_name
        if account:
            spec["serviceAccountName"] = account
        secrets = run_config.image_pull_secrets or self.image_pull_secrets
        if secrets:
            spec["imagePullSecrets"] = [{"name": name} for name in secrets]
        if self.volumes:
            spec["volumes"] = [*(spec.get("volumes") or []), *self.volumes]

        container = _container_of(spec)
        container["image"] = image
        container["args"] = get_flow_run_command(flow_run).split()
        if run_config.image_pull_policy:
            container["imagePullPolicy"] = run_config.image_pull_policy
        if self.volume_mounts:
            container["volumeMounts"] = [*(container.get("volumeMounts") or []), *self.volume_mounts]
        environment = self._environment(flow_run, run_config)
        kept = [each for each in container.get("env") or [] if each["name"] not in environment]
        container["env"] = [*kept, *({"name": name, "value": value} for name, value in environment.items())]
        for kind in ("limit", "request"):
            for resource, asked in (("cpu", f"cpu_{kind}"), ("memory", f"memory_{kind}")):
                amount = getattr(run_config, asked)
                if amount:
                    _inside(container, "resources", f"{kind}s")[resource] = amount
        return dict(job)

    @staticmethod
    def generate_deployment_yaml(
        api: str | None = None,
        namespace: str | None = None,
        image_pull_secrets: str | None = None,
        rbac: bool = False,
        latest: bool = False,
        mem_request: str | None = None,
        mem_limit: str | None = None,
        cpu_request: str | None = None,
        cpu_limit: str | None = None,
        image_pull_policy: str | None = None,
        service_account_name: str | None = None,
        labels: Iterable[str] | None = None,
        env_vars: dict[str, str] | None = None,
        backend: str | None = None,
        key: str | None = None,
        tenant_id: str | None = None,
        agent_config_id: str | None = None,
    ) -> str:
        """The manifest of a deployment that keeps an agent running in the cluster, as YAML.

        A key is kept in a secret of the manifest, not among the arguments of the process.
        """
        image = str(config.cloud.agent.image)
        if not image:
            raise ConfigurationError(
                "There is no image for the agent: this project publishes none. Build one that has "
                "`pip install 'quaestor[kubernetes]'` and name it in the setting `cloud.agent.image` "
                "(PREFECT__CLOUD__AGENT__IMAGE)."
            )
        if latest:
            image = f"{image.rpartition(':')[0] if ':' in image.rpartition('/')[2] else image}:latest"
        namespace = namespace or "default"
        values: dict[str, str] = {
            "PREFECT__BACKEND": backend or "server",
            "PREFECT__CLOUD__API": api or str(config.cloud.api),
            "PREFECT__CLOUD__AGENT__LABELS": str(list(labels or [])),
            "PREFECT__CLOUD__AGENT__IMAGE": image,
            "NAMESPACE": namespace,
        }
        values |= {"PREFECT__CLOUD__TENANT_ID": tenant_id} if tenant_id else {}
        values |= {"IMAGE_PULL_SECRETS": image_pull_secrets} if image_pull_secrets else {}
        values |= {"SERVICE_ACCOUNT_NAME": service_account_name} if service_account_name else {}
        values |= env_vars or {}
        environment: list[dict[str, Any]] = [{"name": name, "value": value} for name, value in values.items()]
        if key:
            reference = {"name": "prefect-agent", "key": "api-key"}
            environment.append({"name": "PREFECT__CLOUD__API_KEY", "valueFrom": {"secretKeyRef": reference}})
        arguments = ["prefect", "agent", "kubernetes", "start", "--agent-address", "http://:8080"]
        if agent_config_id:
            arguments += ["--agent-config-id", agent_config_id]
        resources = {
            "limits": {"memory": mem_limit, "cpu": cpu_limit},
            "requests": {"memory": mem_request, "cpu": cpu_request},
        }
        chosen = {kind: {name: each for name, each in amounts.items() if each} for kind, amounts in resources.items()}
        container = {
            "name": "agent",
            "image": image,
            "imagePullPolicy": image_pull_policy or ("Always" if latest else "IfNotPresent"),
            "command": ["/bin/sh", "-c"],
            "args": [" ".join(arguments)],
            "env": environment,
            "livenessProbe": {
                "httpGet": {"path": "/api/health", "port": 8080},
                "initialDelaySeconds": 40,
                "periodSeconds": 40,
                "failureThreshold": 2,
            },
        }
        if any(chosen.values()):
            container["resources"] = {kind: amounts for kind, amounts in chosen.items() if amounts}
        pod: dict[str, Any] = {"containers": [container]}
        if image_pull_secrets:
            pod["imagePullSecrets"] = [{"name": image_pull_secrets}]
        if service_account_name:
            pod["serviceAccountName"] = service_account_name
        app = {"app": "prefect-agent"}
        documents: list[dict[str, Any]] = [
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "prefect-agent", "namespace": namespace, "labels": app},
                "spec": {
                    "replicas": 1,
                    "selector": {"matchLabels": app},
                    "template": {"metadata": {"labels": app}, "spec": pod},
                },
            }
        ]
        if key:
            documents.append(
                {
                    "apiVersion": "v1",
                    "kind": "Secret",
                    "metadata": {"name": "prefect-agent", "namespace": namespace},
                    "stringData": {"api-key": key},
                }
            )
        if rbac:
            documents += _access(namespace, service_account_name or "default")
        yaml = import_optional("yaml", "yaml", "A manifest in YAML")
        return "---\n".join(yaml.safe_dump(document, sort_keys=False) for document in documents)


def _access(namespace: str, account: str) -> list[dict[str, Any]]:
    """What lets the agent make jobs and read how they end."""
    metadata = {"name": "prefect-agent-rbac", "namespace": namespace}
    return [
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": metadata,
            "rules": [
                {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create", "delete", "get", "list", "watch"]},
                {"apiGroups": [""], "resources": ["pods", "pods/log", "events"], "verbs": ["get", "list", "watch"]},
            ],
        },
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": metadata,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "prefect-agent-rbac"},
            "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace}],
        },
    ]


def _inside(value: dict[str, Any], *keys: str) -> dict[str, Any]:
    """The dictionary at the end of these keys, made where it is missing."""
    for key in keys:
        found = value.get(key)
        if found is None:
            found = value[key] = {}
        value = found
    return value


def _container_of(spec: dict[str, Any]) -> dict[str, Any]:
    """The container in which the run is executed: the one of that name, else the first."""
    if not spec.get("containers"):
        spec["containers"] = [{}]
    containers: list[dict[str, Any]] = spec["containers"]
    for container in containers:
        if container.get("name") == CONTAINER:
            return container
    containers[0]["name"] = CONTAINER
    return containers[0]


def _image_of(job: Mapping[str, Any]) -> str | None:
    """The image that a template names itself."""
    containers = (((job.get("spec") or {}).get("template") or {}).get("spec") or {}).get("containers") or [{}]
    chosen = next((each for each in containers if each.get("name") == CONTAINER), containers[0])
    image: str | None = chosen.get("image")
    return image

"""Runs as containers of this machine, or of whichever machine the Docker engine is on."""

from __future__ import annotations

import os
import posixpath
import sys
import threading
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from prefect.agent.agent import Agent
from prefect.configuration import config
from prefect.exceptions import ConfigurationError
from prefect.run_configs.docker import DockerRun
from prefect.utilities.agent import get_flow_image, get_flow_run_command
from prefect.utilities.graphql import GraphQLResult
from prefect.utilities.importtools import import_optional

__all__ = ["DockerAgent"]

# Of what a container printed, so many lines are told with its end.
TOLD_LINES = 12
# What containers of SIGKILL end with: 128 and the number of the signal.
KILLED = 137
# The machine of the engine, as its containers call it.
HOST = "host.docker.internal"
LABEL = "io.prefect."


class DockerAgent(Agent):
    """Starts each run as a container.

    Args:
        base_url: where the engine answers; None means DOCKER_HOST, or the engine of this machine.
        no_pull: use the images that are there, and pull none.
        volumes: volumes of every container, each `name-or-path:path` or `name-or-path:path:ro`.
        show_flow_logs: print what the runs print.
        networks: networks that every container joins.
        reg_allow_list: registries from which images may come; None allows every one.
        docker_client_timeout: seconds to wait for the engine.

    The further arguments are those of every agent. A run whose config names no image runs in that of the setting
    `cloud.agent.image`.
    """

    run_configs = ("DockerRun",)

    def __init__(
        self,
        agent_config_id: str | None = None,
        name: str | None = None,
        labels: Iterable[str] | None = None,
        env_vars: dict[str, str] | None = None,
        max_polls: int | None = None,
        agent_address: str | None = None,
        no_cloud_logs: bool | None = None,
        base_url: str | None = None,
        no_pull: bool | None = None,
        volumes: list[str] | None = None,
        show_flow_logs: bool = False,
        networks: list[str] | None = None,
        reg_allow_list: list[str] | None = None,
        docker_client_timeout: int | None = None,
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
                "A container cannot use the embedded database, a file of this machine. Start a server with `prefect "
                "server start` and the agent with `--api`, or start a local agent."
            )
        self.base_url = base_url or os.environ.get("DOCKER_HOST")
        self.no_pull = bool(no_pull)
        self.networks = list(networks or [])
        self.show_flow_logs = show_flow_logs
        self.reg_allow_list = reg_allow_list
        self.docker_client_timeout = docker_client_timeout or 60
        self.failed_connections = 0
        self.processes: list[threading.Thread] = []
        self.named_volumes, self.container_mount_paths, self.host_spec = _volumes(volumes or [])
        self._containers: dict[str, str] = {}
        self.docker_client = self._connect()

    def _connect(self) -> Any:
        docker = import_optional("docker", "docker", "A Docker agent")
        try:
            client = docker.APIClient(base_url=self.base_url, version="auto", timeout=self.docker_client_timeout)
            client.ping()
        except docker.errors.DockerException as error:
            where = self.base_url or "this machine"
            raise ConfigurationError(
                f"The Docker engine of {where} does not answer: {error}. Is it running, and may this user use it? "
                "Another one is named with --base-url."
            ) from error
        return client

    def heartbeat(self) -> None:
        """Ask the engine whether it is there."""
        try:
            self.docker_client.ping()
        except Exception as error:  # noqa: BLE001 - docker's and those of what it is made of
            self.failed_connections += 1
            self.logger.error("The Docker engine does not answer (%d times by now): %s", self.failed_connections, error)
        else:
            self.failed_connections = 0

    def on_shutdown(self) -> None:
        """The containers go on: they belong to their runs."""
        if self._containers:
            self.logger.info("%d flow run(s) go on without this agent.", len(self._containers))

    def deploy_flow(self, flow_run: GraphQLResult) -> str:
        """Start a container that executes a flow run; its id, in words."""
        docker = import_optional("docker", "docker", "A Docker agent")
        run_config = self._run_config(flow_run, DockerRun)
        image = get_flow_image(flow_run, default=str(config.cloud.agent.image) or None)
        self._check_registry(image)
        if not self.no_pull:
            self.logger.info("Pulling image %s.", image)
            self.docker_client.pull(image)
        container = self._create(flow_run, image, run_config, docker.errors.APIError)
        container_id: str = container["Id"]
        for network in self.networks[1:]:
            self.docker_client.connect_container_to_network(container=container_id, net_id=network)
        self._containers[flow_run["id"]] = container_id
        self.docker_client.start(container=container_id)
        attending = threading.Thread(
            target=self._attend, args=(flow_run["id"], container_id), name=f"prefect-run-{container_id}", daemon=True
        )
        attending.start()
        if self.show_flow_logs:
            showing = threading.Thread(target=self.stream_flow_logs, args=(container_id,), daemon=True)
            showing.start()
            self.processes.append(showing)
        return f"Container ID: {container_id}"

    def _create(self, flow_run: GraphQLResult, image: str, run_config: DockerRun | None, refused: Any) -> Any:
        client = self.docker_client
        given = dict(getattr(run_config, "host_config", None) or {})
        ports = getattr(run_config, "ports", None)
        host: dict[str, Any] = {"binds": self.host_spec} if self.host_spec else {}
        if sys.platform == "linux":
            # Elsewhere the engine does so by itself.
            host["extra_hosts"] = {HOST: "host-gateway"}
        host.update(given)
        networking = None
        if self.networks:
            networking = client.create_networking_config({self.networks[0]: client.create_endpoint_config()})
        arguments = {
            "image": image,
            "command": get_flow_run_command(flow_run),
            "environment": self.populate_env_vars(flow_run, image, run_config),
            "volumes": self.container_mount_paths,
            "host_config": client.create_host_config(**host),
            "networking_config": networking,
            "ports": ports,
            "labels": {
                f"{LABEL}flow-name": str(flow_run["flow"].get("name") or ""),
                f"{LABEL}flow-id": flow_run["flow"]["id"],
                f"{LABEL}flow-run-id": flow_run["id"],
            },
        }
        name = "".join(each if each.isalnum() or each in "_.-" else "-" for each in flow_run.get("name") or "flow-run")
        try:
            return client.create_container(name=name, **arguments)
        except refused as error:
            if getattr(error, "status_code", None) != 409:
                raise
            # A container of this name is there: names of runs are not theirs alone.
            return client.create_container(name=f"{name}-{flow_run['id'][-12:]}", **arguments)

    def _check_registry(self, image: str) -> None:
        if self.reg_allow_list is None:
            return
        first, slash, _ = image.partition("/")
        registry = first if slash and ("." in first or ":" in first or first == "localhost") else "docker.io"
        if registry not in self.reg_allow_list:
            raise ValueError(
                f"The image {image} is of the registry {registry}, and this agent takes images only of "
                f"{', '.join(self.reg_allow_list)}."
            )

    def stream_flow_logs(self, container_id: str) -> None:
        """Print what a container prints, until it ends."""
        for chunk in self.docker_client.logs(container=container_id, stream=True, follow=True):
            print(chunk.decode("utf-8", "replace"), end="", flush=True)

    def _attend(self, flow_run_id: str, container_id: str) -> None:
        """Wait for the end of a container, report it, and remove the container."""
        client = self.docker_client
        try:
            # No time limit: a run may take days.
            code = int(client.wait(container=container_id, timeout=None)["StatusCode"])
            said = client.logs(container=container_id, tail=TOLD_LINES).decode("utf-8", "replace").strip()
            if (client.inspect_container(container_id).get("State") or {}).get("OOMKilled"):
                said = f"The container had used all the memory that it may. {said}".strip()
        except Exception as error:  # noqa: BLE001 - docker's and those of what it is made of
            # The container was removed, or the engine has gone: its heartbeat, if it lives, tells so.
            self.logger.error("The end of container %s could not be waited for: %s", container_id, error)
            self._containers.pop(flow_run_id, None)
            return
        killed = "SIGKILL" if code == KILLED else None
        self._containers.pop(flow_run_id, None)
        self._has_ended(flow_run_id, exit_code=None if killed else code, signal_name=killed, said=said)
        try:
            client.remove_container(container=container_id)
        except Exception as error:  # noqa: BLE001 - as above; a host_config may have it removed already
            self.logger.debug("Container %s was not removed: %s", container_id, error)

    def stop_flow_run(self, flow_run_id: str, force: bool) -> bool:
        """SIGTERM, or SIGKILL, to the container of a run."""
        container_id = self._containers.get(flow_run_id)
        if container_id is None:
            return False
        self.logger.info("Ending container %s of flow run %s.", container_id, flow_run_id)
        try:
            self.docker_client.kill(container=container_id, signal="SIGKILL" if force else "SIGTERM")
        except Exception as error:  # noqa: BLE001 - it has just ended, or the engine is away: the next stage comes
            self.logger.warning("Container %s could not be told to end: %s", container_id, error)
        return True

    def populate_env_vars(
        self, flow_run: GraphQLResult, image: str, run_config: DockerRun | None = None
    ) -> dict[str, str]:
        """The environment of the container; a server of this machine is found where containers see this machine."""
        environment = self._environment(flow_run, run_config)
        environment["PREFECT__CLOUD__API"] = from_a_container(environment["PREFECT__CLOUD__API"])
        return environment


def from_a_container(url: str) -> str:
    """The address of a server as a container sees it."""
    parts = urlsplit(url)
    if parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        return url
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit(parts._replace(netloc=f"{HOST}{port}"))


def _volumes(given: list[str]) -> tuple[list[str], list[str], dict[str, dict[str, str]]]:
    """The named volumes, the paths in the container, and how docker-py wants them."""
    named: list[str] = []
    paths: list[str] = []
    binds: dict[str, dict[str, str]] = {}
    for volume in given:
        parts = volume.split(":")
        mode = "rw"
        if len(parts) > 1 and parts[-1] in ("ro", "rw"):
            mode = parts.pop()
        if len(parts) > 2 or not all(parts):
            raise ValueError(f"A volume is given as HOST:CONTAINER or HOST:CONTAINER:ro, not as {volume!r}.")
        outside, inside = parts[0], parts[-1]
        if not posixpath.isabs(inside):
            raise ValueError(f"The path in the container must be absolute: {volume!r}.")
        if len(parts) == 1:
            paths.append(inside)
            continue
        if os.path.isabs(os.path.expanduser(outside)) or outside.startswith("."):
            outside = os.path.abspath(os.path.expanduser(outside))
        else:
            named.append(outside)
        paths.append(inside)
        binds[outside] = {"bind": inside, "mode": mode}
    return named, paths, binds

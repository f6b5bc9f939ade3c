"""Runs as processes of this machine, each in a group of its own, so that all of it can be ended."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO

from prefect.agent.agent import Agent, host_name, kill_group, signal_name
from prefect.configuration import config
from prefect.run_configs.local import LocalRun
from prefect.utilities.graphql import GraphQLResult

__all__ = ["LocalAgent"]

COMMAND = [sys.executable, "-m", "prefect", "execute", "flow-run"]
# Of what a process wrote on stderr, so much is told with its end.
TOLD_BYTES = 8_192
TOLD_LINES = 12


@dataclass(frozen=True)
class FlowRunProcess:
    """A process that executes a run, and where its stderr goes: a file without a name, which outlives this agent."""

    flow_run_id: str
    process: subprocess.Popen[bytes]
    errors: IO[bytes]

    def last_lines(self) -> str:
        """The end of what it wrote on stderr."""
        end = os.fstat(self.errors.fileno()).st_size
        text = os.pread(self.errors.fileno(), TOLD_BYTES, max(0, end - TOLD_BYTES))
        return "\n".join(text.decode(errors="replace").strip().splitlines()[-TOLD_LINES:])


class LocalAgent(Agent):
    """Starts each run as a process of this machine, by this Python.

    Args:
        import_paths: directories from which flows may import.
        show_flow_logs: let the runs print on this agent's terminal.
        hostname_label: have the name of this machine as a label, which flows stored here ask for.

    The further arguments are those of every agent.
    """

    run_configs = ("LocalRun",)

    def __init__(
        self,
        agent_config_id: str | None = None,
        name: str | None = None,
        labels: Iterable[str] | None = None,
        env_vars: dict[str, str] | None = None,
        import_paths: list[str] | None = None,
        show_flow_logs: bool = False,
        hostname_label: bool = True,
        max_polls: int | None = None,
        agent_address: str | None = None,
        no_cloud_logs: bool | None = None,
    ) -> None:
        self.processes: set[FlowRunProcess] = set()
        self.import_paths = list(import_paths or [])
        self.show_flow_logs = show_flow_logs
        super().__init__(
            agent_config_id=agent_config_id,
            name=name,
            labels=labels,
            env_vars=env_vars,
            max_polls=max_polls,
            agent_address=agent_address,
            no_cloud_logs=no_cloud_logs,
        )
        if hostname_label and host_name() not in self.labels:
            self.labels.append(host_name())

    def deploy_flow(self, flow_run: GraphQLResult) -> str:
        """Start a process that executes a flow run; its id, in words."""
        if (flow_run["flow"].get("storage") or {}).get("type") == "Docker":
            raise ValueError(
                f"Flow run {flow_run['id']} is of a flow that is stored in a Docker image, which a local agent cannot "
                "run. Start a Docker agent, or store the flow elsewhere."
            )
        run_config = self._run_config(flow_run, LocalRun)
        working_dir = None if run_config is None else run_config.working_dir
        if working_dir and not os.path.isdir(working_dir):
            raise ValueError(
                f"Flow run {flow_run['id']} has a `working_dir` that is no directory of this machine: {working_dir}"
            )
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the process has ended
        process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.DEVNULL,
            stdout=None if self.show_flow_logs else subprocess.DEVNULL,
            stderr=errors,
            env=self.populate_env_vars(flow_run, run_config),
            cwd=working_dir,
            # It is told to stop by its backend or this agent, not by a Ctrl-C in this agent's terminal.
            start_new_session=True,
        )
        started = FlowRunProcess(flow_run["id"], process, errors)
        self.processes.add(started)
        threading.Thread(target=self._attend, args=(started,), name=f"prefect-run-{process.pid}", daemon=True).start()
        return f"PID: {process.pid}"

    def _attend(self, started: FlowRunProcess) -> None:
        """Wait for the end of a process, and report it."""
        code = started.process.wait()
        said = started.last_lines()
        if self.show_flow_logs and said:
            print(said, file=sys.stderr, flush=True)
        started.errors.close()
        self.processes.discard(started)
        self._has_ended(
            started.flow_run_id,
            exit_code=code if code >= 0 else None,
            signal_name=signal_name(code),
            host=host_name(),
            pid=started.process.pid,
            said=said,
        )

    def stop_flow_run(self, flow_run_id: str, force: bool) -> bool:
        """SIGTERM, or SIGKILL, to the process of a run and all that it started."""
        found = [started for started in list(self.processes) if started.flow_run_id == flow_run_id]
        for started in found:
            self.logger.info("Ending process %d of flow run %s.", started.process.pid, flow_run_id)
            kill_group(started.process.pid, signal.SIGKILL if force else signal.SIGTERM)
        return bool(found)

    def on_shutdown(self) -> None:
        """The processes go on: they belong to their runs."""
        if self.processes:
            self.logger.info("%d flow run(s) go on without this agent.", len(self.processes))

    def populate_env_vars(self, flow_run: GraphQLResult, run_config: LocalRun | None = None) -> dict[str, str]:
        """The environment of the process: this agent's, and what every run needs."""
        environment = {**os.environ, **self._environment(flow_run, run_config)}
        paths = [os.getcwd(), *self.import_paths, *environment.get("PYTHONPATH", "").split(os.pathsep)]
        if run_config is not None and run_config.working_dir:
            paths.insert(0, run_config.working_dir)
        environment["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(filter(None, paths)))
        if config.backend == "embedded":
            environment["PREFECT__EMBEDDED__DATABASE"] = str(config.embedded.database)
            environment["PREFECT__HOME_DIR"] = str(config.home_dir)
        return environment

    @staticmethod
    def generate_supervisor_conf(
        token: str | None = None,
        labels: Iterable[str] | None = None,
        env_vars: dict[str, str] | None = None,
        import_paths: list[str] | None = None,
        show_flow_logs: bool = False,
        key: str | None = None,
        tenant_id: str | None = None,
        agent_config_id: str | None = None,
    ) -> str:
        """What supervisord must be told to keep a local agent running.

        A key goes into the environment of the process: everybody on the machine can read its arguments.
        """
        arguments = [sys.executable, "-m", "prefect", "agent", "local", "start"]
        for label in labels or ():
            arguments += ["--label", label]
        for name, value in (env_vars or {}).items():
            arguments += ["--env", f"{name}={value}"]
        for path in import_paths or ():
            arguments += ["--import-path", path]
        if show_flow_logs:
            arguments.append("--show-flow-logs")
        if tenant_id:
            arguments += ["--tenant-id", tenant_id]
        if agent_config_id:
            arguments += ["--agent-config-id", agent_config_id]
        lines = [
            "[unix_http_server]",
            "file=/tmp/supervisor.sock",
            "",
            "[supervisord]",
            "loglevel=debug",
            "",
            "[rpcinterface:supervisor]",
            "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
            "",
            "[supervisorctl]",
            "serverurl=unix:///tmp/supervisor.sock",
            "",
            "[program:prefect-agent]",
            # supervisord fills in what stands behind a percent sign.
            f"command={shlex.join(arguments).replace('%', '%%')}",
        ]
        if key or token:
            lines.append(f'environment=PREFECT__CLOUD__API_KEY="{(key or token or "").replace("%", "%%")}"')
        return "\n".join(lines) + "\n"

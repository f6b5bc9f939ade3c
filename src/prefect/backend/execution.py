"""Run a flow run here, now: one that is scheduled, one that was broken off, or a new one of a flow at hand."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import msgspec

from prefect.backend.flow_run import FlowRunView
from prefect.backend.query import fetch
from prefect.client.client import Client
from prefect.client.documents import FLOW_RUN_STATE
from prefect.client.transport import waiting_for_server
from prefect.configuration import config, to_environment_variables
from prefect.exceptions import ClientError, FlowStorageError, PrefectException, ServerAway, VersionLockMismatchSignal
from prefect.utilities.context import context as prefect_context

if TYPE_CHECKING:
    from prefect.core.flow import Flow
    from prefect.engine.flow_runner import FlowRunner
    from prefect.engine.state import State
    from prefect.run_configs.base import RunConfig
    from prefect.storage.base import Storage

NEWEST_FLOW = """query($name: String!, $project: String!) {
  flow(
    where: {name: {_eq: $name}, archived: {_eq: false}, project: {name: {_eq: $project}}}
    order_by: {version: desc}
    limit: 1
  ) { id serialized_flow }
}"""
WAITING_TASK_RUNS = """query($id: uuid!, $states: [String!]) {
  task_run(where: {flow_run_id: {_eq: $id}, state: {_in: $states}}, limit: 5) { state task { slug } }
}"""
RESUME = "mutation($input: resume_flow_run_input!) { resume_flow_run(input: $input) { id status } }"

EXECUTE = [sys.executable, "-m", "prefect", "execute", "flow-run"]

# The variable of a run config by which a run gets a log level of its own, in whatever process it is executed.
LOG_LEVEL = "PREFECT__LOGGING__LEVEL"

# What a process that executes a flow run takes over of the settings of the one that starts it.
PASSED_ON = ("logging.level", "logging.format", "logging.datefmt", "cloud.send_flow_run_logs")


# Runs that are recorded already


def wait_for_backend(flow_run_id: str) -> None:
    """Wait while nothing answers, in a process that was started because the backend had this run to give.

    Raises:
        ServerAway: nothing answered within `cloud.spool.patience`.
    """
    from prefect.engine.cloud.spool import until_back
    from prefect.utilities.logging import get_logger

    client = Client().impatient()
    if not client.resends:
        return
    patience = float(config.cloud.spool.patience)
    end = time.monotonic() + patience
    is_told = False

    def pause(seconds: float) -> None:
        nonlocal is_told
        left = end - time.monotonic()
        if left <= 0:
            raise ServerAway(f"Nothing has answered at {client.api_server} for {patience:.0f} seconds.")
        if not is_told:
            is_told = True
            get_logger("backend.execution").warning(
                "The backend at %s is away; flow run %s waits for it, up to %d seconds.",
                client.api_server,
                flow_run_id,
                patience,
            )
        time.sleep(min(seconds, left))

    until_back(lambda: client.graphql_fast(FLOW_RUN_STATE, {"id": flow_run_id}), pause)


def execute_flow_run(
    flow_run_id: str, flow: Flow | None = None, runner_cls: type[FlowRunner] | None = None, **kwargs: Any
) -> FlowRunView:
    """Run a flow run in this process until it is finished; the view of the finished run.

    A run that was broken off, or failed, goes on: what durably finished is not run again. A run that has succeeded or
    was cancelled is left as it is. Without `flow` it is loaded from its storage. Further keywords go to the runner.
    """
    given_context = kwargs.pop("context", None) or {}
    # A backend that goes away before the run could begin ends it as little as one that goes away later.
    with waiting_for_server(float(config.cloud.spool.patience)):
        view = FlowRunView.from_flow_run_id(flow_run_id)
        state = view.state
        if state.is_finished() and not state.is_failed():
            return view
        if flow is None:
            flow, secrets = _load_flow(view)
            if secrets:
                given_context = {**given_context, "secrets": {**secrets, **given_context.get("secrets", {})}}
        if state.is_finished() or state.is_running():
            _take_over(view)
    kwargs.setdefault("executor", flow.executor)
    context = {**given_context, "flow_run_id": view.flow_run_id, "flow_id": view.flow_id}
    level = (getattr(view.run_config, "env", None) or {}).get(LOG_LEVEL)
    if level is not None:
        context["log_level"] = level
    state = _recording_class(runner_cls)(flow=flow).run(context=context, **kwargs)
    _refuse_to_view_what_waits(view.flow_run_id, state)
    return FlowRunView.from_flow_run_id(view.flow_run_id)


def waiting_tasks(view: FlowRunView) -> list[str]:
    """A few of the task runs of a run that wait for their time or for a person, each with its state."""
    from prefect.engine import state as states

    kinds = {
        kind.__name__ for kind in vars(states).values() if isinstance(kind, type) and issubclass(kind, states.Scheduled)
    }
    found = fetch(WAITING_TASK_RUNS, {"id": view.flow_run_id, "states": sorted(kinds)})["task_run"]
    return [f"{row['task']['slug']} is {row['state']}" for row in found]


def _refuse_to_view_what_waits(flow_run_id: str, state: State) -> None:
    """At its end the run has waited long enough for a backend that is away, whose view would be that of before."""
    from prefect.engine.cloud.spool import Spool

    with contextlib.closing(Spool(flow_run_id, config.cloud.api)) as spool:
        is_waiting = spool.is_waiting()
    if is_waiting:
        raise ServerAway(
            f"Flow run {flow_run_id} is over ({state!r}), but its backend is away: what it has to be told waits in "
            f"{spool.path}, and the next run or agent of this machine tells it."
        )


def _load_flow(view: FlowRunView) -> tuple[Flow, dict[str, Any]]:
    """The flow of a run, from its storage; and the secrets of the context, those that the storage names among them."""
    flow_view = view.get_flow_metadata()
    with failing_the_run_on_error(view):
        if flow_view.storage is None:
            raise FlowStorageError(
                f"The code of flow {flow_view.name!r} was not stored, so run {view.flow_run_id} cannot be run from "
                "its id alone. Call execute_flow_run(flow_run_id, flow=...) in a program that builds the flow."
            )
        storage: Storage = flow_view.storage
        secrets = _with_secrets_of(storage)
        with prefect_context(secrets=secrets):
            return storage.get_flow(flow_view.name), secrets


def _with_secrets_of(storage: Storage) -> dict[str, Any]:
    """The secrets of the context and those that the storage names, fetched now."""
    from prefect.client.secrets import Secret

    secrets = dict(prefect_context.get("secrets") or {})
    secrets.update((name, Secret(name).get()) for name in storage.secrets)
    return secrets


@contextlib.contextmanager
def failing_the_run_on_error(view: FlowRunView) -> Iterator[None]:
    """A block whose errors are written to the flow run, as its state and a line of its log."""
    try:
        yield
    except Exception as error:
        if not view.state.is_finished():
            _record_failure(view, error)
        if isinstance(error, PrefectException):
            raise
        raise FlowStorageError(
            f"The flow of run {view.flow_run_id} could not be loaded: {type(error).__name__}: {error}"
        ) from error


def _record_failure(view: FlowRunView, error: Exception) -> None:
    from prefect.engine.state import Failed

    # The repr of an OSError leaves out which file it is about.
    told = f"{type(error).__name__}({str(error)!r})" if isinstance(error, OSError) else repr(error)
    message = f"Failed to load and execute flow run: {told}"
    client = Client()
    client.set_flow_run_state(view.flow_run_id, Failed(message))
    lines = [message, *_where_it_went_wrong(error), _where_the_code_is(view)]
    line = {
        "flow_run_id": view.flow_run_id,
        "name": "execute flow-run",
        "message": "\n".join(lines),
        "level": "ERROR",
    }
    client.write_run_logs([line])


def _where_it_went_wrong(error: Exception) -> list[str]:
    """The lines of the user's files that an error came through, as a traceback shows them."""
    own = os.path.dirname(os.path.dirname(__file__)) + os.sep
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((own, "<frozen", os.path.dirname(os.__file__) + os.sep))
    ]
    return "".join(traceback.format_list(frames)).splitlines()


def _where_the_code_is(view: FlowRunView) -> str:
    flow = view.get_flow_metadata()
    place = f"This was on {socket.gethostname()}, with {sys.executable}."
    if flow.storage is None:
        return place
    location = (flow.storage.flows or {}).get(flow.name)
    kept = f"The flow {flow.name!r} was registered as kept by {type(flow.storage).__name__} storage"
    return f"{kept}{f' at {location}' if location else ''}. {place} If it is elsewhere now, register it again."


def _take_over(view: FlowRunView) -> None:
    """Make this process the one that runs a run which another has broken off."""
    from prefect.engine.cloud.backend_runs import announced_interval, owner

    given = {"flow_run_id": view.flow_run_id, "owner": owner(), **announced_interval()}
    try:
        Client().graphql_fast(RESUME, {"input": given})
    except VersionLockMismatchSignal as signal:
        # The run goes on elsewhere; nothing of this process has to end for that.
        raise ClientError(str(signal)) from None


def _recording_class(runner_cls: type[FlowRunner] | None) -> type[FlowRunner]:
    """The runner class, recording what it does; a program's own subclass keeps everything that it overrides."""
    from prefect.engine.cloud import CloudFlowRunner
    from prefect.engine.flow_runner import FlowRunner

    if runner_cls is None or runner_cls is FlowRunner:
        return CloudFlowRunner
    if issubclass(runner_cls, CloudFlowRunner):
        return runner_cls
    return type(f"Recorded{runner_cls.__name__}", (runner_cls, CloudFlowRunner), {})


def execute_flow_run_in_subprocess(
    flow_run_id: str, run_api_key: str | None = None, include_local_env: bool = True
) -> FlowRunView:
    """Run a flow run in a process of its own, with the environment of its run config; the view of the finished run."""
    view = FlowRunView.from_flow_run_id(flow_run_id)
    environment = _environment_of(view, run_api_key, include_local_env)
    ended = subprocess.run(EXECUTE, env=environment, check=False)
    view = FlowRunView.from_flow_run_id(view.flow_run_id)
    if ended.returncode != 0 and not view.state.is_finished():
        raise RuntimeError(
            f"The process that ran flow run {view.flow_run_id} ended with code {ended.returncode}, "
            f"leaving the run {view.state!r}."
        )
    return view


def start_flow_run(flow_run_id: str) -> subprocess.Popen[bytes]:
    """Start a process that runs a flow run, and do not wait for it; what it prints is in the log of the run."""
    view = FlowRunView.from_flow_run_id(flow_run_id)
    return subprocess.Popen(EXECUTE, env=_environment_of(view), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def _environment_of(
    view: FlowRunView, run_api_key: str | None = None, include_local_env: bool = True
) -> dict[str, str]:
    """The environment of a process of this machine that is to run a flow run."""
    if view.run_config is None:
        from prefect.run_configs import UniversalRun

        run_config: RunConfig = UniversalRun()
    else:
        run_config = view.run_config
    environment = generate_flow_run_environ(
        flow_run_id=view.flow_run_id,
        flow_id=view.flow_id,
        run_config=run_config,
        run_api_key=run_api_key,
        include_local_env=include_local_env,
    )
    # It must find what this program finds, or it could not import what the flow imports.
    environment["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([os.getcwd(), *filter(None, sys.path)]))
    return environment


def generate_flow_run_environ(
    flow_run_id: str,
    flow_id: str,
    run_config: RunConfig,
    run_api_key: str | None = None,
    include_local_env: bool = False,
) -> dict[str, str]:
    """The environment of a process that is to execute a flow run.

    Later wins: this process's environment (if `include_local_env`), its settings, the run config's, the run's own.
    """
    environment = dict(os.environ) if include_local_env else {}
    environment.update(to_environment_variables(config, include=PASSED_ON))
    environment.update(getattr(run_config, "env", None) or {})
    environment.update(
        {
            "PREFECT__BACKEND": str(config.backend),
            "PREFECT__CLOUD__API": str(config.cloud.api),
            "PREFECT__CLOUD__TENANT_ID": str(config.cloud.tenant_id or ""),
            "PREFECT__CLOUD__API_KEY": run_api_key or config.cloud.api_key or "",
            "PREFECT__CONTEXT__FLOW_RUN_ID": flow_run_id,
            "PREFECT__CONTEXT__FLOW_ID": flow_id,
            "PREFECT__ENGINE__FLOW_RUNNER__DEFAULT_CLASS": "prefect.engine.cloud.CloudFlowRunner",
        }
    )
    # Older clients read the key under this name.
    environment["PREFECT__CLOUD__AUTH_TOKEN"] = environment["PREFECT__CLOUD__API_KEY"]
    if config.backend == "embedded":
        environment["PREFECT__EMBEDDED__DATABASE"] = str(config.embedded.database)
        environment["PREFECT__HOME_DIR"] = str(config.home_dir)
    return environment


# Flows at hand


def run_flow(
    flow: Flow,
    parameters: dict[str, Any] | None = None,
    project_name: str = "default",
    *,
    run_name: str | None = None,
    labels: list[str] | None = None,
    context: dict[str, Any] | None = None,
    runner_cls: type[FlowRunner] | None = None,
    **kwargs: Any,
) -> FlowRunView:
    """Run a flow here, recorded; the view of the finished run.

    The flow is registered in the project where it is new or has changed since; the project is made where it is
    missing. Further keywords go to the runner: `executor`, `task_states`. A schedule is not waited for.
    """
    values = flow._parameter_values(dict(parameters or {}), kwargs)
    recorded = recordable(values)
    client = Client()
    flow_id = register_if_changed(client, flow, project_name)
    flow_run_id = client.create_flow_run(
        flow_id=flow_id, parameters=recorded, run_name=run_name, labels=labels, context=context
    )
    return execute_flow_run(flow_run_id, flow=flow, runner_cls=runner_cls, parameters=values, **kwargs)


def record_flow_run(
    flow: Flow,
    parameters: Mapping[str, Any] | None,
    runner_cls: type[FlowRunner] | None,
    run_on_schedule: bool,
    *,
    project_name: str = "default",
    **kwargs: Any,
) -> State | None:
    """What `flow.run()` does when it records: run the flow here, as its schedule says; the final state.

    Each scheduled run becomes a run of its own.
    """
    from prefect.engine.until_finished import run_until_finished

    client = Client()
    flow_id = register_if_changed(client, flow, project_name)
    recording: Any = _recording_class(runner_cls)

    class Recorder(recording):  # type: ignore[misc]
        """The runner of one recorded run, which exists from the moment in which the runner is first called."""

        flow_run_id: str | None = None

        def run(self, *args: Any, **given: Any) -> State:
            context = dict(given.pop("context", None) or {})
            if self.flow_run_id is None:
                values = dict(given.get("parameters") or {})
                start: datetime | None = context.get("scheduled_start_time")
                self.flow_run_id = client.create_flow_run(
                    flow_id=flow_id, parameters=recordable(values), scheduled_start_time=start
                )
            context["flow_run_id"] = self.flow_run_id
            state: State = super().run(*args, context=context, **given)
            return state

    kwargs.setdefault("executor", flow.executor)
    return run_until_finished(flow, parameters, Recorder, run_on_schedule, **kwargs)


def register_if_changed(client: Client, flow: Flow, project_name: str) -> str:
    """The id of the flow in the backend: of its newest version, or of a new one where the flow differs from it."""
    serialized, digest = _described(flow)
    newest = client.graphql_fast(NEWEST_FLOW, {"name": flow.name, "project": project_name})["flow"]
    known = bool(newest) and _what_it_is(newest[0]["serialized_flow"] or {}) == _what_it_is(serialized)
    storage = _kept_or_warned(flow, digest, known)
    if known:
        return cast(str, newest[0]["id"])
    serialized["storage"] = None if storage is None else storage.serialize()
    project_id = client.create_project(project_name)
    return client.create_flow(serialized, project_id, set_schedule_active=False, idempotency_key=digest)


def registration(flow: Flow) -> tuple[dict[str, Any], str]:
    """The flow as it is registered, its code stored; and a digest of what it is."""
    from prefect.storage.local import Local

    serialized, digest = _described(flow)
    own = _storage_of_its_own(flow)
    storage = own.build() if own is not None else _kept_or_warned(flow, digest)
    serialized["storage"] = None if storage is None else storage.serialize()
    if storage is not None and serialized.get("run_config") is not None:
        # Only agents that reach the storage can run the flow; what is kept here, those of this machine.
        reach = storage.labels if own is not None else Local(validate=False).labels
        serialized["run_config"]["labels"] = sorted({*serialized["run_config"]["labels"], *reach})
    return serialized, digest


def _described(flow: Flow) -> tuple[dict[str, Any], str]:
    serialized = flow.serialize()
    digest = hashlib.sha256(msgspec.json.encode(_what_it_is(serialized), order="deterministic")).hexdigest()
    return serialized, digest


def _what_it_is(serialized: Mapping[str, Any]) -> dict[str, Any]:
    """A serialized flow without where its code is kept and how it is run."""
    return {key: value for key, value in serialized.items() if key not in ("storage", "run_config", "environment")}


def _storage_of_its_own(flow: Flow) -> Storage | None:
    """The storage that the flow names, the flow among what it holds; None where its pickle is to be kept here."""
    from prefect.storage.local import Local

    storage = flow.storage
    if storage is None or (isinstance(storage, Local) and not storage.stored_as_script):
        return None
    if flow.name not in storage:
        storage.add_flow(flow)
    return storage


def _kept_or_warned(flow: Flow, digest: str, known: bool = False) -> Storage | None:
    """Where the code of the flow is, so that its runs can be resumed elsewhere; None, with a warning, where it is not.

    A storage of the flow's own is not built again for a flow that is `known`.
    """
    try:
        storage = _storage_of_its_own(flow)
        if storage is None:
            return _kept_here(flow, digest)
        return storage if known else storage.build()
    except ClientError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a user's object raises; the run is recorded all the same
        from prefect.utilities.logging import get_logger

        get_logger("backend.execution").warning(
            "The code of flow %r cannot be stored (%s: %s): its runs are recorded, and can be resumed only by a "
            "program that builds the flow.",
            flow.name,
            type(error).__name__,
            error,
        )
        return None


def _kept_here(flow: Flow, digest: str) -> Storage:
    """The flow's pickle, in a file of this machine."""
    from prefect.storage.local import Local
    from prefect.utilities.storage import flow_to_bytes_pickle
    from prefect.utilities.text import slugify

    # The path depends on what the flow is and not on when it was stored, so that the same flow keeps its version.
    directory = os.path.join(os.path.expanduser(config.home_dir), "flows")
    if isinstance(flow.storage, Local):
        directory = flow.storage.directory
    path = os.path.join(directory, slugify(flow.name), f"{digest[:16]}.prefect")
    _write(path, flow_to_bytes_pickle(flow))
    local = Local(directory=directory, validate=False, add_default_labels=False)
    local.flows[flow.name] = path
    return local


def _write(path: str, content: bytes) -> None:
    """Put a file in place whole: whoever reads it meanwhile sees the old content or the new."""
    directory = os.path.dirname(path)
    try:
        with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
            if file.read() == content:
                return
        os.makedirs(directory, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=directory, delete=False) as new:
            new.write(content)
        os.replace(new.name, path)
    except OSError as error:
        raise ClientError(f"The code of the flow cannot be stored at {path}: {error.strerror}.") from error


def recordable(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as the backend keeps them, times as text; ValueError for what JSON cannot hold."""
    recorded = {}
    for name, value in parameters.items():
        if isinstance(value, datetime):
            value = value.isoformat()
        try:
            json.dumps(value)
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError(
                f"The parameter {name!r} cannot be recorded: JSON cannot hold its value ({error}). Give the run "
                "something that says where the value is, and let a task load it."
            ) from None
        recorded[name] = value
    return recorded

"""The client of the backend: one short method for each thing that can be asked for, and no rules of its own.

Every request is a constant document with variables, one of `documents`: the backend parses, checks and plans each only
once. Which backend answers is decided by `config.backend`, unless an address is given.
"""

from __future__ import annotations

import copy
import math
import re
import unicodedata
import uuid
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, cast

import msgspec

from prefect.client import documents
from prefect.client.saved_keys import SavedKeys
from prefect.client.transport import EmbeddedTransport, HTTPTransport, NoTransport, Reply, Transport, not_json
from prefect.configuration import config, hosted_service_problem
from prefect.exceptions import AuthorizationError, ClientError, ObjectNotFoundError, VersionLockMismatchSignal
from prefect.utilities import masking
from prefect.utilities.version import VERSION

if TYPE_CHECKING:
    from logging import Logger

    from prefect.core.flow import Flow
    from prefect.engine.state import State
    from prefect.run_configs.base import RunConfig
    from prefect.utilities.graphql import GraphQLResult

JSONLike = bool | dict[str, Any] | list[Any] | str | int | float | None

# How many tasks or edges of a flow one request carries to a server.
REGISTRATION_BATCH = 500

# How many cached states a task looks through for one whose inputs match.
CACHED_STATES = 100

# How keys of our servers begin.
_OUR_KEYS = "qk_"

_decode = msgspec.json.Decoder().decode


class ProjectInfo(NamedTuple):
    """The project of a flow run."""

    id: str
    name: str


class TaskRunInfoResult(NamedTuple):
    """What a runner needs to know of a task run before it starts."""

    id: str
    task_id: str
    task_slug: str | None
    version: int
    state: State


class FlowRunInfoResult(NamedTuple):
    """What a runner needs to know of a flow run before it starts; `task_runs` are those that are not mapped."""

    id: str
    name: str
    flow_id: str
    project: ProjectInfo
    parameters: dict[str, Any]
    context: dict[str, Any] | None
    version: int
    scheduled_start_time: datetime
    state: State
    task_runs: list[TaskRunInfoResult]


def whole_seconds(interval: float) -> int:
    """An interval as it is announced to a backend."""
    return max(1, math.ceil(interval))


class Client:
    """Asks the backend, and tells it.

    `api_server` is the address of a server; without one the configuration decides. `transport` carries the requests
    another way.
    """

    def __init__(
        self,
        api_server: str | None = None,
        api_key: str | None = None,
        tenant_id: str | None = None,
        *,
        transport: Transport | None = None,
    ) -> None:
        self._attached_headers: dict[str, str] = {}
        self._is_of_1x = False
        self._tenant_id = tenant_id or None
        self.api_key: str | None = api_key or config.cloud.api_key or None
        if transport is None:
            transport = _configured_transport(api_server)
        self._transport = transport
        self.api_server = str(transport)
        if isinstance(transport, HTTPTransport):
            self._tenant_id = self._tenant_id or config.cloud.tenant_id or None
            if self.api_key is None:
                saved = self.load_auth_from_disk()
                self.api_key = saved.get("api_key") or None
                self._tenant_id = self._tenant_id or saved.get("tenant_id") or None
            if self.api_key and self.api_key.startswith(_OUR_KEYS):
                # A flow may log its environment.
                masking.remember(self.api_key)

    def __repr__(self) -> str:
        return f"Client({self.api_server!r})"

    @property
    def logger(self) -> Logger:
        """The logger of clients."""
        from prefect.utilities.logging import get_logger

        return get_logger("Client")

    # Requests

    def graphql(
        self,
        query: Any,
        raise_on_error: bool = True,
        headers: dict[str, str] | None = None,
        variables: Mapping[str, JSONLike] | None = None,
        api_key: str | None = None,
        retry_on_api_error: bool = True,
    ) -> GraphQLResult:
        """The answer to any query or mutation, given as text or as the nested dictionaries of `with_args`.

        Raises `ClientError` where the answer holds errors, unless `raise_on_error` is off.
        """
        from prefect.utilities.graphql import GraphQLResult, parse_graphql

        document = query if isinstance(query, str) else parse_graphql(query)
        envelope = self._ask(document, variables, headers, api_key, retry_on_api_error)
        if raise_on_error and envelope.get("errors"):
            _raise(envelope["errors"])
        return GraphQLResult(envelope)

    def graphql_fast(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        retry_on_api_error: bool = True,
    ) -> dict[str, Any]:
        """The data that a constant document asks for, as plain dictionaries. Raises as `graphql` does."""
        envelope = self._ask(document, variables, headers, None, retry_on_api_error)
        errors = envelope.get("errors")
        if errors:
            _raise(errors)
        return cast("dict[str, Any]", envelope["data"])

    @property
    def resends(self) -> bool:
        """Whether a request may reach the backend twice, as over a network; it should then carry an id of its own."""
        return not isinstance(self._transport, EmbeddedTransport)

    def impatient(self) -> Client:
        """The same client for who does not want to wait for a server that is away: `ServerAway` comes at once."""
        if not isinstance(self._transport, HTTPTransport):
            return self
        other = copy.copy(self)
        other._transport = self._transport.impatient()
        return other

    def check_host(self, host: str) -> None:
        """Raise `ClientError` where this backend cannot be reached from the machine `host`."""
        if isinstance(self._transport, EmbeddedTransport):
            self._transport.check_host(host)

    def _ask(
        self,
        document: str,
        variables: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        api_key: str | None = None,
        retry_on_api_error: bool = True,
    ) -> dict[str, Any]:
        transport = self._transport
        if not retry_on_api_error and isinstance(transport, HTTPTransport):
            transport = transport.once()
        sent = self._headers(headers, api_key)
        reply = transport.send(document, variables, sent)
        envelope = self._decoded(reply, "Authorization" in sent)
        if "data" not in envelope and not envelope.get("errors"):
            raise ClientError(f"{transport} answered with status {reply.status} and no data.")
        return envelope

    def _decoded(self, reply: Reply, authorized: bool) -> dict[str, Any]:
        try:
            envelope = _decode(reply.body)
        except msgspec.DecodeError:
            raise not_json(reply, self.api_server, authorized or config.backend != "cloud") from None
        if not isinstance(envelope, dict):
            raise not_json(reply, self.api_server, True)
        return envelope

    def _headers(self, more: Mapping[str, str] | None, api_key: str | None = None) -> dict[str, str]:
        headers: dict[str, str] = dict(more) if more else {}
        key = api_key or self.api_key
        if key:
            headers["Authorization"] = f"Bearer {key}"
            if self._tenant_id:
                headers["X-PREFECT-TENANT-ID"] = self._tenant_id
        if self._attached_headers:
            headers.update(self._attached_headers)
        headers["X-PREFECT-CORE-VERSION"] = VERSION
        return headers

    def get(
        self,
        path: str,
        server: str | None = None,
        headers: dict[str, str] | None = None,
        params: dict[str, JSONLike] | None = None,
        api_key: str | None = None,
        retry_on_api_error: bool = True,
    ) -> dict[str, Any]:
        """The JSON at `path` of a server."""
        return self._http("GET", path, server, headers, params, api_key)

    def post(
        self,
        path: str,
        server: str | None = None,
        headers: dict[str, str] | None = None,
        params: dict[str, JSONLike] | None = None,
        api_key: str | None = None,
        retry_on_api_error: bool = True,
    ) -> dict[str, Any]:
        """The JSON that a server answers to `params`, posted as JSON to `path`."""
        return self._http("POST", path, server, headers, params, api_key)

    def _http(
        self,
        method: str,
        path: str,
        server: str | None,
        headers: dict[str, str] | None,
        params: dict[str, JSONLike] | None,
        api_key: str | None,
    ) -> dict[str, Any]:
        transport = HTTPTransport(server, config.cloud.request_timeout) if server else self._transport
        if not isinstance(transport, HTTPTransport):
            raise ClientError(f"{self.api_server} is no server: there is nothing at {path!r}. Ask with `graphql`.")
        sent = self._headers(headers, api_key)
        reply = transport.request(method, path, params, sent)
        if reply.status >= 400:
            raise ClientError(f"{transport} answered {method} {path!r} with status {reply.status}.")
        return self._decoded(reply, "Authorization" in sent) if reply.body else {}

    def attach_headers(self, headers: dict[str, str]) -> None:
        """Send these headers with every request from now on."""
        self._attached_headers.update(headers)

    # Keys and tenants

    def load_auth_from_disk(self) -> dict[str, str]:
        """The key and tenant saved for this server; empty where none are."""
        return SavedKeys(self.api_server).read()

    def save_auth_to_disk(self) -> None:
        """Keep the key and tenant of this client for this server, in a file that only its owner may read.

        The keys of other tenants stay, for who switches between them.
        """
        SavedKeys(self.api_server).keep(self.api_key, self._tenant_id)

    def saved_keys(self) -> dict[str, str]:
        """The keys that were logged in with at this server, by the id of their tenant."""
        return SavedKeys(self.api_server).by_tenant()

    def forget_auth_on_disk(self, tenant_id: str | None = None) -> bool:
        """Keep no key of this server any more, or not that of one tenant; False where there was none."""
        return SavedKeys(self.api_server).forget(tenant_id)

    @property
    def tenant_id(self) -> str:
        """The tenant that this client works for; asked for once where it is not known."""
        if not self._tenant_id:
            if config.backend == "cloud":
                self._tenant_id = self.graphql_fast(documents.AUTH_INFO)["auth_info"]["tenant_id"]
            else:
                tenants = self.graphql_fast(documents.TENANT)["tenant"]
                if not tenants:
                    raise ClientError("The backend has no tenant yet. Run `prefect server create-tenant` to make one.")
                self._tenant_id = tenants[0]["id"]
        return cast(str, self._tenant_id)

    @tenant_id.setter
    def tenant_id(self, tenant_id: str) -> None:
        self._tenant_id = tenant_id or None

    def create_tenant(self, name: str, slug: str | None = None) -> str:
        """The id of a new tenant."""
        return self._made(documents.CREATE_TENANT, {"name": name, "slug": slug or slug_of(name)}, "create_tenant")

    def get_available_tenants(self) -> list[dict[str, Any]]:
        """Id, name and slug of every tenant that may be chosen."""
        return cast("list[dict[str, Any]]", self.graphql_fast(documents.TENANTS)["tenant"])

    def switch_tenant(self, tenant_slug: str | None = None, tenant_id: str | None = None) -> str:
        """Work for another tenant from now on; its id."""
        if not tenant_slug and not tenant_id:
            raise ValueError("Give `tenant_slug` or `tenant_id`.")
        if config.backend != "cloud":
            raise ValueError(f"Tenants are chosen by API key, and the backend {config.backend!r} has none.")
        for tenant in self.get_available_tenants():
            if tenant["id"] == tenant_id or (tenant_id is None and tenant["slug"] == tenant_slug):
                self._tenant_id = tenant["id"]
                return self.tenant_id
        wanted = f"id {tenant_id!r}" if tenant_id else f"slug {tenant_slug!r}"
        raise ClientError(f"No tenant with {wanted} may be chosen with this API key.")

    def get_default_tenant_slug(self) -> str:
        """The slug of the tenant that this client works for."""
        tenants = self.get_available_tenants()
        tenant_id = self.tenant_id
        for tenant in tenants:
            if tenant["id"] == tenant_id:
                return cast(str, tenant["slug"])
        raise ClientError(f"The backend does not list the tenant {tenant_id!r} among yours.")

    def get_cloud_url(self, subdirectory: str, id: str) -> str:
        """The address of a page of the UI: `subdirectory` is "flow", "flow-run", "task-run" ..."""
        if config.backend == "cloud":
            base = re.sub(r"api[-.]", "cloud.", self.api_server.rstrip("/"), count=1)
        elif config.server.ui.endpoint:
            base = config.server.ui.endpoint
        elif "://" in self.api_server:
            # A server shows its page where it answers.
            base = self.api_server.rstrip("/").removesuffix("/graphql").rstrip("/")
        else:
            base = f"{config.server.ui.host}:{config.server.ui.port}"  # where `prefect ui` shows the file
        return f"{base}/{self.get_default_tenant_slug()}/{subdirectory}/{id}"

    # Projects and flows

    def create_project(self, project_name: str, project_description: str | None = None) -> str:
        """The id of a new project, or of the one that has this name already."""
        project = {"name": project_name, "description": project_description, "tenant_id": self.tenant_id}
        try:
            return self._made(documents.CREATE_PROJECT, project, "create_project")
        except ClientError as error:
            if "Uniqueness violation." not in str(error):
                raise
        existing = self._project(project_name)
        if existing is None:
            raise ClientError(f"Project {project_name!r} could be neither created nor found.")
        return existing

    def _project(self, name: str) -> str | None:
        found = self.graphql_fast(documents.PROJECT, {"name": name})["project"]
        return cast(str, found[0]["id"]) if found else None

    def delete_project(self, project_name: str) -> bool:
        """Delete a project and all its flows and runs; ValueError where there is none of this name."""
        project_id = self._project(project_name)
        if project_id is None:
            raise ValueError(f"Project {project_name} not found.")
        return bool(self._told(documents.DELETE_PROJECT, {"project_id": project_id}, "delete_project", "success"))

    def register(
        self,
        flow: Flow,
        project_name: str | None = None,
        build: bool = True,
        set_schedule_active: bool = True,
        version_group_id: str | None = None,
        compressed: bool = True,
        no_url: bool = False,
        idempotency_key: str | None = None,
    ) -> str:
        """The id of the flow in the backend, as its newest version.

        With an `idempotency_key` equal to that of the newest version, that version is answered and nothing is made.
        """
        _check_that_clocks_give_parameters(flow)
        if any(edge.key for edge in flow.edges) and flow.result is None:
            warnings.warn(
                "No result handler was specified on this flow: what its tasks return is kept by the storage's "
                "default only. Set `flow.result` so that inputs can be cached and failed runs resumed.",
                stacklevel=2,
            )
        if project_name is None:
            raise TypeError("'project_name' is a required field when registering a flow.")
        project_id = self._project(project_name)
        if project_id is None:
            raise ValueError(
                f"Project {project_name} not found. Run `prefect create project '{project_name}'` to create it."
            )
        serialized = flow.serialize(build=build)
        _check_that_it_loads(serialized)
        flow_id = self.create_flow(
            serialized,
            project_id,
            set_schedule_active=set_schedule_active,
            version_group_id=version_group_id,
            compressed=compressed,
            idempotency_key=idempotency_key,
        )
        if not no_url:
            self._announce(flow, flow_id, project_name)
        return flow_id

    def _announce(self, flow: Flow, flow_id: str, project_name: str) -> None:
        if isinstance(self._transport, EmbeddedTransport):
            print(f"Flow {flow.name!r} registered in {self._transport}")
        else:
            group = self.graphql_fast(documents.FLOW_GROUP_OF_FLOW, {"id": flow_id})["flow_by_pk"]["flow_group_id"]
            print(f"Flow URL: {self.get_cloud_url('flow', group)}")
        labels = sorted(flow.run_config.labels) if flow.run_config is not None else []
        print(f" └── ID: {flow_id}\n └── Project: {project_name}\n └── Labels: {labels}")

    def create_flow(
        self,
        serialized_flow: dict[str, Any],
        project_id: str,
        *,
        set_schedule_active: bool = True,
        version_group_id: str | None = None,
        compressed: bool = True,
        idempotency_key: str | None = None,
    ) -> str:
        """The id of a flow, created from its wire form as the newest version.

        In this process the flow travels whole; to a server it goes as 1.x sends it, tasks and edges in batches.
        """
        flow: dict[str, Any] = {"project_id": project_id, "version_group_id": version_group_id}
        if idempotency_key is not None:
            flow["idempotency_key"] = idempotency_key
        if isinstance(self._transport, EmbeddedTransport):
            whole = flow | {"serialized_flow": serialized_flow, "set_schedule_active": set_schedule_active}
            return self._made(documents.CREATE_FLOW, whole, "create_flow")
        tasks, edges = serialized_flow["tasks"], serialized_flow["edges"]
        head = {key: value for key, value in serialized_flow.items() if key not in ("tasks", "edges")}
        flow["set_schedule_active"] = False
        if compressed:
            from prefect.utilities.graphql import compress

            flow["serialized_flow"] = compress(head)
            flow_id = self._made(
                documents.CREATE_FLOW_COMPRESSED, flow, "create_flow_from_compressed_string", retry=False
            )
        else:
            flow["serialized_flow"] = head
            flow_id = self._made(documents.CREATE_FLOW, flow, "create_flow", retry=False)
        for start in range(0, len(tasks), REGISTRATION_BATCH):
            batch = tasks[start : start + REGISTRATION_BATCH]
            self._told(
                documents.REGISTER_TASKS, {"flow_id": flow_id, "serialized_tasks": batch}, "register_tasks", "success"
            )
        for start in range(0, len(edges), REGISTRATION_BATCH):
            batch = edges[start : start + REGISTRATION_BATCH]
            self._told(
                documents.REGISTER_EDGES, {"flow_id": flow_id, "serialized_edges": batch}, "register_edges", "success"
            )
        if set_schedule_active:
            self._told(documents.SET_SCHEDULE_ACTIVE, {"flow_id": flow_id}, "set_schedule_active", "success")
        return flow_id

    # Flow runs

    def create_flow_run(
        self,
        flow_id: str | None = None,
        context: dict[str, Any] | None = None,
        parameters: dict[str, Any] | None = None,
        run_config: RunConfig | None = None,
        labels: list[str] | None = None,
        scheduled_start_time: datetime | None = None,
        idempotency_key: str | None = None,
        run_name: str | None = None,
        version_group_id: str | None = None,
    ) -> str:
        """The id of a new run, scheduled for now or for `scheduled_start_time`.

        A second request with the same `idempotency_key` answers the first one's run.
        """
        if not flow_id and not version_group_id:
            raise ValueError("One of flow_id or version_group_id must be provided")
        run: dict[str, Any] = {"flow_id": flow_id} if flow_id else {"version_group_id": version_group_id}
        run["idempotency_key"] = idempotency_key or uuid.uuid4().hex
        if parameters is not None:
            run["parameters"] = parameters
        if run_config is not None:
            from prefect.serialization.run_config import RunConfigSchema

            run["run_config"] = RunConfigSchema().dump(run_config)
        if labels is not None:
            run["labels"] = labels
        if context is not None:
            run["context"] = context
        if scheduled_start_time is not None:
            run["scheduled_start_time"] = scheduled_start_time.isoformat()
        if run_name is not None:
            run["flow_run_name"] = run_name
        return self._made(documents.CREATE_FLOW_RUN, run, "create_flow_run")

    def get_flow_run_info(self, flow_run_id: str) -> FlowRunInfoResult:
        """What a runner needs to know of a flow run before it starts."""
        run = self.graphql_fast(documents.FLOW_RUN_INFO, {"id": flow_run_id})["flow_run_by_pk"]
        if run is None:
            raise ObjectNotFoundError(f'Flow run ID not found: "{flow_run_id}"')
        from prefect.serialization.state import load_state

        task_runs = [
            TaskRunInfoResult(
                id=task_run["id"],
                task_id=task_run["task"]["id"],
                task_slug=task_run["task"]["slug"],
                version=task_run["version"],
                state=load_state(task_run["serialized_state"]),
            )
            for task_run in run["task_runs"]
        ]
        project = run["flow"]["project"]
        return FlowRunInfoResult(
            id=run["id"],
            name=run["name"],
            flow_id=run["flow_id"],
            project=ProjectInfo(id=project["id"], name=project["name"]),
            parameters=run["parameters"] or {},
            context=run["context"],
            version=run["version"],
            scheduled_start_time=_moment(run["scheduled_start_time"]),
            state=load_state(run["serialized_state"]),
            task_runs=task_runs,
        )

    def update_flow_run_heartbeat(
        self,
        flow_run_id: str,
        *,
        interval_seconds: float | None = None,
        holder: dict[str, Any] | None = None,
    ) -> None:
        """Say that the flow run is alive, and when the next word is to be expected, where the backend wants to know.

        `holder` is the process that lives: it says nothing of a run that was taken from it meanwhile.
        """
        run: dict[str, Any] = {"flow_run_id": flow_run_id}
        if interval_seconds is not None and not self._is_of_1x:
            run["interval_seconds"] = whole_seconds(interval_seconds)
            if holder is not None:
                run["holder"] = holder
        headers = {"X-PREFECT-HEARTBEAT-ID": flow_run_id}
        try:
            self.graphql_fast(documents.FLOW_RUN_HEARTBEAT, {"input": run}, headers)
        except ClientError as error:
            if "interval_seconds" not in str(error):
                raise
            # A server of 1.x knows no such field.
            self._is_of_1x = True
            self.graphql_fast(documents.FLOW_RUN_HEARTBEAT, {"input": {"flow_run_id": flow_run_id}}, headers)

    def report_process_exit(
        self,
        flow_run_id: str,
        *,
        exit_code: int | None = None,
        signal: str | None = None,
        host: str | None = None,
        pid: int | None = None,
        message: str | None = None,
    ) -> bool:
        """Say that the process that executed the flow run is gone; whether that has moved the run."""
        ended = {
            "flow_run_id": flow_run_id,
            "exit_code": exit_code,
            "signal": signal,
            "host": host,
            "pid": pid,
            "message": message,
        }
        return bool(self._told(documents.REPORT_EXIT, ended, "report_flow_run_process_exit", "moved"))

    def wait_for_work(
        self, labels: Sequence[str], known: Sequence[str], seconds: float, is_over: Callable[[], bool] = bool
    ) -> dict[str, Any] | None:
        """Wait until a run is due for an agent with these labels, or one of its runs is to stop.

        The answer says `due`, and in `stop` which runs of this agent are to stop besides those that are `known`. None
        where the backend lets nobody wait, and an empty answer soon after `is_over` has become true.
        """
        asked = {"seconds": seconds, "tenant_id": self.tenant_id, "labels": list(labels), "known": list(known)}
        return self._transport.wait(asked, self._headers(None), is_over)

    def wait_for_end(self, flow_run_id: str, seconds: float, is_over: Callable[[], bool] = bool) -> bool | None:
        """Wait until a flow run is to stop or has ended; whether it is, or None where the backend lets nobody wait."""
        asked = {"seconds": seconds, "flow_run_id": flow_run_id}
        answer = self._transport.wait(asked, self._headers(None), is_over)
        return None if answer is None else bool(answer["stop"])

    def set_flow_run_name(self, flow_run_id: str, name: str) -> bool:
        """Name a flow run; whether that was done."""
        run = {"flow_run_id": flow_run_id, "name": name}
        return bool(self._told(documents.SET_FLOW_RUN_NAME, run, "set_flow_run_name", "success"))

    def get_flow_run_state(self, flow_run_id: str) -> State:
        """The state a flow run is in; `ObjectNotFoundError` where there is no such run."""
        run = self.graphql_fast(documents.FLOW_RUN_STATE, {"id": flow_run_id})["flow_run_by_pk"]
        if run is None:
            raise ObjectNotFoundError(f"Flow run {flow_run_id!r} not found.")
        from prefect.serialization.state import load_state

        return load_state(run["serialized_state"])

    def set_flow_run_state(self, flow_run_id: str, state: State, version: int | None = None) -> State:
        """Propose a state; the state that the run is in now, `Queued` where the backend makes it wait."""
        from prefect.serialization.state import dump_state

        proposal = {"flow_run_id": flow_run_id, "version": version, "state": dump_state(state)}
        data = self.graphql_fast(documents.SET_FLOW_RUN_STATES, {"input": {"states": [proposal]}})
        return _accepted(state, data["set_flow_run_states"]["states"][0])

    def cancel_flow_run(self, flow_run_id: str) -> bool:
        """Ask for the end of a flow run; whether the backend knows about it now."""
        return bool(self._told(documents.CANCEL_FLOW_RUN, {"flow_run_id": flow_run_id}, "cancel_flow_run", "state"))

    # Task runs

    def get_latest_cached_states(self, task_id: str, cache_key: str | None, created_after: datetime) -> list[State]:
        """The newest Cached states of a task, or of every task with the same cache key."""
        from prefect.serialization.state import load_state

        variables: dict[str, Any] = {"after": created_after.isoformat(), "limit": CACHED_STATES}
        if cache_key is not None:
            found = self.graphql_fast(documents.CACHED_BY_KEY, variables | {"key": cache_key})
        else:
            found = self.graphql_fast(documents.CACHED_BY_TASK, variables | {"task_id": task_id})
        return [load_state(task_run["serialized_state"]) for task_run in found["task_run"]]

    def get_task_run_info(self, flow_run_id: str, task_id: str, map_index: int | None = None) -> TaskRunInfoResult:
        """The task run of a task, made where there is none yet; `map_index` of a mapped child."""
        from prefect.serialization.state import load_state

        wanted = {"flow_run_id": flow_run_id, "task_id": task_id, "map_index": -1 if map_index is None else map_index}
        info = self.graphql_fast(documents.TASK_RUN_INFO, {"input": wanted})["get_or_create_task_run_info"]
        if info is None:
            raise ObjectNotFoundError(f"Task run of task {task_id!r} in flow run {flow_run_id!r} not found.")
        state = load_state(info["serialized_state"])
        return TaskRunInfoResult(id=info["id"], task_id=task_id, task_slug=None, version=info["version"], state=state)

    def set_task_run_name(self, task_run_id: str, name: str) -> bool:
        """Name a task run; whether that was done."""
        task_run = {"task_run_id": task_run_id, "name": name}
        return bool(self._told(documents.SET_TASK_RUN_NAME, task_run, "set_task_run_name", "success"))

    def get_task_run_state(self, task_run_id: str) -> State:
        """The state a task run is in; `ObjectNotFoundError` where there is no such task run."""
        info = self.graphql_fast(documents.TASK_RUN_STATE, {"id": task_run_id})["task_run_by_pk"]
        if info is None:
            raise ObjectNotFoundError(f"Task run {task_run_id!r} not found.")
        from prefect.serialization.state import load_state

        return load_state(info["serialized_state"])

    def set_task_run_state(
        self, task_run_id: str, state: State, version: int | None = None, cache_for: timedelta | None = None
    ) -> State:
        """Propose a state; the state that the task run is in now, `Queued` where the backend makes it wait."""
        from prefect.serialization.state import dump_state

        proposal = {"task_run_id": task_run_id, "version": version, "state": dump_state(state)}
        data = self.graphql_fast(documents.SET_TASK_RUN_STATES, {"input": {"states": [proposal]}})
        return _accepted(state, data["set_task_run_states"]["states"][0])

    def set_task_run_states_batch(
        self, states: Sequence[Mapping[str, Any]], answer: str = "id status message"
    ) -> list[dict[str, Any]]:
        """Propose states of task runs in one request, as they go on the wire; what the backend says to each."""
        document = documents.mutation("set_task_run_states", f"states {{ {answer} }}")
        data = self.graphql_fast(document, {"input": {"states": list(states)}})
        return cast("list[dict[str, Any]]", data["set_task_run_states"]["states"])

    # Logs, artifacts, agents

    def write_run_logs(self, logs: list[dict[str, Any]]) -> None:
        """Record log lines of runs."""
        if not self._told(documents.WRITE_RUN_LOGS, {"logs": logs}, "write_run_logs", "success"):
            raise ValueError("The backend did not keep the log lines.")

    def create_task_run_artifact(
        self, task_run_id: str, kind: str, data: dict[str, Any], tenant_id: str | None = None
    ) -> str:
        """The id of a new artifact of a task run."""
        artifact = {"task_run_id": task_run_id, "kind": kind, "data": data, "tenant_id": tenant_id}
        return self._made(documents.CREATE_ARTIFACT, artifact, "create_task_run_artifact")

    def update_task_run_artifact(self, task_run_artifact_id: str, data: dict[str, Any]) -> None:
        """Replace what an artifact holds."""
        if task_run_artifact_id is None:
            raise ValueError("The id of an artifact must be given.")
        artifact = {"task_run_artifact_id": task_run_artifact_id, "data": data}
        self._told(documents.UPDATE_ARTIFACT, artifact, "update_task_run_artifact", "success")

    def delete_task_run_artifact(self, task_run_artifact_id: str) -> None:
        """Delete an artifact."""
        if task_run_artifact_id is None:
            raise ValueError("The id of an artifact must be given.")
        artifact = {"task_run_artifact_id": task_run_artifact_id}
        self._told(documents.DELETE_ARTIFACT, artifact, "delete_task_run_artifact", "success")

    def register_agent(
        self,
        agent_type: str,
        name: str | None = None,
        labels: list[str] | None = None,
        agent_config_id: str | None = None,
    ) -> str:
        """The id of an agent that starts to work."""
        agent = {
            "type": agent_type,
            "name": name,
            "labels": labels or [],
            "tenant_id": self.tenant_id,
            "agent_config_id": agent_config_id,
        }
        return self._made(documents.REGISTER_AGENT, agent, "register_agent")

    def get_agent_config(self, agent_config_id: str) -> dict[str, Any]:
        """The settings of an agent configuration."""
        found = self.graphql_fast(documents.AGENT_CONFIG, {"id": agent_config_id})["agent_config"]
        if not found:
            raise ObjectNotFoundError(f"Agent configuration {agent_config_id!r} not found.")
        return cast("dict[str, Any]", found[0]["settings"])

    # What only a service with accounts has

    def set_secret(self, name: str, value: Any) -> None:
        """Keep a secret in the backend."""
        if not self._told(documents.SET_SECRET, {"name": name, "value": value}, "set_secret", "success"):
            raise ValueError("The backend did not keep the secret.")

    def get_task_tag_limit(self, tag: str) -> int | None:
        """How many task runs with this tag may run at once; None where there is no limit."""
        found = self.graphql_fast(documents.TASK_TAG_LIMIT, {"tag": tag})["task_tag_limit"]
        return cast(int, found[0]["limit"]) if found else None

    def update_task_tag_limit(self, tag: str, limit: int) -> None:
        """Set how many task runs with this tag may run at once."""
        if limit < 0:
            raise ValueError("Concurrency limits must be >= 0")
        self._told(documents.UPDATE_TASK_TAG_LIMIT, {"tag": tag, "limit": limit}, "update_task_tag_limit")

    def delete_task_tag_limit(self, limit_id: str) -> None:
        """Delete a limit."""
        if limit_id is None:
            raise ValueError("The id of a limit must be given.")
        self._told(documents.DELETE_TASK_TAG_LIMIT, {"limit_id": limit_id}, "delete_task_tag_limit", "success")

    def _made(self, document: str, given: Mapping[str, Any], name: str, *, retry: bool = True) -> str:
        """The id of what a mutation made."""
        return cast(str, self._told(document, given, name, retry=retry))

    def _told(
        self, document: str, given: Mapping[str, Any], name: str, answer: str = "id", *, retry: bool = True
    ) -> Any:
        """One field of what a mutation with one input answers."""
        data = self.graphql_fast(document, {"input": given}, retry_on_api_error=retry)
        payload = data[name]
        return payload[answer] if payload is not None else None


def _configured_transport(api_server: str | None) -> Transport:
    if api_server:
        if hosted_service_problem({"backend": "server", "cloud": {"api": api_server}}) is not None:
            return NoTransport(
                f"{api_server} was the hosted service and no longer exists. Leave `api_server` out to record runs in a "
                "local file, or name a server of your own."
            )
        return HTTPTransport(api_server, config.cloud.request_timeout)
    if config.backend == "embedded":
        return EmbeddedTransport(config.embedded.database)
    problem = hosted_service_problem(config)
    if problem is not None:
        return NoTransport(problem)
    return HTTPTransport(config.cloud.api, config.cloud.request_timeout)


def _raise(errors: list[dict[str, Any]]) -> NoReturn:
    """Raise what a list of errors in an answer means."""
    described = []
    for error in errors:
        code = (error.get("extensions") or {}).get("code")
        path = ".".join(map(str, error.get("path") or ()))
        about = ", ".join(part for part in (code, path and f"at {path}") if part)
        message = error.get("message") or "no message"
        described.append(f"{message} ({about})" if about else message)
    text = "; ".join(described)
    code = (errors[0].get("extensions") or {}).get("code")
    if code == "VERSION_LOCKING_ERROR":
        raise VersionLockMismatchSignal(text)
    if code == "UNAUTHENTICATED" or "Malformed Authorization header" in text:
        raise AuthorizationError(text)
    raise ClientError(text)


def _accepted(proposed: State, answer: Mapping[str, Any]) -> State:
    if answer["status"] != "QUEUED":
        return proposed
    from prefect.engine.state import Queued
    from prefect.utilities.datetimes import utc_now

    wait = timedelta(seconds=config.cloud.queue_interval)
    return Queued(message=answer.get("message"), start_time=utc_now() + wait)


def _check_that_clocks_give_parameters(flow: Flow) -> None:
    required = {parameter.name for parameter in flow.parameters() if parameter.required}
    if flow.schedule is None or not required:
        return
    if any(not required <= set(clock.parameter_defaults) for clock in flow.schedule.clocks):
        raise ClientError(
            "Flows with required parameters can not be scheduled automatically: "
            f"give {', '.join(sorted(required))} a default, or `parameter_defaults` to every clock."
        )


def _check_that_it_loads(serialized: dict[str, Any]) -> None:
    from prefect.serialization.flow import FlowSchema

    try:
        FlowSchema().load(serialized)
    except Exception as error:
        raise ValueError(f"Flow could not be deserialized successfully. Error was: {error!r}") from error


def _moment(text: str) -> datetime:
    import pendulum

    return cast(datetime, pendulum.parse(text))


def slug_of(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")

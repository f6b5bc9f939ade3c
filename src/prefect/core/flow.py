"""A flow: a graph of tasks, and what one can ask of it. Most methods here are doors to other rooms."""

from __future__ import annotations

import os
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Set
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypedDict

from prefect.configuration import config
from prefect.core.callbacks import checked_state_handlers, failure_handler
from prefect.core.edge import Edge
from prefect.core.graph import Graph, cache
from prefect.core.parameter import Parameter
from prefect.core.task import TASK_GUIDE, NamedLogger, Task
from prefect.utilities.configuration import set_temporary_config
from prefect.utilities.context import context
from prefect.utilities.version import VERSION

if TYPE_CHECKING:
    import logging

    from prefect.engine.result import Result
    from prefect.engine.state import State
    from prefect.executors.base import Executor
    from prefect.run_configs.base import RunConfig
    from prefect.schedules.schedules import Schedule
    from prefect.storage.base import Storage

__all__ = ["Edge", "Flow", "Parameter", "ParameterDetails", "Task", "cache"]


class ParameterDetails(TypedDict):
    """What a caller must know of a parameter."""

    default: Any
    required: bool


class Flow(Graph):
    """Tasks that belong together, with their order and with what a run of them needs.

    Build it in one of two ways: inside `with Flow("name") as flow:`, where calling tasks adds them, or with
    `add_task`, `add_edge` and `set_dependencies`.

    Args:
        - name: required; the name that it is registered under
        - schedule: when it runs
        - executor, run_config, storage: how its tasks run, what a run needs, where its code is kept
        - tasks, edges, reference_tasks: what it starts with
        - state_handlers: called as `handler(flow, old_state, new_state)` at each change of state of a run
        - on_failure: called as `on_failure(flow, state)` at each failure
        - validate: whether to look for cycles now; None leaves it to the setting `flows.eager_edge_validation`
        - result: where the results of tasks that do not say it themselves are kept
        - terminal_state_handler: called as `handler(flow, state, reference_task_states)` with the final state, and
          may return another
    """

    if TYPE_CHECKING:
        logger: logging.Logger
    else:
        logger = NamedLogger()

    def __init__(
        self,
        name: str,
        schedule: Schedule | None = None,
        executor: Executor | None = None,
        run_config: RunConfig | None = None,
        storage: Storage | None = None,
        tasks: Iterable[Task] | None = None,
        edges: Iterable[Edge] | None = None,
        reference_tasks: Iterable[Task] | None = None,
        state_handlers: list[Callable[..., Any]] | None = None,
        on_failure: Callable[..., Any] | None = None,
        validate: bool | None = None,
        result: Result | None = None,
        terminal_state_handler: Callable[[Flow, State, set[State]], State | None] | None = None,
    ) -> None:
        if not name:
            raise ValueError("A name must be provided for the flow.")
        if not isinstance(name, str):
            raise TypeError(f"The name of a flow must be a string (received {name!r})")
        super().__init__()
        self.name = name
        self.schedule = schedule
        self.executor = executor
        self.run_config = run_config
        self.storage = storage
        self.result = result
        self.terminal_state_handler = terminal_state_handler
        self.state_handlers = checked_state_handlers(state_handlers)
        if on_failure is not None:
            self.state_handlers.append(failure_handler(on_failure))
        self._prefect_version = VERSION
        self._entered: list[AbstractContextManager[Any]] = []

        for task in tasks or ():
            self.add_task(task)
        for edge in edges or ():
            self.add_edge(
                upstream_task=edge.upstream_task,
                downstream_task=edge.downstream_task,
                key=edge.key,
                mapped=edge.mapped,
                flattened=edge.flattened,
                validate=False,
            )
        self.set_reference_tasks(reference_tasks or ())
        if validate or (validate is None and config["flows"]["eager_edge_validation"]):
            self.validate()

    def __repr__(self) -> str:
        return f'<{type(self).__name__}: name="{self.name}">'

    def __eq__(self, other: object) -> bool:
        """Whether two flows have the same name and, as the same objects, the same tasks, edges and reference tasks."""
        if type(self) is not type(other):
            return False
        assert isinstance(other, Flow)
        return (
            self.name == other.name
            and self.tasks == other.tasks
            and self.edges == other.edges
            and self.reference_tasks() == other.reference_tasks()
        )

    # -- building in a block

    def __enter__(self) -> Flow:
        entered = context(flow=self, _unused_task_tracker=set())
        entered.__enter__()
        self._entered.append(entered)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        unused = context.__dict__.get("_unused_task_tracker", set()) - self.tasks
        self._entered.pop().__exit__(kind, error, traceback)
        if unused and error is None:
            warnings.warn(
                f"Tasks were created but not added to the flow: {unused}. This can occur when `Task` classes, "
                "including `Parameters`, are instantiated inside a `with flow:` block but not added to the flow "
                "either explicitly or as the input to another task. For more information, see "
                f"{TASK_GUIDE}#adding-tasks-to-flows.",
                stacklevel=2,
            )

    def copy(self) -> Flow:
        """A flow of its own with the same tasks, edges and settings."""
        new = type(self).__new__(type(self))
        new.__setstate__(self.__getstate__())
        return new

    def __copy__(self) -> Flow:
        return self.copy()

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        state.pop("_entered", None)
        state.pop("logger", None)
        # Containers of its own, so that a copy can grow without this flow.
        state["tasks"] = set(self.tasks)
        state["edges"] = set(self.edges)
        state["slugs"] = dict(self.slugs)
        state["_last_slug_numbers"] = dict(self._last_slug_numbers)
        state["_reference_tasks"] = set(self._reference_tasks)
        state["constants"] = defaultdict(dict, {task: dict(values) for task, values in self.constants.items()})
        state["state_handlers"] = list(self.state_handlers)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._entered = []

    # -- running

    def run(
        self,
        parameters: dict[str, Any] | None = None,
        run_on_schedule: bool | None = None,
        runner_cls: type | None = None,
        **kwargs: Any,
    ) -> State | None:
        """Run the flow here, as its schedule says, until it is finished; returns its final state.

        `state.result` maps each task to its state. Parameters may be given by keyword as well; other keywords go to
        the runner: `executor`, `context`, `task_states`. Waits for retries and scheduled start times.
        """
        _refuse_inside_block("run", RuntimeError)
        if "return_tasks" in kwargs:
            raise ValueError(
                "The `return_tasks` keyword cannot be provided to `flow.run()`; all task states are always returned. "
                "If you want to receive a subset of task states, use a FlowRunner directly."
            )
        if run_on_schedule is None:
            run_on_schedule = bool(config["flows"]["run_on_schedule"])
        scheduled = self._parameters_of_schedule() if run_on_schedule else set()
        values = self._parameter_values(dict(parameters or {}), kwargs, scheduled)

        if config["flows"].get("record"):
            from prefect.backend.execution import record_flow_run

            recorded: State | None = record_flow_run(
                self, parameters=values, run_on_schedule=run_on_schedule, runner_cls=runner_cls, **kwargs
            )
            return recorded

        from prefect.engine import get_default_flow_runner_class
        from prefect.engine.until_finished import run_until_finished

        final: State | None = run_until_finished(
            flow=self,
            parameters=values,
            runner_cls=runner_cls or get_default_flow_runner_class(),
            run_on_schedule=run_on_schedule,
            **kwargs,
        )
        return final

    def _parameter_values(
        self, values: dict[str, Any], kwargs: dict[str, Any], scheduled: Set[str] = frozenset()
    ) -> dict[str, Any]:
        """The values given for this flow's parameters, those among the keywords included; ValueError for others."""
        known = {parameter.name: parameter for parameter in self.parameters()}
        for name in known.keys() & kwargs.keys():
            values[name] = kwargs.pop(name)

        unexpected = sorted(map(str, values.keys() - known.keys()))
        if unexpected:
            raise ValueError(f"Flow.run received the following unexpected parameters: {', '.join(unexpected)}")
        required = {name for name, parameter in known.items() if parameter.required}
        missing = sorted(required - values.keys() - scheduled)
        if missing:
            raise ValueError(f"Flow.run did not receive the following required parameters: {', '.join(missing)}")
        return values

    def _parameters_of_schedule(self) -> set[str]:
        """The parameters that every clock of the schedule brings a value for."""
        clocks = getattr(self.schedule, "clocks", None) or []
        return set.intersection(*(set(clock.parameter_defaults or {}) for clock in clocks)) if clocks else set()

    def run_agent(
        self,
        token: str | None = None,
        show_flow_logs: bool = False,
        log_to_cloud: bool | None = None,
        api_key: str | None = None,
    ) -> None:
        """Start an agent in this process that runs what is scheduled for this flow's labels; returns when it stops.

        Args:
            token: the key of older services; `api_key` is that of a server.
            show_flow_logs: whether the agent prints what the runs print.
            log_to_cloud: whether the runs' log lines are recorded; None means what the settings say.
        """
        from importlib import import_module

        try:
            local = import_module("prefect.agent.local")
        except ModuleNotFoundError as error:
            if not (error.name or "").startswith("prefect.agent"):
                raise
            raise NotImplementedError(
                "This version has no agents yet. Run the flow here with `flow.run()`, or a registered run with "
                "`prefect run --id ID --execute`."
            ) from None
        settings = {
            "cloud.agent.auth_token": token,
            "cloud.api_key": api_key,
            "cloud.send_flow_run_logs": log_to_cloud,
        }
        labels = sorted(getattr(self.run_config, "labels", None) or ())
        # The agent reads them when it is made, and hands them on to the runs that it starts.
        with set_temporary_config({name: value for name, value in settings.items() if value is not None}):
            local.LocalAgent(labels=labels, show_flow_logs=show_flow_logs).start()

    # -- wire format

    def serialize(self, build: bool = False) -> dict[str, Any]:
        """The flow in its wire format, the same in every process; with `build` its storage is built first."""
        self.validate()
        if build:
            self._build_storage()
        from prefect.serialization.flow import FlowSchema

        serialized: dict[str, Any] = FlowSchema().dump(self)
        return serialized

    def _build_storage(self) -> None:
        if self.storage is None:
            raise ValueError("This flow has no storage to build")
        if self.name in self.storage:
            warnings.warn(
                "A flow with the same name is already contained in storage; if you changed your Flow since the last "
                "build, you might experience unexpected issues and should re-create your storage object.",
                stacklevel=3,
            )
        else:
            self.storage.add_flow(self)
        self.storage = self.storage.build()

    def serialized_hash(self, build: bool = False) -> str:
        """A digest of the serialized flow, equal for equal flows in every process."""
        import hashlib
        import json

        return hashlib.sha256(json.dumps(self.serialize(build), sort_keys=True).encode()).hexdigest()

    # -- files

    def save(self, fpath: str | None = None) -> str:
        """Write the flow to a file, by default under its name in the settings' `home_dir`; returns the path."""
        import cloudpickle

        path = _saved_path(self.name) if fpath is None else str(fpath)
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        content = cloudpickle.dumps(self)
        with open(path, "wb") as file:
            file.write(content)
        return path

    @classmethod
    def load(cls, fpath: str) -> Flow:
        """The flow saved in a file, named by its path, or by the flow's name or slug. The file is trusted."""
        import cloudpickle

        from prefect.exceptions import FlowStorageError

        path = str(fpath)
        if not os.path.isabs(path) and not os.path.isfile(path):
            path = _saved_path(path)
        with open(path, "rb") as file:
            content = file.read()
        try:
            flow = cloudpickle.loads(content)
        except Exception as error:
            raise FlowStorageError(f"An error occurred while unpickling the flow:\n  {error!r}") from error
        if not isinstance(flow, Flow):
            raise FlowStorageError(f"The file {path} holds no flow, but an object of type {type(flow).__name__}.")
        return flow

    # -- looking at it

    def visualize(
        self,
        flow_state: State | None = None,
        filename: str | None = None,
        format: str | None = None,
        horizontal: bool = False,
    ) -> Any:
        """The flow as a picture, coloured by the states of a run where `flow_state` is given; notebooks show it.

        It is a `graphviz.Digraph`, or a picture of our own where graphviz is missing. With `filename` it is also
        written there, as `format`: by default PDF, or SVG without graphviz, which is then the only one.
        """
        from prefect.core.drawing import draw

        return draw(self, flow_state=flow_state, filename=filename, format=format, horizontal=horizontal)

    def diagnostics(self, include_secret_names: bool = False) -> str:
        """What a report of a problem should say about this flow and the system, as JSON without any value."""
        from prefect.utilities.diagnostics import diagnostic_info

        report: str = diagnostic_info(flow=self, include_secret_names=include_secret_names)
        return report

    # -- registering

    def register(
        self,
        project_name: str | None = None,
        build: bool = True,
        labels: list[str] | None = None,
        set_schedule_active: bool = True,
        version_group_id: str | None = None,
        no_url: bool = False,
        idempotency_key: str | None = None,
        **kwargs: Any,
    ) -> str | None:
        """Make the flow known to the backend as a new version in a project; returns the id of the flow.

        With an `idempotency_key` equal to that of the newest version nothing happens. Other keywords go to the
        storage that the settings name, where the flow has none.
        """
        _refuse_inside_block("register", ValueError)
        from prefect.client.client import Client
        from prefect.run_configs import UniversalRun
        from prefect.storage import get_default_storage_class

        if self.storage is None:
            self.storage = get_default_storage_class()(**kwargs)
        elif kwargs:
            raise TypeError(
                f"register() got unexpected keyword arguments {', '.join(sorted(kwargs))}: this flow has a storage, "
                "to which they can not be given."
            )
        if self.result is None:
            self.result = self.storage.result
        if self.run_config is None:
            self.run_config = UniversalRun()
        self.run_config.labels.update(self.storage.labels)
        if labels:
            self.run_config.labels.update(labels)

        registered: str | None = Client().register(
            flow=self,
            build=build,
            project_name=project_name,
            set_schedule_active=set_schedule_active,
            version_group_id=version_group_id,
            no_url=no_url,
            idempotency_key=idempotency_key,
        )
        return registered


def _saved_path(name: str) -> str:
    from prefect.utilities.text import slugify

    return os.path.join(os.path.expanduser(config["home_dir"]), "flows", f"{slugify(name)}.prefect")


def _refuse_inside_block(method: str, error: type[Exception]) -> None:
    if context.get("flow") is None:
        return
    raise error(
        f"Don't call `flow.{method}()` from within a `Flow` context manager.\n\n"
        "Do:\n\n"
        "  with Flow(...) as flow:\n"
        "      ...\n"
        f"  flow.{method}(...)\n\n"
        "Don't:\n\n"
        "  with Flow(...) as flow:\n"
        "      ...\n"
        f"      flow.{method}(...)"
    )

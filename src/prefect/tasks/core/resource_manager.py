"""Resources that are set up before the tasks of a block and cleaned up after them, whatever became of the tasks."""

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, overload

from prefect.core.parameter import Parameter
from prefect.core.task import Task
from prefect.engine import signals
from prefect.tasks.core.constants import Constant
from prefect.utilities.context import context

if TYPE_CHECKING:
    from prefect.core.edge import Edge
    from prefect.core.flow import Flow
    from prefect.engine.state import State

__all__ = ["ResourceManager", "resource_manager"]


def resource_cleanup_trigger(upstream_states: "dict[Edge, State]") -> bool:
    """Clean up once everything upstream is finished, unless the resource was never set up: then skip."""
    # In the order of the stages: where the first one failed, the next one did too.
    for edge, state in sorted(upstream_states.items(), key=lambda item: item[0].key or ""):
        if not state.is_finished():
            raise signals.TRIGGERFAIL(
                "Trigger was 'resource_cleanup_trigger' but some of the upstream tasks were not finished."
            )
        if edge.key not in _STAGES:
            continue
        if state.is_skipped():
            raise signals.SKIP(f"Resource manager {_STAGES[edge.key]} skipped")
        if not state.is_successful():
            raise signals.SKIP(f"Resource manager {_STAGES[edge.key]} failed")
    return True


# What the arguments of the clean-up come from.
_STAGES = {"mgr": "init", "resource": "setup"}


class ResourceInitTask(Task):
    """Makes the resource manager: an instance of the class that was decorated."""

    def __init__(self, resource_class: Callable[..., Any], **kwargs: Any) -> None:
        self.run = resource_class
        super().__init__(**kwargs)


class ResourceSetupTask(Task):
    """Calls the manager's `setup`; its result is the resource."""

    def run(self, mgr: Any) -> Any:
        return mgr.setup()


class ResourceCleanupTask(Task):
    """Calls the manager's `cleanup` with the resource. What becomes of it does not decide the state of the flow."""

    decides_final_state = False

    def run(self, mgr: Any, resource: Any = None) -> None:
        mgr.cleanup(resource)


class ResourceContext:
    """The block of tasks that use a resource."""

    def __init__(self, init_task: Task, setup_task: Task | None, cleanup_task: Task, flow: "Flow") -> None:
        self.init_task = init_task
        self.setup_task = setup_task
        self.cleanup_task = cleanup_task
        self._flow = flow
        self._tasks: dict[Task, None] = {}

    def add_task(self, task: Task, flow: "Flow") -> None:
        """Make a task that a flow has just received part of the block."""
        if flow is not self._flow:
            raise ValueError("Multiple flows cannot be used with the same resource block")
        if not isinstance(task, Parameter | Constant):
            self._tasks[task] = None

    def __enter__(self) -> Task | None:
        self._entered = context(resource=self)
        self._entered.__enter__()
        return self.setup_task

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        entered = self._entered
        del self._entered
        entered.__exit__(kind, error, traceback)
        if error is not None:
            return
        flow = self._flow
        for task in self._tasks:
            if task not in flow.tasks:
                continue
            upstream = flow.upstream_tasks(task)
            if self.setup_task is not None and self.setup_task not in upstream and upstream.isdisjoint(self._tasks):
                flow.add_edge(self.setup_task, task)
            if flow.downstream_tasks(task).isdisjoint(self._tasks):
                flow.add_edge(task, self.cleanup_task)


class ResourceManager:
    """Makes blocks of tasks that share a resource; `@resource_manager` turns a class into one.

    The class is made with the arguments of the block; `setup()` returns the resource, and `cleanup(resource)` gives
    it back. `setup` may be missing, and then the resource is None.
    """

    def __init__(
        self,
        resource_class: Callable[..., Any],
        name: str | None = None,
        init_task_kwargs: dict[str, Any] | None = None,
        setup_task_kwargs: dict[str, Any] | None = None,
        cleanup_task_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.resource_class = resource_class
        self.name = name or getattr(resource_class, "__name__", type(resource_class).__name__)
        self.init_task_kwargs = {"name": self.name, **(init_task_kwargs or {})}
        self.setup_task_kwargs = {"name": f"{self.name}.setup", "checkpoint": False, **(setup_task_kwargs or {})}
        self.cleanup_task_kwargs = {
            "name": f"{self.name}.cleanup",
            "trigger": resource_cleanup_trigger,
            "skip_on_upstream_skip": False,
            "checkpoint": False,
            **(cleanup_task_kwargs or {}),
        }

    def __call__(self, *args: Any, flow: "Flow | None" = None, **kwargs: Any) -> ResourceContext:
        """A block for a resource made with these arguments, which may be tasks."""
        if flow is None:
            flow = context.get("flow")
            if flow is None:
                raise ValueError("Could not infer an active Flow context.")
        init_task = ResourceInitTask(self.resource_class, **self.init_task_kwargs)(*args, flow=flow, **kwargs)
        setup_task = None
        if hasattr(self.resource_class, "setup"):
            setup_task = ResourceSetupTask(**self.setup_task_kwargs)(init_task, flow=flow)
        arguments: dict[str, Any] = {"mgr": init_task}
        if setup_task is not None:
            arguments["resource"] = setup_task
        cleanup_task = ResourceCleanupTask(**self.cleanup_task_kwargs)(flow=flow, **arguments)
        return ResourceContext(init_task, setup_task, cleanup_task, flow)


@overload
def resource_manager(
    resource_class: Callable[..., Any],
    *,
    name: str | None = ...,
    init_task_kwargs: dict[str, Any] | None = ...,
    setup_task_kwargs: dict[str, Any] | None = ...,
    cleanup_task_kwargs: dict[str, Any] | None = ...,
) -> ResourceManager: ...


@overload
def resource_manager(
    resource_class: None = None,
    *,
    name: str | None = ...,
    init_task_kwargs: dict[str, Any] | None = ...,
    setup_task_kwargs: dict[str, Any] | None = ...,
    cleanup_task_kwargs: dict[str, Any] | None = ...,
) -> Callable[[Callable[..., Any]], ResourceManager]: ...


def resource_manager(
    resource_class: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    init_task_kwargs: dict[str, Any] | None = None,
    setup_task_kwargs: dict[str, Any] | None = None,
    cleanup_task_kwargs: dict[str, Any] | None = None,
) -> ResourceManager | Callable[[Callable[..., Any]], ResourceManager]:
    """A resource manager from a class; a decorator, with or without arguments for the tasks it makes."""

    def decorate(decorated: Callable[..., Any]) -> ResourceManager:
        return ResourceManager(
            decorated,
            name=name,
            init_task_kwargs=init_task_kwargs,
            setup_task_kwargs=setup_task_kwargs,
            cleanup_task_kwargs=cleanup_task_kwargs,
        )

    return decorate if resource_class is None else decorate(resource_class)

"""What a unit of work is, and how calling one binds it into a flow."""

from __future__ import annotations

import enum
import inspect
import typing
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar
from weakref import WeakKeyDictionary

from prefect.configuration import config
from prefect.core.callbacks import checked_state_handlers, failure_handler
from prefect.engine.cache_validators import duration_only, never_use
from prefect.triggers import all_successful
from prefect.utilities.context import context

if TYPE_CHECKING:
    import logging

    from prefect.core.edge import Edge, EdgeAnnotation
    from prefect.core.flow import Flow
    from prefect.engine.result import Result
    from prefect.engine.state import State

__all__ = ["EXTRA_CALL_PARAMETERS", "NoDefault", "Task", "TaskMetaclass", "instance_property"]

TaskT = TypeVar("TaskT", bound="Task")

TASK_GUIDE = "https://docs.prefect.io/core/advanced_tutorials/task-guide.html"


class NoDefault(enum.Enum):
    """Stands for "no default was given", where None would be a default."""

    value = "no_default"

    def __repr__(self) -> str:
        return "<no default>"


# What every task accepts when it is called, besides the arguments of its run method.
EXTRA_CALL_PARAMETERS = [
    inspect.Parameter("mapped", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=bool),
    inspect.Parameter("task_args", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=dict),
    inspect.Parameter("upstream_tasks", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=typing.Iterable[Any]),
    inspect.Parameter("flow", inspect.Parameter.KEYWORD_ONLY, default=None, annotation="Flow"),
]
_RESERVED_ARGUMENTS = tuple(parameter.name for parameter in EXTRA_CALL_PARAMETERS)


class RunFacts:
    """What can be known of a run method by looking at it: computed once for each function, shared by its tasks."""

    __slots__ = ("accepted", "call_signature", "inputs", "nout", "outputs", "positional", "positional_only", "required",
                 "signature", "var_keyword")  # fmt: skip

    def __init__(self, run: Callable[..., Any]) -> None:
        self.signature = inspect.signature(run)
        parameters = list(self.signature.parameters.values())
        self.positional_only = [p.name for p in parameters if p.kind is p.POSITIONAL_ONLY]
        named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        self.positional = tuple(p.name for p in named if p.kind is p.POSITIONAL_OR_KEYWORD)
        self.accepted = frozenset(p.name for p in named)
        self.required = frozenset(p.name for p in named if p.default is p.empty)
        self.var_keyword = next((p.name for p in parameters if p.kind is p.VAR_KEYWORD), None)
        self.inputs = {
            p.name: {
                "type": Any if p.annotation is p.empty else p.annotation,
                "default": None if p.default is p.empty else p.default,
                "required": p.default is p.empty,
            }
            for p in parameters
        }
        returned = self.signature.return_annotation
        self.outputs = Any if returned is inspect.Signature.empty else returned
        self.nout = _tuple_length(returned)
        self.call_signature = _call_signature(parameters)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The arguments by name, as calling the run method would bind them; TypeError where it would raise one."""
        positional = self.positional
        if len(args) <= len(positional):
            bound = dict(zip(positional, args, strict=False))
            if not kwargs:
                if self.required <= bound.keys():
                    return bound
            elif (
                bound.keys().isdisjoint(kwargs)
                and (self.var_keyword is not None or kwargs.keys() <= self.accepted)
                and self.required <= (bound.keys() | kwargs.keys())
            ):
                bound.update(kwargs)
                return bound
        # Something is wrong: let the standard library say what.
        self.signature.bind(*args, **kwargs)
        raise AssertionError(f"arguments {args!r} {kwargs!r} bind to {self.signature}, but were not understood")


def _call_signature(parameters: list[inspect.Parameter]) -> inspect.Signature:
    named = [p for p in parameters if p.kind is not p.VAR_KEYWORD]
    rest = [p for p in parameters if p.kind is p.VAR_KEYWORD]
    extra = [p for p in EXTRA_CALL_PARAMETERS if p.name not in {q.name for q in named}]
    return inspect.Signature([*named, *extra, *rest], return_annotation="Task")


def _tuple_length(annotation: Any) -> int | None:
    """How many results a return annotation promises: the length of a tuple type that states it."""
    if typing.get_origin(annotation) is not tuple:
        return None
    parts = typing.get_args(annotation)
    if Ellipsis in parts:
        return None
    return 0 if parts == ((),) else len(parts)


_facts_by_function: WeakKeyDictionary[Any, RunFacts] = WeakKeyDictionary()


def facts_of(run: Callable[..., Any]) -> RunFacts:
    """The facts of a run method, bound or plain."""
    function = getattr(run, "__func__", run)
    try:
        return _facts_by_function[function]
    except KeyError:
        facts = _facts_by_function[function] = RunFacts(run)
        return facts
    except TypeError:  # neither hashable nor weakly referenced: some callable objects
        return RunFacts(run)


def check_run_signature(run: Callable[..., Any]) -> None:
    """Refuse a run method whose arguments a flow could not store by name: ValueError."""
    function = inspect.unwrap(run)
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        parameters = None
    if parameters is None:
        raise ValueError(
            "This function can not be inspected (this is common with `builtin` and `numpy` functions). In order to "
            "use it as a task, please wrap it in a standard Python function. For more detail, see "
            f"{TASK_GUIDE}#the-task-decorator"
        )
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        raise ValueError(
            "Tasks with variable positional arguments (*args) are not supported, because all Prefect arguments are "
            "stored as keywords. As a workaround, consider modifying the run() method to accept **kwargs and feeding "
            "the values to *args."
        )
    names = {p.name for p in parameters}
    reserved = [name for name in _RESERVED_ARGUMENTS if name in names]
    if reserved:
        raise ValueError(
            f"Tasks cannot have the following argument names: {', '.join(reserved)}. "
            "These are reserved keyword arguments."
        )


class TaskMetaclass(type):
    """Looks at the run method where a task class is defined, and at the arguments where one is created."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any) -> TaskMetaclass:
        run = namespace.get("run")
        if run is not None and callable(run):
            check_run_signature(run)
        return super().__new__(mcs, name, bases, namespace, **kwargs)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if args or kwargs:
            for argument in (*args, *kwargs.values()):
                if isinstance(argument, Task):
                    _warn_of_task_argument(cls.__name__)
                    break
        return super().__call__(*args, **kwargs)

    @property
    def __signature__(cls) -> inspect.Signature:
        """The arguments of the constructor, which `__call__` above would hide."""
        signature = inspect.signature(cls.__init__)  # type: ignore[misc]
        return signature.replace(parameters=list(signature.parameters.values())[1:])


def _warn_of_task_argument(name: str) -> None:
    warnings.warn(
        f"A Task was passed as an argument to {name}, you likely want to first initialize {name} with any static "
        "(non-Task) arguments, then call the initialized task with any dynamic (Task) arguments instead. "
        "For example:\n\n"
        f"  my_task = {name}(...)  # static (non-Task) args go here\n"
        "  res = my_task(...)  # dynamic (Task) args go here\n\n"
        "see https://docs.prefect.io/core/concepts/flows.html#apis for more info.",
        stacklevel=3,
    )


class instance_property:
    """A property of instances that the class itself does not have, so that it cannot hide one of the metaclass."""

    def __init__(self, func: Callable[[Any], Any]) -> None:
        self.func = func
        self.__doc__ = func.__doc__

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            raise AttributeError("this attribute exists on instances only")
        return self.func(instance)

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(name)


class NamedLogger:
    """The logger named after a task or flow, made when first asked for: many names need not mean as many loggers."""

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        from prefect.utilities.logging import get_logger

        logger = instance.__dict__["logger"] = get_logger(instance.name)
        return logger


class Task(metaclass=TaskMetaclass):
    """A unit of work: a `run` method, and what should happen around it.

    Subclass it and define `run`, or decorate a function with `@prefect.task`. Within a flow, calling a task adds a
    copy of it to the flow; `bind` adds the task itself.

    Args:
        - name: shown in logs and views; by default the name of the class or function
        - slug: the task's unique name in a flow; by default `name-tags-number`, given by the flow
        - tags: labels; those of the surrounding `with tags(...)` are added
        - max_retries, retry_delay: how often a failed run is tried again, and how long after
        - retry_on: exception types that are tried again; by default all
        - timeout: seconds, or a timedelta of whole seconds
        - trigger: decides from the upstream states whether the task runs; by default `all_successful`
        - skip_on_upstream_skip: whether the task is skipped where an upstream task was
        - cache_for, cache_validator, cache_key: how long and under which conditions a result is used again
        - checkpoint: whether results are written; None leaves it to the settings
        - state_handlers: called as `handler(task, old_state, new_state)` at each change of state
        - on_failure: called as `on_failure(task, state)` at each failure
        - log_stdout: whether printed text goes to the logs
        - result, target: where results are kept; an existing target means that the task need not run
        - task_run_name: a template or function for the names of its runs
        - nout: how many results the task returns, which makes it unpackable
    """

    # Flows compare tasks by identity; said here because it is looked up millions of times.
    __hash__ = object.__hash__

    if TYPE_CHECKING:
        logger: logging.Logger
    else:
        logger = NamedLogger()

    # Whether it can be a reference task without having been set as one.
    decides_final_state: ClassVar[bool] = True

    if TYPE_CHECKING:
        run: Callable[..., Any]

    def __init__(
        self,
        name: str | None = None,
        slug: str | None = None,
        tags: Iterable[str] | None = None,
        max_retries: int | None = None,
        retry_delay: timedelta | None = None,
        retry_on: type[Exception] | Iterable[type[Exception]] | None = None,
        timeout: int | timedelta | None = None,
        trigger: Callable[[dict[Edge, State]], bool] | None = None,
        skip_on_upstream_skip: bool = True,
        cache_for: timedelta | None = None,
        cache_validator: Callable[..., bool] | None = None,
        cache_key: str | None = None,
        checkpoint: bool | None = None,
        state_handlers: list[Callable[..., Any]] | None = None,
        on_failure: Callable[..., Any] | None = None,
        log_stdout: bool = False,
        result: Result | None = None,
        target: str | Callable[..., str] | None = None,
        task_run_name: str | Callable[..., str] | None = None,
        nout: int | None = None,
    ) -> None:
        if not self.__dict__.keys().isdisjoint(_SET_BY_TASK):
            self._warn_of_overwritten_attributes()

        surroundings = context.__dict__
        self.name: str = name or type(self).__name__
        if not isinstance(self.name, str):
            raise TypeError(f"The name of a task must be a string (received {self.name!r})")
        self.slug = slug

        facts = facts_of(self.run)
        if facts.positional_only:
            raise TypeError(
                f"Found positional-only parameters in the function signature for task {self.name}: "
                f"{facts.positional_only}. Prefect passes arguments using keywords and does not support "
                "positional-only parameters."
            )

        if isinstance(tags, str):
            raise TypeError("Tags should be a set of tags, not a string.")
        self.tags: set[str] = set(tags) if tags is not None else set()
        surrounding_tags = surroundings.get("tags")
        if surrounding_tags:
            self.tags.update(surrounding_tags)

        self._set_retries(max_retries, retry_delay, retry_on)
        self.timeout = _whole_seconds(config["tasks"]["defaults"]["timeout"] if timeout is None else timeout)
        self.trigger: Callable[[dict[Edge, State]], bool] = trigger or all_successful
        self.skip_on_upstream_skip = skip_on_upstream_skip

        if cache_for is None and cache_validator is not None and cache_validator is not never_use:
            warnings.warn(
                "cache_validator provided without specifying cache expiration (cache_for); "
                "this Task will not be cached.",
                stacklevel=2,
            )
        self.cache_for = cache_for
        self.cache_key = cache_key
        self.cache_validator: Callable[..., bool] = cache_validator or (
            never_use if cache_for is None else duration_only
        )
        self.checkpoint = checkpoint

        if target is not None and result is not None:
            if result.location is not None:
                warnings.warn(
                    "Both `result.location` and `target` were provided. The `target` value will be used.",
                    stacklevel=2,
                )
            result = result.copy()
            result.location = target  # type: ignore[assignment]
        self.result = result
        self.target = target
        self.task_run_name = task_run_name

        self.state_handlers: list[Callable[..., Any]] = checked_state_handlers(state_handlers)
        if on_failure is not None:
            self.state_handlers.append(failure_handler(on_failure))

        self.auto_generated = False
        self.log_stdout = log_stdout
        self.nout = facts.nout if nout is None else nout

        unused = surroundings.get("_unused_task_tracker")
        if unused is not None:
            unused.add(self)

    def _warn_of_overwritten_attributes(self) -> None:
        for name in _SET_BY_TASK:
            if name in self.__dict__:
                warnings.warn(
                    f"`{type(self).__name__}` sets a `{name}` attribute, which will be overwritten by `prefect.Task`. "
                    "Please rename this attribute to avoid this issue.",
                    stacklevel=4,
                )

    def _set_retries(
        self,
        max_retries: int | None,
        retry_delay: timedelta | None,
        retry_on: type[Exception] | Iterable[type[Exception]] | None,
    ) -> None:
        if max_retries is None:
            max_retries = config["tasks"]["defaults"]["max_retries"]
        max_retries = max_retries or 0
        if max_retries > 0 and retry_delay is None:
            retry_delay = _default_retry_delay()
        if max_retries > 0 and retry_delay is None:
            raise ValueError("A datetime.timedelta `retry_delay` must be provided if max_retries > 0")
        if retry_delay is not None and not max_retries:
            raise ValueError("A `max_retries` argument greater than 0 must be provided if specifying a retry delay.")
        if retry_on is not None and not max_retries:
            raise ValueError("A number of `max_retries` must be provided if `retry_on` is set.")
        self.retry_on = None if retry_on is None else _exception_types(retry_on)
        self.max_retries = max_retries
        self.retry_delay = retry_delay

    if not TYPE_CHECKING:

        def run(self) -> None:
            """The work. Its arguments become the task's arguments, its return value the task's result."""

    @property
    def _facts(self) -> RunFacts:
        return facts_of(self.run)

    @instance_property
    def __signature__(self) -> inspect.Signature:
        """The arguments that calling this task takes."""
        return self._facts.call_signature

    def inputs(self) -> dict[str, dict[str, Any]]:
        """For each argument of the run method its `type`, whether it is `required`, and its `default`."""
        return {name: dict(facts) for name, facts in self._facts.inputs.items()}

    def outputs(self) -> Any:
        """The type that the run method says it returns; Any where it says nothing."""
        return self._facts.outputs

    def __repr__(self) -> str:
        return f"<Task: {self.name}>"

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            """Say why, where an attribute is missing that every task has."""
            if name in _SET_BY_TASK:
                raise AttributeError(
                    f"{type(self).__name__!r} object has no attribute {name!r}: its __init__ must call "
                    "super().__init__() before the task is used."
                )
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    # -- copies

    def copy(self: TaskT, **task_args: Any) -> TaskT:
        """A new task like this one, without its dependencies.

        `task_args` are attributes to set on the copy; AttributeError for names that a task does not have. Tags are
        added to those of the task and of the surrounding context.
        """
        surroundings = context.__dict__
        flow: Flow | None = surroundings.get("flow")
        if flow is not None and self in flow.tasks and flow.has_edges(self):
            warnings.warn(
                "You are making a copy of a task that has dependencies on or to other tasks in the active flow "
                "context. The copy will not retain those dependencies.",
                stacklevel=2,
            )

        new: TaskT = _shallow_copy(self)
        new.tags = set(self.tags)
        new.state_handlers = list(self.state_handlers)
        if self.slug is not None and "slug" not in task_args:
            new.slug = f"{self.slug}-copy"
        if task_args:
            new._set_attributes(task_args)
        surrounding_tags = surroundings.get("tags")
        if surrounding_tags:
            new.tags.update(surrounding_tags)

        unused = surroundings.get("_unused_task_tracker")
        if unused is not None:
            unused.add(new)
        return new

    def _set_attributes(self, task_args: Mapping[str, Any]) -> None:
        for name, value in task_args.items():
            if not hasattr(self, name):
                raise AttributeError(f"{self} does not have {name} as an attribute")
            if name == "tags":
                if isinstance(value, str):
                    raise TypeError("Tags should be a set of tags, not a string.")
                self.tags.update(value)
            elif name == "retry_on" and value is not None:
                self.retry_on = _exception_types(value)
            elif name == "timeout":
                self.timeout = _whole_seconds(value)
            else:
                setattr(self, name, value)
        if self.target is not None and self.result is not None and ("target" in task_args or "result" in task_args):
            self.result = self.result.copy()
            self.result.location = self.target  # type: ignore[assignment]

    # -- binding

    def __call__(
        self: TaskT,
        *args: Any,
        mapped: bool = False,
        task_args: dict[str, Any] | None = None,
        upstream_tasks: Iterable[Any] | None = None,
        flow: Flow | None = None,
        **kwargs: Any,
    ) -> TaskT:
        """Add a copy of this task to a flow, with these arguments; returns the copy.

        Arguments are tasks or values. `mapped` maps over all of them, `upstream_tasks` must finish first,
        `task_args` are attributes of the copy, and `flow` is by default the surrounding `with Flow(...)`.
        """
        new = self.copy(**task_args) if task_args else self.copy()
        if mapped:
            new.nout = None
        new.bind(*args, mapped=mapped, upstream_tasks=upstream_tasks, flow=flow, **kwargs)
        unused = context.__dict__.get("_unused_task_tracker")
        if unused is not None:
            unused.discard(self)
        return new

    def bind(
        self: TaskT,
        *args: Any,
        mapped: bool = False,
        upstream_tasks: Iterable[Any] | None = None,
        flow: Flow | None = None,
        **kwargs: Any,
    ) -> TaskT:
        """Add this task to a flow with these arguments; as calling it, but without a copy."""
        arguments = self._facts.bind(args, kwargs)
        if flow is None:
            flow = context.__dict__.get("flow")
            if flow is None:
                raise ValueError(self._no_flow_message())
        flow.set_dependencies(self, upstream_tasks=upstream_tasks, keyword_tasks=arguments, mapped=mapped)
        return self

    def _no_flow_message(self) -> str:
        return (
            f"Could not infer an active Flow context while creating edge to {self}. This often means you called a "
            "task outside a `with Flow(...)` block. If you're trying to run this task outside of a Flow context, you "
            f"need to call `{self._name_in_code()}.run(...)`"
        )

    def _name_in_code(self) -> str:
        return f"{type(self).__name__}(...)"

    def map(
        self: TaskT,
        *args: Any,
        upstream_tasks: Iterable[Any] | None = None,
        flow: Flow | None = None,
        task_args: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> TaskT:
        """Add a copy of this task that runs once for each element of its arguments, except those `unmapped`."""
        mapped: TaskT = self.__call__(
            *args, mapped=True, upstream_tasks=upstream_tasks, flow=flow, task_args=task_args, **kwargs
        )
        return mapped

    def pipe(
        _prefect_self,
        _prefect_task: type[EdgeAnnotation] | Task,
        **kwargs: Any,
    ) -> Any:
        """Call `_prefect_task` with this task as its first argument and the others by name."""
        return _prefect_task(_prefect_self, **kwargs)

    # -- dependencies

    def set_dependencies(
        self: TaskT,
        flow: Flow | None = None,
        upstream_tasks: Iterable[object] | None = None,
        downstream_tasks: Iterable[object] | None = None,
        keyword_tasks: Mapping[str, object] | None = None,
        mapped: bool = False,
        validate: bool | None = None,
    ) -> TaskT:
        """Say what this task waits for and what waits for it; see `Flow.set_dependencies`."""
        _flow_or_surrounding(flow).set_dependencies(
            task=self,
            upstream_tasks=upstream_tasks,
            downstream_tasks=downstream_tasks,
            keyword_tasks=keyword_tasks,
            mapped=mapped,
            validate=validate,
        )
        return self

    def set_upstream(
        self: TaskT, task: object, flow: Flow | None = None, key: str | None = None, mapped: bool = False
    ) -> TaskT:
        """Run after `task`, and receive its result as argument `key` where one is given."""
        if key is not None:
            return self.set_dependencies(flow=flow, keyword_tasks={key: task}, mapped=mapped)
        return self.set_dependencies(flow=flow, upstream_tasks=[task], mapped=mapped)

    def set_downstream(
        self: TaskT, task: Task, flow: Flow | None = None, key: str | None = None, mapped: bool = False
    ) -> TaskT:
        """Run before `task`, and hand it this result as argument `key` where one is given."""
        _flow_or_surrounding(flow).add_edge(self, task, key=key, mapped=mapped)
        return self

    # -- wire format

    def serialize(self) -> dict[str, Any]:
        """The task in its wire format."""
        from prefect.serialization.task import TaskSchema

        serialized: dict[str, Any] = TaskSchema().dump(self)
        return serialized

    # -- operators: each adds a small task to the surrounding flow

    def __iter__(self) -> Iterator[Task]:
        if self.nout is None:
            raise TypeError(
                "Task is not iterable. If your task returns multiple results, pass `nout` to the task "
                "decorator/constructor, or provide a `Tuple` return-type annotation to your task."
            )
        return (self[index] for index in range(self.nout))

    def __getitem__(self, key: Any) -> Task:
        """The result's item `key`, which may be a task as well."""
        from prefect.tasks.core.operators import GetItem

        shown = key.name if isinstance(key, Task) else repr(key)
        return GetItem(name=f"{self.name}[{shown}]").bind(self, key)

    def is_equal(self, other: object) -> Task:
        """Whether the result equals another; `==` compares the tasks themselves."""
        return _operate("Equal", self, other)

    def is_not_equal(self, other: object) -> Task:
        """Whether the result differs from another."""
        return _operate("NotEqual", self, other)

    def not_(self) -> Task:
        """The logical negation of the result."""
        return _operate("Not", self)

    def or_(self, other: object) -> Task:
        """`result or other`; the operator `|` is used for dependencies."""
        return _operate("Or", self, other)

    def __add__(self, other: object) -> Task:
        return _operate("Add", self, other)

    def __radd__(self, other: object) -> Task:
        return _operate("Add", other, self)

    def __sub__(self, other: object) -> Task:
        return _operate("Sub", self, other)

    def __rsub__(self, other: object) -> Task:
        return _operate("Sub", other, self)

    def __mul__(self, other: object) -> Task:
        return _operate("Mul", self, other)

    def __rmul__(self, other: object) -> Task:
        return _operate("Mul", other, self)

    def __truediv__(self, other: object) -> Task:
        return _operate("Div", self, other)

    def __rtruediv__(self, other: object) -> Task:
        return _operate("Div", other, self)

    def __floordiv__(self, other: object) -> Task:
        return _operate("FloorDiv", self, other)

    def __rfloordiv__(self, other: object) -> Task:
        return _operate("FloorDiv", other, self)

    def __mod__(self, other: object) -> Task:
        return _operate("Mod", self, other)

    def __rmod__(self, other: object) -> Task:
        return _operate("Mod", other, self)

    def __pow__(self, other: object) -> Task:
        return _operate("Pow", self, other)

    def __rpow__(self, other: object) -> Task:
        return _operate("Pow", other, self)

    def __and__(self, other: object) -> Task:
        return _operate("And", self, other)

    def __rand__(self, other: object) -> Task:
        return _operate("And", other, self)

    def __gt__(self, other: object) -> Task:
        return _operate("GreaterThan", self, other)

    def __ge__(self, other: object) -> Task:
        return _operate("GreaterThanOrEqual", self, other)

    def __lt__(self, other: object) -> Task:
        return _operate("LessThan", self, other)

    def __le__(self, other: object) -> Task:
        return _operate("LessThanOrEqual", self, other)

    def __or__(self, other: object) -> object:
        """`a | b`: b runs after a. Returns the right side, so that chains read left to right."""
        self.set_dependencies(downstream_tasks=[other])
        return other

    def __ror__(self, other: object) -> Task:
        return self.set_dependencies(upstream_tasks=[other])


# Attributes that Task.__init__ sets, and would overwrite where a subclass had set them before.
_SET_BY_TASK = (
    "name", "slug", "tags", "retry_on", "max_retries", "retry_delay", "timeout", "trigger", "skip_on_upstream_skip",
    "cache_for", "cache_key", "cache_validator", "checkpoint", "result", "target", "task_run_name", "state_handlers",
    "auto_generated", "log_stdout", "nout",
)  # fmt: skip


def _operate(operator: str, *operands: object) -> Task:
    from prefect.tasks.core import operators

    task: Task = getattr(operators, operator)()
    return task.bind(*operands)


def _flow_or_surrounding(flow: Flow | None) -> Flow:
    if flow is None:
        flow = context.__dict__.get("flow")
    if flow is None:
        raise ValueError("No Flow was passed, and could not infer an active Flow context.")
    return flow


def _shallow_copy(task: TaskT) -> TaskT:
    """`copy.copy`, without its detour over pickling for the tasks that do not need it."""
    cls = type(task)
    plain = _copies_plainly.get(cls)
    if plain is None:
        plain = _copies_plainly[cls] = (
            cls.__reduce_ex__ is object.__reduce_ex__
            and cls.__reduce__ is object.__reduce__
            and not any(hasattr(cls, name) for name in ("__copy__", "__setstate__", "__getnewargs__"))
            and getattr(cls, "__getstate__", None) is getattr(object, "__getstate__", None)
            and not any(base.__dict__.get("__slots__") for base in cls.__mro__)
        )
    if not plain:
        import copy

        return copy.copy(task)
    new = cls.__new__(cls)
    new.__dict__.update(task.__dict__)
    return new


_copies_plainly: WeakKeyDictionary[type, bool] = WeakKeyDictionary()


def _default_retry_delay() -> timedelta | None:
    seconds = config["tasks"]["defaults"]["retry_delay"]
    if not seconds:
        return None
    return seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds)


def _whole_seconds(timeout: int | timedelta | None) -> int | None:
    if timeout is None:
        return None
    if isinstance(timeout, timedelta):
        if timeout.microseconds:
            warnings.warn(
                "Task timeouts do not support a sub-second resolution; smaller units will be ignored!", stacklevel=3
            )
        return int(timeout.total_seconds())
    if not isinstance(timeout, int):
        raise TypeError("Only integer timeouts (representing seconds) are supported.")
    return timeout


def _exception_types(retry_on: Any) -> set[type[Exception]]:
    candidates = list(retry_on) if isinstance(retry_on, Iterable) else [retry_on]
    for candidate in candidates:
        if not isinstance(candidate, type):
            raise TypeError(
                f"Invalid `retry_on` value {candidate!r}. Expected an exception type but got an instance of "
                f"{type(candidate).__name__}"
            )
        if not issubclass(candidate, BaseException):
            raise TypeError(f"Invalid `retry_on` value {candidate!r}. Expected an exception subclass.")
    return set(candidates)

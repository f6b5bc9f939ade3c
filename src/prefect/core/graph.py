"""Tasks, the edges between them, their order, and the tasks that decide a run: the part of a flow that is pure.

Tasks and edges are added one by one in constant time. What costs more (an order of the tasks) is worked out when it is
asked for and kept until the graph changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar, cast

from prefect.configuration import config
from prefect.core.building import MAPPED_INSIDE_MAP, as_task, contains_task
from prefect.core.edge import TO_ITSELF, Edge, EdgeAnnotation, connect, is_valid_identifier
from prefect.core.parameter import Parameter
from prefect.core.task import Task, facts_of
from prefect.tasks.core.constants import Constant
from prefect.utilities.context import context

if TYPE_CHECKING:
    from prefect.core.building import MappedScope

__all__ = ["Graph"]

CYCLE_FOUND = "Cycle found; flows must be acyclic!"


Answer = TypeVar("Answer")


def cache(method: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """A method of a graph that works its answer out once for each state of the graph."""

    @wraps(method)
    def answer(self: Graph) -> Answer:
        self._indexed()
        known = self._answers.get(method.__name__)
        if known is not None and known[0] == self._version:
            return cast(Answer, known[1])
        found = method(self)
        self._answers[method.__name__] = (self._version, found)
        return found

    return answer


class Graph:
    """A directed graph of tasks, whose edges carry results.

    `tasks`, `edges`, `slugs` and `constants` may be read freely. To change the graph use its methods; a change made to
    `tasks` or `edges` directly is noticed by their sizes.
    """

    tasks: set[Task]
    edges: set[Edge]
    slugs: dict[Task, str]
    constants: defaultdict[Task, dict[str, Any]]

    def __init__(self) -> None:
        self.tasks = set()
        self.edges = set()
        self.slugs = {}
        self.constants = defaultdict(dict)
        self._reference_tasks: set[Task] = set()
        self._last_slug_numbers: dict[str, int] = {}
        self._reindex()

    # -- the index: adjacency, kept while tasks and edges are added

    def _reindex(self) -> None:
        """Work out the adjacency anew from `tasks` and `edges`."""
        self._version = getattr(self, "_version", 0) + 1
        self._answers: dict[str, tuple[int, Any]] = {}
        self._upstream: dict[Task, set[Edge]] = {task: set() for task in self._tasks_in_order()}
        self._downstream: dict[Task, set[Edge]] = {task: set() for task in self._upstream}
        self._used_slugs = set(self.slugs.values())
        for edge in self.edges:
            self._upstream.setdefault(edge.downstream_task, set()).add(edge)
            self._downstream.setdefault(edge.upstream_task, set()).add(edge)
        self._edges_indexed = len(self.edges)
        self._tasks_indexed = len(self.tasks)

    def _indexed(self) -> None:
        """Bring the index up to date where somebody changed `tasks`, `edges` or `slugs` without our methods."""
        if (
            len(self.edges) != self._edges_indexed
            or len(self.tasks) != self._tasks_indexed
            or len(self._used_slugs) != len(self.slugs)
        ):
            self._reindex()

    def _tasks_in_order(self) -> list[Task]:
        """The tasks in the order in which they were added, as far as that is known."""
        tasks = [task for task in self.slugs if task in self.tasks]
        return tasks if len(tasks) == len(self.tasks) else [*tasks, *(self.tasks - set(tasks))]

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the index, which is cheaper to rebuild than to carry."""
        return {name: value for name, value in self.__dict__.items() if name not in _INDEX}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if "_last_slug_numbers" not in state:
            self._last_slug_numbers = {}
        self._reindex()

    # -- tasks

    def add_task(self, task: Task) -> Task:
        """Add a task, once, and give it a slug; TypeError for anything else, ValueError where its slug is taken."""
        if not isinstance(task, Task):
            raise TypeError(f"Tasks must be Task instances (received {type(task)})")
        self._indexed()
        if task in self._upstream:
            return task

        slug = task.slug or self._free_slug(task)
        if slug in self._used_slugs:
            raise ValueError(f'A task with the slug "{slug}" already exists in this flow.')

        self.tasks.add(task)
        self.slugs[task] = slug
        self._used_slugs.add(slug)
        self._upstream[task] = set()
        self._downstream[task] = set()
        self._tasks_indexed += 1
        self._version += 1

        surroundings = context.__dict__
        for name in ("case", "resource"):
            collector = surroundings.get(name)
            if collector is not None:
                collector.add_task(task, self)
        return task

    def _check_slugs(self, tasks: Iterable[Task], leaving: Task | None = None) -> None:
        """Refuse tasks whose slugs are taken, before anything has been changed."""
        self._indexed()
        for task in tasks:
            taken = task.slug in self._used_slugs and task not in self.slugs
            if taken and (leaving is None or self.slugs[leaving] != task.slug):
                raise ValueError(f'A task with the slug "{task.slug}" already exists in this flow.')

    def _free_slug(self, task: Task) -> str:
        base = "-".join([task.name, *sorted(task.tags)]) if task.tags else task.name
        number = self._last_slug_numbers.get(base, 0) + 1
        while f"{base}-{number}" in self._used_slugs:  # a slug that the user chose
            number += 1
        self._last_slug_numbers[base] = number
        return f"{base}-{number}"

    def get_tasks(
        self,
        name: str | None = None,
        slug: str | None = None,
        tags: Iterable[str] | None = None,
        task_type: type | None = None,
    ) -> list[Task]:
        """The tasks that have this name, slug, type, and at least these tags, in the order of their adding."""
        wanted_tags = {tags} if isinstance(tags, str) else set(tags or ())
        return [
            task
            for task in self._tasks_in_order()
            if (name is None or task.name == name)
            and (slug is None or self.slugs.get(task) == slug)
            and wanted_tags <= task.tags
            and (task_type is None or isinstance(task, task_type))
        ]

    def parameters(self) -> set[Parameter]:
        """The tasks that are parameters."""
        return {task for task in self.tasks if isinstance(task, Parameter)}

    def root_tasks(self) -> set[Task]:
        """The tasks that wait for nothing."""
        self._indexed()
        return {task for task in self.tasks if not self._upstream[task]}

    def terminal_tasks(self) -> set[Task]:
        """The tasks that nothing waits for."""
        self._indexed()
        return {task for task in self.tasks if not self._downstream[task]}

    def reference_tasks(self) -> set[Task]:
        """The tasks whose states decide the state of a run: those that were set, else the terminal ones.

        Where resources are cleaned up last, the tasks before that count as terminal.
        """
        if self._reference_tasks:
            return set(self._reference_tasks)
        self._indexed()
        return {
            task
            for task in self.tasks
            if task.decides_final_state
            and not any(edge.downstream_task.decides_final_state for edge in self._downstream[task])
        }

    def set_reference_tasks(self, tasks: Iterable[Task]) -> None:
        """Let these tasks decide the state of a run; none of them brings the terminal tasks back."""
        chosen = set(tasks)
        if not chosen <= self.tasks:
            raise ValueError("reference tasks must be part of the flow.")
        self._reference_tasks = chosen

    # -- edges

    def add_edge(
        self,
        upstream_task: Any,
        downstream_task: Any,
        key: str | None = None,
        mapped: bool = False,
        flattened: bool = False,
        validate: bool | None = None,
    ) -> Edge:
        """Add a dependency, with its tasks where they are new; returns the edge.

        An upstream value that is no task, handed over by key and whole, is kept as a constant: no task and no edge
        are added for it. With `validate` (by default the setting `flows.eager_edge_validation`) a wrong or repeated
        argument and a cycle are errors at once.
        """
        return self._connect(upstream_task, self._as_task(downstream_task), key, mapped, flattened, validate)

    def _connect(
        self,
        upstream: Any,
        downstream: Task,
        key: str | None,
        mapped: bool,
        flattened: bool = False,
        validate: bool | None = None,
    ) -> Edge:
        scope: MappedScope | None = context.__dict__.get("mapped_scope")
        annotated = isinstance(upstream, EdgeAnnotation)
        if annotated:
            mapped = upstream.annotations.get("mapped", mapped)
            flattened = upstream.annotations.get("flattened", flattened)
            upstream = upstream.value
        if key is not None and not is_valid_identifier(key):
            raise ValueError(f'Key must be a valid identifier (received "{key}")')

        if isinstance(upstream, Task):
            task = upstream
        else:
            if mapped:
                _check_mappable(upstream, flattened)
            task = self._as_task(upstream)
        if task is downstream:
            raise ValueError(TO_ITSELF)
        if isinstance(downstream, Parameter):
            raise ValueError("Parameters must be root tasks and can not have upstream dependencies.")

        if scope is not None and not mapped and not annotated:
            mapped, flattened = scope.annotate(task, flattened)

        edge = connect(task, downstream, key, mapped, flattened)
        if validate is None:
            validate = config["flows"]["eager_edge_validation"]
        if validate:
            self._check_argument(edge)

        self.add_task(downstream)
        if key is not None and not mapped and not flattened and isinstance(task, Constant):
            self.constants[downstream][key] = task.value
            return edge

        self.add_task(task)
        incoming = self._upstream[downstream]
        if edge in incoming:
            return next(known for known in incoming if known == edge)
        incoming.add(edge)
        self._downstream[task].add(edge)
        self.edges.add(edge)
        self._edges_indexed += 1
        self._version += 1
        if validate:
            self.validate()
        return edge

    def _as_task(self, value: Any) -> Task:
        return value if isinstance(value, Task) else as_task(value, flow=self)

    def _check_argument(self, edge: Edge) -> None:
        """Refuse a key that the task's run method does not take, or that has been bound to something else."""
        if edge.key is None:
            return
        facts_of(edge.downstream_task.run).signature.bind_partial(**{edge.key: None})
        _check_keys(edge.downstream_task, {edge, *self._upstream.get(edge.downstream_task, ())})

    def chain(self, *tasks: Task, validate: bool | None = None) -> list[Edge]:
        """Let each task wait for the one before it."""
        return [self.add_edge(before, after, validate=validate) for before, after in pairwise(tasks)]

    def set_dependencies(
        self,
        task: Any,
        upstream_tasks: Iterable[Any] | None = None,
        downstream_tasks: Iterable[Any] | None = None,
        keyword_tasks: Mapping[str, Any] | None = None,
        mapped: bool = False,
        validate: bool | None = None,
    ) -> None:
        """Say what a task waits for, what it receives by key, and what waits for it; everything new is added.

        `mapped` maps the task over its upstream and keyword tasks, except those marked `unmapped`.
        """
        task = self._as_task(task)
        if mapped and context.__dict__.get("mapped_scope") is not None:
            raise ValueError(MAPPED_INSIDE_MAP)
        self.add_task(task)
        if upstream_tasks is not None:
            for upstream in upstream_tasks:
                self._connect(upstream, task, None, mapped, False, validate)
        if keyword_tasks:
            for key, value in keyword_tasks.items():
                if mapped or isinstance(value, Task) or contains_task(value) or isinstance(task, Parameter):
                    self._connect(value, task, key, mapped, False, validate)
                elif is_valid_identifier(key):
                    self.constants[task][key] = value
                else:
                    raise ValueError(f'Key must be a valid identifier (received "{key}")')
        if downstream_tasks is not None:
            for downstream in downstream_tasks:
                self._connect(task, self._as_task(downstream), None, False, False, validate)

    def has_edges(self, task: Task) -> bool:
        """Whether a task of this graph depends on another, or another on it."""
        self._indexed()
        return bool(self._upstream.get(task) or self._downstream.get(task))

    def all_upstream_edges(self) -> dict[Task, set[Edge]]:
        """For each task the edges that lead to it."""
        self._indexed()
        return {task: set(edges) for task, edges in self._upstream.items()}

    def all_downstream_edges(self) -> dict[Task, set[Edge]]:
        """For each task the edges that lead away from it."""
        self._indexed()
        return {task: set(edges) for task, edges in self._downstream.items()}

    def edges_to(self, task: Task) -> set[Edge]:
        """The edges that lead to a task."""
        self._indexed()
        self._must_contain(task)
        return set(self._upstream[task])

    def edges_from(self, task: Task) -> set[Edge]:
        """The edges that lead away from a task."""
        self._indexed()
        self._must_contain(task)
        return set(self._downstream[task])

    def upstream_tasks(self, task: Task) -> set[Task]:
        """The tasks that a task waits for directly."""
        return {edge.upstream_task for edge in self.edges_to(task)}

    def downstream_tasks(self, task: Task) -> set[Task]:
        """The tasks that wait for a task directly."""
        return {edge.downstream_task for edge in self.edges_from(task)}

    def _must_contain(self, task: Any) -> None:
        if task not in self._upstream:
            raise ValueError(f"Task {task} was not found in Flow {self}")

    # -- order

    def sorted_tasks(self, root_tasks: Iterable[Task] | None = None) -> tuple[Task, ...]:
        """The tasks, each after everything it waits for; with `root_tasks` only those and what depends on them.

        Tasks that are free to go in any order keep the order in which they were added. ValueError for a cycle.
        """
        everything = self._sorted_tasks()
        roots = list(root_tasks or ())
        if not roots:
            return everything
        for task in roots:
            self._must_contain(task)
        reached = set(roots)
        for task in everything:
            if task in reached:
                reached.update(edge.downstream_task for edge in self._downstream[task])
        return tuple(task for task in everything if task in reached)

    @cache
    def _sorted_tasks(self) -> tuple[Task, ...]:
        waiting = {task: len(edges) for task, edges in self._upstream.items()}
        position = {task: number for number, task in enumerate(self._upstream)}
        ready = [task for task, count in waiting.items() if count == 0]
        order: list[Task] = []
        for task in ready:  # grows while it is walked
            order.append(task)
            freed = []
            for edge in self._downstream[task]:
                downstream = edge.downstream_task
                waiting[downstream] -= 1
                if waiting[downstream] == 0:
                    freed.append(downstream)
            freed.sort(key=position.__getitem__)
            ready.extend(freed)
        if len(order) != len(waiting):
            raise ValueError(CYCLE_FOUND)
        return tuple(order)

    def __iter__(self) -> Iterator[Task]:
        return iter(self.sorted_tasks())

    def validate(self) -> None:
        """Raise ValueError for what cannot run: a cycle, an argument bound twice, edges or reference tasks of foreign
        tasks."""
        self._indexed()
        if not self.reference_tasks() <= self.tasks:
            raise ValueError("reference tasks must be part of the flow.")
        if len(self._upstream) != len(self.tasks):
            raise ValueError("Some edges refer to tasks not contained in this flow.")
        for task, edges in self._upstream.items():
            if len(edges) > 1:
                _check_keys(task, edges)
        self.sorted_tasks()

    # -- changing what is there

    def replace(self, old: Task, new: Any, validate: bool = True) -> None:
        """Put `new` in the place of `old`: its edges, its constants, and its say in the final state.

        A value that is no task becomes a constant of the tasks that took `old` by key.
        """
        self._indexed()
        self._must_contain(old)
        new_task = self._as_task(new)
        self._check_slugs([new_task], leaving=old)

        edges = [*self._upstream[old], *self._downstream[old]]
        constants = self.constants.pop(old, {})
        was_reference = old in self._reference_tasks

        self.tasks.discard(old)
        del self.slugs[old]
        self.edges.difference_update(edges)
        self._reference_tasks.discard(old)
        self._reindex()

        self.add_task(new_task)
        if was_reference:
            self._reference_tasks.add(new_task)
        for key, value in constants.items():
            self.constants[new_task].setdefault(key, value)
        for edge in edges:
            if edge.upstream_task is old:
                self._add_copy_of(edge, new_task, edge.downstream_task)
            else:
                self._add_copy_of(edge, edge.upstream_task, new_task)
        if validate:
            self.validate()

    def _add_copy_of(self, edge: Edge, upstream: Task, downstream: Task) -> None:
        self.add_edge(upstream, downstream, key=edge.key, mapped=edge.mapped, flattened=edge.flattened, validate=False)

    def update(
        self,
        flow: Graph,
        merge_parameters: bool = False,
        validate: bool | None = None,
        merge_reference_tasks: bool = False,
    ) -> None:
        """Add another flow's tasks, edges and constants to this one.

        With `merge_parameters` a parameter that both have is kept once, as it stands here. Reference tasks that were
        set here stay; with `merge_reference_tasks` those of the other flow are added to them.
        """
        own_parameters = {parameter.name: parameter for parameter in self.parameters()} if merge_parameters else {}
        own: dict[Task, Task] = {
            parameter: own_parameters[parameter.name]
            for parameter in flow.parameters()
            if parameter.name in own_parameters
        }
        reference_tasks = self.reference_tasks() if merge_reference_tasks else set()

        new = [task for task in flow._tasks_in_order() if task not in own]
        self._check_slugs(new)
        for task in new:
            self.add_task(task)
        for edge in flow.edges:
            upstream = own.get(edge.upstream_task, edge.upstream_task)
            self._add_copy_of(edge, upstream, edge.downstream_task)
        for task, constants in flow.constants.items():
            self.constants[task].update(constants)

        if merge_reference_tasks:
            theirs = {own.get(task, task) for task in flow.reference_tasks()}
            self.set_reference_tasks(reference_tasks | theirs)
        if validate or (validate is None and config["flows"]["eager_edge_validation"]):
            self.validate()


# Attributes that are worked out from the others.
_INDEX = frozenset(
    {"_answers", "_downstream", "_edges_indexed", "_tasks_indexed", "_upstream", "_used_slugs", "_version"}
)


def _check_keys(task: Task, edges: set[Edge]) -> None:
    """Refuse edges of which two bring the same argument."""
    keys = [edge.key for edge in edges if edge.key is not None]
    if len(set(keys)) == len(keys):
        return
    (key, *_) = sorted(key for key in keys if keys.count(key) > 1)
    raise ValueError(
        f'Argument "{key}" for task {task} has already been assigned in this flow. If you are trying to call the task '
        "again with new arguments, call Task.copy() before adding the result to this flow."
    )


def _check_mappable(value: Any, flattened: bool) -> None:
    """Refuse to map over what has no items: TypeError, where the flow is built and not where it runs."""
    if isinstance(value, Task) or hasattr(value, "__iter__" if flattened else "__getitem__"):
        return
    raise TypeError(f"Cannot map over unsubscriptable object of type {type(value)}: {repr(value)[:10]}...")

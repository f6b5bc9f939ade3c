"""A task run as the backend knows it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from prefect.backend.query import AS_OF, MOMENT, PAGE, AsOf, Frozen, Row, fetch, fetch_as_of, identifier, only, pages

if TYPE_CHECKING:
    from prefect.engine.result.base import Result
    from prefect.engine.state import State

FIELDS = "id name version task { id slug } map_index serialized_state flow_run_id"

BY_ID = f"query($id: uuid!) {{ task_run(where: {{id: {{_eq: $id}}}}) {{ {FIELDS} flow_run {{ sequence }} }} }}"
BY_SLUG = f"""query($flow_run_id: uuid!, $slug: String!, $map_index: Int!) {{
  task_run(where: {{
    flow_run_id: {{_eq: $flow_run_id}}, task: {{slug: {{_eq: $slug}}}}, map_index: {{_eq: $map_index}}
  }}) {{ {FIELDS} flow_run {{ sequence }} }}
}}"""
BY_ID_AS_OF = f"""query($flow_run_id: uuid!, $id: uuid!, $as_of: {AS_OF}!) {{
  task_run(where: {{flow_run_id: {{_eq: $flow_run_id}}, id: {{_eq: $id}}}}, as_of: $as_of) {{
    {FIELDS} {MOMENT}
  }}
}}"""
BY_SLUG_AS_OF = f"""query($flow_run_id: uuid!, $slug: String!, $map_index: Int!, $as_of: {AS_OF}!) {{
  task_run(where: {{
    flow_run_id: {{_eq: $flow_run_id}}, task: {{slug: {{_eq: $slug}}}}, map_index: {{_eq: $map_index}}
  }}, as_of: $as_of) {{
    {FIELDS} {MOMENT}
  }}
}}"""
CHILDREN = f"""query($flow_run_id: uuid!, $task_id: uuid!, $after: Int!, $limit: Int!, $as_of: {AS_OF}!) {{
  task_run(
    where: {{flow_run_id: {{_eq: $flow_run_id}}, task_id: {{_eq: $task_id}}, map_index: {{_gt: $after}}}}
    order_by: {{map_index: asc}}
    limit: $limit
    as_of: $as_of
  ) {{ {FIELDS} }}
}}"""


class _NotLoaded:
    def __repr__(self) -> str:
        return "<not loaded>"

    def __reduce__(self) -> str:
        return "NotLoaded"


NotLoaded = _NotLoaded()


class TaskRunView(Frozen):
    """A task run as it stood at one moment of its flow run.

    `sequence` is that moment: what is asked of this view later (mapped children, results) is as it was then.
    """

    __slots__ = (
        "_result",
        "flow_run_id",
        "map_index",
        "name",
        "sequence",
        "state",
        "task_id",
        "task_run_id",
        "task_slug",
        "version",
    )

    task_run_id: str
    task_id: str
    task_slug: str
    name: str | None
    state: State
    map_index: int
    flow_run_id: str
    version: int | None
    sequence: int | None
    _result: Any

    def __init__(
        self,
        task_run_id: str,
        task_id: str,
        task_slug: str,
        name: str | None,
        state: State,
        map_index: int,
        flow_run_id: str,
        *,
        version: int | None = None,
        sequence: int | None = None,
    ) -> None:
        put = object.__setattr__
        put(self, "task_run_id", task_run_id)
        put(self, "task_id", task_id)
        put(self, "task_slug", task_slug)
        put(self, "name", name)
        put(self, "state", state)
        put(self, "map_index", map_index)
        put(self, "flow_run_id", flow_run_id)
        put(self, "version", version)
        put(self, "sequence", sequence)
        put(self, "_result", NotLoaded)

    @classmethod
    def from_task_run_id(cls, task_run_id: str | None = None, *, as_of: AsOf | None = None) -> TaskRunView:
        """The task run with this id."""
        found = cls._by_id(identifier(task_run_id, "task_run_id", "task run"))
        return found if as_of is None else found.at(as_of)

    @classmethod
    def _by_id(cls, task_run_id: str) -> TaskRunView:
        rows = fetch(BY_ID, {"id": task_run_id})["task_run"]
        return cls.from_row(only(rows, "task run", f"id {task_run_id!r}"))

    @classmethod
    def from_task_slug(
        cls, task_slug: str, flow_run_id: str, map_index: int = -1, *, as_of: AsOf | None = None
    ) -> TaskRunView:
        """The run of the task with this slug in a flow run; `map_index` of a mapped child."""
        flow_run_id = identifier(flow_run_id, "flow_run_id", "flow run")
        variables: Row = {"flow_run_id": flow_run_id, "slug": task_slug, "map_index": map_index}
        if as_of is None:
            rows = fetch(BY_SLUG, variables)["task_run"]
        else:
            rows = fetch_as_of(BY_SLUG_AS_OF, variables, as_of)["task_run"]
        described = f"task slug {task_slug!r} in flow run {flow_run_id!r}"
        if map_index != -1:
            described += f" and map index {map_index}"
        row = only(rows, "task run", described, "Slugs look like 'say_hello-1'; `flow.slugs` lists those of a flow.")
        return cls.from_row(row, as_of if isinstance(as_of, int) else None)

    @classmethod
    def from_row(cls, row: Row, sequence: int | None = None) -> TaskRunView:
        """The view of a row of the table `task_run`, read when the flow run stood at `sequence`."""
        from prefect.serialization.state import load_state

        if sequence is None and "flow_run" in row:
            sequence = row["flow_run"]["sequence"]
        task = row["task"]
        return cls(
            task_run_id=row["id"],
            task_id=task["id"],
            task_slug=task["slug"],
            name=row["name"],
            state=load_state(row["serialized_state"]),
            map_index=row["map_index"],
            flow_run_id=row["flow_run_id"],
            version=row["version"],
            sequence=sequence,
        )

    def get_latest(self) -> TaskRunView:
        """A new view of the same task run, as it stands now."""
        return type(self)._by_id(self.task_run_id)

    def at(self, as_of: AsOf) -> TaskRunView:
        """A new view of the same task run, as it stood at a sequence number of its flow run or at a time."""
        variables = {"flow_run_id": self.flow_run_id, "id": self.task_run_id}
        rows = fetch_as_of(BY_ID_AS_OF, variables, as_of)["task_run"]
        row = only(rows, "task run", f"id {self.task_run_id!r} as of {as_of}", "It did not exist yet.")
        return type(self).from_row(row, as_of if isinstance(as_of, int) else None)

    def seen_at(self, sequence: int | None) -> TaskRunView:
        """This view at a later moment, for a caller who knows that the task run has not changed since."""
        if not self.state.is_mapped():
            return self
        later = type(self)(
            self.task_run_id,
            self.task_id,
            self.task_slug,
            self.name,
            self.state,
            self.map_index,
            self.flow_run_id,
            version=self.version,
            sequence=sequence,
        )
        return later

    def get_result(self) -> Any:
        """What the task returned, read from where it is kept; of a mapped task, the list of what its children did.

        Raises ValueError where the task run has not finished, and where nothing was kept.
        """
        if self._result is NotLoaded:
            object.__setattr__(self, "_result", self._read_result())
        return self._result

    def _read_result(self) -> Any:
        from prefect.engine.result.base import NoResultType, Result

        state = self.state
        if not state.is_finished():
            raise ValueError(
                f"The result of {self._named()} cannot be loaded: it is not finished but in state {state!r}."
            )
        if state.is_mapped():
            return [child.get_result() for child in self.iter_mapped()]
        result = state._result
        if state.is_failed():
            raise ValueError(f"{self._named(capital=True)} has no result to load: it failed ({state.message}).")
        if isinstance(result, NoResultType) or (result.location is None and type(result) is not Result):
            # A run that is recorded keeps every value except None.
            return None
        if result.location is None:
            raise ValueError(
                f"The result of {self._named()} has no `location`, so it cannot be loaded: its value was not kept. "
                "Give the task or the flow a result, such as LocalResult."
            )
        try:
            return _read(result, result.location)
        except Exception as error:
            error.add_note(f"while reading the result of {self._named()} from {result.location!r}")
            raise

    def iter_mapped(self) -> Iterator[TaskRunView]:
        """The runs of the mapped children, in the order of their map index."""
        if not self.state.is_mapped():
            raise TypeError(f"{self._named(capital=True)} is not a mapped task.")
        given: Row = {
            "flow_run_id": self.flow_run_id,
            "task_id": self.task_id,
            "limit": PAGE,
            "as_of": self._sequence(),
        }

        def ask(after: int) -> list[Row]:
            page: list[Row] = fetch(CHILDREN, given | {"after": after})["task_run"]
            return page

        for page in pages(ask, -1, "map_index"):
            for row in page:
                yield type(self).from_row(row, self.sequence)

    def _sequence(self) -> int | None:
        if self.sequence is None:
            object.__setattr__(self, "sequence", type(self)._by_id(self.task_run_id).sequence)
        return self.sequence

    def _named(self, capital: bool = False) -> str:
        child = f"[{self.map_index}]" if self.map_index != -1 else ""
        return f"{'Task' if capital else 'task'} run {self.task_run_id!r} ({self.task_slug}{child})"

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(task_run_id={self.task_run_id!r}, task_id={self.task_id!r}, "
            f"task_slug={self.task_slug!r}, state={self.state!r}, result={self._result!r})"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TaskRunView):
            return NotImplemented
        return self._compared() == other._compared()

    def _compared(self) -> tuple[Any, ...]:
        return (
            self.task_run_id,
            self.task_id,
            self.task_slug,
            self.name,
            self.state,
            self.map_index,
            self.flow_run_id,
        )

    def __hash__(self) -> int:
        return hash(self.task_run_id)


def _read(result: Result, location: str) -> Any:
    """The value at a location. Which serializer wrote it is not recorded, so the usual ones are tried in turn."""
    try:
        return result.read(location).value
    except OSError:
        raise
    except Exception as error:
        from prefect.engine.serializers import DateTimeSerializer, JSONSerializer

        other = result.copy()
        for other.serializer in (JSONSerializer(), DateTimeSerializer()):
            with contextlib.suppress(Exception):
                return other.read(location).value
        raise error from None

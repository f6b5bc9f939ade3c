"""The pieces are meant to be subclassed: a task with settings, a place for results, a runner that sees everything."""

from typing import Any

from prefect import Flow, Task
from prefect.engine.flow_runner import FlowRunner
from prefect.engine.result import Result
from prefect.engine.state import State
from prefect.engine.task_runner import TaskRunner
from prefect.utilities.configuration import set_temporary_config
from prefect.utilities.tasks import defaults_from_attrs

SHELF: dict[str, Any] = {}


class ShelfResult(Result):
    """Keeps values in a dictionary."""

    def read(self, location: str) -> Result:
        new = self.copy()
        new.location, new.value = location, SHELF[location]
        return new

    def write(self, value_: Any, **kwargs: Any) -> Result:
        new = self.format(**kwargs)
        assert new.location is not None
        new.value = SHELF[new.location] = value_
        return new

    def exists(self, location: str, **kwargs: Any) -> bool:
        return location.format(**kwargs) in SHELF


class Scale(Task):
    def __init__(self, factor: int = 1, **kwargs: Any) -> None:
        self.factor = factor
        super().__init__(**kwargs)

    @defaults_from_attrs("factor")
    def run(self, x: int, factor: int | None = None) -> int:
        assert factor is not None
        return x * factor


seen: list[str] = []


class WatchingTaskRunner(TaskRunner):
    def call_runner_target_handlers(self, old_state: State, new_state: State) -> State:
        seen.append(f"{self.task.name}: {type(new_state).__name__}")
        return super().call_runner_target_handlers(old_state, new_state)


class WatchingFlowRunner(FlowRunner):
    def __init__(self, flow: Flow, **kwargs: Any) -> None:
        kwargs.setdefault("task_runner_cls", WatchingTaskRunner)
        super().__init__(flow, **kwargs)


with Flow("own-classes", result=ShelfResult(location="{task_name}.{flow_name}")) as flow:
    tripled = Scale(factor=3)(7)
    doubled = Scale(factor=3, name="Other")(tripled, factor=2)

with set_temporary_config({"flows.checkpointing": True}):
    state = flow.run(runner_cls=WatchingFlowRunner)
assert state is not None
print(SHELF)
print(seen)
assert SHELF == {"Scale.own-classes": 21, "Other.own-classes": 42}
assert seen == ["Scale: Running", "Scale: Success", "Other: Running", "Other: Success"]

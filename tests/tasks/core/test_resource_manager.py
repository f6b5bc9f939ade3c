"""Resources that are set up before the tasks of a block and cleaned up after them."""

from typing import Any

import pytest

from prefect import Flow, Parameter, case, resource_manager, task
from prefect.core.edge import Edge
from prefect.engine import signals
from prefect.engine.state import Failed, Pending, Skipped, State, Success, TriggerFailed
from prefect.tasks.core.resource_manager import (
    ResourceCleanupTask,
    ResourceInitTask,
    ResourceManager,
    ResourceSetupTask,
    resource_cleanup_trigger,
)

log: list[Any] = []


class Plain:
    def __init__(self, size: int, other: int = 2) -> None:
        self.size = size

    def setup(self) -> str:
        log.append("setup")
        return "resource" * self.size

    def cleanup(self, resource: Any) -> None:
        log.append(("cleanup", resource))


manager = resource_manager(Plain)


@task
def use(a: Any, b: Any = None) -> Any:
    log.append(("use", a))
    if b == "fail":
        raise ValueError("broken")
    return a


@pytest.fixture(autouse=True)
def empty_log() -> None:
    log.clear()


def edges_of(flow: Flow) -> set[tuple[str, str, str | None]]:
    return {(flow.slugs[edge.upstream_task], flow.slugs[edge.downstream_task], edge.key) for edge in flow.edges}


FRAME = {
    ("Plain-1", "Plain.setup-1", "mgr"),
    ("Plain-1", "Plain.cleanup-1", "mgr"),
    ("Plain.setup-1", "Plain.cleanup-1", "resource"),
}


def references(flow: Flow) -> list[str]:
    return sorted(flow.slugs[task] for task in flow.reference_tasks())


def test_tasks_of_the_block_run_between_setup_and_cleanup() -> None:
    with Flow("f") as flow:
        outside = use(3)
        parameter = Parameter("p", default=1)
        with manager(1) as resource:
            use(resource)
            use(use(outside))
            use(parameter)
    assert edges_of(flow) - FRAME == {
        ("Plain.setup-1", "use-2", "a"),
        ("use-1", "use-3", "a"),
        ("Plain.setup-1", "use-3", None),
        ("use-3", "use-4", "a"),
        ("p", "use-5", "a"),
        ("Plain.setup-1", "use-5", None),
        ("use-2", "Plain.cleanup-1", None),
        ("use-4", "Plain.cleanup-1", None),
        ("use-5", "Plain.cleanup-1", None),
    }
    assert references(flow) == ["use-2", "use-4", "use-5"]


def test_what_follows_the_block_decides_instead() -> None:
    with Flow("f") as flow:
        with manager(1) as resource:
            used = use(resource)
        use(used)
    assert ("use-1", "Plain.cleanup-1", None) in edges_of(flow)
    assert references(flow) == ["use-2"]


def test_an_empty_block() -> None:
    with Flow("f") as flow:
        with manager(1):
            pass
    assert edges_of(flow) == FRAME
    assert references(flow) == ["Plain.setup-1"]


def test_blocks_of_other_kinds_may_be_nested() -> None:
    with Flow("f") as flow:
        with case(use(1), 1):
            with manager(1) as resource:
                with case(use(resource), 1):
                    use(2)
    facts = edges_of(flow)
    assert ("case(1)-2", "Plain-1", None) in facts
    assert ("case(1)-1", "use-3", None) in facts
    assert ("use-3", "Plain.cleanup-1", None) in facts
    assert ("use-2", "Plain.cleanup-1", None) not in facts


def test_without_a_setup_there_is_no_resource() -> None:
    class Bare:
        def cleanup(self, resource: Any) -> None:
            log.append(("cleanup", resource))

    with Flow("f") as flow:
        with resource_manager(Bare)() as resource:
            use(resource)
    assert resource is None
    state = flow.run()
    assert state is not None
    assert state.is_successful()
    assert log == [("use", None), ("cleanup", None)]


def test_it_is_cleaned_up_though_a_task_fails() -> None:
    with Flow("f") as flow:
        with manager(1) as resource:
            failing = use(resource, "fail")
    state = flow.run()
    assert state is not None
    assert state.is_failed()
    assert state.result[failing].is_failed()
    assert log == ["setup", ("use", "resource"), ("cleanup", "resource")]


def test_names_and_arguments_of_the_tasks() -> None:
    named = resource_manager(
        name="other",
        init_task_kwargs={"tags": ["t"]},
        setup_task_kwargs={"name": "s"},
        cleanup_task_kwargs={"skip_on_upstream_skip": True},
    )(Plain)
    assert isinstance(named, ResourceManager)
    with Flow("f"):
        context = named(1, other=use(2))
    assert context.setup_task is not None
    assert (context.init_task.name, context.init_task.tags) == ("other", {"t"})
    assert (context.setup_task.name, context.setup_task.checkpoint) == ("s", False)
    assert (context.cleanup_task.name, context.cleanup_task.skip_on_upstream_skip) == ("other.cleanup", True)
    assert context.cleanup_task.trigger is resource_cleanup_trigger


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="Could not infer an active Flow context"):
        manager(1)
    with pytest.raises(TypeError, match="missing a required argument: 'size'"):
        manager(flow=Flow("f"))
    with pytest.raises(ValueError, match="Multiple flows cannot be used"), manager(1, flow=Flow("f")):
        Flow("g").add_task(use)


def test_the_tasks_call_the_manager() -> None:
    made = ResourceInitTask(Plain).run(2)
    assert ResourceSetupTask().run(made) == "resourceresource"
    ResourceCleanupTask().run(made, "r")
    assert log == ["setup", ("cleanup", "r")]
    assert list(ResourceInitTask(Plain).inputs()) == ["size", "other"]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((Success(), Success(), Failed()), None),
        ((Success(), Success(), Skipped()), None),
        ((Success(), Failed(), TriggerFailed()), "SKIP: Resource manager setup failed"),
        ((Failed(), TriggerFailed(), TriggerFailed()), "SKIP: Resource manager init failed"),
        ((Success(), Skipped(), Skipped()), "SKIP: Resource manager setup skipped"),
        ((Skipped(), Skipped(), Skipped()), "SKIP: Resource manager init skipped"),
        ((Success(), Success(), Pending()), "TRIGGERFAIL: Trigger was 'resource_cleanup_trigger'"),
    ],
)
def test_cleanup_needs_a_resource(states: tuple[State, State, State], expected: str | None) -> None:
    cleanup = ResourceCleanupTask()
    edges = [Edge(use, cleanup, key="mgr"), Edge(use, cleanup, key="resource"), Edge(use, cleanup)]
    upstream = dict(zip(edges, states, strict=True))
    if expected is None:
        assert resource_cleanup_trigger(upstream)
        return
    name, message = expected.split(": ")
    with pytest.raises(getattr(signals, name), match=message):
        resource_cleanup_trigger(upstream)

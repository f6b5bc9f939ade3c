"""Flows on the wire: what 1.4.1 wrote, what it read, and how long it takes."""

import copy
import importlib.util
import json
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from prefect.core.flow import Flow
from prefect.core.parameter import Parameter
from prefect.core.task import Task
from prefect.exceptions import ValidationError
from prefect.schedules import CronSchedule, Schedule
from prefect.serialization import versioned
from prefect.serialization.flow import FlowSchema, dump_flow, hash_of, load_flow

FOLDER = Path(__file__).parents[1] / "fixtures" / "wire" / "flows"
KNOWN: dict[str, dict[str, Any]] = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
# Its tasks run other flows and shell commands, which this version does not have.
BUILDABLE = [name for name in KNOWN if name != "prebuilt"]


@pytest.fixture(scope="module")
def ref_flows() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ref_flows", FOLDER / "ref_flows.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["ref_flows"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def plain_flow() -> Flow:
    with Flow("plain") as flow:
        flow.chain(Task("a"), Task("b"))
    return flow


@pytest.mark.parametrize("name", BUILDABLE)
def test_writes_what_was_always_written(name: str, ref_flows: ModuleType) -> None:
    flow = getattr(ref_flows, KNOWN[name]["source_function"])()
    with versioned.written_as("1.4.1"):
        dumped = dump_flow(flow)
        assert dumped == KNOWN[name]["serialized"]
        assert hash_of(dumped) == KNOWN[name]["live"]["serialized_hash"]
        assert flow.serialize() == dumped
        assert flow.serialized_hash() == KNOWN[name]["live"]["serialized_hash"]
    assert json.loads(json.dumps(dumped, allow_nan=False)) == dumped


@pytest.mark.parametrize("name", KNOWN)
def test_reads_what_was_always_written(name: str) -> None:
    data, facts = KNOWN[name]["serialized"], KNOWN[name]["deserialized"]
    before = copy.deepcopy(data)
    flow = load_flow(data)
    assert data == before
    assert type(flow) is Flow
    assert repr(flow) == facts["repr"]
    tasks = [
        {
            "repr": repr(task),
            "type": type(task).__name__,
            "slug": slug,
            "name": task.name,
            "tags": sorted(task.tags),
            "trigger": task.trigger.__name__,
        }
        for task, slug in sorted(flow.slugs.items(), key=lambda item: item[1])
    ]
    # 1.4.1 did not find one of its own triggers again.
    kept = {task["slug"] for task in data["tasks"] if task["trigger"]["fn"] == "prefect.triggers.not_all_skipped"}
    assert tasks == [
        {**task, "trigger": "not_all_skipped"} if task["slug"] in kept else task for task in facts["tasks"]
    ]
    edges = {
        (flow.slugs[edge.upstream_task], flow.slugs[edge.downstream_task], edge.key, edge.mapped, edge.flattened)
        for edge in flow.edges
    }
    assert edges == {tuple(edge) for edge in facts["edges"]}
    parameters = sorted(flow.parameters(), key=lambda parameter: parameter.name)
    assert [[repr(p), p.name, p.required, p.default] for p in parameters] == facts["parameters"]
    assert sorted(flow.slugs[task] for task in flow.reference_tasks()) == facts["reference_tasks"]
    assert sorted(flow.slugs[task] for task in flow._reference_tasks) == facts["explicit_reference_tasks"]
    for field in ("schedule", "run_config", "storage"):
        assert (getattr(flow, field) is None) == (facts[field] == "None")


@pytest.mark.parametrize("name", KNOWN)
def test_what_was_read_is_written_alike(name: str) -> None:
    """All but what the code of a task says, which is not there."""

    def without_code(data: dict[str, Any]) -> dict[str, Any]:
        data = copy.deepcopy(data)
        for task in (*data["tasks"], *data["parameters"]):
            for field in ("type", "inputs", "outputs"):
                task.pop(field, None)
            # A trigger of the task's author is code as well, and the default stands in for it.
            if not task.get("trigger", {}).get("fn", "prefect.triggers.").startswith("prefect.triggers."):
                task["trigger"] = {"fn": "prefect.triggers.all_successful", "kwargs": {}}
        return data

    data = KNOWN[name]["serialized"]
    with versioned.written_as("1.4.1"):
        assert without_code(dump_flow(load_flow(data))) == without_code(data)


def test_a_subclass_keeps_its_name_and_loads_plain() -> None:
    class Pipeline(Flow):
        pass

    class Step(Task):
        pass

    flow = Pipeline("pipeline", tasks=[Step("step")])
    dumped = dump_flow(flow)
    assert dumped["type"].endswith("Pipeline")
    assert dumped["tasks"][0]["type"].endswith("Step")
    loaded = load_flow(dumped)
    assert type(loaded) is Flow
    assert [type(task) for task in loaded.tasks] == [Task]


def test_order_of_creation_does_not_matter() -> None:
    def flow_of(names: list[str]) -> Flow:
        flow = Flow("f")
        tasks = {name: flow.add_task(Task(name, slug=name)) for name in names}
        flow.add_edge(tasks["a"], tasks["b"], key=None)
        flow.add_edge(tasks["a"], tasks["c"])
        return flow

    assert hash_of(dump_flow(flow_of(["a", "b", "c"]))) == hash_of(dump_flow(flow_of(["c", "b", "a"])))


def test_the_schema_selects_fields_and_takes_many() -> None:
    flow = plain_flow()
    assert "storage" not in FlowSchema(exclude=["storage"]).dump(flow)
    assert FlowSchema(only=["name"]).dump(flow).keys() == {"name", "__version__"}
    dumped = FlowSchema(many=True).dump([flow, flow])
    assert [loaded.name for loaded in FlowSchema().load(dumped, many=True)] == ["plain", "plain"]
    assert FlowSchema(context={"a": 1}).context == {"a": 1}


def test_unknown_fields_and_old_ones_are_ignored() -> None:
    loaded = load_flow({"name": "f", "environment": {"type": "LocalEnvironment"}, "zzz": 1, "__version__": "0.6.0"})
    assert (loaded.name, loaded.tasks, loaded.schedule) == ("f", set(), None)


def test_a_parameter_is_one_only_where_it_is_listed_as_one() -> None:
    parameter = {"name": "x", "slug": "x", "type": "prefect.core.parameter.Parameter", "default": 3, "required": False}
    listed = load_flow({"name": "f", "tasks": [parameter], "parameters": [parameter]})
    assert [(p.name, p.default) for p in listed.parameters()] == [("x", 3)]
    assert load_flow({"name": "f", "tasks": [parameter], "parameters": []}).parameters() == set()


def test_an_edge_may_bring_a_task_of_its_own() -> None:
    edge = {"upstream_task": {"slug": "a-1"}, "downstream_task": {"slug": "b-1"}}
    flow = load_flow({"name": "f", "tasks": [{"name": "a", "slug": "a-1"}], "edges": [edge]})
    assert sorted(flow.slugs.values()) == ["a-1", "b-1"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "must have a name"),
        (None, "must be a JSON object"),
        ({"name": 5}, "must be text"),
        ({"name": "f", "tasks": None}, "tasks of a flow must be a list"),
        ({"name": "f", "tasks": [5]}, "task must be a JSON object"),
        ({"name": "f", "tasks": [{"name": "a", "tags": None}]}, "tags of task 'a'"),
        ({"name": "f", "tasks": [{"name": "a", "timeout": "soon"}]}, "timeout of task 'a'"),
        ({"name": "f", "tasks": [{"name": "a", "trigger": "all_failed"}]}, "A function must be given"),
        ({"name": "f", "parameters": [{"slug": "x"}]}, "parameter must have a name"),
        ({"name": "f", "storage": {"type": "Nope"}}, "Nope is no kind of storage"),
        ({"name": "f", "storage": {"type": "Module"}}, "Module storage cannot be made"),
        ({"name": "f", "run_config": {"type": "Nope"}}, "Nope is no kind of run config"),
        ({"name": "f", "schedule": {"type": "IntervalSchedule", "interval": 5}}, "clocks of a schedule"),
    ],
)
def test_what_makes_no_sense_is_refused(data: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        load_flow(data)


def test_a_reference_task_must_be_there() -> None:
    with pytest.raises(ValueError, match="reference tasks must be part of the flow"):
        load_flow({"name": "f", "reference_tasks": [{"slug": "zz"}]})


def test_a_cycle_is_refused() -> None:
    edges = [
        {"upstream_task": {"slug": "a"}, "downstream_task": {"slug": "b"}},
        {"upstream_task": {"slug": "b"}, "downstream_task": {"slug": "a"}},
    ]
    with pytest.raises(ValueError, match="Cycle"):
        load_flow({"name": "f", "tasks": [{"slug": "a"}, {"slug": "b"}], "edges": edges})


def test_a_default_that_is_no_json_names_parameter_and_flow() -> None:
    flow = Flow("census", tasks=[Parameter("where", default=object())])
    with pytest.raises(ValidationError, match=r"Flow 'census' cannot be serialized.*default of parameter 'where'"):
        dump_flow(flow)


def test_a_custom_filter_names_the_flow() -> None:
    schedule = Schedule(clocks=CronSchedule("* * * * *").clocks, filters=[lambda moment: True])
    with pytest.raises(ValidationError, match=r"Flow 'f' cannot be serialized.*filters of a Schedule"):
        dump_flow(Flow("f", schedule=schedule))


def test_a_thousand_tasks_are_written_in_twenty_milliseconds() -> None:
    flow = Flow("chain")
    flow.chain(*(Task(f"task {number}") for number in range(1000)))
    durations = []
    for _ in range(5):
        start = time.process_time()
        dumped = dump_flow(flow)
        durations.append(time.process_time() - start)
    assert len(dumped["edges"]) == 999
    assert min(durations) < 0.02

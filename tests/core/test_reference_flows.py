"""The example flows build the same graphs as they did with version 1.4.1: slugs, edges, constants, special tasks."""

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from prefect.core.flow import Flow

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "wire" / "flows"
# `prebuilt` needs tasks of the library that are still to come.
CASES = sorted(path.stem for path in FIXTURES.glob("*.json") if path.stem != "prebuilt")


@pytest.fixture(scope="module")
def sources() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("ref_flows", FIXTURES / "ref_flows.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["ref_flows"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["ref_flows"]


def edges_of(flow: Flow) -> list[list[Any]]:
    return [
        [flow.slugs[edge.upstream_task], flow.slugs[edge.downstream_task], edge.key, edge.mapped, edge.flattened]
        for edge in flow.edges
    ]


def in_order(edges: list[list[Any]]) -> list[list[Any]]:
    return sorted(edges, key=lambda edge: [str(part) for part in edge])


def slugs_of(flow: Flow, tasks: set[Any]) -> list[str]:
    return sorted(flow.slugs[task] for task in tasks)


@pytest.mark.parametrize("case", CASES)
def test_the_graph_is_that_of_1_4_1(case: str, sources: ModuleType) -> None:
    recorded = json.loads((FIXTURES / f"{case}.json").read_text())
    flow: Flow = getattr(sources, recorded["source_function"])()
    live = recorded["live"]

    assert {slug: task.name for task, slug in flow.slugs.items()} == live["slugs"]
    assert in_order(edges_of(flow)) == in_order(live["edges"])
    constants = {
        flow.slugs[task]: {key: repr(value) for key, value in values.items()}
        for task, values in flow.constants.items()
        if values
    }
    assert constants == live["constants"]
    assert slugs_of(flow, flow.root_tasks()) == live["root_tasks"]
    assert slugs_of(flow, flow.terminal_tasks()) == live["terminal_tasks"]
    assert slugs_of(flow, flow.reference_tasks()) == live["reference_tasks"]
    assert len(flow.sorted_tasks()) == live["sorted_task_slugs_count"]


@pytest.mark.parametrize("case", CASES)
def test_inputs_and_outputs_are_typed_as_in_1_4_1(case: str, sources: ModuleType) -> None:
    recorded = json.loads((FIXTURES / f"{case}.json").read_text())
    flow: Flow = getattr(sources, recorded["source_function"])()
    by_slug = {slug: task for task, slug in flow.slugs.items()}

    for expected in recorded["serialized"]["tasks"]:
        task = by_slug[expected["slug"]]
        inputs = {
            name: {"required": facts["required"], "type": str(facts["type"])} for name, facts in task.inputs().items()
        }
        assert inputs == expected["inputs"]
        assert str(task.outputs()) == expected["outputs"]
        assert task.auto_generated == expected["auto_generated"]
        assert sorted(task.tags) == expected["tags"]

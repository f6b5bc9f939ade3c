"""What every storage can do."""

import threading

import pytest

from prefect import Flow
from prefect.core.flow import Flow as FlowClass
from prefect.storage import Storage
from prefect.utilities.configuration import set_temporary_config


class Shelf(Storage):
    @property
    def default_labels(self) -> list[str]:
        return ["shelf"]

    def add_flow(self, flow: FlowClass) -> str:
        self._must_be_new(flow)
        self.flows[flow.name] = "here"
        self._flows[flow.name] = flow
        return "here"


def test_defaults() -> None:
    shelf = Shelf()
    assert (shelf.result, shelf.secrets, shelf.flows, shelf.stored_as_script) == (None, [], {}, False)
    assert (repr(shelf), shelf.name, shelf.logger.name) == ("<Storage: Shelf>", "Shelf", "prefect.Shelf")
    assert shelf.build() is shelf


def test_a_storage_says_how_flows_are_added_and_loaded() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Storage()  # type: ignore[abstract]
    with pytest.raises(NotImplementedError, match="Shelf storage"):
        Shelf().get_flow("f")


def test_labels_are_sorted_and_unique() -> None:
    assert Shelf(labels=["b", "a", "b"]).labels == ["a", "b", "shelf"]
    assert Shelf(labels=["b", "a"], add_default_labels=False).labels == ["a", "b"]
    with set_temporary_config({"flows.defaults.storage.add_default_labels": False}):
        assert Shelf().labels == []


def test_flows_are_held_by_name() -> None:
    shelf = Shelf()
    flow = Flow("f")
    shelf.add_flow(flow)
    assert "f" in shelf
    assert "g" not in shelf
    assert flow not in shelf
    with pytest.raises(ValueError, match='Flow with the name "f" is already present in this storage'):
        shelf.add_flow(Flow("f"))


def test_a_flow_that_cannot_be_pickled_is_noticed_before_it_is_needed() -> None:
    shelf = Shelf()
    flow = Flow("f")
    shelf.add_flow(flow)
    shelf.run_basic_healthchecks()
    flow.lock = threading.Lock()  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="cannot pickle"):
        shelf.build()
    shelf.stored_as_script = True
    assert shelf.build() is shelf

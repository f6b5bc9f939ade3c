"""Flows that are part of an importable module."""

from pathlib import Path

import pytest

from prefect import Flow
from prefect.storage import Module


def test_flows_come_from_the_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "module_storage_flows.py").write_text("from prefect import Flow\nflow = Flow('a')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    storage = Module("module_storage_flows")
    for name in ("a", "b"):
        assert storage.add_flow(Flow(name)) == "module_storage_flows"
    assert storage.flows == {"a": "module_storage_flows", "b": "module_storage_flows"}
    assert storage.get_flow("a").name == "a"
    with pytest.raises(ValueError, match="Failed to find flow 'b' in 'module_storage_flows'"):
        storage.get_flow("b")
    with pytest.raises(ValueError, match="Flow is not contained in this Storage"):
        storage.get_flow("c")


def test_it_brings_no_labels_and_no_result() -> None:
    storage = Module("m", labels=["x"], secrets=["S"])
    assert (storage.module, storage.labels, storage.result, storage.secrets) == ("m", ["x"], None, ["S"])
    storage.add_flow(Flow("f"))
    with pytest.raises(ValueError, match="already present"):
        storage.add_flow(Flow("f"))

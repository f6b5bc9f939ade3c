"""Run configs on the wire: what 1.4.1 wrote and read."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from prefect.exceptions import ValidationError
from prefect.run_configs import DockerRun, KubernetesRun, RunConfig, UniversalRun
from prefect.serialization import versioned
from prefect.serialization.run_config import RunConfigSchema, dump_run_config, load_run_config
from tests.fixtures.wire import examples

KNOWN = json.loads((Path(__file__).parents[1] / "fixtures" / "wire" / "run_configs.json").read_text())["run_configs"]


def test_every_example_is_made_here() -> None:
    assert examples.run_configs().keys() == KNOWN.keys()


@pytest.mark.parametrize("name", KNOWN)
def test_writes_what_was_always_written(name: str) -> None:
    run_config = examples.run_configs()[name]
    with versioned.written_as("1.4.1"):
        assert dump_run_config(run_config) == KNOWN[name]["serialized"]
        assert run_config.serialize() == KNOWN[name]["serialized"]
    assert sorted(run_config.labels) == KNOWN[name]["labels"]


@pytest.mark.parametrize("name", KNOWN)
def test_reads_what_was_always_written(name: str) -> None:
    data, facts = copy.deepcopy(KNOWN[name]["serialized"]), KNOWN[name]["deserialized"]
    loaded = load_run_config(data)
    assert type(loaded).__name__ == facts["type"]
    attributes = {field: repr(value) for field, value in vars(loaded).items() if field != "labels"}
    assert attributes == {field: text for field, text in facts["attrs"].items() if field != "labels"}
    assert loaded == examples.run_configs()[name]
    assert data == KNOWN[name]["serialized"]
    with versioned.written_as("1.4.1"):
        assert RunConfigSchema().dump(loaded) == data


def test_missing_fields_take_their_defaults_and_unknown_ones_are_ignored() -> None:
    assert load_run_config({"type": "UniversalRun"}) == UniversalRun()
    assert load_run_config({"type": "UniversalRun", "labels": None, "env": None, "zzz": 1}) == UniversalRun()
    assert load_run_config({"type": "DockerRun", "labels": ["a", "a"]}) == DockerRun(labels=["a"])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "must be a JSON object"),
        ({}, "must say its type"),
        ({"type": "RunConfig"}, "RunConfig is no kind of run config"),
        ({"type": "UniversalRun", "labels": "ab"}, "labels of a UniversalRun must be a list"),
        ({"type": "KubernetesRun", "image_pull_policy": "Foo"}, "Invalid image_pull_policy"),
    ],
)
def test_what_makes_no_sense_is_refused(data: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_run_config(data)


def test_a_subclass_is_written_as_what_it_extends() -> None:
    class Mine(UniversalRun):
        pass

    assert dump_run_config(Mine(env={"A": "1"}))["type"] == "UniversalRun"
    with pytest.raises(ValidationError, match="A RunConfig has no place on the wire"):
        dump_run_config(RunConfig())


def test_what_is_no_json_is_named() -> None:
    with pytest.raises(ValidationError, match="job_template of KubernetesRun"):
        dump_run_config(KubernetesRun(job_template={"a": object()}))
    with pytest.raises(ValidationError, match="env of UniversalRun"):
        dump_run_config(UniversalRun(env={"A": object()}))  # type: ignore[dict-item]

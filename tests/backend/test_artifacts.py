"""Artifacts are left with the task run that is running, and only where it is recorded; pairs need a service."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prefect.backend import (
    create_link_artifact,
    create_markdown_artifact,
    delete_artifact,
    delete_key,
    get_key_value,
    list_keys,
    run_flow,
    set_key_value,
    update_link_artifact,
    update_markdown_artifact,
)
from prefect.client.client import Client
from prefect.configuration import config
from prefect.core.building import task
from prefect.core.flow import Flow
from prefect.exceptions import ClientError

ARTIFACTS = "query { task_run_artifact(order_by: {sequence: asc}) { id kind data task_run { task { slug } } } }"


def artifacts() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = Client().graphql_fast(ARTIFACTS)["task_run_artifact"]
    return found


def test_artifacts_of_a_recorded_task_are_kept_with_its_run(database: Path) -> None:
    @task
    def leave() -> None:
        link, text, other = (
            create_link_artifact("https://example.com"),
            create_markdown_artifact("# x"),
            create_markdown_artifact("gone"),
        )
        assert link is not None
        assert text is not None
        assert other is not None
        update_link_artifact(link, "https://example.com/2")
        update_markdown_artifact(text, "# y")
        delete_artifact(other)

    with Flow("leaves") as flow:
        leave()
    assert run_flow(flow).state.is_successful()
    assert [(row["kind"], row["data"], row["task_run"]["task"]["slug"]) for row in artifacts()] == [
        ("link", {"link": "https://example.com/2"}, "leave-1"),
        ("markdown", {"markdown": "# y"}, "leave-1"),
    ]


@pytest.mark.embedded
def test_artifacts_of_other_runs_are_nothing(database: Path) -> None:
    made: list[str | None] = []

    @task
    def leave() -> None:
        made.append(create_link_artifact("https://example.com"))
        update_markdown_artifact("none", "x")
        delete_artifact("none")

    with Flow("leaves") as flow:
        leave()
    state = flow.run()
    assert state is not None
    assert state.is_successful()
    assert made == [None]
    assert not database.exists()


PAIRS: list[Callable[[], Any]] = [
    lambda: set_key_value("a", 1),
    lambda: get_key_value("a"),
    lambda: delete_key("a"),
    list_keys,
]


@pytest.mark.parametrize("call", PAIRS)
@pytest.mark.parametrize("backend", ["embedded", "server"])
def test_pairs_are_refused_without_a_request(
    call: Callable[[], Any], backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(config, "backend", backend)
    with pytest.raises(ClientError, match="KV Store operations are only supported while using Prefect Cloud"):
        call()


def test_pairs_of_a_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config, "backend", "cloud")
    answers: list[dict[str, Any]] = [
        {"set_key_value": {"id": "1"}},
        {"key_value": [{"value": {"a": 1}}]},
        {"key_value": [{"key": "b"}, {"key": "a"}]},
        {"key_value": [{"id": "1"}]},
        {"delete_key_value": {"success": True}},
        {"key_value": []},
    ]
    asked: list[Any] = []

    def answer(self: Client, document: str, variables: Any = None) -> dict[str, Any]:
        asked.append(variables)
        return answers.pop(0)

    monkeypatch.setattr(Client, "graphql_fast", answer)
    assert set_key_value("key", {"a": 1}) == "1"
    assert get_key_value("key") == {"a": 1}
    assert list_keys() == ["a", "b"]
    assert delete_key("key") is True
    with pytest.raises(ValueError, match="No value found for key: 'key'"):
        get_key_value("key")
    assert asked[0] == {"input": {"key": "key", "value": {"a": 1}}}
    assert asked[4] == {"input": {"key_value_id": "1"}}

"""Artifacts are left with the task run that is running, and only where it is recorded; pairs are the backend's."""

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
from prefect.core.building import task
from prefect.core.flow import Flow

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


@pytest.mark.parametrize("value", [1, "text", None, {"a": [1, 2.5]}])
def test_pairs_are_kept_looked_up_and_deleted(database: Path, value: Any) -> None:
    assert list_keys() == []
    first = set_key_value("b", "before")
    assert set_key_value("b", value) == first
    set_key_value("a", 1)
    assert get_key_value("b") == value
    assert list_keys() == ["a", "b"]
    assert delete_key("b") is True
    for call in (get_key_value, delete_key):
        with pytest.raises(ValueError, match="No value found for key: 'b'"):
            call("b")
    assert list_keys() == ["a"]

"""The catalog offers every table, column and relationship of the 1.x table interface."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from prefect.server.catalog import CATALOG

FACTS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "graphql" / "tables.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", FACTS)
def test_a_table_has_the_columns_of_the_interface(name: str) -> None:
    table = CATALOG.tables[name]
    theirs = {
        column.name: column.type + ("" if column.nullable else "!")
        for column in table.columns.values()
        if not column.ours
    }
    # Every row of these two belongs to the run through which it is found; ours carry the key of the run as well.
    ours = set(table.columns) - set(theirs)
    assert theirs == FACTS[name]["columns"]
    assert not ours & set(FACTS[name]["columns"])
    assert list(table.primary_key) == FACTS[name]["primary_key"]


@pytest.mark.parametrize("name", FACTS)
def test_a_table_has_the_relationships_of_the_interface(name: str) -> None:
    found = {
        way.name: {
            "kind": "array" if way.many else "object",
            "target": way.target,
            "mapping": {way.mine: way.theirs},
        }
        for way in CATALOG.tables[name].relationships.values()
    }
    for key, fact in FACTS[name]["relationships"].items():
        assert found[key] == fact


def test_relationships_lead_to_columns_that_exist() -> None:
    for table in CATALOG.tables.values():
        for way in table.relationships.values():
            assert way.mine in table.columns
            assert way.theirs in CATALOG.tables[way.target].columns


def test_every_table_that_can_be_asked_about_names_its_tenant() -> None:
    for table in CATALOG.tables.values():
        if table.exposed:
            assert table.tenant in table.columns or table.tenant in table.relationships


def test_every_row_of_a_run_disappears_with_it() -> None:
    for table in CATALOG.tables.values():
        if "flow_run_id" in table.columns and table.name != CATALOG.deletions:
            assert table.run == "flow_run_id"
    assert CATALOG.tables["flow_run"].run == "id"


def test_versioned_columns_exist_on_both_sides() -> None:
    for table in CATALOG.tables.values():
        if table.history is not None:
            assert set(table.history.columns) <= set(table.columns)
            assert set(table.history.columns.values()) <= set(CATALOG.tables[table.history.table].columns)
            assert CATALOG.tables[table.history.table].feed is not None

"""Inputs of operations that have the right shape and values nobody would send."""

from __future__ import annotations

import random
import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import msgspec

from prefect.server.graphql import payload

NOBODY = "00000000-0000-4000-8000-000000000000"
TEXTS = (
    "",
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfff\ud800",
    "💥",
    "x" * 10_000,
    "nope",
    NOBODY,
    NOBODY.upper(),
    "Running",
    "{}",
)
TIMES = (
    "2020-01-01T00:00:00+00:00",
    "0001-01-01",
    "9999-12-31T23:59:59.999999-23:59",
    "0001-01-01T00:00:00+23:59",
    "[",
)
NUMBERS = (0, 1, -1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 10**400)
VALUES: tuple[Any, ...] = (
    *(None, True, 1.5, float("inf"), "", "{", "{}", '{"a": 1}', "[1]", [], {}, [[]], [None], {"": 1}, {"a": 10**400}),
    *({"type": "Running"}, {"type": "Nope"}, {"type": ["x"]}, {"type": None}, {"type": {}}, {"\ud800": "\udfff"}),
    {"type": "Success", "message": "\x00", "result": {"type": "\ud800"}},
    {"type": "Scheduled", "start_time": "x"},
    {"type": "Scheduled", "start_time": 10**30},
    {"type": "Scheduled", "start_time": TIMES[2]},
    {"type": "Running", "context": {"tags": 1}, "cached_inputs": 1},
    {"name": 1, "tasks": 1},
    {"name": "f", "tasks": [1]},
    {"name": "f", "tasks": [{}], "edges": [1]},
    {"name": "f", "tasks": [], "edges": [{"upstream_task": 1, "downstream_task": {}}]},
    {"name": "f", "tasks": [], "schedule": {"clocks": 1}, "parameters": 1, "storage": 1, "run_config": 1},
    [{"slug": 1}],
    [{"slug": "a", "name": {}, "type": [], "tags": 1, "retry_delay": "x", "max_retries": 10**30}],
)


class Pools(NamedTuple):
    """What odd values are taken from."""

    texts: tuple[str, ...] = TEXTS
    times: tuple[str, ...] = TIMES
    numbers: tuple[int, ...] = NUMBERS
    values: tuple[Any, ...] = VALUES


USUAL = Pools()


def odd_value(chance: random.Random, name: str, kind: Any, good: Mapping[str, str], pools: Pools = USUAL) -> Any:
    """A value that passes for the type; ids in `good` are used for fields of their name more often than not."""
    origin, mark = get_origin(kind), payload._scalar(kind)
    if origin in (Union, types.UnionType):
        kinds = [item for item in get_args(kind) if item is not type(None)]
        return None if chance.random() < 0.15 else odd_value(chance, name, chance.choice(kinds), good, pools)
    if mark == "JSON":
        return chance.choice(pools.values)
    if mark == "UUID" or name.endswith("_id"):
        return good[name] if name in good and chance.random() < 0.7 else chance.choice(pools.texts)
    if mark == "DateTime":
        return chance.choice((*pools.texts, *pools.times, *pools.numbers))
    if origin is Annotated:
        return odd_value(chance, name, get_args(kind)[0], good, pools)
    if origin in (list, tuple):
        return [odd_value(chance, name, get_args(kind)[0], good, pools) for _ in range(chance.randrange(3))]
    if origin is Literal:
        return chance.choice(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return {
            field.encode_name: odd_value(chance, field.name, field.type, good, pools)
            for field in msgspec.structs.fields(kind)
            if field.required or chance.random() < 0.6
        }
    plain: dict[Any, tuple[Any, ...]] = {
        str: pools.texts + pools.times,
        int: pools.numbers,
        bool: (True, False),
        float: (0.0, 1e308, -1.0),
    }
    return chance.choice(plain.get(kind, (*pools.texts, *pools.numbers, *pools.values)))

"""Programs written for 1.x find every module, class, method, function and argument where they import it from.

The live package is compared with what was observed of release 1.4.1 (`tests/fixtures/python_api.json`). Every
difference has a name, the path of the thing, and stands with its reason in `allowed_differences.py` and in
docs/compatibility.md.
"""

import ast
import fnmatch
import functools
import importlib
import inspect
import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.allowed_differences import ALLOWED

ROOT = Path(__file__).resolve().parents[2]
NAMES: dict[str, dict[str, Any]] = json.loads((ROOT / "tests" / "fixtures" / "python_api.json").read_text())

# What 1.x had and we refuse, each with its reason in docs/compatibility.md: importing it says so.
REFUSED = {path for group in ALLOWED if group.refused for path in group.differences}

PRESENT = sorted(set(NAMES) - REFUSED)

KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: "po",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "pk",
    inspect.Parameter.VAR_POSITIONAL: "var",
    inspect.Parameter.KEYWORD_ONLY: "ko",
    inspect.Parameter.VAR_KEYWORD: "kw",
}

Described = list[Any]  # a parameter: its name, its kind, and what its default looks like where it has one


def in_any_checkout(text: str) -> str:
    """Without the place where the package happens to lie."""
    return re.sub(r"'[^']*/prefect/config\.toml'", "'<site-packages>/prefect/config.toml'", text)


def parameters_of(thing: Any) -> list[Described]:
    described = []
    for parameter in inspect.signature(thing).parameters.values():
        default = [] if parameter.default is parameter.empty else [in_any_checkout(repr(parameter.default))]
        described.append([parameter.name, KINDS[parameter.kind], *default])
    if described and described[0][0] in ("self", "cls"):
        del described[0]
    return described


def written(parameters: list[Described]) -> str:
    """Parameters as one writes them in Python."""
    marks = {"var": "*", "kw": "**"}
    parts: list[str] = []
    for name, kind, *default in parameters:
        if kind == "ko" and not any(part.startswith("*") for part in parts):
            parts.append("*")
        parts.append(marks.get(kind, "") + name + "".join(f"={value}" for value in default))
    return f"({', '.join(parts)})"


def difference_of_parameters(thing: Any, expected: list[Described]) -> str | None:
    ours = parameters_of(thing)
    if expected and expected[0][0] in ("self", "cls"):
        expected = expected[1:]
    if ours == expected:
        return None
    known = {parameter[0] for parameter in expected}
    added = [p for p in ours if p[0] not in known and p[1] == "ko" and len(p) > 2]
    if [p for p in ours if p not in added] == expected:
        return "adds " + ", ".join(p[0] for p in added)
    return f"{written(ours)} for {written(expected)}"


ABSENT = object()


def found(thing: Any, name: str) -> Any:
    """An attribute, or ABSENT; the import of one that is refused says why."""
    try:
        return getattr(thing, name, ABSENT)
    except ImportError:
        return ABSENT


def at(path: str) -> Any:
    """The thing of this path, a module too, or ABSENT."""
    module, _, name = path.rpartition(".")
    try:
        owner = importlib.import_module(module)
    except ImportError:
        return ABSENT
    thing = found(owner, name)
    if thing is not ABSENT or not hasattr(owner, "__path__"):
        return thing
    try:
        return importlib.import_module(path)
    except ImportError:
        return ABSENT


def full_name(thing: type) -> str:
    return thing.__qualname__ if thing.__module__ == "builtins" else f"{thing.__module__}.{thing.__qualname__}"


@functools.cache
def given_to_instances(cls: type) -> frozenset[str]:
    """The names that an instance has: of the class, annotated, slots, and what methods assign to self."""
    names: set[str] = set()
    for ancestor in cls.__mro__:
        slots = vars(ancestor).get("__slots__", ())
        names |= {*vars(ancestor), *vars(ancestor).get("__annotations__", {})}
        names |= {slots} if isinstance(slots, str) else set(slots)
        if not ancestor.__module__.startswith("prefect."):
            continue
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(ancestor)))):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                names |= {node.attr} if isinstance(node.value, ast.Name) and node.value.id == "self" else set()
    return frozenset(names)


def shape(owner: Any, name: str, function: Any) -> dict[str, Any]:
    """What kind of function it is, apart from its parameters."""
    told: dict[str, Any] = {}
    if inspect.isgeneratorfunction(inspect.unwrap(function)):
        # The notation does not tell a method that is a generator from one that is a context manager.
        told["generator"] = True
    still = inspect.getattr_static(owner, name)
    if isinstance(still, staticmethod | classmethod) and inspect.isclass(owner):
        told["type"] = "static" if isinstance(still, staticmethod) else "class"
    if inspect.iscoroutinefunction(function):
        told["async"] = True
    if getattr(function, "__isabstractmethod__", False):
        told["abstract"] = True
    return told


Difference = tuple[str, str]


def differences_of_function(where: str, owner: Any, name: str, described: dict[str, Any]) -> Iterator[Difference]:
    function = found(owner, name)
    if function is ABSENT:
        yield where, "missing"
        return
    told = difference_of_parameters(function, described["params"])
    if told is not None:
        yield where, told
    ours = shape(owner, name, function)
    theirs = {key.replace("contextmanager", "generator"): told for key, told in described.items() if key != "params"}
    if ours != theirs:
        yield where, f"is {ours} for {theirs}"


def differences_of_class(where: str, ours: Any, described: dict[str, Any]) -> Iterator[Difference]:
    if not isinstance(ours, type):
        yield where, "missing" if ours is ABSENT else "is no class"
        return
    yield from differences_of_bases(where, ours, described["bases"])
    # A tuple's arguments are those of `tuple`.
    if "init" in described and not issubclass(ours, tuple):
        made_by: Any = ours if ours.__init__ is object.__init__ else ours.__init__
        told = difference_of_parameters(made_by, described["init"])
        if told is not None:
            yield f"{where}.__init__", told
    for name, function in described.get("methods", {}).items():
        yield from differences_of_function(f"{where}.{name}", ours, name, function)
    for name, settable in described.get("properties", {}).items():
        attribute = inspect.getattr_static(ours, name, ABSENT)
        if name not in given_to_instances(ours):
            yield f"{where}.{name}", "missing"
        elif isinstance(attribute, property) and settable and attribute.fset is None:
            yield f"{where}.{name}", "cannot be set"
    for name in described.get("attributes", ()):
        if name not in given_to_instances(ours):
            yield f"{where}.{name}", "missing"
    for name, value in described.get("values", {}).items():
        if name in given_to_instances(ours) and repr(getattr(ours, name)) != value:
            yield f"{where}.{name}", f"{getattr(ours, name)!r} for {value}"
    for name in described.get("dunders", ()):
        if not hasattr(ours, name):
            yield f"{where}.{name}", "missing"
    fields = list(getattr(ours, "_fields", ()))
    if fields != described.get("fields", fields):
        yield where, f"fields {fields}"
    members: dict[str, Any] = dict(getattr(ours, "__members__", {}))
    for name, value in described.get("members", {}).items():
        if name not in members or repr(members[name].value) != value:
            yield f"{where}.{name}", "missing"


def differences_of_bases(where: str, ours: type, bases: list[str]) -> Iterator[Difference]:
    if where != full_name(ours):
        yield where, f"at home in {ours.__module__}"
    names = {full_name(ancestor) for ancestor in ours.__mro__}
    for base in bases:
        if base not in names and at(base) not in ours.__mro__:
            yield where, f"is no {base}"


def differences_of_value(where: str, ours: Any, described: dict[str, str]) -> Iterator[Difference]:
    if ours is ABSENT:
        yield where, "missing"
    elif full_name(type(ours)) != described["type"] != "object":
        yield where, f"a {full_name(type(ours))} for a {described['type']}"
    elif "value" in described and in_any_checkout(repr(ours)) != described["value"]:
        yield where, f"{ours!r} for {described['value']}"


def differences(module_name: str) -> Iterator[Difference]:
    module = importlib.import_module(module_name)
    described = NAMES[module_name]
    for name in described.get("all", ()):
        if found(module, name) is ABSENT and name not in described.get("functions", {}):
            yield f"{module_name}.{name}", "missing"
    for name in described.get("submodules", ()):
        if at(f"{module_name}.{name}") is ABSENT:
            yield f"{module_name}.{name}", "missing"
    for name, home in described.get("reexports", {}).items():
        if found(module, name) is ABSENT:
            yield f"{module_name}.{name}", "missing"
        elif found(module, name) is not found(
            importlib.import_module(home.rpartition(".")[0]), home.rpartition(".")[2]
        ):
            yield f"{module_name}.{name}", f"is not {home}"
    for name, value in described.get("values", {}).items():
        yield from differences_of_value(f"{module_name}.{name}", found(module, name), value)
    for name, function in described.get("functions", {}).items():
        yield from differences_of_function(f"{module_name}.{name}", module, name, function)
    for name, described_class in described.get("classes", {}).items():
        yield from differences_of_class(f"{module_name}.{name}", found(module, name), described_class)


def is_named(path: str, difference: str) -> bool:
    return any(
        fnmatch.fnmatchcase(path, paths) and fnmatch.fnmatchcase(difference, named)
        for group in ALLOWED
        for paths, named in group.differences.items()
    )


@pytest.mark.parametrize("module_name", PRESENT)
def test_a_module_is_that_of_1_x_but_for_the_differences_that_are_named(module_name: str) -> None:
    assert [difference for difference in differences(module_name) if not is_named(*difference)] == []


def test_a_difference_that_is_gone_is_named_no_longer() -> None:
    seen = {path for module_name in PRESENT for path, _ in differences(module_name)} | set(NAMES)
    patterns = [pattern for group in ALLOWED for pattern in group.differences]
    assert [pattern for pattern in patterns if not fnmatch.filter(seen, pattern)] == []


def test_the_reason_for_each_difference_is_documented() -> None:
    explained = (ROOT / "docs" / "compatibility.md").read_text()
    assert [group.told for group in ALLOWED if group.told not in explained] == []
    named = set(re.findall(r"`([\w.]+)`", explained))
    assert {path for path in REFUSED if not {path, path.rpartition(".")[2]} & named} == set()


@pytest.mark.parametrize("path", sorted(REFUSED))
def test_importing_what_is_refused_says_so(path: str) -> None:
    module, _, name = path.rpartition(".")
    package = module.rpartition(".")[2]
    with pytest.raises(ImportError, match=rf"\b({name}|{package}) of Prefect 1\.x is left out on purpose"):
        exec(f"from {module} import {name}", {})

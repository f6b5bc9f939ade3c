"""`import prefect` gives the 1.x names and is cheap: nothing heavy is loaded before it is used."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import prefect

ROOT = Path(__file__).resolve().parents[2]

# The distributions, by import name, that the front door may load; everything else waits for its first use.
ALLOWED = {
    "pendulum", "msgspec", "cloudpickle",
    "dateutil", "six", "tzdata", "time_machine",  # what pendulum itself needs
}  # fmt: skip

NAMES = {
    "Client": "prefect.client.client.Client",
    "Flow": "prefect.core.flow.Flow",
    "Parameter": "prefect.core.parameter.Parameter",
    "Task": "prefect.core.task.Task",
    "apply_map": "prefect.utilities.tasks.apply_map",
    "case": "prefect.tasks.control_flow.case.case",
    "config": "prefect.configuration.config",
    "context": "prefect.utilities.context.context",
    "flatten": "prefect.utilities.edges.flatten",
    "mapped": "prefect.utilities.edges.mapped",
    "resource_manager": "prefect.tasks.core.resource_manager.resource_manager",
    "tags": "prefect.utilities.tasks.tags",
    "task": "prefect.utilities.tasks.task",
    "unmapped": "prefect.utilities.edges.unmapped",
}


def run_fresh(program: str) -> str:
    """What this program prints in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=True).stdout


def loaded_by(program: str) -> set[str]:
    """The top-level modules outside the standard library that this program loads."""
    report = (
        "import json, sys; before = set(sys.modules)\n"
        f"{program}\n"
        "loaded = {n.partition('.')[0] for n in set(sys.modules) - before}\n"
        "print(json.dumps(sorted(n for n in loaded if n not in sys.stdlib_module_names)))"
    )
    return set(json.loads(run_fresh(report)))


def test_importing_loads_nothing_heavy() -> None:
    assert loaded_by("import prefect") - {"prefect"} <= ALLOWED


def test_importing_does_not_load_the_engine_or_the_server() -> None:
    program = "import sys, prefect; print([n for n in sys.modules if n.startswith(('prefect.server', 'prefect.cli'))])"
    assert run_fresh(program).strip() == "[]"


def test_importing_a_state_does_not_load_the_runners() -> None:
    program = "import sys, prefect.engine.state; print([n for n in sys.modules if n.endswith('_runner')])"
    assert run_fresh(program).strip() == "[]"


def test_the_front_door_gives_the_names_of_1_x() -> None:
    for name, home in NAMES.items():
        module, _, attribute = home.rpartition(".")
        __import__(module)
        assert getattr(prefect, name) is getattr(sys.modules[module], attribute), name


def test_the_front_door_lists_what_it_gives() -> None:
    assert set(NAMES) <= set(dir(prefect))
    assert set(NAMES) <= set(prefect.__all__)


def test_importing_every_module_does_not_hide_a_name_of_the_front_door() -> None:
    """A top-level module named like an attribute (`context`, `task`) would replace it once imported."""
    program = (
        "import importlib, pkgutil, prefect\n"
        f"names = {sorted(NAMES)!r}\n"
        "before = {n: getattr(prefect, n) for n in names}\n"
        "for module in pkgutil.iter_modules(prefect.__path__):\n"
        "    if module.name != '__main__': importlib.import_module('prefect.' + module.name)\n"
        "print([n for n in names if getattr(prefect, n) is not before[n]])"
    )
    assert run_fresh(program).strip() == "[]"


def test_the_version_is_the_one_of_the_distribution() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert prefect.__version__ == project["version"]

"""The import contracts hold, cover the whole house, and each really notices when it is broken."""

import ast
import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "prefect"
CONTRACTS = ROOT / ".importlinter"

# One import for each contract that it must refuse: (file to add it to, the offending line).
OFFENCES = {
    "The house has one direction": ("engine/state.py", "from prefect.engine.flow_runner import FlowRunner"),
    "The server is a house of its own": ("server/states.py", "from prefect.server.endpoint import Endpoint"),
    "A query is compiled in one direction": ("server/graphql/plan.py", "import prefect.server.graphql.render"),
    "The server knows states and schedules, never how work is run": (
        "server/services/runner.py",
        "from prefect.engine.task_runner import TaskRunner",
    ),
    "The porch is for visitors: no room imports it": ("core/graph.py", "from prefect.utilities.tasks import task"),
    "No room walks in through the front door": ("triggers.py", "import prefect"),
    "Rules are pure: they decide, others do": ("server/transitions.py", "import sqlite3"),
}


def read_contracts() -> configparser.ConfigParser:
    contracts = configparser.ConfigParser()
    contracts.read(CONTRACTS)
    return contracts


def contract_sections() -> list[configparser.SectionProxy]:
    contracts = read_contracts()
    return [contracts[name] for name in contracts.sections() if name.startswith("importlinter:contract:")]


def lint(package_parent: Path, contract: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the contracts on the package below `package_parent`, all of them or the one with this id."""
    program = (
        "import sys; from importlinter.cli import lint_imports; sys.path.insert(0, sys.argv[1])\n"
        "contracts, chosen = sys.argv[2], tuple(sys.argv[3:])\n"
        "raise SystemExit(lint_imports(config_filename=contracts, limit_to_contracts=chosen, no_cache=True))"
    )
    arguments = [sys.executable, "-c", program, str(package_parent), str(CONTRACTS), *([contract] if contract else [])]
    environment = {**os.environ, "PYTHONPATH": str(package_parent), "NO_COLOR": "1", "COLUMNS": "200"}
    return subprocess.run(arguments, capture_output=True, text=True, env=environment, cwd=package_parent, check=False)


def test_the_contracts_hold() -> None:
    answer = lint(ROOT / "src")
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_every_contract_is_named_here_with_an_import_that_breaks_it() -> None:
    assert [section["name"] for section in contract_sections()] == list(OFFENCES)


@pytest.mark.parametrize("name", OFFENCES)
def test_a_contract_notices_the_import_that_breaks_it(name: str, tmp_path: Path) -> None:
    shutil.copytree(SOURCE, tmp_path / "prefect", ignore=shutil.ignore_patterns("__pycache__"))
    file, line = OFFENCES[name]
    with (tmp_path / "prefect" / file).open("a") as source:
        source.write(f"\n{line}\n")
    section = next(section for section in contract_sections() if section["name"] == name)
    answer = lint(tmp_path, section.name.removeprefix("importlinter:contract:"))
    assert answer.returncode != 0
    assert f"{name} BROKEN" in answer.stdout


def listed_rooms() -> set[str]:
    layers = read_contracts()["importlinter:contract:direction"]["layers"]
    return {name.strip("() ") for line in layers.splitlines() for name in line.replace("|", ":").split(":")} - {""}


def test_every_room_has_its_place_in_the_one_direction() -> None:
    """A room that is not listed could import anything, and anything could import it."""
    listed = listed_rooms()
    outside = {"prefect", "prefect.__main__", "prefect.engine"}  # front door, command line door, and a lazy package

    def is_placed(module: str) -> bool:
        parts = module.split(".")[1:]
        return any(".".join(parts[:length]) in listed for length in range(1, len(parts) + 1))

    modules = {
        ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in SOURCE.rglob("*.py")
    }
    # The packages above a listed room, such as prefect.tasks, say nothing of their own.
    parents = {f"prefect.{room.rsplit('.', 1)[0]}" for room in listed if "." in room}
    assert {module for module in modules - outside - parents if not is_placed(module)} == set()


def test_no_room_is_listed_that_does_not_exist() -> None:
    rooms = {room.replace(".", "/") for room in listed_rooms()}
    planned = {"agent", "tasks/prefect"}
    missing = {room for room in rooms if not (SOURCE / room).is_dir() and not (SOURCE / f"{room}.py").is_file()}
    assert missing <= planned


def doors() -> list[tuple[str, str]]:
    lines = read_contracts()["importlinter:contract:direction"]["ignore_imports"].split("\n")
    return [(source, target) for source, _, target in (line.partition(" -> ") for line in lines if line)]


def imports_at_module_level(path: Path) -> set[str]:
    """The modules that importing this file imports: not those in functions, nor those only for type checkers."""
    found: set[str] = set()
    pending: list[ast.AST] = list(ast.parse(path.read_text()).body)
    while pending:
        statement = pending.pop()
        if isinstance(statement, ast.Import):
            found |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            found |= {statement.module} | {f"{statement.module}.{alias.name}" for alias in statement.names}
        elif isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
            pending += statement.orelse
        elif not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            # Only the children: walking deeper would enter the methods of a class.
            pending += [
                child
                for child in ast.iter_child_nodes(statement)
                if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case)
            ]
    return found


@pytest.mark.parametrize(("source", "target"), doors())
def test_a_door_opens_only_when_someone_walks_through(source: str, target: str) -> None:
    """An upward step at module level would load the upper room, and could be a cycle."""
    pattern = source.removeprefix("prefect.").replace(".", "/").replace("**", "*")
    files = [*SOURCE.glob(f"{pattern}.py"), *SOURCE.glob(f"{pattern}/__init__.py")]
    prefix = target.rstrip(".*")
    porch = {"prefect.utilities.tasks", "prefect.utilities.edges", "prefect.utilities.notifications.*"}
    if source in porch:
        return  # a 1.x path that does nothing but re-export; no room imports it (a contract of its own)
    for file in files:
        assert not {name for name in imports_at_module_level(file) if f"{name}.".startswith(f"{prefix}.")}

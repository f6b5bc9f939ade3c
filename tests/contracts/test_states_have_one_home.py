"""What counts as pending, finished or failed follows from ancestry in engine/state.py; nobody spells it out again."""

import ast
import re
from pathlib import Path

import pytest

import prefect.engine.state as home

SOURCE = Path(__file__).resolve().parents[2] / "src" / "prefect"
HOME = Path(home.__file__).resolve()
STATE_NAMES = {
    name for name, value in vars(home).items() if isinstance(value, type) and issubclass(value, home.State)
} - {"State"}

# Places where every state has to be named once for another reason than to group them, with that reason.
NOT_A_GROUP: dict[str, str] = {
    "server/states.py": "which states set end_time is a fact of 1.x that no ancestry says",
}


def named_states(node: ast.expr) -> set[str]:
    """The states that one element of a collection names, as text or as a class."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value} & STATE_NAMES
    if isinstance(node, ast.Name):
        return {node.id} & STATE_NAMES
    if isinstance(node, ast.Attribute):
        return {node.attr} & STATE_NAMES
    return set()


def spelled_out(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            elements: list[ast.expr] = node.elts
        elif isinstance(node, ast.Dict):
            elements = [key for key in node.keys if key is not None]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            elements = list(operands(node))
        else:
            continue
        states = set().union(*map(named_states, elements)) if elements else set()
        if len(states) >= 3:
            found.append(f"line {node.lineno}: {', '.join(sorted(states))}")
    return found


def operands(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*operands(node.left), *operands(node.right)]
    return [node]


def test_there_are_states_to_look_for() -> None:
    assert {"Pending", "Running", "Success", "Failed", "Retrying", "Mapped"} <= STATE_NAMES


@pytest.mark.parametrize("line", ['x = ["Success", "Failed", "Cached"]', "isinstance(s, (a.Success, Failed, Cached))"])
def test_a_spelled_out_list_is_noticed(line: str) -> None:
    assert spelled_out(ast.parse(line))


def test_no_python_file_spells_out_a_list_of_states() -> None:
    found = {
        str(path.relative_to(SOURCE)): lines
        for path in SOURCE.rglob("*.py")
        if path.resolve() != HOME and (lines := spelled_out(ast.parse(path.read_text())))
    }
    assert {path: lines for path, lines in found.items() if path not in NOT_A_GROUP} == {}


def test_no_exception_is_kept_longer_than_it_is_needed() -> None:
    assert {path for path in NOT_A_GROUP if not spelled_out(ast.parse((SOURCE / path).read_text()))} == set()


def test_no_statement_spells_out_a_list_of_states() -> None:
    """Statements get their groups of states as parameters, from server/states.py."""
    found = {}
    for path in SOURCE.rglob("*.sql"):
        for statement in path.read_text().split(";"):
            states = set(re.findall(r"'([A-Z][A-Za-z]+)'", statement)) & STATE_NAMES
            if len(states) >= 3:
                found[path.name] = states
    assert found == {}

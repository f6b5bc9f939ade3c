"""ARCHITECTURE.md tells the truth: the rooms and files that it names exist, and no room is left out."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "prefect"
PAGE = (ROOT / "ARCHITECTURE.md").read_text()

# 1.x paths that only re-export what lives in a room of the table.
PATHS_WITHOUT_A_ROOM = {"artifacts"}


def rooms_on_the_page() -> list[str]:
    table = PAGE.partition("## The rooms")[2].partition("## ")[0]
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


def rooms_in_the_code() -> set[str]:
    names = {path.stem for path in SOURCE.glob("*.py")} | {path.parent.name for path in SOURCE.glob("*/*.py")}
    return {name for name in names if not name.startswith("__")} - {SOURCE.name}


def test_the_page_lists_every_room_and_no_other() -> None:
    assert sorted(rooms_on_the_page()) == sorted(rooms_in_the_code() - PATHS_WITHOUT_A_ROOM)


def test_the_rooms_stand_in_the_order_of_the_import_contract() -> None:
    """The contract names parts of rooms too; the page names each room where its topmost part stands."""
    contract = (ROOT / ".importlinter").read_text().partition("layers =")[2].partition("ignore_imports")[0]
    order: list[str] = []
    for name in re.findall(r"\w+", re.sub(r"\.\w+", "", contract)):
        if name not in order:
            order.append(name)
    listed = [room for room in rooms_on_the_page() if room in order]
    position = {room: index for index, room in enumerate(order)}
    # `tasks` stands twice in the contract: tasks that drive runs are far above the pieces of the language.
    listed.remove("tasks")
    assert [position[room] for room in listed] == sorted(position[room] for room in listed)


def test_the_page_names_only_files_that_exist() -> None:
    named = set(re.findall(r"`([\w/]+(?:\.\w+|/))`", PAGE))
    missing = {name for name in named if not (SOURCE / name).exists() and not (ROOT / name).exists()}
    # Each stands beside a path that is whole.
    short_names = {
        "bind.py",
        "render.py",
        "document.py",
        "variables.py",
        "arguments.py",
        "__init__.py",
        "__main__.py",
    }
    assert {name for name in missing - short_names if "/" in name or name.endswith(".py")} == set()


def test_the_page_is_one_page() -> None:
    assert len(PAGE.splitlines()) <= 100

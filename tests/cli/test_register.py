"""`prefect register` and `prefect build`: what is found, what is sent, what is told, and the exit codes."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from prefect.backend.flow_run import FlowRunView
from prefect.cli import cli
from prefect.cli.sources import Sources
from prefect.cli.watching import Watched, files_of_module, watch_sources
from prefect.client.client import Client
from prefect.utilities.buckets import gcs_bucket
from prefect.utilities.processes import this_host
from tests.object_stores import Stores

Prefect = Callable[..., Result]

FLOWS = """
from prefect import Flow, task

with Flow("a") as a:
    task(lambda: 1, name="one")()
with Flow("b") as b:
    task(lambda: 2, name="two")()
"""
HALF_BAD = """
from prefect import Flow
from prefect.storage import Local

class Broken(Local):
    def build(self):
        raise RuntimeError("the disk is on fire")

a = Flow("a")
b = Flow("b", storage=Broken(stored_as_script=True, path=__file__))
c = Flow("c")
"""


@pytest.fixture
def prefect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prefect:
    """Call the command in a directory of this test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return lambda *arguments, **kwargs: CliRunner().invoke(cli, [*arguments], **kwargs)


@pytest.fixture
def flows(tmp_path: Path, database: Path, prefect: Prefect) -> str:
    """A file with the flows a and b, and a project to register them in."""
    prefect("create", "project", "proj")
    path = tmp_path / "flows.py"
    path.write_text(FLOWS)
    return str(path)


def fails_with(result: Result, start: str) -> None:
    """One line on stderr, a non-zero exit code, no traceback."""
    assert result.exit_code == 1, result.output
    assert result.stderr.startswith(start)
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.output


def registered(columns: str = "name version") -> list[dict[str, Any]]:
    query = f"query {{ flow(order_by: [{{name: asc}}, {{version: asc}}]) {{ {columns} }} }}"
    rows: list[dict[str, Any]] = Client().graphql_fast(query)["flow"]
    return rows


def test_flows_are_registered_once(prefect: Prefect, flows: str) -> None:
    first = prefect("register", "--project", "proj", "--path", flows, "--label", "x")
    assert first.exit_code == 0
    lines = first.stdout.splitlines()
    assert lines[:4] == [
        "Collecting flows...",
        f"Processing {flows!r}:",
        "  Building `Local` storage...",
        "  Registering 'a'... Done",
    ]
    assert lines[4].startswith("  └── ID: ")
    assert lines[5] == "  └── Version: 1"
    assert lines[-1] == "======================== 2 registered ========================"
    again = prefect("register", "--project", "proj", "--path", flows, "--label", "x")
    assert again.stdout.count("Skipped (metadata unchanged)") == 2
    assert again.stdout.splitlines()[-1] == "================== 0 registered, 2 skipped =================="
    forced = prefect("register", "--project", "proj", "--path", flows, "--name", "b", "--force", "--label", "x")
    assert "  └── Version: 2" in forced.stdout
    assert registered() == [{"name": "a", "version": 1}, {"name": "b", "version": 1}, {"name": "b", "version": 2}]


def test_another_label_is_a_change(prefect: Prefect, flows: str) -> None:
    prefect("register", "--project", "proj", "--path", flows, "-n", "a")
    prefect("register", "--project", "proj", "--path", flows, "-n", "a", "--label", "z")
    labels = [row["run_config"]["labels"] for row in registered("run_config")]
    assert labels == [[this_host()], sorted([this_host(), "z"])]


def test_a_flow_of_a_file_is_loaded_from_there_when_it_runs(prefect: Prefect, flows: str) -> None:
    prefect("register", "--project", "proj", "--path", "flows.py", "-n", "a")
    (row,) = registered("id storage")
    assert (row["storage"]["path"], row["storage"]["stored_as_script"]) == (os.path.realpath(flows), True)
    ran = prefect("run", "--id", row["id"], "--execute", "--quiet")
    assert ran.exit_code == 0, ran.output
    run_id = next(line for line in ran.stdout.splitlines() if not line.startswith("└"))
    assert FlowRunView.from_flow_run_id(run_id).state.is_successful()


def test_flows_of_a_module_are_imported_when_they_run(prefect: Prefect, flows: str, tmp_path: Path) -> None:
    (tmp_path / "etl_for_test").mkdir()
    (tmp_path / "etl_for_test" / "__init__.py").write_text(FLOWS)
    result = prefect(
        "register", "--project", "proj", "-m", "etl_for_test.b", "-m", "etl_for_test", "-n", "a", "-n", "b"
    )
    assert result.exit_code == 0, result.output
    assert result.stdout.count("Building `Module` storage...") == 3
    storages = {row["name"]: row["storage"]["module"] for row in registered("name storage")}
    assert storages == {"a": "etl_for_test", "b": "etl_for_test.b"}
    fails_with(prefect("register", "--project", "proj", "-m", "no_such_module"), "Error loading 'no_such_module': No")


def test_directories_and_patterns_name_files(prefect: Prefect, flows: str, tmp_path: Path) -> None:
    (tmp_path / "more" / "below").mkdir(parents=True)
    (tmp_path / "more" / "c.py").write_text("from prefect import Flow\nc = Flow('c')\n")
    (tmp_path / "more" / "below" / "d.py").write_text("from prefect import Flow\nd = Flow('d')\n")
    (tmp_path / "more" / "notes.txt").write_text("not Python")
    directory = prefect("register", "--project", "proj", "-p", "more")
    assert [line for line in directory.stdout.splitlines() if line.startswith("Pro")] == ["Processing 'more/c.py':"]
    pattern = prefect("register", "--project", "proj", "-p", "more/**/*.py")
    assert "Processing 'more/below/d.py':" in pattern.stdout
    assert [row["name"] for row in registered()] == ["c", "d"]
    fails_with(prefect("register", "--project", "proj", "-p", "nowhere/*.py"), "Path 'nowhere/*.py' doesn't exist")


def test_what_fails_is_told_and_the_rest_is_registered(prefect: Prefect, flows: str, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(HALF_BAD)
    result = prefect("register", "--project", "proj", "-p", "bad.py")
    assert result.exit_code == 1
    assert "  Registering 'b'... Error" in result.stdout.splitlines()
    assert result.stderr == "'b': RuntimeError: the disk is on fire\n"
    assert result.stdout.splitlines()[-1] == "================== 2 registered, 1 errored =================="
    assert [row["name"] for row in registered()] == ["a", "c"]


def test_files_that_cannot_be_loaded_are_all_told_and_nothing_is_registered(
    prefect: Prefect, flows: str, tmp_path: Path
) -> None:
    (tmp_path / "one.py").write_text("raise ValueError('first')\n")
    (tmp_path / "two.py").write_text("x = 1\nimport nothing_here\n")
    result = prefect("register", "--project", "proj", "-p", "one.py", "-p", flows, "-p", "two.py")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "Error loading 'one.py': one.py cannot be run: ValueError: first (line 1)",
        "Error loading 'two.py': two.py cannot be run: ModuleNotFoundError: No module named 'nothing_here' (line 2)",
    ]
    assert registered() == []


def test_the_schedule_is_active_unless_told_otherwise(prefect: Prefect, flows: str, tmp_path: Path) -> None:
    (tmp_path / "daily.py").write_text(
        "from datetime import timedelta\nfrom prefect import Flow\n"
        "from prefect.schedules import IntervalSchedule\n"
        "flow = Flow('daily', schedule=IntervalSchedule(interval=timedelta(days=1)))\n"
    )
    for flag, is_active in (("--schedule", True), ("--no-schedule", False)):
        prefect("register", "--project", "proj", "-p", "daily.py", "--force", flag)
        assert registered("is_schedule_active")[-1] == {"is_schedule_active": is_active}


def test_a_script_is_uploaded_when_it_is_registered(
    prefect: Prefect, database: Path, in_memory: Stores, tmp_path: Path
) -> None:
    Client().create_project("proj")
    script = tmp_path / "scripted.py"
    script.write_text(
        "from prefect import Flow\nfrom prefect.storage import GCS\n"
        "flow = Flow('scripted', storage=GCS('flows', stored_as_script=True))\n"
    )
    result = prefect("register", "--project", "proj", "--path", str(script))
    assert result.exit_code == 0, result.output
    assert "  Building `GCS` storage..." in result.output.splitlines()
    (row,) = Client().graphql("query { flow { storage } }")["data"]["flow"]
    assert gcs_bucket("flows").read(row["storage"]["flows"]["scripted"]) == script.read_bytes()

    in_memory.refusal = PermissionError("no")
    result = prefect("register", "--project", "proj", "--path", str(script), "--force")
    assert result.exit_code == 1
    assert "The flow 'scripted' could not be kept in GCS storage" in result.stderr


def test_a_storage_that_flows_share_is_built_once(prefect: Prefect, flows: str, tmp_path: Path) -> None:
    (tmp_path / "shared.py").write_text(
        "from prefect import Flow\nfrom prefect.storage import Local\n"
        "class Counted(Local):\n    def build(self):\n        print('built', sorted(self.flows))\n        return self\n"
        "storage = Counted(stored_as_script=True, path=__file__)\n"
        "a = Flow('a', storage=storage)\nb = Flow('b', storage=storage)\n"
    )
    result = prefect("register", "--project", "proj", "-p", "shared.py")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("built ['a', 'b']") == 1
    assert result.stdout.count("Building `Counted` storage...") == 1
    assert [sorted(row["storage"]["flows"]) for row in registered("storage")] == [["a", "b"], ["a", "b"]]


def test_what_cannot_be_registered_is_one_line(prefect: Prefect, flows: str) -> None:
    fails_with(
        prefect("register", "--project", "nope", "--path", flows),
        "Project 'nope' does not exist. Run `prefect create project 'nope'` to create it.",
    )
    fails_with(prefect("register", "--path", flows), "Error: Missing required option '--project'")
    fails_with(
        prefect("register", "--project", "proj", "-p", flows, "-n", "zzz"),
        "Failed to find the following flows: zzz. Found: a, b",
    )
    Path("none.py").write_text("x = 1")
    fails_with(
        prefect("register", "--project", "proj", "-p", "none.py"),
        "Found no flows in none.py: a flow must be the value of a variable at the top level of its file.",
    )
    fails_with(prefect("register", "--project", "proj"), "Found no flows: name a file")


# Building


def test_flows_are_built_and_registered_elsewhere(prefect: Prefect, flows: str, tmp_path: Path) -> None:
    built = prefect("build", "-p", flows, "-o", "built.json", "-l", "x")
    assert built.exit_code == 0, built.output
    assert built.stdout.splitlines()[-2:] == [
        "Writing output to 'built.json'",
        "========================== 2 built ==========================",
    ]
    content = json.loads((tmp_path / "built.json").read_text())
    assert content["version"] == 1
    assert [flow["name"] for flow in content["flows"]] == ["a", "b"]
    (tmp_path / "flows.py").unlink()

    first = prefect("register", "--project", "proj", "--json", "built.json")
    assert first.exit_code == 0, first.output
    again = prefect("register", "--project", "proj", "--json", "built.json")
    assert again.stdout.count("Skipped (metadata unchanged)") == 2
    labelled = prefect("register", "--project", "proj", "-j", "built.json", "-n", "a", "-l", "y")
    assert labelled.exit_code == 0
    labels = [row["run_config"]["labels"] for row in registered("run_config")]
    assert labels == [sorted([this_host(), "x"]), sorted([this_host(), "x", "y"]), sorted([this_host(), "x"])]


def test_building_keeps_other_flows_when_asked_to(prefect: Prefect, flows: str, tmp_path: Path) -> None:
    def names() -> list[str]:
        return [flow["name"] for flow in json.loads((tmp_path / "flows.json").read_text())["flows"]]

    prefect("build", "-p", flows, "-n", "a")
    assert names() == ["a"]
    prefect("build", "-p", flows, "-n", "b", "--update")
    assert names() == ["a", "b"]
    prefect("build", "-p", flows, "-n", "b")
    assert names() == ["b"]


def test_nothing_is_written_unless_everything_was_built(prefect: Prefect, flows: str, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(HALF_BAD)
    result = prefect("build", "-p", "bad.py")
    assert result.exit_code == 1
    assert result.stderr == "'b': RuntimeError: the disk is on fire\n"
    assert result.stdout.splitlines()[-1] == "===================== 2 built, 1 errored ====================="
    assert not (tmp_path / "flows.json").exists()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"flows": 1}', '{"flows": [{}]}', '{"flows": [1]}'])
def test_json_that_holds_no_flows_is_one_line(prefect: Prefect, flows: str, tmp_path: Path, content: str) -> None:
    (tmp_path / "odd.json").write_text(content)
    fails_with(
        prefect("register", "--project", "proj", "-j", "odd.json"), "Error loading 'odd.json': odd.json holds no"
    )
    fails_with(prefect("register", "--project", "proj", "-j", "no.json"), "Error loading 'no.json': no.json cannot be")


# Watching


def touch(path: Path, text: str = "") -> None:
    """Another content at a later time, however coarse the clock of the file system is."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text)
    os.utime(path, ns=(before + 1_000_000_000, before + 1_000_000_000))


def test_watching_sees_what_changes_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "a.py").write_text("a")
    (tmp_path / "built.json").write_text("{}")
    (tmp_path / "pack_for_test").mkdir()
    (tmp_path / "pack_for_test" / "__init__.py").write_text("")
    (tmp_path / "pack_for_test" / "below.py").write_text("")
    watched = Watched(Sources(("flows",), ("pack_for_test.below.flow",), ("built.json",)))
    assert watched.changed() == Sources(("flows/a.py",), ("pack_for_test.below.flow",), ("built.json",))
    assert not watched.changed()
    touch(tmp_path / "flows" / "a.py", "b")
    assert watched.changed() == Sources(("flows/a.py",))
    touch(tmp_path / "flows" / "new.py")
    assert watched.changed() == Sources(("flows/new.py",))
    touch(tmp_path / "pack_for_test" / "below.py", "x = 1")
    assert watched.changed() == Sources((), ("pack_for_test.below.flow",))
    touch(tmp_path / "built.json", "{ }")
    (tmp_path / "flows" / "new.py").unlink()
    assert watched.changed() == Sources((), (), ("built.json",))
    touch(tmp_path / "flows" / "new.py")
    assert watched.changed() == Sources(("flows/new.py",))
    assert files_of_module("no_such_module") == []


def test_what_changed_is_registered_anew_until_one_stops(
    prefect: Prefect, flows: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = iter(["", FLOWS.replace('"b"', '"renamed"'), "broken(", FLOWS.replace('"b"', '"last"')])
    results: list[Result] = []

    def run(arguments: list[str]) -> None:
        results.append(prefect(*arguments))

    def wait(seconds: float) -> None:
        text = next(changes, None)
        if text is None:
            raise KeyboardInterrupt
        if text:
            touch(Path(flows), text)

    def arguments(changed: Sources) -> list[str]:
        return ["register", "--project", "proj", *(word for path in changed.paths for word in ("--path", path))]

    watch_sources(Sources((flows,)), arguments, run, wait)
    assert [result.exit_code for result in results] == [0, 0, 1, 0]
    assert sorted({row["name"] for row in registered()}) == ["a", "b", "last", "renamed"]
    assert capsys.readouterr().out.splitlines()[-1] == "Stopped watching."


def test_the_watching_command_registers_in_processes_of_their_own(
    prefect: Prefect, flows: str, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect.cli import watching
    from prefect.configuration import config

    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(watching.watch_sources, "__defaults__", (watching._run, stop))
    monkeypatch.setenv("PREFECT__EMBEDDED__DATABASE", str(config.embedded.database))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    result = prefect("register", "--project", "proj", "-p", flows, "-n", "b", "-l", "x", "--no-schedule", "--watch")
    assert result.exit_code == 0, result.output
    assert [(row["name"], row["run_config"]["labels"]) for row in registered("name run_config")] == [
        ("b", sorted([this_host(), "x"]))
    ]

"""The page of a task run: where its inputs come from, its attempts, its children, and how to get the same elsewhere."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import THEMES
from tests.browser.world import World

TASK_RUN = """
query($run: uuid!, $task: String!, $index: Int!) {
  task_run(where: {flow_run_id: {_eq: $run}, task: {name: {_eq: $task}}, map_index: {_eq: $index}}) { id }
}"""


@pytest.fixture
def ask(site: Any) -> Callable[..., Any]:
    """Asks the server; gives the data."""

    def asked(document: str, **variables: Any) -> Any:
        answer = json.loads(site.served.endpoint.reply(document, variables, None, {}).body)
        assert "errors" not in answer, answer
        return answer["data"]

    return asked


@pytest.fixture
def find(ask: Callable[..., Any]) -> Callable[..., str]:
    """Finds the id of a task run."""

    def found(run: str, task: str, index: int = -1) -> str:
        (row,) = ask(TASK_RUN, run=run, task=task, index=index)["task_run"]
        return str(row["id"])

    return found


def section(page: Any, name: str) -> Any:
    return page.get_by_role("region", name=name, exact=True)


@pytest.mark.parametrize("theme", THEMES)
def test_inputs_lead_to_who_made_them_in_both_themes(
    theme: str,
    open_page: Any,
    runs: World,
    find: Callable[..., str],
    picture: Callable[..., None],
    check_accessibility: Callable[[Any], None],
) -> None:
    page = open_page(f"/task-run/{find(runs.failed, 'transform', 7)}", theme=theme)
    page.get_by_role("heading", name="transform[7]").wait_for()
    page.locator(".fresh[data-freshness=live]").wait_for()
    page.locator(".selected-message", has_text="row 7 of the source has no divisor").wait_for()
    section(page, "Inputs").get_by_role("row").filter(has_text="row mapped").wait_for()
    section(page, "What depends on it").get_by_role("link", name="load").wait_for()
    picture(page, f"task-run-{theme}")
    check_accessibility(page)
    section(page, "Inputs").get_by_role("link", name="extract").click()
    page.get_by_role("heading", name="extract").wait_for()
    section(page, "Result").get_by_text("The server never reads results").wait_for()


def test_attempts_are_listed_with_what_came_of_each(open_page: Any, runs: World, find: Callable[..., str]) -> None:
    page = open_page(f"/task-run/{find(runs.succeeded, 'unsteady')}")
    rows = section(page, "Attempts").get_by_role("row")
    rows.nth(3).wait_for()
    assert [row.split("\t")[3].strip() for row in rows.all_inner_texts()[1:]] == ["Failed", "Failed", "Success"]


def test_children_of_a_mapped_task_run(
    open_page: Any,
    runs: World,
    find: Callable[..., str],
    picture: Callable[..., None],
    check_accessibility: Callable[[Any], None],
) -> None:
    page = open_page(f"/task-run/{find(runs.failed, 'transform')}")
    page.get_by_role("tab", name="Mapped children").click()
    table = page.get_by_role("table", name="Mapped children")
    table.get_by_text("transform[0]", exact=True).wait_for()
    page.get_by_role("button", name="1 Failed").click()
    table.get_by_text("transform[0]", exact=True).wait_for(state="detached")
    picture(page, "task-run-children")
    check_accessibility(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="transform[7]").wait_for()
    page.keyboard.press("]")
    page.get_by_role("heading", name="transform[8]").wait_for()
    page.keyboard.press("l")
    page.get_by_role("log").get_by_text("Row 8").wait_for()
    page.keyboard.press("u")
    page.wait_for_url("**/flow-run/*")
    page.get_by_role("complementary").get_by_role("heading", name="transform[8]").wait_for()


@pytest.mark.parametrize("id", ["0f3d0b9e-6f0a-4a83-9a2e-0a1b2c3d4e5f", "nonsense"])
def test_a_task_run_that_does_not_exist(id: str, open_page: Any) -> None:
    page = open_page(f"/task-run/{id}")
    page.get_by_role("heading", name="There is no such task run").wait_for()


def test_addresses_of_1x_lead_to_the_page(open_page: Any, runs: World, find: Callable[..., str]) -> None:
    page = open_page(f"/default/task-run/{find(runs.succeeded, 'extract')}")
    page.get_by_role("heading", name="extract").wait_for()


def run_snippet(language: str, text: str, runs: World) -> str:
    """What the snippet prints in a process of its own, beside the database of the page."""
    command = {
        "Python": [sys.executable, "-c", text],
        "GraphQL": [sys.executable, "-m", "prefect", "graphql", text],
        "CLI": [sys.executable, "-m", *shlex.split(text)],
    }[language]
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src"),
        "PREFECT__EMBEDDED__DATABASE": str(runs.database),
        "PREFECT__BACKEND": "embedded",
    }
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("of", "query", "words"),
    [
        ("Task runs", "state=Failed", "transform"),
        ("Task runs", "task=tr_ns&state=Failed", ""),
        ("Logs", "level=ERROR", "Row 7 cannot be divided"),
        ("Logs", "", "Row 7 cannot be divided"),
        ("History", "", "Failed"),
        ("Details", "", "s3://warehouse/orders.csv"),
    ],
)
def test_snippets_of_a_run_give_what_is_shown(of: str, query: str, words: str, open_page: Any, runs: World) -> None:
    page = open_page(f"/flow-run/{runs.failed}?tab=snippet&{query}")
    page.get_by_role("radiogroup", name="What is given").get_by_text(of, exact=True).click()
    for language in ("Python", "GraphQL", "CLI"):
        page.get_by_role("radiogroup", name="Language").get_by_text(language, exact=True).click()
        text = page.locator(f"pre[aria-label='What is on screen, in {language}']").inner_text()
        assert words in run_snippet(language, text, runs)


def test_snippets_of_a_task_run_give_what_is_shown(
    open_page: Any, runs: World, find: Callable[..., str], check_accessibility: Callable[[Any], None]
) -> None:
    page = open_page(f"/task-run/{find(runs.failed, 'transform', 7)}?tab=snippet")
    for language in ("Python", "GraphQL", "CLI"):
        page.get_by_role("radiogroup", name="Language").get_by_text(language, exact=True).click()
        text = page.locator(f"pre[aria-label='What is on screen, in {language}']").inner_text()
        assert "row 7 of the source has no divisor" in run_snippet(language, text, runs)
    check_accessibility(page)


ARTIFACT = """
mutation($id: UUID!, $kind: String!, $data: JSON!) {
  create_task_run_artifact(input: {task_run_id: $id, kind: $kind, data: $data}) { id }
}"""

MARKDOWN = """# Totals

| region | rows |
|---|---|
| north | **12** |

[good](https://example.org/good) [bad](javascript:document.title='bad')
![chart](https://example.org/chart.png)

<script>document.title = "bad"</script>
<b onclick="document.title = 'bad'">clicked</b> <style>main { display: none }</style> <form action="/x"><input></form>
"""


def test_artifacts_are_shown_and_nothing_in_them_acts(
    open_page: Any,
    runs: World,
    find: Callable[..., str],
    ask: Callable[..., Any],
    picture: Callable[..., None],
    check_accessibility: Callable[[Any], None],
) -> None:
    task_run = find(runs.succeeded, "report")
    ask(ARTIFACT, id=task_run, kind="link", data={"link": "https://example.org/report"})
    ask(ARTIFACT, id=task_run, kind="link", data={"link": "javascript:alert(1)"})
    ask(ARTIFACT, id=task_run, kind="markdown", data={"markdown": MARKDOWN})
    ask(ARTIFACT, id=task_run, kind="table", data={"table": [{"region": "south", "rows": 7}]})
    page = open_page(f"/flow-run/{runs.succeeded}?tab=artifacts")
    page.get_by_role("heading", name="Totals").wait_for()
    page.get_by_role("cell", name="12").wait_for()
    page.get_by_role("cell", name="south").wait_for()
    page.get_by_text("clicked").click()
    assert page.title().endswith("steady-heron · Quaestor")
    shown = page.get_by_role("tabpanel")
    assert shown.locator("script, style, form, input, img, [onclick], [href^=javascript]").count() == 0
    assert shown.get_by_role("link", name="good").get_attribute("rel") == "noopener noreferrer"
    picture(page, "flow-run-artifacts")
    check_accessibility(page)


def test_a_run_is_shown_as_it_stood_at_any_moment(
    open_page: Any, runs: World, picture: Callable[..., None], check_accessibility: Callable[[Any], None]
) -> None:
    page = open_page(f"/flow-run/{runs.failed}")
    page.get_by_role("button", name="13 Success").wait_for()
    page.get_by_role("button", name="Look back").click()
    page.wait_for_url("**as_of=*")
    slider = page.get_by_role("slider", name="Moment as of which the run is shown")
    for _ in range(6):
        before = page.url
        page.keyboard.press("<")
        page.wait_for_url(lambda url, before=before: url != before)
    page.locator(".run-state", has_text="Running").wait_for()
    page.get_by_role("button", name="13 Success").wait_for(state="detached")
    picture(page, "flow-run-as-of")
    check_accessibility(page)
    slider.evaluate("slider => slider.focus()")
    page.keyboard.press("Home")
    page.locator(".run-state", has_text="Scheduled").wait_for()
    page.reload()
    page.locator(".run-state", has_text="Scheduled").wait_for()
    page.get_by_role("button", name="Now").click()
    page.get_by_role("button", name="13 Success").wait_for()
    page.goto(page.url.partition("?")[0] + "?as_of=2001-01-01T00:00:00Z")
    page.get_by_role("heading", name="It did not exist then").wait_for()


def test_the_keys_of_a_run_are_listed_and_work(open_page: Any, runs: World) -> None:
    page = open_page(f"/flow-run/{runs.failed}")
    page.get_by_role("heading", name="fierce-crane").wait_for()
    page.keyboard.press("?")
    listed = page.get_by_role("dialog", name="Keys").inner_text()
    for says in ("next task run that failed", "logs", "schematic", "timeline", "what can be done", "copy a link"):
        assert says in listed
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    page.keyboard.press("e")
    page.get_by_role("complementary").get_by_role("heading", name="transform[7]").wait_for()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("y")
    page.get_by_text("Link copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    assert "task_run=" in page.url


def test_a_run_is_restarted_from_a_task_run(open_page: Any, runs: World, find: Callable[..., str]) -> None:
    page = open_page(f"/task-run/{find(runs.succeeded, 'load')}")
    page.get_by_role("button", name="Restart from here").click()
    dialog = page.get_by_role("dialog", name="Restart from here")
    dialog.get_by_role("button", name="Restart from here", exact=True).click()
    page.wait_for_url("**/flow-run/*")
    page.locator(".run-state", has_text="Scheduled").wait_for()
    page.get_by_role("button", name="2 Pending").wait_for()
    page.get_by_role("button", name="3 Success").wait_for()
    restart = page.get_by_role("complementary").get_by_role("button", name="Restart from here")
    assert restart.is_disabled()
    assert restart.get_attribute("title") == "The flow run has not ended yet. Cancel it first."


def test_a_run_that_is_deleted_while_it_is_looked_at(open_page: Any, runs: World, ask: Callable[..., Any]) -> None:
    page = open_page(f"/flow-run/{runs.cancelled}")
    page.get_by_role("heading", name="halted-mule").wait_for()
    page.locator(".fresh[data-freshness=live]").wait_for()
    ask("mutation($id: UUID!) { delete_flow_run(input: {flow_run_id: $id}) { success } }", id=runs.cancelled)
    page.get_by_role("heading", name="There is no such run").wait_for()

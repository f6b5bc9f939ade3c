"""The page in Chromium: how soon it shows something, whether 10,000 rows stay smooth, what it costs when idle."""

from __future__ import annotations

import gzip
import os
import re
import statistics
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from benchmarks import measure
from benchmarks.measure import Measurement
from benchmarks.served import Client, Server, serving
from prefect import Flow, task
from prefect.backend import run_flow
from prefect.server import page as built
from tests.browser import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

WIDTH = 10_000
TASKS = 1_000
ROUNDS = 7
IDLE_SECONDS = 10

# Counts how long the page keeps the browser from anything else, from before it is loaded.
WATCH = """
window.longest = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) window.longest = Math.max(window.longest, entry.duration);
}).observe({type: "longtask", buffered: true});
window.seen = {};
const look = () => {
  const mark = (name, selector) => {
    if (!(name in window.seen) && document.querySelector(selector)) window.seen[name] = performance.now();
  };
  mark("content", "h1");
  mark("rows", ".rows-body > .rows-row");
};
new MutationObserver(look).observe(document, {childList: true, subtree: true});
"""

# A frame after the last of what was done.
SETTLE = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(null))))"


@task
def numbers() -> list[int]:
    return list(range(WIDTH - 2))


@task
def one(number: int) -> int:
    if number % 1000 == 7:
        raise ValueError(f"{number} is not wanted")
    return number


@task
def step() -> int:
    return 1


def make() -> tuple[str, str]:
    """The ids of a run of 10,000 task runs, and of one of a flow of 1,000 tasks."""
    with Flow("ten thousand") as wide:
        one.map(numbers())
    with Flow("a thousand tasks") as deep:
        layers: list[list[Any]] = []
        for layer in range(20):
            here = []
            for place in range(TASKS // 20):
                # Two tasks before each, spread in a way that is the same each time.
                before = {(place * 7 + layer) % (TASKS // 20), (place * 3 + 5 * layer) % (TASKS // 20)}
                here.append(step(upstream_tasks=[layers[-1][other] for other in sorted(before)] if layers else []))
            layers.append(here)
    return (
        run_flow(wide, project_name="default", run_name="wide").flow_run_id,
        run_flow(deep, project_name="default", run_name="deep").flow_run_id,
    )


def context(browser: Browser, server: Server) -> BrowserContext:
    made = browser.new_context(
        base_url=f"http://127.0.0.1:{server.port}", viewport={"width": 1360, "height": 850}, reduced_motion="reduce"
    )
    made.add_init_script(WATCH)
    return made


def loading(browser: Browser, server: Server, path: str) -> Iterator[Measurement]:
    """How soon something, and then rows, are there: the cache of the browser is empty, its processes are warm."""
    seen: list[dict[str, float]] = []
    for _ in range(ROUNDS):
        inside = context(browser, server)
        page = inside.new_page()
        ticks = inside.new_cdp_session(page)
        ticks.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(path)
        page.locator(".rows-body > .rows-row").first.wait_for()
        counted = {entry["name"]: entry["value"] for entry in ticks.send("Performance.getMetrics")["metrics"]}
        seen.append(page.evaluate("window.seen") | {"thread": 1000 * counted["TaskDuration"]})
        inside.close()
    for name in ("content", "rows"):
        yield Measurement(f"page.first_{name}", statistics.median(round_[name] for round_ in seen[1:]))
    yield Measurement("page.main_thread", statistics.median(round_["thread"] for round_ in seen[1:]))


def longest(page: Page) -> float:
    page.evaluate(SETTLE)
    found: float = page.evaluate("window.longest")
    page.evaluate("window.longest = 0")
    return found


def scrolling(browser: Browser, server: Server, wide: str) -> Iterator[Measurement]:
    """The longest that the page keeps the browser busy at once; 0 where nothing takes more than 50 ms."""
    inside = context(browser, server)
    page = inside.new_page()
    page.goto(f"/flow-run/{wide}")
    rows = page.locator(".rows")
    page.locator(".rows-body > .rows-row").first.wait_for()
    page.locator(".fresh[data-freshness=live]").wait_for()
    longest(page)
    for _ in range(30):
        rows.evaluate("rows => rows.scrollBy(0, 2000)")
        page.evaluate(SETTLE)
    page.locator(".state-count", has_text="Failed").click()
    page.wait_for_url("**state=Failed")
    page.locator(".state-count", has_text="Failed").click()
    page.wait_for_url(lambda url: "state" not in url)
    yield Measurement("page.longest_task_of_rows", longest(page))
    page.keyboard.press("t")
    chart = page.get_by_role("application")
    chart.wait_for()
    # Open the mapped task: a line for each of the ten thousand.
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("Enter")
    for key in ("+", "+", "ArrowRight", "-", "ArrowLeft", "+", "0"):
        page.keyboard.press(key)
        page.evaluate(SETTLE)
    for _ in range(30):
        chart.evaluate("chart => chart.scrollBy(0, 3000)")
        page.evaluate(SETTLE)
    yield Measurement("page.longest_task_of_timeline", longest(page))
    inside.close()


def schematic(browser: Browser, server: Server, deep: str) -> Iterator[Measurement]:
    inside = context(browser, server)
    page = inside.new_page()
    page.goto(f"/flow-run/{deep}?tab=schematic")
    page.locator(".schematic[aria-busy=false]").wait_for()
    longest(page)
    for key in ("0", "+", "+", "ArrowRight", "ArrowRight", "ArrowDown", "-", "0"):
        page.keyboard.press(key)
        page.evaluate(SETTLE)
    yield Measurement("page.longest_task_of_schematic", longest(page))
    for _ in range(3):
        page.keyboard.press("r")
        page.locator(".rows-body > .rows-row").first.wait_for()
        page.keyboard.press("s")
        page.locator(".schematic[aria-busy=false]").wait_for()
    found: list[float] = page.evaluate(
        "performance.getEntriesByName('layout of the schematic').map(entry => entry.duration)"
    )
    yield Measurement("page.layout", statistics.median(found))
    inside.close()


def idle(browser: Browser, server: Server, wide: str) -> Iterator[Measurement]:
    """What an open page costs the server when nothing happens, and how soon it shows what does."""
    inside = context(browser, server)
    page = inside.new_page()
    page.goto(f"/flow-run/{wide}?tab=logs")
    page.locator(".fresh[data-freshness=live]").wait_for()
    page.get_by_text("Nothing has been logged").wait_for()
    time.sleep(2)
    before = server.cpu_seconds()
    time.sleep(IDLE_SECONDS)
    yield Measurement("page.idle", 100 * (server.cpu_seconds() - before) / IDLE_SECONDS)
    page.goto(f"/flow-run/{wide}?tab=logs&log=written")
    page.locator(".fresh[data-freshness=live]").wait_for()
    page.get_by_text("No line is like that").wait_for()
    client = Client(server.port)
    write = (
        "mutation($run: UUID!, $text: String!) { write_run_logs(input: {logs: [{flow_run_id: $run, "
        'level: "INFO", name: "prefect.bench", message: $text}]}) { success } }'
    )
    late: list[float] = []
    for number in range(ROUNDS):
        watched = page.evaluate_handle(
            "text => ({seen: new Promise(done => { const look = () => { if (document.body.innerText.includes(text))"
            " done(performance.timeOrigin + performance.now()); else requestAnimationFrame(look); }; look(); })})",
            f"written {number} times",
        )
        client.ask(write, {"run": wide, "text": f"written {number} times"})
        committed = time.time() * 1000
        late.append(page.evaluate("watched => watched.seen", watched) - committed)
        time.sleep(1)
    yield Measurement("page.event", statistics.median(late))
    client.close()
    inside.close()


def script() -> float:
    """Compressed kilobytes of script that the document and the page of a run load."""
    document = (built.BUILT / "index.html").read_text()
    assets = built.BUILT / "assets"
    loaded = [path for path in assets.glob("*.js") if path.name in document]
    # What these import before anything is shown.
    pending = [*loaded, *assets.glob("FlowRun-*.js")]
    seen: set[str] = set()
    total = 0
    while pending:
        path = pending.pop()
        if path.name in seen:
            continue
        seen.add(path.name)
        body = path.read_text()
        total += len(gzip.compress(body.encode(), 9))
        imported = {other.name: other for other in assets.glob("*.js")}
        pending.extend(imported[name] for name in re.findall(r'(?:from|import)"\./([^"]+)"', body) if name in imported)
    return total / 1000


def main() -> int:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("The page is measured by playwright, which is not installed.", file=sys.stderr)
        return 1
    program = chromium.program()
    if program is None or not (built.BUILT / "index.html").exists():
        print("The page is measured in Chromium, when it is built: apt-get install chromium, make ui", file=sys.stderr)
        return 1
    wide, deep = make()
    measure.report([Measurement("page.script", script())])
    home = os.environ["PREFECT__HOME_DIR"]
    with serving("--database", f"{home}/quaestor.db") as server, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=chromium.options())
        measure.report(loading(browser, server, f"/flow-run/{wide}"))
        measure.report(scrolling(browser, server, wide))
        measure.report(schematic(browser, server, deep))
        measure.report(idle(browser, server, wide))
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

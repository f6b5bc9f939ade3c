"""The page in a real browser, before a real server with real runs. Where there is no browser the tests are skipped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from prefect.server import embedded
from prefect.server import page as built
from prefect.server.embedded import open_endpoint
from tests.browser import chromium
from tests.browser.world import World, world
from tests.serving import Serving, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = ROOT / "artifacts"
THEMES = ("light", "dark")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser of this machine."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Browser: playwright is not installed")
    program = chromium.program()
    if program is None:
        pytest.skip("Browser: Chromium is not installed (Debian: apt-get install chromium)")
    if not (built.BUILT / "index.html").exists():
        pytest.skip("Browser: the page is not built (make ui)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=chromium.options())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def runs(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Runs of every kind."""
    with world(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture(scope="session")
def site(runs: World) -> Iterator[Serving]:
    """The server that shows them."""
    endpoint = open_endpoint(runs.database)
    with serving(endpoint) as server:
        yield server
    embedded._endpoints.pop(os.path.realpath(runs.database))
    endpoint.store.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the page has said to its console, or thrown."""
    return []


@pytest.fixture
def open_page(browser: Browser, site: Serving, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Opens a page at a path. What the page says to its console, or throws, fails the test."""
    contexts = []

    def open_at(path: str = "/", *, theme: Literal["light", "dark"] = "light", **options: Any) -> Page:
        context = browser.new_context(
            base_url=site.url,
            color_scheme=theme,
            timezone_id="Europe/Rome",
            locale="en-GB",
            viewport={"width": 1360, "height": 850},
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
        page.goto(path)
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert not complaints, f"The page complained: {complaints}"


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Keeps a picture of a page as an artifact of the tests, to be looked at."""

    def take(page: Page, name: str, **options: Any) -> None:
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"{name}.png", **options)

    return take


@pytest.fixture
def check_accessibility() -> Callable[[Page], None]:
    """Says what axe finds wrong with a page."""
    source = ROOT / "ui/node_modules/axe-core/axe.min.js"
    if not source.exists():
        pytest.skip("Browser: axe-core is not installed (make ui)")

    def check(page: Page) -> None:
        page.evaluate(source.read_text())
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        said = [
            f"{violation['id']}: {violation['help']}: "
            + "; ".join(
                f"{node['html'][:160]} {node.get('failureSummary', '')[:300]}" for node in violation["nodes"][:4]
            )
            for violation in found["violations"]
        ]
        assert not said, "\n".join(said)

    return check

"""What is around every page: search, keys, themes, freshness, addresses that lead nowhere."""

from collections.abc import Callable
from typing import Any

from tests.browser.world import World


def test_the_search_finds_a_run_by_name_and_opens_it(
    open_page: Any, runs: World, picture: Callable[..., None], check_accessibility: Callable[[Any], None]
) -> None:
    page = open_page("/")
    page.get_by_role("heading", name="Dashboard").wait_for()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search flows").fill("crane")
    page.get_by_role("option", name="fierce-crane").wait_for()
    picture(page, "palette")
    check_accessibility(page)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/flow-run/{runs.failed}*")


def test_the_search_finds_by_id(open_page: Any, runs: World) -> None:
    page = open_page("/")
    page.get_by_role("heading", name="Dashboard").wait_for()
    page.keyboard.press("/")
    page.get_by_role("combobox", name="Search flows").fill(runs.mapped)
    page.get_by_role("option", name="wide-swan").wait_for()


def test_the_search_finds_tasks_agents_and_pages(open_page: Any, site: Any, runs: World) -> None:
    made = site.served.endpoint.answer(
        'mutation { register_agent(input: {type: "LocalAgent", name: "badger"}) { id } }'
    )
    id = made.split(b'"id":"')[1][:36].decode()
    page = open_page("/")
    page.get_by_role("heading", name="Dashboard").wait_for()
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Search flows")
    box.fill("badg")
    page.get_by_role("option", name="badger").wait_for()
    box.fill(id)
    page.get_by_role("option", name="badger").wait_for()
    box.fill("cl")
    page.get_by_role("option", name="Concurrency limits").wait_for()
    box.fill("transf")
    task = page.get_by_role("option", name="transform nightly report")
    task.wait_for()
    task.click()
    page.wait_for_url("**/flow-run/*?task=transform")
    site.served.endpoint.answer(f'mutation {{ delete_agent(input: {{agent_id: "{id}"}}) {{ success }} }}')


def test_the_search_does_what_the_open_page_can(open_page: Any, runs: World, picture: Callable[..., None]) -> None:
    page = open_page(f"/flow-run/{runs.failed}")
    page.get_by_role("heading", name="fierce-crane").wait_for()
    page.keyboard.press("Control+k")
    page.get_by_role("option", name="Next task run that failed").wait_for()
    picture(page, "palette-commands")
    page.keyboard.type("next task run")
    page.keyboard.press("Enter")
    page.wait_for_url("**task_run=*")
    page.keyboard.press("Control+k")
    page.keyboard.type("show the keys")
    page.keyboard.press("Enter")
    page.get_by_role("dialog", name="Keys").wait_for()


def test_the_keys_are_listed(
    open_page: Any, picture: Callable[..., None], check_accessibility: Callable[[Any], None]
) -> None:
    page = open_page("/")
    page.get_by_role("heading", name="Dashboard").wait_for()
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_text("pause or go on").wait_for()
    picture(page, "keys")
    check_accessibility(page)
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url("**/flow-runs")


def test_the_theme_is_kept(open_page: Any) -> None:
    page = open_page("/")
    page.get_by_role("button", name="Dark theme").click()
    page.locator("html[data-mantine-color-scheme=dark]").wait_for(state="attached")
    page.reload()
    page.locator("html[data-mantine-color-scheme=dark]").wait_for(state="attached")


def test_the_page_can_be_held(open_page: Any) -> None:
    page = open_page("/flow-runs")
    page.locator(".fresh[data-freshness=live]").wait_for()
    page.keyboard.press("Space")
    page.locator(".fresh[data-freshness=paused]").wait_for()
    page.keyboard.press("Space")
    page.locator(".fresh[data-freshness=live]").wait_for()


def test_an_address_that_leads_nowhere_says_so(open_page: Any) -> None:
    page = open_page("/no/such/page")
    page.get_by_role("heading", name="There is no such page").wait_for()


def test_addresses_of_1x_lead_to_the_run(open_page: Any, runs: World) -> None:
    page = open_page(f"/default/flow-run/{runs.failed}")
    page.wait_for_url(f"**/flow-run/{runs.failed}*")


def test_the_first_load_is_small(browser: Any, site: Any) -> None:
    page = browser.new_page(base_url=site.url)
    sizes: dict[str, int] = {}

    def count(response: Any) -> None:
        if response.url.endswith(".js"):
            # What is shorter than a packet gains nothing by it.
            assert response.headers.get("content-encoding") == "gzip" or len(response.body()) < 1000
            sizes[response.url] = int(response.headers["content-length"])

    page.on("response", count)
    page.goto("/")
    page.get_by_role("region", name="Failed").wait_for()
    page.close()
    assert 0 < sum(sizes.values()) <= 250_000, sizes


def test_a_page_that_cannot_reach_its_server_says_so(open_page: Any, complaints: list[str]) -> None:
    page = open_page("/flow-runs")
    page.locator(".fresh[data-freshness=live]").wait_for()
    page.context.set_offline(True)
    page.get_by_label("Name contains").first.fill("otter")
    page.get_by_text("The server does not answer").wait_for()
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("table").get_by_text("brave-otter").wait_for()
    # The browser itself reports each request that it could not send.
    complaints.clear()

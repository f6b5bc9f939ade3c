"""The page: which file there is for an address, under which rules, and what remains the API's."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from prefect.server import page
from tests.serving import Serving, serving

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder like the one that the build makes."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>built</title>" + " " * 500)
    (tmp_path / "assets/main-abc123.js").write_text("console.log(1);" * 100)
    (tmp_path / "assets/face-abc123.woff2").write_bytes(b"wOF2")
    (tmp_path.parent / "secret.txt").write_text("not for browsers")
    return tmp_path


@pytest.fixture
def site(built: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    """A server with that page."""
    monkeypatch.setattr(page.answer, "__defaults__", (built,))
    with serving() as server:
        yield server


@pytest.mark.parametrize(
    ("method", "path", "query", "accept", "expected"),
    [
        ("GET", "/", b"", BROWSER, True),
        ("HEAD", "/flow-run/1", b"", BROWSER, True),
        ("GET", "/flow-runs", b"state=Failed&name=my+query", BROWSER, True),
        ("GET", "/", b"query={hello}", BROWSER, False),
        ("GET", "/graphql", b"", BROWSER, False),
        ("GET", "/", b"", "*/*", False),
        ("GET", "/", b"", None, False),
        ("POST", "/", b"", BROWSER, False),
        ("GET", "/assets/main.js", b"", "*/*", True),
        ("GET", "/favicon.svg", b"", "image/avif", True),
    ],
)
def test_what_is_for_people(method: str, path: str, query: bytes, accept: str | None, expected: bool) -> None:
    assert page.is_for_people(method, path, query, accept) is expected


def test_every_path_of_a_page_gives_the_document(built: Path) -> None:
    for path in ("/", "/flow-runs", "/flow-run/some.id", "/default/flow-run/1"):
        assert page.answer(path, built).status == 200
        assert b"built" in page.answer(path, built).body


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../secret.txt",
        "/assets/../../secret.txt",
        "/assets//../../secret.txt",
        "/assets/.hidden",
        "/assets/",
        "/assets/gone.js",
        "/assets/a\x00.js",
    ],
)
def test_no_address_leads_out_of_the_folder(path: str, built: Path) -> None:
    assert page.answer(path, built).status == 404


def test_files_with_a_digest_in_their_name_are_kept_and_the_document_is_not(built: Path) -> None:
    assert "immutable" in page.answer("/assets/main-abc123.js", built).cache
    assert page.answer("/", built).cache == "no-cache"


def test_what_was_built_anew_is_served_anew(built: Path) -> None:
    before = page.answer("/", built)
    (built / "index.html").write_text("<!doctype html><title>newer</title>")
    after = page.answer("/", built)
    assert b"newer" in after.body
    assert before.tag != after.tag


def test_without_a_build_the_answer_says_how_to_make_one(tmp_path: Path) -> None:
    answer = page.answer("/", tmp_path)
    assert answer.status == 503
    assert b"make ui" in answer.body


def test_scripts_come_from_files_alone() -> None:
    rules = dict(rule.split(" ", 1) for rule in page.POLICY.split("; "))
    assert rules["script-src"] == "'self'"
    assert rules["default-src"] == "'none'"
    assert rules["frame-ancestors"] == "'none'"


@pytest.mark.skipif(not (page.BUILT / "index.html").exists(), reason="The page is not built (make ui)")
def test_the_document_that_is_built_keeps_to_the_rules() -> None:
    document = (page.BUILT / "index.html").read_text()
    for script in re.findall(r"<script\b[^>]*>", document):
        assert " src=" in script
    assert not re.search(r"\son\w+=", document)
    assert not re.search(r"https?://", document)


def headers(**more: str) -> dict[str, str]:
    return {"accept": BROWSER, **more}


def test_a_browser_gets_the_page_and_a_client_the_api(site: Serving) -> None:
    shown = requests.get(site.url + "/", headers=headers())
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert shown.headers["content-security-policy"] == page.POLICY
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["x-frame-options"] == "DENY"
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert shown.headers["content-encoding"] == "gzip"
    assert "built" in shown.text
    asked = requests.get(site.url + "/")
    assert asked.status_code == 400
    assert asked.json()["errors"][0]["message"].startswith("There is no question")


def test_a_file_comes_with_its_kind_and_only_once(site: Serving) -> None:
    for name, kind in (("main-abc123.js", "text/javascript; charset=utf-8"), ("face-abc123.woff2", "font/woff2")):
        first = requests.get(f"{site.url}/assets/{name}")
        assert first.headers["content-type"] == kind
        again = requests.get(f"{site.url}/assets/{name}", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_a_head_has_no_body(site: Serving) -> None:
    answer = requests.head(site.url + "/flow-runs", headers=headers())
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) > 0


def test_a_link_on_another_site_may_lead_here_but_not_by_another_name(site: Serving) -> None:
    assert requests.get(site.url + "/", headers=headers(**{"sec-fetch-site": "cross-site"})).status_code == 200
    refused: Any = requests.get(site.url + "/", headers=headers(host="evil.example"))
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN_HOST"


def test_a_missing_file_is_missing(site: Serving) -> None:
    answer = requests.get(site.url + "/assets/none.js")
    assert answer.status_code == 404
    assert "load again" in answer.text

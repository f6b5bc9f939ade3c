"""The rules of GraphQL over HTTP, without a socket."""

import gzip
import json

import pytest

from prefect.server import over_http
from prefect.server.over_http import Question, Refused, Style

SEE = {"see": "docs/reference/limits.md#body_bytes"}


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.10", "::1", "[::1]", "ui.localhost"])
def test_this_machine_has_several_names(host: str) -> None:
    assert over_http.is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "::", "192.168.0.1", "example.com", "localhost.example.com", "127.0.0.1.nip.io"]
)
def test_other_names_are_of_other_machines(host: str) -> None:
    assert not over_http.is_loopback(host)


@pytest.mark.parametrize(
    ("host", "origin", "site"),
    [
        ("localhost:4200", None, None),
        ("127.0.0.1:4200", None, None),
        ("[::1]:4200", "http://[::1]:4200", None),
        ("localhost:4200", "http://localhost:4200", "same-origin"),
        ("localhost", "https://LOCALHOST", None),
        ("localhost:4200", None, "none"),
    ],
)
def test_programs_and_our_own_pages_may_ask(host: str, origin: str | None, site: str | None) -> None:
    over_http.check_sender(host, origin, site)


@pytest.mark.parametrize(
    ("host", "origin", "site", "code"),
    [
        (None, None, None, "FORBIDDEN_HOST"),
        ("", None, None, "FORBIDDEN_HOST"),
        ("rebound.example.com:4200", None, None, "FORBIDDEN_HOST"),
        ("127.0.0.1.example.com", None, None, "FORBIDDEN_HOST"),
        ("user@localhost:4200", None, None, "FORBIDDEN_HOST"),
        ("[::1", None, None, "FORBIDDEN_HOST"),
        ("192.168.1.5:4200", None, None, "FORBIDDEN_HOST"),
        ("localhost:4200", "http://example.com", None, "FORBIDDEN_ORIGIN"),
        ("localhost:4200", "http://localhost:3000", None, "FORBIDDEN_ORIGIN"),
        ("localhost:4200", "null", None, "FORBIDDEN_ORIGIN"),
        ("localhost:4200", "", None, "FORBIDDEN_ORIGIN"),
        ("localhost:4200", "file://localhost:4200", None, "FORBIDDEN_ORIGIN"),
        ("localhost:4200", "http://[::1", None, "FORBIDDEN_ORIGIN"),
        ("localhost:4200", None, "cross-site", "FORBIDDEN_ORIGIN"),
        ("localhost:4200", None, "same-site", "FORBIDDEN_ORIGIN"),
    ],
)
def test_pages_of_others_may_not(host: str | None, origin: str | None, site: str | None, code: str) -> None:
    with pytest.raises(Refused) as refused:
        over_http.check_sender(host, origin, site)
    assert (refused.value.status, refused.value.code) == (403, code)


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_is_accepted(kind: str) -> None:
    over_http.check_content_type(kind)


@pytest.mark.parametrize(
    "kind",
    [None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"],
)
def test_what_a_form_can_send_is_refused(kind: str | None) -> None:
    with pytest.raises(Refused) as refused:
        over_http.check_content_type(kind)
    assert refused.value.status == 415


def test_a_question_is_read() -> None:
    body = json.dumps({"query": "{ a }", "variables": {"x": [1]}, "operationName": "b", "extensions": {}}).encode()
    assert over_http.read_body(body) == Question("{ a }", {"x": [1]}, "b")


def test_variables_may_be_text() -> None:
    assert over_http.read_body(b'{"query": "{ a }", "variables": "{\\"x\\": 1}"}') == Question("{ a }", '{"x": 1}')


def test_a_batch_is_read_in_order() -> None:
    assert over_http.read_body(b' [{"query": "{ a }"}, {"query": "{ b }"}]') == [Question("{ a }"), Question("{ b }")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"1",
        b'"{ a }"',
        b"[]",
        b"[1]",
        b"[[]]",
        b"{}",
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": "{ a }", "variables": 1}',
        b'{"query": "{ a }", "variables": []}',
        b'{"query": "{ a }", "operationName": 1}',
        b'[{"query": "{ a }"}, {}]',
        b"{",
        b"\x00",
        b"\xff\xfe",
        b'{"query": "\xff"}',
        b'{"query": "{ a }", "variables": {"x": 1e999}}',
        b'{"query": "{ a }", "variables": {"x": ' + b"[" * 5000,
        b'{"query": "{ a }", "variables": {"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b"[" * 100_000,
    ],
)
def test_what_is_no_question_is_refused(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        over_http.read_body(body)
    assert refused.value.status == 400
    assert json.loads(refused.value.body)["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


def test_a_batch_has_a_limit() -> None:
    with pytest.raises(Refused) as refused:
        over_http.read_body(json.dumps([{"query": "{ a }"}] * 101).encode(), 100)
    assert refused.value.facts == {"limit": 100, "actual": 101, "see": "docs/reference/limits.md#batch"}


def test_a_question_may_stand_in_the_address() -> None:
    found = over_http.read_url(b"query=%7B%20a%20%7D&variables=%7B%22x%22%3A1%7D&operationName=b")
    assert found == Question("{ a }", '{"x":1}', "b")


@pytest.mark.parametrize("query", [b"", b"query=", b"variables=1", b"query=%ff", b"\xff", b"&".join([b"a=1"] * 50)])
def test_an_address_without_a_question_is_refused(query: bytes) -> None:
    with pytest.raises(Refused) as refused:
        over_http.read_url(query)
    assert refused.value.status == 400


def test_gzip_is_unfolded() -> None:
    body = gzip.compress(b"{}" * 100)
    assert over_http.unpack(body, "gzip") == over_http.unpack(body, "X-GZIP") == b"{}" * 100
    assert over_http.unpack(b"{}", None) == over_http.unpack(b"{}", "identity") == b"{}"


def test_a_small_body_that_unfolds_to_a_large_one_is_refused_before_it_is_unfolded() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    with pytest.raises(Refused) as refused:
        over_http.unpack(bomb, "gzip", limit=1000)
    assert (refused.value.status, refused.value.facts) == (413, {"limit": 1000, "actual": 1001, **SEE})


@pytest.mark.parametrize(
    "body", [b"", b"{}", gzip.compress(b"{}", mtime=0)[:-4], gzip.compress(b"{}", mtime=0) + b"more"]
)
def test_what_is_not_gzip_is_refused(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        over_http.unpack(body, "gzip")
    assert refused.value.status == 400


def test_other_encodings_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        over_http.unpack(b"{}", "br")
    assert refused.value.status == 415


def test_a_body_says_its_length() -> None:
    over_http.check_length("1000", limit=1000)
    over_http.check_length(None, limit=1000)
    with pytest.raises(Refused) as refused:
        over_http.check_length("1001", limit=1000)
    assert (refused.value.status, refused.value.facts) == (413, {"limit": 1000, "actual": 1001, **SEE})


@pytest.mark.parametrize(
    ("accept", "style"),
    [
        (None, Style.CLASSIC),
        ("", Style.CLASSIC),
        ("*/*", Style.CLASSIC),
        ("application/json", Style.CLASSIC),
        ("text/html,*/*;q=0.8", Style.CLASSIC),
        ("application/graphql-response+json", Style.GRAPHQL),
        ("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", Style.GRAPHQL),
        ("application/graphql-response+json, application/json;q=0.9", Style.GRAPHQL),
        ("application/json, application/graphql-response+json;q=0.5", Style.CLASSIC),
        ("application/json, application/graphql-response+json;q=0", Style.CLASSIC),
        ("application/graphql-response+json;q=nonsense", Style.CLASSIC),
        ("text/event-stream", Style.EVENTS),
        ("application/json;q=0.5, text/event-stream", Style.EVENTS),
    ],
)
def test_a_request_says_how_it_wants_its_answer(accept: str | None, style: Style) -> None:
    assert over_http.style(accept) is style


@pytest.mark.parametrize(
    ("header", "accepted"),
    [(None, False), ("gzip", True), ("br, GZIP;q=0.5", True), ("gzip;q=0", False), ("*", True), ("identity", False)],
)
def test_an_answer_is_compressed_for_those_who_can_read_it(header: str | None, accepted: bool) -> None:
    assert over_http.accepts_gzip(header) is accepted


def test_what_was_packed_can_be_unpacked() -> None:
    assert gzip.decompress(over_http.pack(b"answer" * 1000)) == b"answer" * 1000


def test_a_refusal_has_no_data_where_the_specification_is_asked_for() -> None:
    refused = b'{"errors":[{"message":"no"}],"data":null}'
    assert json.loads(over_http.strictly(400, refused)) == {"errors": [{"message": "no"}]}
    assert over_http.strictly(200, refused) == refused

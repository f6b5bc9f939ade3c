"""The rules of GraphQL over HTTP: what a request asks for, who may send it, and which status its answer has.

Pure, so that each rule can be tested without a socket; `app.py` carries bytes between these functions and the endpoint.

A request that accepts `application/graphql-response+json` is answered by the rules of the GraphQL over HTTP
specification. Every other one gets the statuses of 1.x, whose clients decide by them.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs, urlsplit

import msgspec

# More than any request has: where no limit is set.
UNLIMITED: Final = 2**40
# Shorter answers fit into one packet as they are.
SHORTEST_COMPRESSED_BYTES: Final = 1400
# On the way out speed counts: level 1 takes a tenth of the time of level 9 and gives four fifths of its saving.
COMPRESSION_LEVEL: Final = 1

# Beside the headers of a request: where it came from. No header that is sent can have this name.
ADDRESS: Final = ":address"

GRAPHQL: Final = "application/graphql-response+json"
JSON: Final = "application/json"
EVENTS: Final = "text/event-stream"


class Style(Enum):
    """How an answer is to be given; the value is its content type."""

    CLASSIC = "application/json; charset=utf-8"
    GRAPHQL = "application/graphql-response+json; charset=utf-8"
    EVENTS = "text/event-stream; charset=utf-8"


class Refused(Exception):
    """The request is not carried out: the status, a code for programs, what was wrong, and facts for programs."""

    def __init__(self, status: int, code: str, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.facts = facts

    @property
    def body(self) -> bytes:
        """The error in the envelope of every other error."""
        error = {"message": self.message, "path": [], "extensions": {"code": self.code, **self.facts}}
        return msgspec.json.encode({"errors": [error], "data": None})


class Question(msgspec.Struct, frozen=True, rename={"operation_name": "operationName"}):
    """One GraphQL request. Variables may be JSON text, which is how clients of 1.x send them."""

    query: str | None = None
    variables: dict[str, Any] | str | None = None
    operation_name: str | None = None


Questions: TypeAlias = Question | list[Question]

_one = msgspec.json.Decoder(Question)
_several = msgspec.json.Decoder(list[Question])


# -- who may ask -------------------------------------------------------------------------------------------------------


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine and nothing else."""
    host = host.strip("[]").lower().rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Names(msgspec.Struct, frozen=True):
    """What a server may be called in a `Host` header, beside the names of this machine for itself.

    `is_reachable` says that it listens to other machines: any address may then stand for it. Names have to be told, as
    `hosts`, since anybody can let a name of theirs lead to any address.
    """

    is_reachable: bool = False
    hosts: frozenset[str] = frozenset()


THIS_MACHINE: Final = Names()


def check_sender(host: str | None, origin: str | None, site: str | None = None, names: Names = THIS_MACHINE) -> None:
    """Refuse what a page of another site could make a browser send.

    Without keys the browser's own headers are all there is to tell such requests by. A name that resolves to this
    machine but is not one of its names (DNS rebinding) is refused by `host`, a page of another origin by `origin`, and
    what a browser sends without an origin by `site` (`Sec-Fetch-Site`).
    """
    if host is None or not _is_ours(host, names):
        if names == THIS_MACHINE:
            wanted = "this machine (localhost or 127.0.0.1)"
        else:
            wanted = "a name that this server knows as its own (the setting server.allowed_hosts)"
        raise Refused(403, "FORBIDDEN_HOST", f"Requests must be addressed to {wanted}, not to {host or 'nobody'!r}.")
    if origin is not None and _authority(origin) != host.lower():
        raise Refused(403, "FORBIDDEN_ORIGIN", f"Pages of {origin!r} may not ask here.")
    if site is not None and site not in ("same-origin", "none"):
        raise Refused(403, "FORBIDDEN_ORIGIN", "Pages of other sites may not ask here.")


@lru_cache(maxsize=256)
def _is_ours(host: str, names: Names) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    if name is None or "@" in host:
        return False
    return is_loopback(name) or name.rstrip(".") in names.hosts or (names.is_reachable and _is_address(name))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=256)
def _authority(origin: str) -> str | None:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    return parts.netloc.lower() if parts.scheme in ("http", "https") else None


# -- what is asked -----------------------------------------------------------------------------------------------------


def check_content_type(content_type: str | None) -> None:
    """Refuse a body that is not declared to be JSON: a foreign page can send any other kind without being asked."""
    if content_type is None or content_type.partition(";")[0].strip().lower() != JSON:
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", f"The body must be JSON, sent with Content-Type: {JSON}.")


def check_length(length: str | None, limit: int) -> None:
    """Refuse a body that says itself that it is too large, before it is read."""
    if length is not None and length.isdigit() and int(length) > limit:
        raise too_large(int(length), limit)


def too_large(size: int, limit: int) -> Refused:
    """The refusal of a body that has at least `size` bytes."""
    return Refused(
        413,
        "BODY_TOO_LARGE",
        f"The body has {size:,} bytes or more, and {limit:,} are accepted. Send it in several requests.",
        limit=limit,
        actual=size,
        see="docs/reference/limits.md#body_bytes",
    )


def unpack(body: bytes, encoding: str | None, limit: int = UNLIMITED) -> bytes:
    """The body without its content encoding; of a compressed one counts what it unfolds to, and no more is unfolded."""
    kind = (encoding or "identity").strip().lower()
    if kind in ("", "identity"):
        return body
    if kind not in ("gzip", "x-gzip"):
        raise Refused(415, "UNSUPPORTED_ENCODING", f"The body is encoded as {kind!r}; gzip is understood.")
    unfolding = zlib.decompressobj(wbits=31)
    try:
        unfolded = unfolding.decompress(body, limit + 1)
    except zlib.error:
        raise _not_gzip() from None
    if len(unfolded) > limit:
        raise too_large(len(unfolded), limit)
    if not unfolding.eof or unfolding.unused_data:
        raise _not_gzip()
    return unfolded


def _not_gzip() -> Refused:
    return Refused(400, "BAD_REQUEST", "The body is declared to be gzip and is not, or not all of it came.")


def read_body(body: bytes, largest_batch: int = UNLIMITED) -> Questions:
    """The question of a POST, or the questions of a batch."""
    try:
        start = body.lstrip()[:1]
        if start != b"[":
            question = _one.decode(body)
            if question.query is None:
                raise _no_query()
            return question
        questions = _several.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(400, "BAD_REQUEST", f"The body is no GraphQL request: {error}.") from None
    except RecursionError:
        raise Refused(400, "BAD_REQUEST", "The body is no GraphQL request: it is nested too deeply.") from None
    if len(questions) > largest_batch:
        raise Refused(
            400,
            "BATCH_TOO_LARGE",
            f"The batch has {len(questions):,} requests, and {largest_batch:,} are accepted.",
            limit=largest_batch,
            actual=len(questions),
            see="docs/reference/limits.md#batch",
        )
    if not questions or any(question.query is None for question in questions):
        raise _no_query()
    return questions


def read_url(query_string: bytes) -> Question:
    """The question of a GET, which is never a mutation: `?query=...&variables=...&operationName=...`."""
    try:
        found = parse_qs(query_string.decode("ascii"), keep_blank_values=True, max_num_fields=20, errors="strict")
    except ValueError:
        raise Refused(400, "BAD_REQUEST", "The address cannot be read.") from None
    given = {name: values[-1] for name, values in found.items()}
    if not given.get("query"):
        raise _no_query()
    return Question(given["query"], given.get("variables"), given.get("operationName"))


def _no_query() -> Refused:
    return Refused(400, "BAD_REQUEST", 'There is no question: send JSON with a "query", or a GET with ?query=.')


def not_by_get() -> Refused:
    """The refusal of a mutation that came by GET, as a link or an image could make a browser send it."""
    return Refused(405, "METHOD_NOT_ALLOWED", "A GET cannot change anything: send mutations by POST.")


# -- how it is answered ------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def style(accept: str | None) -> Style:
    """How a request with this Accept header wants its answer."""
    weights = dict(_weights(accept or "*/*"))
    best, most = Style.CLASSIC, max(weights.get(JSON, 0.0), weights.get("application/*", 0.0), weights.get("*/*", 0.0))
    for name, candidate in ((GRAPHQL, Style.GRAPHQL), (EVENTS, Style.EVENTS)):
        weight = weights.get(name, 0.0)
        # Whoever names the type knows it, and prefers it to one that is accepted just as well.
        if weight > 0 and weight >= most:
            best, most = candidate, weight
    return best


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: str | None) -> bool:
    """Whether an answer may be compressed."""
    if not accept_encoding:
        return False
    weights = dict(_weights(accept_encoding))
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _weights(header: str) -> Iterable[tuple[str, float]]:
    for part in header.split(","):
        name, _, parameters = part.partition(";")
        weight = 1.0
        for parameter in parameters.split(";"):
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                try:
                    weight = float(value)
                except ValueError:
                    weight = 0.0
        yield name.strip().lower(), weight


def pack(body: bytes) -> bytes:
    """The body as gzip."""
    folding = zlib.compressobj(COMPRESSION_LEVEL, wbits=31)
    return folding.compress(body) + folding.flush()


def strictly(status: int, body: bytes) -> bytes:
    """The body as the specification wants it: a request that was not carried out has errors, and no data."""
    if status < 400:
        return body
    envelope: Mapping[str, Any] = msgspec.json.decode(body)
    return msgspec.json.encode({key: value for key, value in envelope.items() if key != "data"})


# -- server-sent events ------------------------------------------------------------------------------------------------


def event(name: str, data: bytes = b"", id: int | None = None) -> bytes:
    """An event of a stream; `id` is what the client sends back as `Last-Event-ID` when it connects again."""
    if b"\n" in data or b"\r" in data:
        # Outside of strings, where JSON has them escaped, breaks of line mean nothing; here they would end the event.
        data = data.replace(b"\r", b" ").replace(b"\n", b" ")
    number = b"" if id is None else b"id: %d\n" % id
    return b"%sevent: %s\ndata: %s\n\n" % (number, name.encode(), data)


def last_event(header: str | None) -> int | None:
    """Where a client that connects again has left a feed."""
    return int(header) if header is not None and header.isascii() and header.isdigit() and len(header) < 19 else None

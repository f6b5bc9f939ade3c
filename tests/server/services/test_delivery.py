"""What hooks have to tell arrives, is tried again, or is given up; no process that dies makes it lost."""

from __future__ import annotations

import hashlib
import hmac
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from prefect.configuration import config
from prefect.server.identifiers import stamp
from prefect.server.outgoing import Policy
from prefect.server.services import delivery, registry, tell_what_is_left
from prefect.server.services.delivery import (
    CLAIMED,
    CLAIMED_SECONDS,
    LONGEST_REST,
    Delivery,
    Mailing,
    Rests,
    Retrying,
    Ways,
    deliver,
)
from prefect.server.services.runner import Runner
from tests import receiving
from tests.server.operations.test_hooks import deliveries, hook
from tests.server.operations.test_secrets import KEY

if TYPE_CHECKING:
    from tests.server.conftest import Backend

LOCAL = Ways(Policy(allow_private=True), chance=lambda: 0.5)


class Clock:
    def __init__(self) -> None:
        self.moment = datetime.now(UTC) + timedelta(seconds=1)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def happens(backend: Backend, times: int = 1) -> list[str]:
    """A flow of which runs begin."""
    flow = backend.flow(name="etl")
    return [backend.run(flow, flow_run_name="r") for _ in range(times)]


def status(backend: Backend) -> tuple[str, int, str | None]:
    (found,) = deliveries(backend)
    return found["status"], found["attempts"], found["last_error"]


def test_a_request_arrives_with_its_id_and_a_signature(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config.server.secrets, "key", KEY)
    clock = Clock()
    with receiving.http() as server:
        hook(backend, "Running", type="WEBHOOK", config={"url": f"{server.url}/a?token=1"}, secret="s3cret")
        hook(backend, "Running", type="SLACK_WEBHOOK", config={"url": f"{server.url}/slack"}, template={"text": "go!"})
        (run,) = happens(backend)
        assert deliver(backend.store, clock, LOCAL) == (2, 2)
        assert deliver(backend.store, clock, LOCAL) == (0, 0)
    found = {request.path: request for request in server.requests}
    assert found["/slack"].json == {"text": "go!"}
    assert "X-Quaestor-Signature" not in found["/slack"].headers
    request = found["/a?token=1"]
    first = deliveries(backend)[0]
    assert request.headers["X-Quaestor-Event"] == request.json["id"] == first["id"]
    assert (request.json["flow_run_id"], request.json["event"]) == (run, "flow_run_state_changed")
    # As a receiver would check it.
    given = dict(part.split("=") for part in request.headers["X-Quaestor-Signature"].split(","))
    assert int(given["t"]) == int(clock().timestamp())
    signed = hmac.new(b"s3cret", f"{given['t']}.".encode() + request.body, hashlib.sha256).hexdigest()
    assert given["v1"] == signed
    assert {one["status"] for one in deliveries(backend)} == {"delivered"}


def test_what_does_not_arrive_is_tried_again_later_and_later_until_it_is_given_up(backend: Backend) -> None:
    clock, retrying = Clock(), Retrying(attempts=3, first=timedelta(seconds=10))
    with receiving.http() as server:
        server.status = 503
        hook(backend, "Running", type="WEBHOOK", config={"url": f"{server.url}/secret-token"})
        happens(backend)
        for attempt, wait in ((1, 10), (2, 20)):
            assert deliver(backend.store, clock, LOCAL, retrying) == (1, 0)
            assert status(backend) == ("waiting", attempt, "The host answered with the status 503.")
            clock.advance(wait - 0.1)
            assert deliver(backend.store, clock, LOCAL, retrying) == (0, 0)
            clock.advance(0.2)
        assert deliver(backend.store, clock, LOCAL, retrying) == (1, 0)
        assert status(backend) == ("given up", 3, "The host answered with the status 503.")
        clock.advance(10_000)
        assert deliver(backend.store, clock, LOCAL, retrying) == (0, 0)
        assert len({request.headers["X-Quaestor-Event"] for request in server.requests}) == 1
        assert len(server.requests) == 3


def test_what_arrives_in_the_end_has_arrived(backend: Backend) -> None:
    clock = Clock()
    with receiving.http() as server:
        server.status = 500
        hook(backend, "Running", type="WEBHOOK", config={"url": server.url})
        happens(backend)
        deliver(backend.store, clock, LOCAL)
        server.status = 204
        clock.advance(60)
        assert deliver(backend.store, clock, LOCAL) == (1, 1)
    assert status(backend) == ("delivered", 2, None)


def test_waits_double_up_to_a_bound_and_are_not_even() -> None:
    retrying = Retrying(first=timedelta(seconds=2), longest=timedelta(minutes=1))
    waits = [retrying.wait_after(attempts, 0.5).total_seconds() for attempts in (1, 2, 3, 6, 7, 1000)]
    assert waits == [2, 4, 8, 60, 60, 60]
    assert retrying.wait_after(1, 0.0) == timedelta(seconds=1)
    assert retrying.wait_after(1, 1.0) == timedelta(seconds=3)


def test_what_may_not_be_asked_is_given_up_at_once_and_says_which_setting(backend: Backend) -> None:
    with receiving.http() as server:
        hook(backend, "Running", type="WEBHOOK", config={"url": f"{server.url}/secret-token"})
        happens(backend)
        assert deliver(backend.store, Clock(), Ways()) == (1, 0)
        assert server.requests == []
    state, attempts, error = status(backend)
    assert (state, attempts) == ("given up", 1)
    assert error is not None
    assert "server.hooks.allowed_hosts" in error
    assert "secret-token" not in error
    assert "127.0.0.1" not in error


def test_a_hook_that_was_turned_off_tells_nothing_more(backend: Backend) -> None:
    with receiving.http() as server:
        made = hook(backend, "Running", type="WEBHOOK", config={"url": server.url})
        happens(backend)
        backend.do("set_cloud_hook_inactive", "success", cloud_hook_id=made)
        assert deliver(backend.store, Clock(), LOCAL) == (1, 0)
        assert server.requests == []
    assert status(backend) == ("given up", 1, "The hook is not active.")


def test_without_the_key_of_its_secret_nothing_is_sent_unsigned(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving.http() as server:
        with monkeypatch.context() as patch:
            patch.setitem(config.server.secrets, "key", KEY)
            hook(backend, "Running", type="WEBHOOK", config={"url": server.url}, secret="s3cret")
        monkeypatch.setitem(config.server.secrets, "key", KEY[:-4] + "AAA=")
        happens(backend)
        assert deliver(backend.store, Clock(), LOCAL) == (1, 0)
        assert server.requests == []
    state, _, error = status(backend)
    assert state == "waiting"
    assert "another key" in str(error)


def test_mails_are_handed_to_the_mail_server(backend: Backend) -> None:
    clock = Clock()
    with receiving.smtp() as server:
        mailing = Mailing("127.0.0.1", server.port, "none", sender="flows@example.org")
        title = {"title": "{flow.name}\nBcc: x@example.org", "text": "Grüße, {flow_run.name}"}
        hook(backend, "Running", type="EMAIL", config={"to": ["a@example.org", "b@example.org"]}, template=title)
        happens(backend)
        # Where nothing is encrypted, nothing is sent.
        assert deliver(backend.store, clock, Ways(mailing=Mailing("127.0.0.1", server.port, sender="a@b.c"))) == (1, 0)
        assert status(backend) == ("waiting", 1, "The mail server did not take the mail: SMTPNotSupportedError.")
        clock.advance(60)
        assert deliver(backend.store, clock, Ways(mailing=mailing)) == (1, 1)
        (mail,) = server.mails
    assert (mail.sender, mail.receivers) == ("flows@example.org", ["a@example.org", "b@example.org"])
    assert mail.content["Subject"] == "etl Bcc: x@example.org"
    assert mail.content["Bcc"] is None
    assert mail.content["X-Quaestor-Event"] == deliveries(backend)[0]["id"]
    assert mail.content.get_content().strip() == "Grüße, r"


def test_mails_without_a_mail_server_say_so(backend: Backend) -> None:
    hook(backend, "Running", type="EMAIL", config={"to": "a@example.org"})
    happens(backend)
    assert deliver(backend.store, Clock(), LOCAL) == (1, 0)
    assert "server.hooks.smtp.host" in str(status(backend)[2])


def test_several_servers_tell_each_thing_once(backend: Backend) -> None:
    clock = Clock()
    with receiving.http() as server:
        hook(backend, "Running", type="WEBHOOK", config={"url": server.url})
        happens(backend, 24)
        together = threading.Barrier(3)
        tried: list[int] = []

        def serve() -> None:
            together.wait(30)
            while found := deliver(backend.store, clock, LOCAL, most=5)[0]:
                tried.append(found)

        threads = [threading.Thread(target=serve) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Who claimed nothing of what it saw went home; the rest is told now.
        while found := deliver(backend.store, clock, LOCAL)[0]:
            tried.append(found)
    ids = [request.headers["X-Quaestor-Event"] for request in server.requests]
    assert len(ids) == len(set(ids)) == sum(tried) == 24


def test_a_process_that_is_killed_after_the_state_was_kept_loses_nothing(
    backend: Backend, in_child: Callable[[Callable[[], None]], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = happens(backend)
    with receiving.http() as server:
        hook(backend, "Success", type="WEBHOOK", config={"url": server.url})

        def work() -> None:
            # The first thing that happens after the commit.
            monkeypatch.setattr(delivery.DELIVERY, "ring", lambda store: os.kill(os.getpid(), signal.SIGKILL))
            backend.move_flow_run(run, "Success")

        assert in_child(work) == -signal.SIGKILL
        assert backend.flow_run(run)["state"] == "Success"
        assert server.requests == []
        assert deliver(backend.store, Clock(), LOCAL) == (1, 1)
        assert [request.json["state"] for request in server.requests] == ["Success"]


def test_a_process_that_is_killed_while_it_tells_is_followed_by_another(
    backend: Backend, in_child: Callable[[Callable[[], None]], int]
) -> None:
    clock = Clock()
    with receiving.http() as server:
        hook(backend, "Running", type="WEBHOOK", config={"url": server.url})
        happens(backend)

        def resolver(host: str, port: int) -> list[str]:
            os.kill(os.getpid(), signal.SIGKILL)
            return []

        def work() -> None:
            deliver(backend.store, clock, Ways(LOCAL.policy, resolver=resolver))

        assert in_child(work) == -signal.SIGKILL
        # For as long as it might still be at it, nobody else tells.
        assert deliver(backend.store, clock, LOCAL) == (0, 0)
        clock.advance(CLAIMED_SECONDS)
        assert deliver(backend.store, clock, LOCAL) == (1, 1)
        assert len(server.requests) == 1
    assert status(backend) == ("delivered", 2, None)


def test_a_slow_process_does_not_undo_what_another_has_done(backend: Backend) -> None:
    clock = Clock()
    with receiving.http() as server:
        hook(backend, "Running", type="WEBHOOK", config={"url": server.url})
        happens(backend)

        def resolver(host: str, port: int) -> list[str]:
            clock.advance(CLAIMED_SECONDS)
            assert deliver(backend.store, clock, LOCAL) == (1, 1)
            return []

        assert deliver(backend.store, clock, Ways(LOCAL.policy, resolver=resolver)) == (1, 0)
    assert status(backend) == ("delivered", 2, None)


def test_what_ended_long_ago_is_forgotten(backend: Backend) -> None:
    clock = Clock()
    with receiving.http() as server:
        hook(backend, "Running", type="WEBHOOK", config={"url": server.url})
        happens(backend)
        deliver(backend.store, clock, LOCAL)
    keep = timedelta(days=7)
    assert delivery.forget_deliveries(backend.store, clock() + keep, keep) == 0
    assert delivery.forget_deliveries(backend.store, clock() + keep + timedelta(seconds=9), keep) == 1
    assert deliveries(backend) == []


def test_the_service_of_a_server_tells_as_soon_as_there_is_something(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(config.server.hooks, "allowed_hosts", ["127.0.0.1"])
    (service,) = [one for one in registry.configured(config.server.services) if one.name == "hooks"]
    assert service.is_needed is not None
    runner = Runner(backend.store, [service], Clock())
    with receiving.http() as server:
        hook(backend, "Running", type="WEBHOOK", config={"url": server.url})
        happens(backend)
        with backend.store.snapshot() as snapshot:
            assert service.is_needed(snapshot, stamp(runner.clock()))
        runner.turn(service)
        assert len(server.requests) == 1
        with backend.store.snapshot() as snapshot:
            assert not service.is_needed(snapshot, stamp(runner.clock()))


def test_a_process_without_a_server_tells_from_a_thread(
    backend_in_file: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = backend_in_file
    here = Delivery(lambda: LOCAL)
    monkeypatch.setattr(delivery, "DELIVERY", here)
    with receiving.http() as server:
        hook(backend, "Running", type="WEBHOOK", config={"url": server.url})
        happens(backend)
        assert here.wait(30)
        assert len(server.requests) == 1


def test_whoever_opens_the_database_tells_what_is_left(
    backend_in_file: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = backend_in_file
    rung: list[Any] = []
    monkeypatch.setattr(delivery.DELIVERY, "ring", rung.append)
    tell_what_is_left(backend.store)
    assert rung == []
    hook(backend, "Running", type="WEBHOOK", config={"url": "https://hooks.invalid"})
    happens(backend)
    rung.clear()
    tell_what_is_left(backend.store)
    assert rung == [backend.store]


PROGRAM = """
import prefect
from prefect.backend import run_flow

with prefect.Flow("etl") as flow:
    prefect.task(lambda: 1, name="one")()

client = prefect.Client()
tenant = client.graphql("{ tenant { id } }").data.tenant[0].id
client.graphql(
    "mutation($input: create_cloud_hook_input!) { create_cloud_hook(input: $input) { id } }",
    variables={"input": {"tenant_id": tenant, "type": "WEBHOOK", "states": ["Success"], "config": {"url": URL}}},
)
run_flow(flow)
"""


def test_a_recorded_run_tells_before_its_process_ends(tmp_path: Any) -> None:
    environment = {
        **os.environ,
        "PREFECT__HOME_DIR": str(tmp_path),
        "PREFECT__SERVER__HOOKS__ALLOW_PRIVATE": "true",
    }
    with receiving.http() as server:
        program = PROGRAM.replace("URL", repr(server.url))
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
        assert [request.json["state"] for request in server.requests] == ["Success"]


class Hosts:
    """Names that all mean this machine, some of which are away."""

    def __init__(self) -> None:
        self.away: set[str] = set()
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        if host in self.away:
            raise OSError("no such host")
        return ["127.0.0.1"]


def test_a_hook_that_cannot_be_reached_takes_the_time_of_no_other(backend: Backend) -> None:
    clock, hosts, rests = Clock(), Hosts(), Rests()
    ways = Ways(Policy(allow_private=True), resolver=hosts, chance=lambda: 0.5)
    hosts.away.add("dead.example")

    def passed() -> tuple[int, int]:
        return deliver(backend.store, clock, ways, None, rests)

    with receiving.http() as server:
        port = server.url.rpartition(":")[2]
        hook(backend, "Running", type="WEBHOOK", config={"url": f"http://dead.example:{port}/"})
        flow = backend.flow(name="etl")
        for _ in range(CLAIMED * 3):
            backend.run(flow)
        hook(backend, "Running", type="WEBHOOK", config={"url": f"http://live.example:{port}/"})
        backend.run(flow)
        # The first that are due are all of the one that is away; then nothing more is tried there.
        assert passed() == (CLAIMED, 0)
        assert passed() == (1, 1)
        assert passed() == (0, 0)
        assert hosts.asked.count("dead.example") == CLAIMED
        # What is due and not to be told makes no service work again and again.
        with backend.store.snapshot() as snapshot:
            assert rests.due(snapshot, clock(), 1) == []
            assert rests.due(snapshot, clock() + LONGEST_REST, 1) != []
        # One at a time shows whether it is there again, later and later, but never later than this.
        for attempts in range(1, 8):
            clock.advance(LONGEST_REST.total_seconds() * 1.5)
            assert passed() == (1, 0)
            assert passed() == (0, 0)
            assert hosts.asked.count("dead.example") == CLAIMED + attempts
        hosts.away.clear()
        clock.advance(3600)
        assert passed() == (1, 1)
        told = 1
        while (found := passed())[0]:
            assert found[0] == found[1]
            told += found[1]
        assert told == CLAIMED * 3 + 1
        assert len(server.requests) == told + 1
        assert {one["status"] for one in deliveries(backend)} == {"delivered"}


def test_what_waits_for_a_hook_that_stays_away_is_given_up_in_time(backend: Backend) -> None:
    clock, hosts, rests = Clock(), Hosts(), Rests()
    hosts.away.add("dead.example")
    ways = Ways(Policy(allow_private=True), resolver=hosts, chance=lambda: 0.5)
    retrying = Retrying(attempts=3, first=timedelta(seconds=10))
    assert retrying.patience == timedelta(seconds=45)
    hook(backend, "Running", type="WEBHOOK", config={"url": "http://dead.example/"})
    happens(backend, CLAIMED * 3)
    deliver(backend.store, clock, ways, retrying, rests)
    assert {one["status"] for one in deliveries(backend)} == {"waiting"}
    clock.advance(60)
    assert deliver(backend.store, clock, ways, retrying, rests) == (1, 0)
    assert {one["status"] for one in deliveries(backend)} == {"given up"}
    assert len(hosts.asked) == CLAIMED + 1
    assert {one["last_error"] for one in deliveries(backend)} == {"The name of the host has no address."}


def test_what_nobody_has_thought_of_is_tried_no_oftener_and_holds_nobody_up(
    backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    clock, retrying = Clock(), Retrying(attempts=2, first=timedelta(seconds=10))

    def resolver(host: str, port: int) -> list[str]:
        if host == "odd.example":
            raise RuntimeError("nobody has thought of this")
        return ["127.0.0.1"]

    ways = Ways(Policy(allow_private=True), resolver=resolver, chance=lambda: 0.5)
    with receiving.http() as server:
        port = server.url.rpartition(":")[2]
        hook(backend, "Running", type="WEBHOOK", config={"url": "http://odd.example/"})
        hook(backend, "Running", type="WEBHOOK", config={"url": f"http://live.example:{port}/"})
        happens(backend)
        assert deliver(backend.store, clock, ways, retrying) == (2, 1)
        clock.advance(11)
        assert deliver(backend.store, clock, ways, retrying) == (1, 0)
        clock.advance(3600)
        assert deliver(backend.store, clock, ways, retrying) == (0, 0)
    odd, live = deliveries(backend)
    assert (odd["status"], odd["attempts"], live["status"]) == ("given up", 2, "delivered")
    assert odd["last_error"] == "The server failed to tell it (RuntimeError); its log says why."
    assert "nobody has thought of this" in caplog.text


def test_mails_to_an_address_that_came_from_elsewhere_are_given_up_too(backend: Backend) -> None:
    """What was imported was checked by nobody."""
    made = hook(backend, "Running", type="EMAIL", config={"to": ["a@example.org"]})
    with backend.store.transaction() as transaction:
        odd = '{"to": ["a@example.org\\nBcc: b@example.org"]}'
        transaction.execute("UPDATE cloud_hook_config SET config = ?1 WHERE cloud_hook_id = ?2", (odd, made))
    happens(backend)
    ways = Ways(mailing=Mailing("mail.example.org", sender="q@example.org"))
    assert deliver(backend.store, Clock(), ways, Retrying(attempts=1)) == (1, 0)
    assert status(backend)[0] == "given up"

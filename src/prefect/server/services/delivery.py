"""What hooks have to tell other machines: told after it was written, until it has arrived or is given up.

A delivery is claimed before it is tried, so that several servers do not tell it at once; whoever dies in between leaves
it due again a little later. So each arrives at least once: receivers tell repetitions by the id of the event.
"""

from __future__ import annotations

import atexit
import hashlib
import hmac
import logging
import os
import random
import smtplib
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any, Final

import msgspec

from prefect.server import outgoing
from prefect.server.errors import SecretsUnavailable, StoreError
from prefect.server.identifiers import stamp
from prefect.server.operations.hooks import CloudHookType, secret_owner
from prefect.server.operations.values import decode_json, encode_json
from prefect.server.services.service import Clock, Service, Settings, Work
from prefect.server.store.interface import Row, Snapshot, Store, Transaction
from prefect.server.store.statements import statement
from prefect.server.vault import Vault

if TYPE_CHECKING:
    from prefect.server.outgoing import Resolver

EVENT_HEADER: Final = "X-Quaestor-Event"
SIGNATURE_HEADER: Final = "X-Quaestor-Signature"
# Somebody who has claimed a delivery is taken for dead after so long: longer than any try.
CLAIMED_SECONDS: Final = 60.0
# So many are claimed in a pass, and told at the same time.
CLAIMED: Final = 8
FORGOTTEN: Final = 500
# A hook that cannot be reached is left alone for this long at most, then tried with one delivery.
LONGEST_REST: Final = timedelta(minutes=1)
# A process that ends waits so long for what it has begun to tell.
PATIENCE_SECONDS: Final = 10.0

_logger = logging.getLogger("prefect.server.hooks")


@dataclass(frozen=True, slots=True)
class Retrying:
    """How often a delivery is tried, and how long it waits in between: twice as long each time, and not quite evenly,
    so that what failed together does not come back together."""

    attempts: int = 15
    first: timedelta = timedelta(seconds=2)
    longest: timedelta = timedelta(hours=1)
    keep: timedelta = timedelta(days=7)

    def wait_after(self, attempts: int, chance: float) -> timedelta:
        """After so many attempts; `chance` from 0 to 1 makes it half to one and a half times as long."""
        doubled = self.first.total_seconds() * 2.0 ** min(attempts - 1, 40)
        return timedelta(seconds=min(doubled, self.longest.total_seconds()) * (0.5 + chance))

    @property
    def patience(self) -> timedelta:
        """How long all attempts take at most; what is older has had its chances, however often it was tried."""
        return sum((self.wait_after(attempts, 1.0) for attempts in range(1, self.attempts)), timedelta())


class Rests:
    """The hooks that could not be reached when they were last tried, and until when each is left alone.

    Whoever does not answer takes the time of all others: ten seconds for each delivery, and there may be thousands.
    Known to one process, and forgotten with it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # How often it could not be reached one time after another, and until when it rests.
        self._found: dict[str, tuple[int, datetime]] = {}

    def begin(self, hook_id: str, moment: datetime, retrying: Retrying, chance: float) -> None:
        """It could not be reached."""
        with self._lock:
            times = self._found.get(hook_id, (0, moment))[0] + 1
            self._found[hook_id] = times, moment + min(retrying.wait_after(times, chance), LONGEST_REST)

    def end(self, hook_id: str) -> None:
        """It has answered, or there is nothing to tell it."""
        with self._lock:
            self._found.pop(hook_id, None)

    def due(self, snapshot: Snapshot, moment: datetime, most: int) -> list[str]:
        """What is to be told now: of hooks that answer the longest due; of each that has rested one, to see."""
        with self._lock:
            found = dict(self._found)
        given = (stamp(moment), most, encode_json(sorted(found), "hooks"))
        due: list[str] = [row[0] for row in snapshot.fetch_all(statement("due_deliveries"), given)]
        for hook_id, (_, until) in sorted(found.items(), key=lambda item: item[1][1]):
            if len(due) >= 2 * most or until > moment:
                break
            row = snapshot.fetch_one(statement("due_delivery_of_hook"), (hook_id, stamp(moment)))
            if row is None:
                self.end(hook_id)
            else:
                due.append(row[0])
        return due


@dataclass(frozen=True, slots=True)
class Mailing:
    """The mail server that mails are handed to."""

    host: str = ""
    port: int = 587
    security: str = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> Mailing:
        """From the settings below server.hooks.smtp."""
        return cls(
            str(settings["host"]),
            int(settings["port"]),
            str(settings["security"]),
            str(settings["username"]),
            str(settings["password"]),
            str(settings["sender"]),
        )


@dataclass(frozen=True, slots=True)
class Ways:
    """How things are told; tests bring their own."""

    policy: outgoing.Policy = field(default_factory=outgoing.Policy)
    mailing: Mailing = field(default_factory=Mailing)
    resolver: Resolver = outgoing.resolve
    context: ssl.SSLContext | None = None
    seconds: float = outgoing.TIMEOUT_SECONDS
    chance: Callable[[], float] = random.random


def configured_ways() -> Ways:
    """As the settings below server.hooks say."""
    from prefect.configuration import config

    settings = config.server.hooks
    return Ways(outgoing.Policy.read(settings), Mailing.read(settings["smtp"]))


def signature(secret: str, body: bytes, seconds: int) -> str:
    """What proves that a request comes from here and is not an old one: HMAC-SHA256 of `<seconds>.<body>`."""
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def deliver(
    store: Store,
    clock: Clock,
    ways: Ways,
    retrying: Retrying | None = None,
    rests: Rests | None = None,
    *,
    most: int = CLAIMED,
) -> tuple[int, int]:
    """One pass: tell what is due, at most so many; how many were tried, and how many of them arrived.

    Of hooks that have rested as many more are tried, so that they take the turn of nobody else.
    """
    retrying, rests = retrying or Retrying(), rests or Rests()
    holder = uuid.uuid4().hex
    moment = clock()
    with store.snapshot() as snapshot:
        due = rests.due(snapshot, moment, most)
    if not due:
        return 0, 0
    until = stamp(moment + timedelta(seconds=CLAIMED_SECONDS))

    def claim(transaction: Transaction) -> list[str]:
        return [
            delivery_id
            for delivery_id in due
            if transaction.execute(statement("claim_delivery"), (delivery_id, stamp(moment), until, holder)).rowcount
        ]

    claimed = store.write(claim)
    if not claimed:
        return 0, 0
    if len(claimed) == 1 or most == 1:
        # A process that is ending can start no thread any more.
        return len(claimed), sum(_deliver_one(store, one, holder, clock, ways, retrying, rests) for one in claimed)
    with ThreadPoolExecutor(len(claimed), thread_name_prefix="prefect-hook") as pool:
        outcomes = pool.map(lambda one: _deliver_one(store, one, holder, clock, ways, retrying, rests), claimed)
        return len(claimed), sum(outcomes)


def _deliver_one(
    store: Store, delivery_id: str, holder: str, clock: Clock, ways: Ways, retrying: Retrying, rests: Rests
) -> bool:
    with store.snapshot(single=True) as snapshot:
        row = snapshot.fetch_one(statement("claimed_delivery"), (delivery_id, holder))
    if row is None:
        return False
    attempts, created, hook_id = row[1:4]
    trouble, is_hopeless, is_unreachable = None, False, False
    try:
        _tell(store, delivery_id, row, clock, ways)
    except outgoing.NotAllowed as error:
        trouble, is_hopeless = str(error), True
    except (outgoing.Failed, SecretsUnavailable) as error:
        trouble, is_unreachable = str(error), isinstance(error, outgoing.Unreachable)
    except Exception as error:  # else it would be tried for ever, and keep the others from being told
        _logger.exception("The event %s could not be told.", delivery_id)
        trouble = f"The server failed to tell it ({type(error).__name__}); its log says why."
    now = clock()
    too_old = now - retrying.patience
    if is_unreachable:
        rests.begin(hook_id, now, retrying, ways.chance())
        old = (hook_id, stamp(now), trouble, stamp(too_old), FORGOTTEN)
        store.write(lambda transaction: transaction.execute(statement("give_up_old_deliveries"), old))
    else:
        rests.end(hook_id)
    given: tuple[str | None, ...]
    if trouble is None:
        sql, given = "finish_delivery", (delivery_id, holder, "delivered", stamp(now), None)
    elif is_hopeless or attempts >= retrying.attempts or datetime.fromisoformat(created) < too_old:
        _logger.warning("The hook %s could not be told of the event %s: %s", row[3], delivery_id, trouble)
        sql, given = "finish_delivery", (delivery_id, holder, "given up", stamp(now), trouble)
    else:
        due = stamp(now + retrying.wait_after(attempts, ways.chance()))
        sql, given = "put_off_delivery", (delivery_id, holder, due, stamp(now), trouble)
    store.write(lambda transaction: transaction.execute(statement(sql), given))
    return trouble is None


def _tell(store: Store, delivery_id: str, row: Row, clock: Clock, ways: Ways) -> None:
    text, _, created, hook_id, kind, config_text, active, sealed = row
    if kind is None:
        raise outgoing.NotAllowed("The hook was deleted.")
    if not active:
        raise outgoing.NotAllowed("The hook is not active.")
    content = {"id": delivery_id, **decode_json(text, "content")}
    config = decode_json(config_text, "config")
    if kind == CloudHookType.EMAIL.value:
        _mail(delivery_id, created, content, config, ways)
        return
    if kind == CloudHookType.SLACK_WEBHOOK.value:
        body = msgspec.json.encode({"text": content["text"]})
    else:
        body = msgspec.json.encode(content)
    headers = {"Content-Type": "application/json", "User-Agent": "quaestor", EVENT_HEADER: delivery_id}
    if sealed is not None:
        secret = Vault.beside(store).open(sealed, secret_owner(hook_id))
        headers[SIGNATURE_HEADER] = signature(secret, body, int(clock().timestamp()))
    status = outgoing.post(
        str(config.get("url")),
        body,
        headers,
        ways.policy,
        resolver=ways.resolver,
        seconds=ways.seconds,
        context=ways.context,
    )
    if not 200 <= status < 300:
        raise outgoing.Failed(f"The host answered with the status {status}.")


def _mail(delivery_id: str, created: str, content: Mapping[str, Any], config: Mapping[str, Any], ways: Ways) -> None:
    mailing = ways.mailing
    if not mailing.host or not mailing.sender:
        raise outgoing.Failed("Mails need a server and a sender: set server.hooks.smtp.host and .sender.")
    to = config.get("to")
    mail = EmailMessage()
    mail["From"] = mailing.sender
    mail["To"] = ", ".join([to] if isinstance(to, str) else to or [])
    mail["Subject"] = " ".join(str(content["title"]).split())[:200]
    mail["Date"] = datetime.fromisoformat(created)
    mail["Message-ID"] = f"<{delivery_id}@quaestor>"
    mail[EVENT_HEADER] = delivery_id
    mail.set_content(content["text"])
    context = ways.context or ssl.create_default_context()
    try:
        connection: smtplib.SMTP
        if mailing.security == "ssl":
            connection = smtplib.SMTP_SSL(mailing.host, mailing.port, timeout=ways.seconds, context=context)
        else:
            connection = smtplib.SMTP(mailing.host, mailing.port, timeout=ways.seconds)
        with connection:
            if mailing.security == "starttls":
                connection.starttls(context=context)
            if mailing.username:
                connection.login(mailing.username, mailing.password)
            connection.send_message(mail)
    except smtplib.SMTPResponseException as error:
        raise outgoing.Failed(f"The mail server answered with {error.smtp_code}.") from None
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise outgoing.Unreachable(f"The mail server did not take the mail: {type(error).__name__}.") from None


def forget_deliveries(store: Store, moment: datetime, keep: timedelta) -> int:
    """Remove some of those that ended long ago."""
    given = (stamp(moment - keep), FORGOTTEN)
    return store.write(lambda transaction: transaction.execute(statement("forget_deliveries"), given).rowcount)


def service(settings: Settings) -> Service:
    """Tells what hooks have to tell, again and again until it arrives or is given up."""
    values = settings.values
    retrying = Retrying(
        int(values["attempts"]),
        timedelta(seconds=float(values["first_wait_seconds"])),
        timedelta(seconds=float(values["longest_wait_seconds"])),
        timedelta(days=float(values["keep_days"])),
    )

    rests = Rests()

    def is_needed(snapshot: Snapshot, moment: str) -> bool:
        # What waits for a hook that rests is due and not to be told: to ask the database again would be of no use.
        return bool(rests.due(snapshot, datetime.fromisoformat(moment), 1))

    def work(store: Store, clock: Clock) -> Work:
        tried, arrived = deliver(store, clock, configured_ways(), retrying, rests)
        more = tried >= CLAIMED or forget_deliveries(store, clock(), retrying.keep) == FORGOTTEN
        return Work.of(tried, "event", f"told by hooks, {arrived} arrived", more=more)

    return Service("hooks", settings.seconds, work, is_needed)


def utc_now() -> datetime:
    """The moment it is."""
    return datetime.now(UTC)


class Delivery:
    """Tells what this process has written, from a thread, where no server may be there to do it.

    What has not been told when the process ends is told by whoever opens the database next, or by a server.
    """

    def __init__(self, ways: Callable[[], Ways] = configured_ways, clock: Clock = utc_now) -> None:
        self._ways = ways
        self._clock = clock
        self._start_process()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._start_process)

    def _start_process(self) -> None:
        self._lock = threading.Condition()
        self._rung: dict[int, Store] = {}
        self._working = False
        self._thread: threading.Thread | None = None
        self._rests = Rests()

    def ring(self, store: Store) -> None:
        """Something of this database is to be told; returns at once."""
        with self._lock:
            self._rung[id(store)] = store
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="prefect-hooks", daemon=True)
                self._thread.start()
                # What a run's end sets off would otherwise wait for the next process.
                atexit.unregister(self.wait)
                atexit.register(self.wait)
            self._lock.notify_all()

    def wait(self, seconds: float = PATIENCE_SECONDS) -> bool:
        """Until everything that was due has been tried; False where the time did not suffice."""
        with self._lock:
            return self._lock.wait_for(lambda: not self._rung and not self._working, seconds)

    def _work(self) -> None:
        later: dict[int, tuple[Store, float]] = {}
        while True:
            with self._lock:
                self._working = False
                self._lock.notify_all()
                ends = [end for _, end in later.values()]
                self._lock.wait_for(lambda: bool(self._rung), max(0.0, min(ends) - time.monotonic()) if ends else None)
                stores, self._rung = self._rung, {}
                self._working = True
            for key, (store, end) in list(later.items()):
                if end <= time.monotonic():
                    stores[key] = store
                    del later[key]
            for key, store in stores.items():
                seconds = self._tell(store)
                later.pop(key, None)
                if seconds is not None:
                    later[key] = store, time.monotonic() + seconds

    def _tell(self, store: Store) -> float | None:
        """After how many seconds something more is to be told of this database; None when there is nothing."""
        try:
            while deliver(store, self._clock, self._ways(), rests=self._rests, most=1)[0]:
                pass
            with store.snapshot(single=True) as snapshot:
                row = snapshot.fetch_one(statement("next_delivery"))
        except StoreError as error:
            _logger.warning("Hooks could not be told: %s", error)
            return None
        if row is None or row[0] is None:
            return None
        return max(1.0, (datetime.fromisoformat(row[0]) - self._clock()).total_seconds())


DELIVERY: Final = Delivery()

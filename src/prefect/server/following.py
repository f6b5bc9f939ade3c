"""Who follows what: live queries and the feeds of runs, each asked once for all who subscribe to it.

Who subscribes pulls: an answer is fetched when the one before has been handed to the socket, so that a slow subscriber
holds nothing in memory but its place. The other asynchronous file beside `app.py`, whose threads it asks.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

from prefect.server.catalog import EVERYONE, Role
from prefect.server.endpoint import Endpoint, Reply
from prefect.server.graphql.subscriptions import Feed, Live
from prefect.server.over_http import Question

if TYPE_CHECKING:
    from prefect.server.app import Served
    from prefect.server.store.interface import Changes

# Many commits that come this close together are one change.
CHANGE_SECONDS: Final = 0.02
# A live query is not asked again before this long, nor before this many times the time that it took.
LEAST_PAUSE_SECONDS: Final = 0.1
LEAST_PAUSE_RATIO: Final = 4
# What a feed keeps of what it has read, for those of its subscribers that come after.
KEPT_BYTES: Final = 16 * 1024 * 1024

_logger = logging.getLogger("prefect.server")
# What is told of a fault of ours: the client must learn nothing of it, and the log everything.
FAULT: Final = b'{"errors":[{"message":"The server failed to answer; its log says why.","path":[],' + (
    b'"extensions":{"code":"INTERNAL_SERVER_ERROR"}}],"data":null}'
)


class Piece:
    """An answer on its way to subscribers; `last` is how far a feed has come with it."""

    def __init__(self, body: bytes, last: int | None = None) -> None:
        self.body = body
        self.last = last

    @cached_property
    def text(self) -> str:
        """The same as text, made once for all who share it."""
        return self.body.decode()


class Follower(Protocol):
    """What a subscriber pulls from."""

    async def next(self) -> Piece | None:
        """The next answer, when there is one; None when there will be no more."""
        ...

    def close(self) -> None:
        """Stop following."""
        ...


class Once:
    """One answer: to a query or mutation, or the refusal of a subscription."""

    def __init__(self, reply: Reply) -> None:
        self._reply: Reply | None = reply
        self.is_refusal = reply.body.startswith(b'{"errors":') and reply.body.endswith(b'"data":null}')

    async def next(self) -> Piece | None:
        reply, self._reply = self._reply, None
        return None if reply is None else Piece(reply.body)

    def close(self) -> None:
        self._reply = None


class Keyed:
    """What is followed with an API key, which is looked at again before each answer: one may be revoked meanwhile."""

    def __init__(self, served: Served, headers: Mapping[str, str], follower: Follower) -> None:
        self._served = served
        self._headers = headers
        self._follower = follower
        self._is_over = False

    async def next(self) -> Piece | None:
        piece = None if self._is_over else await self._follower.next()
        if piece is None:
            return None
        role = await self._served.read(self._served.endpoint.identify, self._headers)
        if not isinstance(role, Reply):
            return piece
        self._is_over = True
        return Piece(role.body)

    def close(self) -> None:
        self._follower.close()


class Watch:
    """Tells the event loop that the database has changed: one thread, as long as anybody waits."""

    LINGER_SECONDS = 0.5

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._lock = threading.Lock()
        self._waiting = 0
        self._is_looking = False

    @property
    def count(self) -> int:
        """Read it before looking at the data, then wait for more."""
        return self._changes.count

    async def wait(self, seen: int) -> None:
        """Return when something has changed since `seen`."""
        with self._lock:
            self._waiting += 1
            if not self._is_looking:
                self._is_looking = True
                threading.Thread(target=self._look, name="prefect-watch", daemon=True).start()
        try:
            while self._changes.count <= seen:
                await self._changed.wait()
        finally:
            with self._lock:
                self._waiting -= 1

    def _look(self) -> None:
        seen = self._changes.count
        while True:
            changed = self._changes.wait(seen, self.LINGER_SECONDS)
            with self._lock:
                if not changed and not self._waiting:
                    self._is_looking = False
                    return
            if changed:
                seen = self._changes.count
                try:
                    self._loop.call_soon_threadsafe(self._tell)
                except RuntimeError:  # the loop has ended, and with it everybody who waited
                    return
                time.sleep(CHANGE_SECONDS)

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class LiveAnswers:
    """A live query and its latest answer, for everybody who asks it."""

    def __init__(self, hub: Hub, key: Hashable, live: Live, role: Role) -> None:
        self.hub = hub
        self.key = key
        self.live = live
        self.role = role
        self.followers = 0
        self.number = 0
        self.latest = Piece(b"")
        self._new = asyncio.Event()
        self._asking: asyncio.Task[None] | None = None

    def join(self) -> LiveFollower:
        self.followers += 1
        if self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(self._ask())
        return LiveFollower(self)

    def leave(self) -> None:
        self.followers -= 1
        if not self.followers:
            self.hub.forget(self.key)
            if self._asking is not None:
                self._asking.cancel()

    async def after(self, number: int) -> Piece:
        """The latest answer, when there has been another one than the one of this number."""
        while self.number <= number:
            await self._new.wait()
        return self.latest

    async def _ask(self) -> None:
        loop, watch = asyncio.get_running_loop(), self.hub.watch
        while True:
            seen, started = watch.count, loop.time()
            try:
                body = await self.hub.served.read(self.hub.endpoint.again, self.live, self.role)
            except Exception:  # the subscribers must learn nothing of it, and the log everything
                _logger.exception("A live query could not be answered.")
                body = FAULT
            if body != self.latest.body:
                self.latest = Piece(body)
                self.number += 1
                self._new.set()
                self._new = asyncio.Event()
            ended = loop.time()
            await watch.wait(seen)
            pause = ended + max(LEAST_PAUSE_SECONDS, LEAST_PAUSE_RATIO * (ended - started)) - loop.time()
            if pause > 0:
                await asyncio.sleep(pause)


class LiveFollower:
    """A subscriber's place in a live query. Answers that were overtaken before they could be sent are left out."""

    def __init__(self, answers: LiveAnswers) -> None:
        self._answers = answers
        self._number = 0
        self._has_left = False

    async def next(self) -> Piece | None:
        piece = await self._answers.after(self._number)
        self._number = self._answers.number
        return piece

    def close(self) -> None:
        if not self._has_left:
            self._has_left = True
            self._answers.leave()


class Stretch:
    """What was read of a feed after some sequence: up to where, and whether that is the end of it."""

    def __init__(self, seen: int, body: bytes | None, last: int, is_over: bool) -> None:
        self.seen = seen
        self.piece = None if body is None else Piece(body, last)
        self.last = last
        self.is_over = is_over


class FeedAnswers:
    """The feed of a run, as read for everybody who follows it in the same way, wherever they are."""

    def __init__(self, hub: Hub, key: Hashable, feed: Feed) -> None:
        self.hub = hub
        self.key = key
        self.feed = feed
        self.followers = 0
        self._kept: OrderedDict[int, Stretch] = OrderedDict()
        self._kept_bytes = 0
        self._reading: dict[int, tuple[int, asyncio.Task[Stretch]]] = {}

    def join(self, after: int) -> FeedFollower:
        self.followers += 1
        return FeedFollower(self, after)

    def leave(self) -> None:
        self.followers -= 1
        if not self.followers:
            self.hub.forget(self.key)

    async def after(self, sequence: int, seen: int) -> Stretch:
        """What follows a sequence; nothing only if there was nothing when the changes had been counted to `seen`."""
        kept = self._kept.get(sequence)
        if kept is not None and (kept.piece is not None or kept.is_over or kept.seen >= seen):
            return kept
        reading = self._reading.get(sequence)
        if reading is None or reading[0] < seen:
            count = self.hub.watch.count
            reading = (count, asyncio.get_running_loop().create_task(self._read(sequence, count)))
            self._reading[sequence] = reading
        # Whoever leaves while waiting must not end the reading for the others.
        return await asyncio.shield(reading[1])

    async def _read(self, sequence: int, seen: int) -> Stretch:
        try:
            body, batch = await self.hub.served.read(self.hub.endpoint.events, self.feed, sequence)
        finally:
            self._reading.pop(sequence, None)
        stretch = Stretch(seen, body, batch.last, batch.is_over)
        former = self._kept.pop(sequence, None)
        self._kept_bytes -= 0 if former is None else _size(former)
        self._kept[sequence] = stretch
        self._kept_bytes += _size(stretch)
        while self._kept_bytes > KEPT_BYTES and len(self._kept) > 1:
            self._kept_bytes -= _size(self._kept.popitem(last=False)[1])
        return stretch


def _size(stretch: Stretch) -> int:
    return 200 + (0 if stretch.piece is None else len(stretch.piece.body))


class FeedFollower:
    """A subscriber's place in a feed."""

    def __init__(self, answers: FeedAnswers, after: int) -> None:
        self._answers = answers
        self._after = after
        self._is_over = False
        self._has_left = False

    async def next(self) -> Piece | None:
        watch = self._answers.hub.watch
        while not self._is_over:
            seen = watch.count
            stretch = await self._answers.after(self._after, seen)
            self._after, self._is_over = stretch.last, stretch.is_over
            if stretch.piece is not None:
                return stretch.piece
            if not self._is_over:
                await watch.wait(seen)
        return None

    def close(self) -> None:
        if not self._has_left:
            self._has_left = True
            self._answers.leave()


class Hub:
    """Everything that is followed, each once."""

    def __init__(self, served: Served, endpoint: Endpoint) -> None:
        self.served = served
        self.endpoint = endpoint
        self.watch = Watch(endpoint.store.changes)
        self._followed: dict[Hashable, LiveAnswers | FeedAnswers] = {}

    async def follow(self, question: Question, headers: Mapping[str, str], resume_after: int | None = None) -> Follower:
        """Whatever was asked, to be pulled from; `resume_after` is where a feed was left."""
        found, role = await self.served.read(self._subscribe, question, headers)
        if found is None:
            return Once(await self.served.answer(question, headers))
        if isinstance(found, Reply):
            return Once(found)
        if isinstance(found, Live):
            # Whoever has a key of the same tenant is answered alike.
            key = (found.key, role)
            live = self._followed.get(key)
            if not isinstance(live, LiveAnswers):
                live = self._followed[key] = LiveAnswers(self, key, found, role)
            return self._keyed(headers, role, live.join())
        feed = self._followed.get(found.key)
        if not isinstance(feed, FeedAnswers):
            feed = self._followed[found.key] = FeedAnswers(self, found.key, found)
        return self._keyed(headers, role, feed.join(max(found.after, resume_after or 0)))

    def _keyed(self, headers: Mapping[str, str], role: Role, follower: Follower) -> Follower:
        return follower if role == EVERYONE else Keyed(self.served, headers, follower)

    def _subscribe(self, question: Question, headers: Mapping[str, str]) -> tuple[Live | Feed | Reply | None, Role]:
        text, name = question.query or "", question.operation_name
        if self.endpoint.kind(text, name) != "subscription":
            return None, EVERYONE
        role = self.endpoint.identify(headers)
        if isinstance(role, Reply):
            return role, EVERYONE
        return self.endpoint.subscribe(text, question.variables, name, role), role

    def is_followed(self) -> bool:
        """Whether anybody follows anything."""
        return bool(self._followed)

    def forget(self, key: Hashable) -> None:
        """Nobody follows this any more."""
        self._followed.pop(key, None)

"""What the event loop hands over is done by threads, and comes back to whoever asked for it."""

import asyncio
import threading

import pytest

from prefect.server.hands import Hands


def test_each_gets_its_own_outcome_or_error() -> None:
    hands = Hands(3, "hand")

    async def ask() -> list[tuple[int, int] | BaseException]:
        asked = [hands.do(divmod, 7, by) for by in range(200)]
        outcomes: list[tuple[int, int] | BaseException] = await asyncio.gather(*asked, return_exceptions=True)
        return outcomes

    outcomes = asyncio.run(ask())
    assert isinstance(outcomes[0], ZeroDivisionError)
    assert outcomes[1:] == [divmod(7, by) for by in range(1, 200)]
    # Another loop may ask as well.
    assert len(asyncio.run(ask())) == 200
    hands.close()


def test_as_many_work_at_once_as_there_are_and_no_thread_is_started_that_is_not_needed() -> None:
    hands = Hands(3, "hand")
    together = threading.Barrier(3)

    async def ask() -> set[str]:
        alone = [await hands.do(threading.current_thread) for _ in range(5)]
        assert len({thread.name for thread in alone}) == 1
        await asyncio.gather(*(hands.do(together.wait) for _ in range(6)))
        return {thread.name for thread in threading.enumerate() if thread.name.startswith("hand-")}

    assert asyncio.run(ask()) == {"hand-0", "hand-1", "hand-2"}
    hands.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("hand-")]


def test_who_does_not_wait_any_more_keeps_nobody_else_waiting() -> None:
    hands = Hands(1, "hand")
    go = threading.Event()

    async def ask() -> int:
        first = hands.do(go.wait)
        second = hands.do(len, "abc")
        first.cancel()
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await first
        return await second

    assert asyncio.run(ask()) == 3
    hands.close()


def test_what_was_asked_is_done_before_the_end() -> None:
    hands = Hands(1, "hand")
    done: list[int] = []

    async def ask() -> None:
        for number in range(50):
            hands.do(done.append, number)

    asyncio.run(ask())
    hands.close()
    assert done == list(range(50))

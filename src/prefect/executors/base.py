"""Start, submit, wait: what the engine asks of anything that can run functions."""

import logging
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any


class Executor:
    """A place where functions run: the flow runner starts it, submits to it and waits for what it handed out.

    An executor is started once per flow run. Whatever `submit` returns may be passed as an argument to a later
    `submit`, and is exchanged for its value by `wait`.
    """

    def __init__(self) -> None:
        self.logger = logging.getLogger(f"prefect.{type(self).__name__}")

    def __repr__(self) -> str:
        return f"<Executor: {type(self).__name__}>"

    @contextmanager
    def start(self) -> Iterator[None]:
        """A context within which functions can be submitted; nothing to prepare unless a subclass does."""
        yield

    def submit(
        self, fn: Callable[..., Any], *args: Any, extra_context: dict[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """A future for `fn(*args, **kwargs)`.

        `extra_context` describes the task run (`task_name`, `task_tags`, `task_index`, ...); an executor may use it
        to name or place the work and may ignore it.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define submit()")

    def submit_all(
        self,
        fn: Callable[..., Any],
        common: Mapping[str, Any],
        calls: Sequence[Mapping[str, Any]],
        extra_contexts: Sequence[dict[str, Any]],
    ) -> list[Any]:
        """A future for each of `fn(**common, **call)`: one `submit` each, unless a subclass knows a cheaper way."""
        return [
            self.submit(fn, extra_context=extra_context, **common, **call)
            for call, extra_context in zip(calls, extra_contexts, strict=True)
        ]

    def hosts(self) -> set[str]:
        """The names of the machines on which functions run, once started; this machine unless a subclass knows more."""
        return {socket.gethostname()}

    def wait(self, futures: Any) -> Any:
        """The values of `futures`, a future or any collection of them, in the same shape."""
        raise NotImplementedError(f"{type(self).__name__} does not define wait()")

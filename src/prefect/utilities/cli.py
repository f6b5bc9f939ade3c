"""Help for programs that add commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

__all__ = ["add_options"]

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


def add_options(options: Iterable[Callable[[Any], Any]]) -> Callable[[FunctionT], FunctionT]:
    """A decorator that gives a command all these options, `click.option(...)`; they are shown in this order."""

    def decorate(function: FunctionT) -> FunctionT:
        # Decorators apply from the inside out.
        for option in reversed(list(options)):
            function = option(function)
        return function

    return decorate

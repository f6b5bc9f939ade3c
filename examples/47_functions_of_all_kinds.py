"""What can be made a task: functions wrapped or half called, lambdas, classes, builtins, objects that are called."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial, wraps
from typing import Any

from prefect import Flow, Task, task


def traced(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return f"{function.__name__} gave {function(*args, **kwargs)}"

    return wrapper


def steady_task(**options: Any) -> Callable[..., Any]:
    """A house's own decorator over `task`."""
    return partial(task, max_retries=1, retry_delay=timedelta(0), **options)


@task(name="traced")
@traced
def add(x: int, y: int = 2) -> int:
    return x + y


def half(x: int, y: int) -> float:
    return (x + y) / 2


@steady_task(tags=["steady"])
def double(x: int) -> int:
    return 2 * x


@dataclass
class Point:
    x: int
    y: int = 0


class Power:
    def __call__(self, base: int, exponent: int = 2) -> int:
        return int(base**exponent)


def refused(function: Any) -> str:
    try:
        task(function)
    except (TypeError, ValueError) as error:
        return f"{type(error).__name__}: {str(error)[:60]}"
    return "taken"


with Flow("functions") as flow:
    results: dict[str, Task] = {
        "wrapped": add(1),
        "wrapped, both": add(1, y=5),
        "decorated": double(4),
        "half called": task(partial(half, y=10), name="partial")(1),
        "lambda": task(lambda x: x * 3, name="triple")(3),
        "class": task(Point, name="point")(1, y=2),
        "object": task(Power(), name="power")(3),
        "builtin": task(round, name="round")(3.14159, ndigits=2),
    }

state = flow.run()
assert state is not None
assert state.is_successful()
for kind, done in results.items():
    print(f"{kind}: {state.result[done].result}")
for function in (len, print, max, partial(len)):
    print(refused(function))
assert state.result[results["class"]].result == Point(1, 2)

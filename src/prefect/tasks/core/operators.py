"""Python's operators as tasks."""

import operator
from typing import Any

from prefect.core.building import defaults_from_attrs
from prefect.core.task import NoDefault, Task

__all__ = [
    "Add",
    "And",
    "Div",
    "Equal",
    "FloorDiv",
    "GetAttr",
    "GetItem",
    "GreaterThan",
    "GreaterThanOrEqual",
    "LessThan",
    "LessThanOrEqual",
    "Mod",
    "Mul",
    "Not",
    "NotEqual",
    "Or",
    "Pow",
    "Sub",
]


class GetItem(Task):
    """`task_result[key]`, or the default where there is no such key."""

    def __init__(self, default: Any = NoDefault.value, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.default = default

    @defaults_from_attrs("default")
    def run(self, task_result: Any, key: Any, default: Any = NoDefault.value) -> Any:
        try:
            return task_result[key]
        except KeyError:
            if default is NoDefault.value:
                raise
            return default


class GetAttr(Task):
    """The attribute `attr` of a result, dotted where it lies deeper, or the default where there is none."""

    def __init__(self, default: Any = NoDefault.value, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.default = default

    @defaults_from_attrs("default")
    def run(self, task_result: Any, attr: Any, default: Any = NoDefault.value) -> Any:
        try:
            return operator.attrgetter(attr)(task_result)
        except AttributeError:
            if default is NoDefault.value:
                raise
            return default


class Add(Task):
    """`x + y`"""

    def run(self, x: Any, y: Any) -> Any:
        return x + y


class Sub(Task):
    """`x - y`"""

    def run(self, x: Any, y: Any) -> Any:
        return x - y


class Mul(Task):
    """`x * y`"""

    def run(self, x: Any, y: Any) -> Any:
        return x * y


class Div(Task):
    """`x / y`"""

    def run(self, x: Any, y: Any) -> Any:
        return x / y


class FloorDiv(Task):
    """`x // y`"""

    def run(self, x: Any, y: Any) -> Any:
        return x // y


class Pow(Task):
    """`x ** y`"""

    def run(self, x: Any, y: Any) -> Any:
        return x**y


class Mod(Task):
    """`x % y`"""

    def run(self, x: Any, y: Any) -> Any:
        return x % y


class And(Task):
    """`x and y`"""

    def run(self, x: Any, y: Any) -> Any:
        return x and y


class Or(Task):
    """`x or y`"""

    def run(self, x: Any, y: Any) -> Any:
        return x or y


class Equal(Task):
    """`x == y`"""

    def run(self, x: Any, y: Any) -> Any:
        return x == y


class NotEqual(Task):
    """`x != y`"""

    def run(self, x: Any, y: Any) -> Any:
        return x != y


class GreaterThanOrEqual(Task):
    """`x >= y`"""

    def run(self, x: Any, y: Any) -> Any:
        return x >= y


class GreaterThan(Task):
    """`x > y`"""

    def run(self, x: Any, y: Any) -> Any:
        return x > y


class LessThanOrEqual(Task):
    """`x <= y`"""

    def run(self, x: Any, y: Any) -> Any:
        return x <= y


class LessThan(Task):
    """`x < y`"""

    def run(self, x: Any, y: Any) -> Any:
        return x < y


class Not(Task):
    """`not x`"""

    def run(self, x: Any) -> bool:
        return not x

"""What `flatten` makes of values: of one task, of mapped children, of dictionaries, of what has no two levels."""

from typing import Any

from prefect import Flow, flatten, task, unmapped
from prefect.engine import signals


@task
def give(value: Any) -> Any:
    return value


@task
def label(x: Any, prefix: str = "") -> str:
    return f"{prefix}{x}"


@task
def pages(book: str) -> Any:
    if book == "lost":
        raise signals.SKIP("lost")
    return 0 if book == "blank" else [f"{book}{number}" for number in (1, 2)]


@task(skip_on_upstream_skip=False)
def whole(values: Any) -> str:
    return repr(values)


values: list[Any] = [
    [[1, 2], [3]],
    [1, [2, 3]],
    [{"a": 1}, {"b": 2}],
    {"ab": None, "cd": None},
    ["ab", "c"],
    [[1], None],
    [[], []],
]

with Flow("flatten") as flow:
    # Mapped over one by one, and handed over whole; one value is flattened as a whole or left as it is.
    each = [(label.map(flatten(give(value)), prefix=unmapped("-")), whole(flatten(give(value)))) for value in values]
    constants = [whole(flatten(value)) for value in values]
    # Of mapped children each decides for itself.
    books = pages.map(["a", "lost", "blank", "b"])
    read = whole(flatten(books))
    one_by_one = label.map(flatten(pages.map(["x", "blank", "y"])), prefix=unmapped("page "))

state = flow.run()
assert state is not None
assert state.is_successful()
for value, (mapped, gathered), constant in zip(values, each, constants, strict=True):
    print(value, "->", state.result[mapped].result, state.result[gathered].result, state.result[constant].result)
print(state.result[read].result)
print(state.result[one_by_one].result)
assert state.result[each[1][0]].result == ["-1", "-[2, 3]"]
assert state.result[one_by_one].result == ["page x1", "page x2", "page 0", "page y1", "page y2"]

"""Tasks behave like the values that they will have: unpacked, indexed, compared, gathered in collections."""

from prefect import Flow, task


@task(nout=2)
def least_and_greatest(numbers: list[int]) -> tuple[int, int]:
    return min(numbers), max(numbers)


@task
def person() -> dict[str, str]:
    return {"name": "Ada", "born": "1815"}


@task
def show(everything: dict[str, object]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(everything.items()))


with Flow("collections") as flow:
    least, greatest = least_and_greatest([3, 1, 4, 1, 5])
    ada = person()
    shown = show(
        {
            "range": greatest - least,
            "scaled": [least * 10, greatest * 10],
            "wide": (greatest - least) > 3,
            "who": (ada["name"], ada["born"]),
        }
    )

state = flow.run()
assert state is not None
print(state.result[shown].result)
assert state.result[shown].result == "range=4, scaled=[10, 50], who=('Ada', '1815'), wide=True"

"""A resource is set up before the tasks that need it, and given back after them, even if one fails."""

from prefect import Flow, resource_manager, task

steps: list[str] = []


class Connection:
    def __init__(self, name: str) -> None:
        self.name = name

    def setup(self) -> dict[str, str]:
        steps.append(f"open {self.name}")
        return {"name": self.name}

    def cleanup(self, resource: dict[str, str]) -> None:
        steps.append(f"close {resource['name']}")


# Also a decorator, `@resource_manager`; type checkers then take the name for the class.
connecting = resource_manager(Connection)


@task
def read(connection: dict[str, str], key: str) -> str:
    steps.append(f"read {key}")
    if key == "missing":
        raise KeyError(key)
    return connection[key]


with Flow("resources") as flow:
    with connecting("store") as connection:
        name = read(connection, "name")
        failing = read(connection, "missing", upstream_tasks=[name])

state = flow.run()
assert state is not None
print(" / ".join(steps))
assert steps == ["open store", "read name", "read missing", "close store"]
assert state.is_failed()
assert state.result[name].result == "store"

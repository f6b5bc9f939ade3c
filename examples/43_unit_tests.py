"""How flows are tested: a task's own `run`, stand-ins for clients, states and settings that a test brings."""

import os
from typing import Any
from unittest.mock import MagicMock

import prefect
from prefect import Flow, Parameter, Task, case, task
from prefect.engine.state import Failed, Skipped, Success
from prefect.tasks.secrets import EnvVarSecret, PrefectSecret
from prefect.utilities.configuration import set_temporary_config
from prefect.utilities.debug import raise_on_exception


class Fetch(Task):
    def __init__(self, client: Any = None, **kwargs: Any) -> None:
        self.client = client
        super().__init__(**kwargs)

    def run(self, path: str, token: str = "") -> Any:
        return self.client.get(path, token=token)


@task
def is_empty(rows: Any) -> bool:
    return not rows


@task
def total(rows: Any) -> int:
    return sum(rows)


@task
def mode() -> str:
    return f"{prefect.context.get('mode', 'production')}, at most {prefect.context.config.limits.rows} rows"


client = MagicMock()
client.get.return_value = [1, 2, 3]
os.environ["USER_TOKEN"] = "from the environment"

with Flow("tested") as flow:
    path = Parameter("path", default="/rows")
    token, user = PrefectSecret("TOKEN"), EnvVarSecret("USER_TOKEN")
    rows = Fetch(client)(path, token=token)
    again = Fetch(client, name="Again")(path, token=user, upstream_tasks=[rows])
    with case(is_empty(rows), False):
        added = total(rows)

# A task's run method is an ordinary function.
assert total.run([4, 5]) == 9

with set_temporary_config({"limits.rows": 10}), prefect.context(mode="test", secrets={"TOKEN": "hush"}):
    print(mode.run())
    state = flow.run()
    assert state is not None
    print(state.result[added].result, client.get.call_args_list)

    # The states of tasks may be given: these do not run, not even the parameter. Secrets always do.
    state = flow.run(task_states={rows: Success(result=[]), path: Success(result="/other"), token: Success()})
    assert state is not None
    assert isinstance(state.result[added], Skipped)
    print(client.get.call_args, state.result[token].result)

    state = flow.run(task_states={rows: Failed("no network")})
    assert state is not None
    print(state.message, state.result[added])

    # Errors reach the test; signals, such as a branch that is skipped, are no errors.
    with raise_on_exception():
        state = flow.run(task_states={rows: Success(result=[])})
        assert state is not None
        assert state.is_successful()
        client.get.side_effect = ConnectionError("refused")
        try:
            flow.run()
        except ConnectionError as error:
            print("The test sees", repr(error))

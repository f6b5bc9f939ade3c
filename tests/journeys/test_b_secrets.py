"""Journey (b) with secrets: whatever a flow does with them, none is found in what was logged, said or recorded."""

import base64
import datetime
import logging
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import prefect
from prefect import Flow, task
from prefect.backend import create_markdown_artifact
from prefect.backend.execution import run_flow
from prefect.client.client import Client
from prefect.client.secrets import Secret
from prefect.engine.results import PrefectResult
from prefect.engine.state import State
from prefect.executors import LocalDaskExecutor
from prefect.tasks.secrets import EnvVarSecret, PrefectSecret
from prefect.utilities.configuration import set_temporary_config
from prefect.utilities.masking import MASK

SECRETS = {f"NAME_{number}": f"s3cret-{number}/+ü-{number * 7919:x}" for number in range(12)}


def writings(secret: str) -> list[str]:
    return [
        secret,
        quote(secret, safe=""),
        base64.b64encode(secret.encode()).decode().rstrip("="),
        repr(secret).strip("'"),
        secret.encode("unicode_escape").decode(),
    ]


def found(text: str) -> list[str]:
    return [written for secret in SECRETS.values() for written in writings(secret) if written in text]


def recorded(database: Path) -> str:
    """Every byte of the database."""
    return "".join(
        path.read_bytes().decode("utf-8", "replace")
        for path in database.parent.iterdir()
        if path.name.startswith(database.name)
    )


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(prefect.context, "secrets", dict(SECRETS))


def careless(secret: str) -> None:
    """Shows a secret in every way that comes to mind."""
    logger = prefect.context.logger
    for written in writings(secret):
        logger.info("the secret is %s", written)
        print("printed", written)
    create_markdown_artifact(f"# {secret}")
    try:
        raise RuntimeError(f"it was {secret!r}")
    except RuntimeError:
        logger.exception("a traceback")


@task(log_stdout=True, task_run_name="for {secret}")
def shows(secret: str) -> None:
    careless(secret)


@task(log_stdout=True)
def fetches(name: str) -> None:
    careless(Secret(name).get())


@task(result=PrefectResult())
def gives_back(secret: str) -> dict[str, str]:
    return {"password": secret}


@task
def fails(secret: str) -> None:
    raise ValueError(f"cannot log in with {secret}")


@task
def signals(secret: str) -> None:
    raise prefect.engine.signals.FAIL(f"not with {secret}")


@task(timeout=30)
def fails_in_a_process(name: str) -> None:
    raise ValueError(f"cannot log in with {Secret(name).get()}")


def handler(flow: Any, old: State, new: State) -> State:
    new.context["seen"] = Secret("NAME_11").get()
    return new


@pytest.mark.parametrize("threads", [False, True])
def test_no_secret_is_recorded_or_logged(
    database: Path,
    threads: bool,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IN_ENVIRONMENT", SECRETS["NAME_1"])
    caplog.set_level(logging.DEBUG, "prefect")
    with Flow("careless", state_handlers=[handler]) as flow:
        shows(PrefectSecret("NAME_0"))
        shows(EnvVarSecret("IN_ENVIRONMENT"))
        shows.map([PrefectSecret(f"NAME_{number}") for number in (2, 3)])
        fetches("NAME_4")
        kept = gives_back(PrefectSecret("NAME_5"))
        fails(PrefectSecret("NAME_6"))
        signals(PrefectSecret("NAME_7"))
        fails_in_a_process("NAME_8")
    view = run_flow(flow, executor=LocalDaskExecutor("threads") if threads else None)
    assert view.state.is_failed()
    client = Client()
    rows = client.graphql_fast("{ task_run { state state_message name } log { message } task_run_artifact { data } }")
    told = str(rows)
    assert not found(told)
    assert told.count(MASK) > 50
    messages = [row["state_message"] for row in rows["task_run"] if row["state"] == "Failed"]
    assert sorted(filter(None, messages)) == [
        f"Error during execution of task: ValueError('cannot log in with {MASK}')",
        f"Error during execution of task: ValueError('cannot log in with {MASK}')",
        f"not with {MASK}",
    ]
    assert {row["name"] for row in rows["task_run"]} == {None, f"for {MASK}"}
    assert not found(recorded(database))
    output = capfd.readouterr()
    assert not found(output.out + output.err)
    assert not found("".join(logging.Formatter().format(record) for record in caplog.records))
    # What held a secret is not kept, and made again by whoever needs it.
    assert kept.name == "gives_back"
    document = "query($slug: String!) { task_run(where: {task: {slug: {_eq: $slug}}}) { serialized_state } }"
    state = client.graphql_fast(document, {"slug": flow.slugs[kept]})["task_run"][0]["serialized_state"]
    assert state["_result"]["type"] == "NoResultType"


def test_states_of_an_unrecorded_run_are_masked_and_values_are_not() -> None:
    with Flow("unrecorded") as flow:
        secret = PrefectSecret("NAME_0")
        failed = fails(secret)
        kept = gives_back(secret)
    state = flow.run()
    assert state is not None
    assert MASK in str(state.result[failed].message)
    assert not found(str(state.result[failed].message))
    assert state.result[kept].result == {"password": SECRETS["NAME_0"]}
    assert state.result[secret].result == SECRETS["NAME_0"]
    assert not found(repr(state.result[secret]._result))


def test_a_retried_task_says_nothing_either(database: Path) -> None:
    @task(max_retries=1, retry_delay=datetime.timedelta(0))
    def flaky(secret: str) -> None:
        raise ValueError(secret)

    with Flow("flaky") as flow:
        flaky(PrefectSecret("NAME_0"))
    assert run_flow(flow).state.is_failed()
    assert not found(recorded(database))


def test_a_secret_of_the_backend_is_given_to_the_task_and_to_nobody_else(database: Path) -> None:
    client = Client()
    client.set_secret("KEPT", {"password": SECRETS["NAME_9"]})
    seen: list[Any] = []

    @task(log_stdout=True)
    def uses() -> None:
        value = Secret("KEPT").get()
        seen.append(value)
        careless(value["password"])

    with Flow("uses") as flow:
        uses()
    with set_temporary_config({"cloud.use_local_secrets": False}):
        assert Secret("KEPT").exists()
        assert not Secret("OTHER").exists()
        with pytest.raises(KeyError, match="OTHER"):
            Secret("OTHER").get()
        assert run_flow(flow).state.is_successful()
    assert seen == [{"password": SECRETS["NAME_9"]}]
    assert not found(recorded(database).replace(str(database), ""))

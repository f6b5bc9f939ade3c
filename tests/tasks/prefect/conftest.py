"""A registered flow whose runs other processes can execute."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from prefect import Flow
from prefect.cli.flows import flows_of_file
from prefect.client.client import Client
from prefect.engine.results import LocalResult
from prefect.storage import Local

PROGRAM = """
    import os
    from prefect import Flow, Parameter, task

    @task
    def double(x):
        if x == 13:
            raise ValueError("13 is not doubled")
        if x == 666:
            os.kill(os.getpid(), 9)
        return 2 * x

    @task
    def each(x):
        return [x, x + 1]

    with Flow("child") as flow:
        x = Parameter("x", default=1)
        double(x)
        double.map(each(x))
"""


@dataclass
class Child:
    flow: Flow
    flow_id: str
    project: str


@pytest.fixture
def child(database: Path, tmp_path: Path) -> Child:
    """The flow `child` of the project `family`: it doubles its parameter, and what `each` makes of it."""
    return register(tmp_path, PROGRAM)


@pytest.fixture
def register_program(database: Path, tmp_path: Path) -> Callable[[str], Child]:
    return lambda program: register(tmp_path, program)


def register(directory: Path, program: str) -> Child:
    path = directory / "program.py"
    path.write_text(textwrap.dedent(program))
    (flow,) = flows_of_file(str(path))
    flow.result = LocalResult(dir=str(directory / "results"))
    flow.storage = Local(path=str(path), stored_as_script=True, add_default_labels=False)
    flow.storage.add_flow(flow)
    client = Client()
    client.create_project("family")
    flow_id = client.register(flow, project_name="family", build=False, no_url=True)
    return Child(flow, flow_id, "family")

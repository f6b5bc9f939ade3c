"""Names under which programs make functions and classes of theirs known."""

from collections.abc import Iterator

import pytest

import prefect
from prefect.utilities import plugins


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    yield
    for registry in (plugins.API, plugins.MODELS, plugins.PLUGINS):
        for name in list(registry):
            del registry[name]


def test_names_may_be_dotted() -> None:
    @plugins.register_api("runs.find")
    def find() -> int:
        return 1

    @plugins.register_api("runs.stop")
    def stop() -> int:
        return 2

    assert prefect.api.runs.find is find
    assert prefect.api.runs.stop() == 2
    assert prefect.api is plugins.REGISTRY.api


def test_the_last_registration_holds() -> None:
    plugins.register_plugin("a.b")(print)
    plugins.register_plugin("a")(len)
    assert prefect.plugins.a is len
    plugins.register_plugin("a.b")(print)
    assert prefect.plugins["a"]["b"] is print


def test_classes() -> None:
    @plugins.register_model("Run")
    class Run: ...

    assert prefect.models.Run is Run

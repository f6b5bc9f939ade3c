import pytest

from prefect import Flow, Parameter, context
from prefect.tasks.templates import StringFormatter


def test_the_gaps_are_filled_by_name() -> None:
    assert StringFormatter(template="{a}, {b:03d}").run(a="x", b=7) == "x, 007"


def test_the_template_may_be_given_when_it_is_called() -> None:
    assert StringFormatter().run() == ""
    assert StringFormatter(template="{a}").run(template="<{a}>", a=1) == "<1>"


def test_the_context_fills_what_is_not_given() -> None:
    with context(place="here", time="now"):
        assert StringFormatter(template="{place} {time}").run(time="then") == "here then"


def test_a_name_without_a_value() -> None:
    with pytest.raises(KeyError, match="nothing"):
        StringFormatter(template="{nothing}").run()


def test_in_a_flow() -> None:
    with Flow("templates") as flow:
        text = StringFormatter(template="{greeting}, {name}! {flow_name} of {place}")(
            greeting="Hello", name=Parameter("name")
        )
    state = flow.run(name="Ada", context={"place": "here"})
    assert state is not None
    assert state.result[text].result == "Hello, Ada! templates of here"

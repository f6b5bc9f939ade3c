import pickle

import pytest

from prefect import exceptions
from prefect.exceptions import PrefectException, PrefectSignal

CLASSES = [
    value for value in vars(exceptions).values() if isinstance(value, type) and value.__module__ == exceptions.__name__
]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_has_a_message_by_default_empty_and_survives_pickling(kind: type[BaseException]) -> None:
    assert str(kind()) == ""
    loaded = pickle.loads(pickle.dumps(kind("what happened")))
    assert type(loaded) is kind
    assert loaded.args == ("what happened",)


@pytest.mark.parametrize("kind", CLASSES)
def test_signals_are_not_exceptions_and_errors_are(kind: type[BaseException]) -> None:
    assert issubclass(kind, PrefectSignal) is not issubclass(kind, Exception)
    assert issubclass(kind, PrefectSignal | PrefectException)


@pytest.mark.parametrize("kind", CLASSES)
def test_the_tree_at_the_top_names_every_error(kind: type[BaseException]) -> None:
    assert exceptions.__doc__ is not None
    assert kind.__name__ in exceptions.__doc__


def test_a_bad_configuration_is_a_value_error_too() -> None:
    assert issubclass(exceptions.ConfigurationError, ValueError)

"""The kinds of storage, and which one is used where a flow names none."""

import pytest

import prefect.storage
from prefect.storage import Local, Module, get_default_storage_class
from prefect.utilities.configuration import set_temporary_config


def test_the_default_is_local() -> None:
    assert get_default_storage_class() is Local


def test_the_settings_may_name_another() -> None:
    with set_temporary_config({"flows.defaults.storage.default_class": "prefect.storage.Module"}):
        assert get_default_storage_class() is Module


@pytest.mark.parametrize("name", ["nope.X", "prefect.storage.Nope", "Nope"])
def test_a_wrong_name_warns_and_gives_local(name: str) -> None:
    with set_temporary_config({"flows.defaults.storage.default_class": name}):
        with pytest.warns(UserWarning, match=f"Could not import {name}; using prefect.storage.Local instead"):
            assert get_default_storage_class() is Local


def test_every_name_is_there() -> None:
    for name in prefect.storage.__all__:
        assert getattr(prefect.storage, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Nope'"):
        _ = prefect.storage.Nope

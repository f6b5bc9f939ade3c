import pytest

import prefect.utilities


def test_submodules_are_found_without_importing_them() -> None:
    assert prefect.utilities.debug.__name__ == "prefect.utilities.debug"
    assert prefect.utilities.logging.get_logger("x").name == "prefect.x"


def test_what_is_no_submodule() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nope'"):
        _ = prefect.utilities.nope
    assert not hasattr(prefect.utilities, "__wrapped__")

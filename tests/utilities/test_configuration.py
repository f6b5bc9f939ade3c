import pytest

from prefect.configuration import config
from prefect.utilities.configuration import set_temporary_config


def test_settings_hold_for_the_block_in_the_same_objects() -> None:
    flows = config.flows
    before = config.to_dict()
    with set_temporary_config({"flows.checkpointing": True, "a.b.c": 1, "new": {"x": 2}}) as inside:
        assert inside is config
        assert (flows.checkpointing, config.a.b.c, config.new.x) == (True, 1, 2)
    assert config.to_dict() == before
    assert config.flows is flows
    assert "a" not in config


def test_they_are_restored_after_an_error_and_after_assignments() -> None:
    def change_and_fail() -> None:
        with set_temporary_config({"backend": "x"}):
            config.flows = {"gone": True}
            config.more = 1
            raise RuntimeError

    before = config.to_dict()
    with pytest.raises(RuntimeError):
        change_and_fail()
    assert config.to_dict() == before
    assert config.flows.checkpointing is False


def test_blocks_can_be_nested() -> None:
    with set_temporary_config({"debug": 1}):
        with set_temporary_config({"debug": 2}):
            assert config.debug == 2
        assert config.debug == 1

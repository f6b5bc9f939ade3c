import pytest

import prefect.engine.executors as old
import prefect.executors as new


@pytest.mark.parametrize("name", ["LocalExecutor", "LocalDaskExecutor", "DaskExecutor"])
def test_old_paths_give_the_executors_and_warn(name: str) -> None:
    with pytest.warns(
        UserWarning, match=f"prefect.engine.executors.{name} has been moved to `prefect.executors.{name}`"
    ):
        executor = getattr(old, name)()
    assert isinstance(executor, getattr(new, name))
    assert repr(executor) == f"<Executor: {name}>"
    assert name in dir(old)


def test_the_base_class_is_the_same() -> None:
    assert old.Executor is new.Executor


def test_other_names_are_unknown() -> None:
    with pytest.raises(AttributeError, match=r"'prefect.engine.executors' has no attribute 'Nope'"):
        _ = old.Nope

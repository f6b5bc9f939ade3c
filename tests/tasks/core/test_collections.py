"""Collections as tasks."""

import pytest

from prefect import Flow, Task, task
from prefect.tasks.core.collections import Dict, List, Set, Tuple


@task
def one() -> int:
    return 1


def test_each_gives_its_collection_in_the_order_of_binding() -> None:
    results = {f"arg_{number}": number for number in (2, 10, 1)}
    assert List().run(**results) == [1, 2, 10]
    assert Tuple().run(**results) == (1, 2, 10)
    assert Set().run(**results) == {1, 2, 10}
    assert Dict().run(keys=["a", "b"], values=[1, 2]) == {"a": 1, "b": 2}


def test_a_dictionary_needs_a_value_for_each_key() -> None:
    with pytest.raises(ValueError, match="A different number of keys and values were provided!"):
        Dict().run(keys=["a", "b"], values=[1])


def test_positions_become_names() -> None:
    flow = Flow("f")
    bound = List().bind(one, 2, flow=flow)
    assert {edge.key for edge in flow.edges_to(bound)} == {"arg_1"}
    assert flow.constants[bound] == {"arg_2": 2}
    with pytest.raises(TypeError):
        List().bind(x=1, flow=flow)  # type: ignore[call-arg]


def test_they_can_be_mapped() -> None:
    with Flow("f") as flow:
        pairs = Tuple().map([1, 2], [3, 4])
    state = flow.run()
    assert state is not None
    assert state.result[pairs].result == [(1, 3), (2, 4)]


def test_nested_collections_arrive_whole() -> None:
    @task
    def same(x: object) -> object:
        return x

    with Flow("f") as flow:
        first: Task = one()
        whole = same({"a": first, "b": [first, {"c": (first, 2)}], "d": {first}})
    state = flow.run()
    assert state is not None
    assert state.result[whole].result == {"a": 1, "b": [1, {"c": (1, 2)}], "d": {1}}

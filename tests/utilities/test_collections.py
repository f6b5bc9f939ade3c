import copy
import pickle
from collections import OrderedDict
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect.utilities.collections import (
    AttributeDict,
    CompoundKey,
    DotDict,
    as_nested_dict,
    dict_to_flatdict,
    flatdict_to_dict,
    flatten_seq,
    merge_dicts,
)


class Pair(NamedTuple):
    left: Any
    right: Any


class TestDotDict:
    def test_items_are_attributes(self) -> None:
        d = DotDict({"a": 1}, b=2)
        d.c = 3
        d["e"] = 4
        assert (d.a, d["b"], d["c"], d.e) == (1, 2, 3, 4)
        assert d.__dict__ == {"a": 1, "b": 2, "c": 3, "e": 4}

    def test_it_is_a_mapping(self) -> None:
        d = DotDict(a=1, b=2)
        assert (len(d), "a" in d, "z" in d, dict(d), list(d.values())) == (2, True, False, {"a": 1, "b": 2}, [1, 2])
        assert d == {"a": 1, "b": 2}
        assert d == DotDict(a=1, b=2)
        assert d != DotDict(a=1)
        assert d.get("z") is None
        assert d.get("z", 3) == 3
        assert d.setdefault("c", []) == []
        assert d.pop("a") == 1
        d.update({"x": 1}, y=2)
        d.update(DotDict(z=3))
        assert d == {"b": 2, "c": [], "x": 1, "y": 2, "z": 3}

    def test_what_is_not_there(self) -> None:
        d = DotDict(a=1)
        with pytest.raises(KeyError):
            d["nope"]
        with pytest.raises(AttributeError, match="'DotDict' object has no attribute 'nope'"):
            _ = d.nope
        del d["a"]
        with pytest.raises(KeyError):
            del d["a"]

    def test_any_key_will_do(self) -> None:
        d = DotDict({1: 2, "a b": 3, "get": 4, "items": 5})
        assert (d[1], d["a b"], d["get"], len(d)) == (2, 3, 4, 4)

    def test_values_stay_what_they_are(self) -> None:
        inner = {"b": 1}
        assert DotDict(a=inner).a is inner

    def test_it_prints_its_keys_sorted(self) -> None:
        assert repr(DotDict(b=1, a=2)) == "<DotDict: 'a', 'b'>"
        assert repr(DotDict()) == "<DotDict>"

    def test_copies(self) -> None:
        d = DotDict(a=[1])
        assert d.copy() == d
        assert d.copy() is not d
        assert d.copy().a is d.a
        assert copy.deepcopy(d).a is not d.a
        assert pickle.loads(pickle.dumps(d)) == d

    def test_to_dict_reaches_all_the_way_down(self) -> None:
        plain = DotDict(a=DotDict(b=1), c=[DotDict(d=2)]).to_dict()
        assert plain == {"a": {"b": 1}, "c": [{"d": 2}]}
        assert type(plain["a"]) is dict
        assert type(plain["c"][0]) is dict


class TestMergeDicts:
    @pytest.mark.parametrize(
        ("d1", "d2", "merged"),
        [
            ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, {"a": {"b": 3, "c": 2}}),
            ({"a": {"b": 1}}, {"a": 1}, {"a": 1}),
            ({"a": 1}, {"a": {"b": 1}}, {"a": {"b": 1}}),
            ({"a": {"b": 1}}, {"a": {}}, {"a": {"b": 1}}),
            ({"a": {"b": 1}}, {"a": None}, {"a": None}),
            ({}, {"a": 1}, {"a": 1}),
        ],
    )
    def test_the_second_wins_and_mappings_are_merged(
        self, d1: dict[str, Any], d2: dict[str, Any], merged: dict[str, Any]
    ) -> None:
        before = copy.deepcopy(d1)
        assert merge_dicts(d1, d2) == merged
        assert d1 == before

    def test_the_class_is_that_of_the_first(self) -> None:
        assert type(merge_dicts(DotDict(a=1), {"b": 2})) is DotDict
        assert type(merge_dicts({"a": 1}, DotDict(b=2))) is dict
        assert type(merge_dicts({"a": DotDict(b=1)}, {"a": {"c": 1}})["a"]) is DotDict
        assert merge_dicts(AttributeDict(a={"b": 1}), {"a": {"c": 2}}).a.c == 2


class TestAsNestedDict:
    def test_every_mapping_changes_its_class(self) -> None:
        nested = as_nested_dict({"a": {"b": [{"c": 1}]}, "t": ({"d": 2},), "s": {3}, "x": "xy"})
        assert nested.a.b[0].c == 1
        assert nested.t[0].d == 2
        assert (nested.s, nested.x) == ({3}, "xy")

    def test_into_other_classes(self) -> None:
        assert type(as_nested_dict(OrderedDict(a=DotDict(b=1)), dict)["a"]) is dict
        assert as_nested_dict([{"a": 1}], dict) == [{"a": 1}]
        assert as_nested_dict(1) == 1

    def test_named_tuples_stay_named(self) -> None:
        pair = as_nested_dict(Pair({"a": 1}, 2))
        assert isinstance(pair, Pair)
        assert pair.left.a == 1


trees = st.recursive(
    st.integers(),
    lambda inner: st.dictionaries(st.text(max_size=3), inner, min_size=1, max_size=3),
    max_leaves=10,
).filter(lambda tree: isinstance(tree, dict))


class TestFlatDict:
    def test_paths_are_compound_keys(self) -> None:
        flat = dict_to_flatdict({"a": {"b": 1, "c": {"d": 2}}, "e": 3})
        assert flat == {("a", "b"): 1, ("a", "c", "d"): 2, ("e",): 3}
        assert all(type(path) is CompoundKey for path in flat)
        assert dict_to_flatdict({"a": {"b": 1}}, parent=CompoundKey(["z"])) == {("z", "a", "b"): 1}
        assert dict_to_flatdict({"a": {}}) == {}

    def test_a_tuple_that_is_a_key_is_no_path(self) -> None:
        assert flatdict_to_dict({("a", "b"): 1}) == {("a", "b"): 1}  # type: ignore[dict-item]

    def test_into_other_classes(self) -> None:
        nested = flatdict_to_dict({CompoundKey(["a", "b"]): 1}, dct_class=DotDict)
        assert nested.a.b == 1

    @given(trees)
    def test_flat_and_back_is_the_same(self, tree: dict[str, Any]) -> None:
        assert flatdict_to_dict(dict_to_flatdict(tree)) == tree


class TestFlattenSeq:
    def test_nested_iterables_are_opened_and_text_is_not(self) -> None:
        assert list(flatten_seq([1, [2, (3, [4])], "ab", {5}, {"a": 1}, range(2), b"x"])) == [
            1, 2, 3, 4, "ab", 5, "a", 0, 1, b"x",
        ]  # fmt: skip
        assert list(flatten_seq([[], [[]]])) == []

    def test_it_begins_when_asked(self) -> None:
        generator = flatten_seq(1)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            next(generator)


class TestAttributeDict:
    def test_items_named_like_methods_are_reached_by_key(self) -> None:
        d = AttributeDict({"items": 1})
        assert d["items"] == 1
        assert callable(d.items)

    def test_lists_of_dictionaries_too(self) -> None:
        d = AttributeDict(a=[[{"b": 1}]])
        assert d.a[0][0].b == 1
        assert d.to_dict() == {"a": [[{"b": 1}]]}
        d |= {"c": {"d": 2}}
        assert d.c.d == 2

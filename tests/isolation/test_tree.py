"""Plain data with tensors in it: what goes in comes out, and what does not cross says so."""

from __future__ import annotations

import math
import subprocess
import sys
from collections import OrderedDict
from enum import StrEnum
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from benchbox.isolation.tree import SIZES, pack, unpack

KEYS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text())
LEAVES = st.one_of(KEYS, st.binary())
DATA = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner), st.lists(inner).map(tuple), st.dictionaries(KEYS, inner), st.dictionaries(st.text(), inner)
    ),
    max_leaves=30,
)


def there_and_back(data: Any) -> Any:
    blobs: list[Any] = []
    return unpack(pack(data, blobs), blobs)


@given(DATA)
@settings(max_examples=50, deadline=None)
def test_plain_data_comes_out_as_it_went_in_types_and_all(data: Any) -> None:
    assert repr(there_and_back(data)) == repr(data)


@pytest.mark.parametrize("key", ["$blob", "$map", "$tuple", "$"])
def test_keys_that_look_like_marks_are_keys(key: str) -> None:
    assert there_and_back({key: [0]}) == {key: [0]}
    assert there_and_back({key: 0, "other": 1}) == {key: 0, "other": 1}


def test_tensors_are_moved_out_whatever_they_lie_in() -> None:
    tensor = torch.arange(3)
    blobs: list[Any] = []
    packed = pack({1: (tensor, [tensor])}, blobs)
    assert "tensor" not in repr(packed)
    assert unpack(packed, blobs)[1][1][0] is tensor


def test_an_optimisers_state_crosses() -> None:
    weights = torch.nn.Linear(2, 2)
    optimizer = torch.optim.Adam(weights.parameters())
    torch.autograd.backward(weights(torch.ones(1, 2)).sum())
    optimizer.step()
    back = there_and_back(optimizer.state_dict())
    assert back["param_groups"] == optimizer.state_dict()["param_groups"]
    assert torch.equal(back["state"][0]["exp_avg"], optimizer.state_dict()["state"][0]["exp_avg"])


def test_relatives_of_plain_types_become_plain() -> None:
    class Word(StrEnum):
        ONE = "one"

    assert there_and_back(OrderedDict(a=Word.ONE)) == {"a": "one"}


@pytest.mark.parametrize("data", [{1, 2}, object(), 1j, {"a": [range(3)]}, {(1, 2): 3}, {b"k": 1}])
def test_what_does_not_cross_is_named_by_its_type(data: Any) -> None:
    with pytest.raises(TypeError, match=r"set|object|complex|range|tuple|bytes"):
        pack(data, [])


@pytest.mark.parametrize(
    "packed",
    [
        {"$blob": 0},
        {"$blob": -1},
        {"$blob": "0"},
        {"$blob": [[[]]]},
        {"$map": [1]},
        {"$map": [[1]]},
        {"$map": [[1, 2, 3]]},
        {"$map": [[{"$tuple": []}, 2]]},
        {"$map": [[[], 2]]},
        {"$map": {"a": {"$blob": 7}}},
    ],
)
def test_malformed_data_is_a_value_error(packed: Any) -> None:
    with pytest.raises(ValueError, match=r"blob|map"):
        unpack(packed, [])


def test_numbers_beyond_all_numbers_cross() -> None:
    back = there_and_back([math.inf, -math.inf, math.nan, 10**40])
    assert back[:2] == [math.inf, -math.inf]
    assert math.isnan(back[2])
    assert back[3] == 10**40


@pytest.mark.parametrize("name", SIZES)
def test_the_size_of_every_type_is_torchs(name: str) -> None:
    assert torch.empty(0, dtype=getattr(torch, name)).element_size() == SIZES[name]


def test_plain_data_needs_no_torch() -> None:
    code = (
        "import sys; from benchbox.isolation.tree import *; b = []; assert unpack(pack({1: [b'x']}, b), b) == {1: [b'x']}; "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0

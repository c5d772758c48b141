"""Kinds of machines: what makes two of one kind, in words."""

from __future__ import annotations

from typing import Any

from benchbox.machines import difference, kind_of, other_kind


def environment(**changes: Any) -> dict[str, Any]:
    usual = {"system": "Linux x86_64", "processor": "A", "vector": "AVX2", "device": "cpu", "python": "3.11.7"}
    return {**usual, "packages": {"torch": "2.7", "numpy": "2.1", "scipy": "1.1"}, **changes}


def test_what_decides_the_last_digits_makes_another_kind() -> None:
    assert difference(environment(), environment(python="3.12.0")) == ""
    assert difference(environment(processor="B"), environment()) == "processor B and not A"
    assert difference(environment(vector="AVX512"), environment()) == "vector AVX512 and not AVX2"
    assert difference(environment(device="cuda (H100)"), environment()) == "device cuda (H100) and not cpu"
    assert difference(environment(packages={"torch": "2.8", "numpy": "2.1"}), environment()) == "torch 2.8 and not 2.7"


def test_a_record_of_before_vectors_were_noted_says_so_and_bars_nobody() -> None:
    old = {name: value for name, value in environment(processor="B").items() if name != "vector"}
    assert kind_of(old) == "B (vector instructions not recorded), torch 2.7"
    assert kind_of({}) == ""
    assert other_kind(environment(), [old]) == ""


def test_a_machine_fits_where_it_is_of_one_of_the_known_kinds() -> None:
    assert other_kind(environment(), []) == ""
    assert other_kind(environment(), [environment(processor="B"), environment()]) == ""
    assert other_kind(environment(), [environment(processor="B")]) == "processor A and not B"


def test_a_kind_in_words() -> None:
    assert kind_of(environment()) == "A (AVX2), torch 2.7"
    assert kind_of(environment(device="cuda (H100)")) == "cuda (H100), A (AVX2), torch 2.7"

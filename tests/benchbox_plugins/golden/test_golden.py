"""Numbers of every built-in method and attack: a result that changes has a new version, or this fails.

Where processor and packages are those of the record, numbers are compared to the last bit. Elsewhere rounding may differ,
and they may lie apart by a case's tolerance, which a doubled learning rate exceeds.
"""

from __future__ import annotations

from importlib import import_module
from math import dist, hypot
from typing import Any

import pytest
from golden_cases import CASES, ROWS, Case, Numbers, environment, play, recorded

RECORD = recorded()
EXACT = RECORD["environment"] == environment()
SAME_ROWS = 0.6
"""The share of a choice that another machine must make too: rounding decides between rows that cost the same."""


def differences(case: Case, numbers: Numbers, exact: bool) -> list[str]:
    """Return the names of the lists that are not what the record says."""
    known = RECORD["values"][case.id]
    return [name for name, values in numbers.items() if not _agree(name, values, known[name], case, exact)]


def _agree(name: str, values: list[float], known: list[float], case: Case, exact: bool) -> bool:
    if exact or name == "queries" or len(values) != len(known):
        return values == known
    if name == "rows":
        return len(set(values) & set(known)) >= SAME_ROWS * len(known)
    return dist(values, known) <= case.tolerance * hypot(*known)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_results_are_those_of_this_version(case: Case) -> None:
    renew = f"python tests/benchbox_plugins/golden/renew.py {case.name}"
    known = RECORD["values"].get(case.id)
    assert known is not None, f"{case.id} has no golden numbers yet: record them with {renew}"
    assert known["version"] == case.row.version, (
        f"the golden numbers of {case.name} are those of version {known['version']}, it is at {case.row.version}: "
        f"renew them with {renew}"
    )
    wrong = differences(case, play(case), EXACT)
    assert not wrong, f"results of {case.name} changed ({', '.join(wrong)}): raise its version and renew with {renew}"


def test_a_changed_result_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    case = next(case for case in CASES if case.name == "random")
    changed = {**RECORD["values"][case.id], "rows": [0]}
    monkeypatch.setitem(RECORD["values"], case.id, changed)
    with pytest.raises(
        AssertionError, match=r"results of random changed \(rows\): raise its version and renew with python .* random"
    ):
        test_results_are_those_of_this_version(case)
    monkeypatch.setitem(RECORD["values"], case.id, changed | {"version": 0})
    with pytest.raises(AssertionError, match="those of version 0, it is at 1: renew them with python"):
        test_results_are_those_of_this_version(case)


def test_every_built_in_method_and_attack_has_golden_numbers() -> None:
    assert {(case.kind, case.name) for case in CASES} == set(ROWS)


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.name)
def test_a_version_is_the_same_in_the_class_and_in_the_list(row: Any) -> None:
    module, _, name = row.target.partition(":")
    assert getattr(import_module(module), name).version == row.version


def _rates() -> list[Any]:
    """Return every case with every rate, radius and strength of changes that it has; bim's few steps stay in a wide ball."""
    options = {case.id: case.plugin().options for case in CASES}
    return [
        pytest.param(case, name, id=f"{case.id} {name}")
        for case in CASES
        for name in ("lr_s", "lr_g", "lr", "rate", "eps", "strength")
        if hasattr(options[case.id], name)
        and (case.name != "bim" or "eps" in case.options)
        and (name != "strength" or case.options["augment"] != "none")
        and (name != "rate" or case.kind == "trainer")  # an attack's is a probability
    ]


@pytest.mark.parametrize(("case", "rate"), _rates())
def test_a_doubled_rate_is_seen_on_every_machine(case: Case, rate: str) -> None:
    usual = getattr(case.plugin().options, rate)
    doubled = 2 * usual if rate != "eps" or 2 * usual <= 1 else usual / 2  # no radius reaches beyond all images
    assert differences(case, play(case, **{rate: doubled}), exact=False)

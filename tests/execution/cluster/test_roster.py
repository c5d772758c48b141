"""Who takes part: offers, kinds of machines, names, comings and goings."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from distributed import KilledWorker

from benchbox.execution.cluster.executor import _failure
from benchbox.execution.cluster.roster import Roster

HERE = {"system": "Linux", "processor": "A", "vector": "AVX2", "device": "cpu", "packages": {"torch": "2.7"}}
OTHER = {**HERE, "processor": "B"}


def worker(name: str, **resources: float) -> dict[str, Any]:
    return {"id": name, "resources": resources}


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def roster(said: list[str]) -> Roster:
    return Roster("auto", [], False, said.append)


def test_those_who_offer_cells_are_asked_and_count_as_many_as_they_offer(roster: Roster, said: list[str]) -> None:
    present = {"tcp://a": worker("one", CELL=1), "tcp://b": worker("two", CELL=4), "tcp://c": worker("three", OTHER=1)}
    assert roster.look(present) == ["tcp://a", "tcp://b"]
    for address in ("tcp://a", "tcp://b"):
        roster.join(address, present[address], {"environment": HERE})
    assert (roster.slots, roster.addresses) == (5, ["tcp://a", "tcp://b"])
    assert said[0] == (
        "worker 'three' at tcp://c is refused: it offers no CELL; "
        "start it with 'dask worker ... --nthreads 1 --resources CELL=1'"
    )
    assert said[1:] == [
        f"worker '{name}' at {a} takes part: A (AVX2), torch 2.7"
        for name, a in (("one", "tcp://a"), ("two", "tcp://b"))
    ]
    assert roster.look({"tcp://b": present["tcp://b"]}) == []
    assert (roster.slots, said[-1]) == (4, "worker 'one' at tcp://a left")


def test_the_first_one_decides_on_what_is_played_and_on_which_kind(roster: Roster, said: list[str]) -> None:
    roster.join("tcp://a", worker("one", GPU=1, CELL=8), {"environment": HERE})
    assert (roster.resource, roster.slots) == ("GPU", 1)
    assert roster.look({"tcp://a": worker("one", GPU=1), "tcp://b": worker("two", CELL=8)}) == []
    assert "it offers no GPU" in said[-1]
    roster.join("tcp://c", worker("three", GPU=1), {"environment": OTHER})
    assert "another kind of machine than these games are played on (processor B and not A); --any-machine" in said[-1]
    assert roster.slots == 1


def test_what_the_store_has_decides_before_anybody_and_any_machine_mixes(said: list[str]) -> None:
    bound, free = Roster("cpu", [OTHER], False, said.append), Roster("cpu", [OTHER], True, said.append)
    for roster in (bound, free):
        roster.join("tcp://a", worker("one", CELL=1), {"environment": HERE})
    assert (bound.slots, free.slots) == (0, 1)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"refused": "it has no selector 'x': install the distribution 'y' 1 there"}, "install the distribution 'y' 1"),
        (
            ModuleNotFoundError("No module named 'benchbox'"),
            "it has another benchbox, or none (No module named 'benchbox')",
        ),
        (TimeoutError("gone"), "it could not be asked (TimeoutError: gone)"),
    ],
)
def test_a_worker_that_cannot_take_part_is_named_with_the_reason_once(
    roster: Roster, said: list[str], answer: Any, expected: str
) -> None:
    for address in ("tcp://a:1", "tcp://a:2"):  # its nanny starts it again, on another port
        roster.join(address, worker("one", CELL=1), answer)
    assert len(said) == 1
    assert expected in said[0]
    assert roster.slots == 0


def test_a_worker_that_is_another_process_by_now_is_asked_again(roster: Roster) -> None:
    present = {"tcp://a": worker("one", CELL=1)}
    roster.join("tcp://a", present["tcp://a"], {"environment": HERE})
    assert roster.look(present) == []
    roster.forget("tcp://a")
    assert (roster.look(present), roster.slots) == (["tcp://a"], 0)


def test_a_cell_that_took_its_workers_with_it_names_the_last() -> None:
    last: Any = SimpleNamespace(name="node-7", address="tcp://a")
    said = _failure(KilledWorker("key", last, 3))
    assert said.startswith("4 workers died of it, the last one 'node-7' at tcp://a: ")
    assert _failure(ValueError("odd")) == "ValueError: odd"

"""The audit's page: the cheapest thief, what probabilities give away, and numbers that lead to their cells."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from benchbox.auditing import words
from benchbox.auditing.findings import Figure, Findings, Searcher, Thief, Unplayed
from benchbox.auditing.shields import Shield
from benchbox.contracts import Access, Threat
from benchbox.registry import Catalogue
from benchbox.report.statistics import mean_interval
from benchbox.target.given import Gift, GivenRecord
from benchbox.target.given.record import Probe, Reading

ATTACK = "pgd[eps=0.1] untargeted"


def figure(*values: float) -> Figure:
    cells = tuple(f"{int(1000 * value):016x}" for value in values)
    return Figure(mean_interval(values, trials=200), cells, 200)


def thief(label: str, curve: dict[int, float], access: Access = Access.LABEL, fooled: float | None = None) -> Thief:
    agreement = {budget: figure(value) for budget, value in curve.items()}
    return Thief("real images", label, access, True, agreement, {} if fooled is None else {ATTACK: figure(fooled)})


@pytest.fixture
def made() -> Any:
    """Return a plan, as far as the page asks for one."""
    entry = SimpleNamespace(use="random", trainer="poisson", written="random + poisson")
    scenario = SimpleNamespace(methods=[entry], pool=SimpleNamespace(dataset=None))
    plan = SimpleNamespace(label=ATTACK, threat=SimpleNamespace(norm="inf", radius=0.1))
    cell = SimpleNamespace(scenario=SimpleNamespace(attacks=[plan]))
    return SimpleNamespace(
        suite=SimpleNamespace(name="audit[target=mine]", scenario=[scenario], seeds=(0,)),
        cells=[SimpleNamespace(cell=cell, reason="")] * 2,
        catalogue=Catalogue.discover(),
        whole=True,
        selection=SimpleNamespace(budgets=()),
    )


@pytest.fixture
def record() -> GivenRecord:
    return GivenRecord(
        gift=Gift(name="mine", form="onnx", place="/home/me/mine.onnx"),
        dataset="npz:faces.npz",
        dataset_hash="d" * 64,
        sha256="a" * 64,
        file_sha256="b" * 64,
        reading=Reading(scale="logits", classes=2),
        since="2030-01-01",
        probe=Probe(labels=(0, 1)),
        accuracy=0.975,
        n_test=200,
        shape=(1, 28, 28),
    )


def test_the_cheapest_thief_stands_first_and_of_those_that_fail_the_nearest() -> None:
    slow, fast = thief("slow", {50: 0.5, 500: 0.95}), thief("fast", {50: 0.5, 100: 0.9})
    near, far = thief("near", {50: 0.89}), thief("far", {50: 0.2})
    same = thief("same", {50: 0.5, 100: 0.92})
    found = Findings((far, slow, near, fast, same), (), ())
    assert [t.label for t in found.of(Access.LABEL)] == ["same", "fast", "slow", "near", "far"]
    assert found.of(Access.PROBABILITIES) == []


def test_it_says_after_how_many_questions_by_whom_and_what_probabilities_give_away(made: Any, record: Any) -> None:
    label = thief("random", {50: 0.7, 200: 0.91}, fooled=0.4)
    rich = thief("random + poisson", {50: 0.93}, Access.PROBABILITIES, fooled=0.6)
    text = words.page(made, record, Findings((label, rich), (), ()), (), [])
    assert "with labels alone:** after 200 questions a copy agrees with the model on [91.0 %]" in text
    assert "(after 50, [70.0 %]" in text
    assert "with probabilities:** after 50 questions" in text
    assert "Answering with labels alone makes a copy dearer: 200 questions instead of 50." in text
    assert "of the images that the model gets right, [60.0 %]" in text
    assert "no pixel by more than 10 % of full brightness" in text
    assert "right on 97.5 % of your 200 test images" in text
    assert "/home/me" not in text


def test_it_says_where_no_thief_succeeds_and_what_was_not_played(made: Any, record: Any) -> None:
    lost = Unplayed("f" * 16, "no images", "noise", 0, "failed", "it ended | *so*")
    text = words.page(made, record, Findings((thief("random", {50: 0.3, 100: 0.6}),), (), (lost,)), (), [])
    assert "no thief made a copy that agrees with the model on 90 % of images" in text
    assert "agrees on [60.0 %](leaderboard/index.html#/cell/" in text
    assert r"is failed: it ended \| \*so\* ([cell](leaderboard/index.html#/cell/ffffffffffffffff))" in text
    assert "`--pool` gives them other images" in text
    assert "No copy was used to make any" in text


def test_a_stopped_audit_says_first_that_it_is_unfinished_and_claims_nothing_of_what_is_still_to_play(
    made: Any, record: Any
) -> None:
    made.whole = False
    waiting = Unplayed("f" * 16, "no images", "noise", 0, "missing", "it was not played yet")
    text = words.page(made, record, Findings((), (), (waiting, waiting)), (), [], left=2)
    assert text.split("\n\n")[1] == "**Unfinished:** 0 of 2 cells are played; the same command goes on."
    assert "No copy yet." in text
    assert "No copy was used to make any yet." in text
    assert "table" not in text, "there is none to refer to"
    assert "The rest of the line-up: this audit was narrowed" in text
    finished = words.page(made, record, Findings((thief("random", {50: 0.3}),), (), ()), (), [])
    assert "Unfinished" not in finished
    assert "the table's head" in finished


def test_every_number_of_a_table_leads_to_its_cell_and_of_several_seeds_each_does(made: Any, record: Any) -> None:
    one = thief("random", {50: 0.7})
    three = Thief("real images", "drmi", Access.LABEL, True, {50: figure(0.5, 0.6, 0.7)}, {})
    search = Searcher(
        "one by one", "square", Access.PROBABILITIES, Threat("inf", 0.1), {50: figure(0.2), 300: figure(0.8)}
    )
    text = words.page(made, record, Findings((one, three), (search,), ()), (), [])
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert all(len(re.findall(r"\d %", row.replace("10 % of full", ""))) <= row.count("#/cell/") for row in rows)
    assert rows[1].count("#/cell/") == 3
    assert "with probabilities, 300 questions an image turn [80.0 %]" in text
    assert any("`square`" in row and "[20.0 %]" in row and "no pixel by more than 10 %" in row for row in rows)


def test_it_says_what_a_defence_bought_and_cost_beside_the_bare_model(made: Any, record: Any) -> None:
    bare, behind = thief("random", {50: 0.3, 100: 0.92}), thief("random", {50: 0.3, 100: 0.6})
    costs = {"honest_accuracy": figure(0.97), "bare_accuracy": figure(0.99), "honest_changed": figure(0.02)}
    held = Shield("blacklight", (behind,), (), {**costs, "false_alarms": figure(0.015)}, 37)
    text = words.page(made, record, Findings((bare,), (), ()), [held], [])
    assert "no copy agrees on 90 % of images after 100 questions, the nearest on 60.0 %" in text
    assert "(without it, a copy costs 100 questions)" in text
    assert "the true class of 97.0 % of images (without it 99.0 %)" in text
    assert "question 37 raised the first alarm; 1.5 % of the honest client's questions were false alarms" in text
    assert "Other defences." in text
    rows = [line for line in text.splitlines() if line.startswith(("| no defence", "| `blacklight`"))]
    assert ["92.0 %" in rows[0], "60.0 %" in rows[1], "97.0 %" in rows[1]] == [True] * 3

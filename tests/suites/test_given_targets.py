"""A suite against a target that its owner gives, and suites that fit themselves to small data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchbox.errors import BudgetError, SuiteError
from benchbox.images.facts import ImageFacts
from benchbox.registry import Catalogue
from benchbox.suites import Planned, Selection, expand, load_suite, select
from benchbox.target.given import Gift, GivenRecord
from benchbox.target.given.record import Probe, Reading

SUITE = """
title = "Mine"
datasets = ["digits"]
seeds = 1
fits = {fits}

[[scenario]]
name = "real data"
plays = "selector"
target = {{ model = "lenet5" }}
substitute = "lenet5"
access = "{access}"
pool = {{ {pool} }}
budgets = [10, 40, 100]
methods = ["random", "trace"]
insider = true
"""
GIFT = Gift(name="mine", form="torchscript", place="/x/mine.pt")


class Sources:
    """Sixty training images, and a target whose pin is as told; a recipe is nobody's to ask for."""

    def __init__(self, pin: str = "a", scale: Any = "logits") -> None:
        self.pin, self.scale = pin * 64, scale

    def images(self, dataset: str) -> ImageFacts:
        return ImageFacts(name=dataset, digest="d" * 64, shape=(1, 28, 28), classes=10, n_train=60, n_test=20)

    def target(self, spec: Any) -> Any:
        raise AssertionError("a given target is never trained")

    def given(self, gift: Gift, dataset: str) -> GivenRecord:
        return GivenRecord(
            gift=gift,
            dataset=dataset,
            dataset_hash="d" * 64,
            sha256=self.pin,
            reading=Reading(scale=self.scale, classes=10),
            since="2030-01-01",
            probe=Probe(labels=(0,)),
            accuracy=0.9,
            n_test=20,
            shape=(1, 28, 28),
        )


@pytest.fixture
def plan(tmp_path: Path) -> Any:
    catalogue = Catalogue.discover()

    def plan(
        sources: Sources, rule: str = "", *, access: str = "label", fits: str = "true", **asked: Any
    ) -> tuple[str, list[Planned]]:
        path = tmp_path / "mine.toml"
        path.write_text(SUITE.format(access=access, pool=rule, fits=fits))
        selection = Selection(**{"target": GIFT, **asked})
        suite = select(load_suite(path, catalogue), selection, catalogue)
        return suite.name, expand(suite, catalogue, sources, selection.target)

    return plan


def test_its_pin_decides_the_cells_and_its_name_the_tables(plan: Any) -> None:
    name, (cell, _) = plan(Sources("a"))
    assert name == "mine[target=mine]"
    assert cell.setting.target.gift == GIFT
    assert cell.setting.target_model is None
    assert plan(Sources("a"), target=GIFT.model_copy(update={"name": "other"}))[1][0].cell.id == cell.cell.id
    assert plan(Sources("b"))[1][0].cell.id != cell.cell.id


def test_what_it_does_not_answer_or_show_is_not_applicable(plan: Any) -> None:
    reasons = [item.reason for item in plan(Sources(scale="labels"), access="probabilities")[1]]
    assert reasons[0] == "target 'mine' answers with the label only; the scenario answers with probabilities"
    _, (random, trace) = plan(Sources(), methods=["random", "trace[neurons=target]"])
    assert random.reason == ""
    assert trace.reason == "target 'mine' is given as torchscript, which shows nothing of its inside"


def test_a_defence_that_changes_probabilities_does_not_stand_before_a_target_that_has_none(plan: Any) -> None:
    asked = {"defences": ["rounding", "blacklight"], "methods": ["random"]}
    rounding, watching = (item.reason for item in plan(Sources(scale="labels"), **asked)[1])
    assert rounding == "target 'mine' answers with the label only; defence 'rounding' needs its probabilities"
    assert watching == ""
    assert [item.reason for item in plan(Sources(), **asked)[1]] == ["", ""]


def test_nobody_knows_what_it_never_saw_so_the_owner_names_the_pool(plan: Any) -> None:
    with pytest.raises(
        SuiteError, match="of target 'mine', which is given, nobody knows: name such images with --pool"
    ):
        plan(Sources(), "size = 50, disjoint = true")
    name, (cell, _) = plan(Sources(), "size = 50, disjoint = true", pool="usps")
    assert name == "mine[target=mine,pool=usps]"
    assert (cell.cell.scenario.pool.dataset, cell.cell.scenario.pool.size) == ("usps", 50)
    assert cell.setting.pool.name == "usps"


def test_pools_and_budgets_fit_the_images(plan: Any) -> None:
    _, (cell, _) = plan(Sources(), "size = 500")
    assert cell.cell.scenario.budgets == (10, 40)
    assert cell.cell.scenario.pool.size == 60
    with pytest.raises(BudgetError, match="a pool of 500 images is larger than the 60"):
        plan(Sources(), "size = 500", fits="false")
    with pytest.raises(BudgetError, match="asks at least 200 images, and digits has 60 to choose from"):
        plan(Sources(), budgets=[200])

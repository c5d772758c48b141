"""Attack plans: each once in a scenario, each with a label of its own."""

from __future__ import annotations

import re
from typing import Any

import pytest

from benchbox.contracts.threat import Threat
from benchbox.errors import SuiteError
from benchbox.suites import AttackPlan, PluginRef
from benchbox.suites.plans import Told, read_label, told_apart

PGD = PluginRef(kind="attack", name="pgd", version=1, spec="pgd[eps=0.3]", options={"eps": 0.3, "steps": 5})


def plan(goal: str = "untargeted", success: tuple[str, ...] = ("asr_untargeted",), **more: Any) -> AttackPlan:
    return AttackPlan(attack=PGD, goal=goal, success=success, **more)


def labels(*plans: AttackPlan) -> list[str]:
    return [found.label for found in told_apart(plans, "suite 's', scenario 'x'")]


def test_plans_of_other_goals_keep_their_plain_labels() -> None:
    assert labels(plan(), plan("others", ("asr_targeted",))) == ["pgd[eps=0.3] untargeted", "pgd[eps=0.3] others"]


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ({}, {"images": 1000}, ("all images", "1,000 images")),
        ({}, {"at": "last"}, ("at every", "at last")),
        ({}, {"success": ("nsuc_over_nall",)}, ("asr_untargeted", "nsuc_over_nall")),
        ({}, {"threat": Threat("inf", 0.3)}, ("any distance", "within L-inf 0.3")),
        ({"images": 5}, {"images": 9, "at": "last"}, ("5 images, at every", "9 images, at last")),
    ],
)
def test_plans_that_collide_say_in_what_they_differ(
    one: dict[str, Any], other: dict[str, Any], said: tuple[str, str]
) -> None:
    found = labels(plan(**one), plan(**other))
    assert found == [f"pgd[eps=0.3] untargeted, {text}" for text in said]
    assert {read_label(label) for label in found} == {Told("pgd[eps=0.3]", "untargeted")}


def test_the_same_plan_twice_is_refused_in_one_sentence() -> None:
    said = "suite 's', scenario 'x' lists the attack 'pgd[eps=0.3] untargeted' twice"
    with pytest.raises(SuiteError, match=re.escape(said)):
        labels(plan(), plan(at="last"), plan())


def test_only_a_threat_that_is_stated_changes_an_identity() -> None:
    assert set(plan().identity) == {"attack", "goal", "success", "images", "at"}
    assert plan(threat=Threat("2", 3.0)).identity["threat"] == {"norm": "2", "radius": 3.0}
    assert plan().hash != plan(threat=Threat("2", 3.0)).hash
    assert plan(suffix=", at last").hash == plan().hash


def test_a_label_of_no_plan_names_no_goal() -> None:
    assert read_label("") == Told("", "")
    assert read_label("odd[a=b c] class:3, at last") == Told("odd[a=b c]", "class:3")

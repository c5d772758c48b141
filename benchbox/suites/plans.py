"""The attack plans of a scenario: each once, each with a label of its own, and what a label says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from benchbox.contracts.threat import Threat
from benchbox.errors import SuiteError
from benchbox.suites.cell import AttackPlan

_LABEL = re.compile(r"(?P<spec>.*) (?P<goal>untargeted|others|class:\d+)(?:, .*)?")
_NORMS = {"inf": "L-inf", "2": "L2"}


class Told(NamedTuple):
    """What an attack plan's label says: the attack with its options, and its goal; empty where it is no plan's."""

    spec: str
    goal: str


def read_label(label: str) -> Told:
    """Return the attack and the goal that a label names."""
    found = _LABEL.fullmatch(label)
    return Told(found["spec"], found["goal"]) if found else Told(label, "")


def told_apart(plans: Sequence[AttackPlan], where: str) -> tuple[AttackPlan, ...]:
    """Return a scenario's plans; those of one attack and goal get labels that say in what they differ.

    Raises:
        SuiteError: two are the same; ``where`` says whose they are.
    """
    groups: dict[str, list[AttackPlan]] = {}
    for plan in plans:
        same = groups.setdefault(plan.label, [])
        if plan in same:
            raise SuiteError(f"{where} lists the attack '{plan.label}' twice, with the same images and definitions")
        same.append(plan)
    return tuple(plan.model_copy(update={"suffix": _suffix(plan, groups[plan.label])}) for plan in plans)


def threat_text(threat: Threat) -> str:
    """Return a threat in words, as ``within L-inf 0.3``."""
    return f"within {_NORMS[threat.norm]} {threat.radius:g}"


def _suffix(plan: AttackPlan, group: Sequence[AttackPlan]) -> str:
    """Return what tells a plan from the others of its group; empty where it is alone."""
    texts = [_texts(other) for other in group]
    mine = _texts(plan)
    return "".join(f", {mine[i]}" for i in range(len(mine)) if any(text[i] != mine[i] for text in texts))


def _texts(plan: AttackPlan) -> tuple[str, ...]:
    images = "all images" if plan.images is None else f"{plan.images:,} images"
    threat = "any distance" if plan.threat is None else threat_text(plan.threat)
    return images, f"at {plan.at}", "+".join(plan.success), threat

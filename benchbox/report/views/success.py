"""Which of a scenario's attacks speaks for all in the main table."""

from __future__ import annotations

from typing import NamedTuple

from benchbox.report.views.points import Curves
from benchbox.scoring.metrics import SHARE, metric
from benchbox.suites.plans import read_label


class Success(NamedTuple):
    """An attack plan's label, and the success definition that is shown of it."""

    attack: str
    metric: str


def main_attacks(at: Curves) -> dict[str, Success]:
    """Return, for ``untargeted`` and ``targeted``, the attack that the main table shows; the same for every method.

    It is the one measured at the most budgets; among equals the last by name, by the first of its definitions by name.
    """
    budgets: dict[Success, set[int]] = {}
    for (_, name, attack), curve in at.items():
        if attack and metric(name).unit is SHARE:
            budgets.setdefault(Success(attack, name), set()).update(curve)
    found: dict[str, Success] = {}
    for plan in sorted(budgets, key=lambda plan: (-len(budgets[plan]), _last_first(plan.attack), plan.metric)):
        found.setdefault("untargeted" if read_label(plan.attack).goal == "untargeted" else "targeted", plan)
    return dict(sorted(found.items(), reverse=True))


def _last_first(text: str) -> tuple[int, ...]:
    return tuple(-ord(letter) for letter in text)

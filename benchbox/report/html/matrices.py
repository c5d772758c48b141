"""Confusion matrices of a scenario, summed over seeds, as rows of numbers with the depth of their colour."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from benchbox.report.views.scenario import ScenarioView

DEPTHS = 10
MOST_CLASSES = 20
"""Matrices of more classes are not shown: nobody reads ten thousand numbers."""


class Kept(NamedTuple):
    """One run's matrix at one budget."""

    label: str
    attack: str
    budget: int
    matrix: list[list[int]]


@dataclass(frozen=True)
class Matrix:
    """A matrix at a method's last budget: rows true (or attacked) classes, columns what was answered."""

    label: str
    attack: str
    budget: int
    seeds: int
    rows: list[list[int]]

    @property
    def title(self) -> str:
        """What it is of."""
        what = f"{self.label}, {self.attack}" if self.attack else self.label
        return f"{what}, {self.budget:,} queries, {self.seeds} seed{'s' * (self.seeds != 1)}"

    @property
    def packed(self) -> str:
        """The numbers for the script: rows by semicolons."""
        return ";".join(",".join(map(str, row)) for row in self.rows)

    @property
    def depths(self) -> list[list[tuple[int, int]]]:
        """Every number with the depth of its colour, by the square root of its share of the row."""
        return [[(value, depth(value, sum(row))) for value in row] for row in self.rows]


def depth(value: int, total: int) -> int:
    """Return 0 to 9: the square root of a share, so that rare answers are seen beside common ones."""
    return min(DEPTHS - 1, math.ceil((DEPTHS - 1) * math.sqrt(value / total))) if total > 0 and value > 0 else 0


def matrices(view: ScenarioView, kept: Iterable[Kept]) -> list[Matrix]:
    """Return the matrices at the largest budget of each method, summed over seeds.

    Those on clean images come first; of each attack the methods in the order of the main table.
    """
    order = {line.standing.label: i for i, line in enumerate(view.summaries)}
    by_budget: dict[tuple[str, str], dict[int, list[list[list[int]]]]] = {}
    for label, attack, budget, matrix in kept:
        by_budget.setdefault((label, attack), {}).setdefault(budget, []).append(matrix)
    made: list[Matrix] = []
    for (label, attack), mine in by_budget.items():
        budget = max(mine)
        found = [m for m in mine[budget] if 0 < len(m) <= MOST_CLASSES and {len(row) for row in m} == {len(m)}]
        same = [m for m in found if len(m) == len(found[0])]
        if same:
            made.append(Matrix(label, attack, budget, len(same), np.sum(same, axis=0).tolist()))
    return sorted(made, key=lambda m: (m.attack, order.get(m.label, len(order)), m.label))


def fitting(found: list[Matrix], most: int) -> list[Matrix]:
    """Return the first matrices that take no more than so many bytes."""
    sizes = np.cumsum([len(matrix.packed) + 60 for matrix in found])
    return found[: int(np.searchsorted(sizes, most, side="right"))]

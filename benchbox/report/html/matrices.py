"""Confusion matrices of a scenario, summed over seeds, as rows of numbers with the depth of their colour."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from benchbox.report.views import ScenarioView

DEPTHS = 10
MOST_CLASSES = 20
"""Matrices of more classes are not shown: nobody reads ten thousand numbers."""


@dataclass(frozen=True)
class Matrix:
    """A matrix at a method's last budget: rows true (or attacked) classes, columns what was answered."""

    label: str
    attack: str
    budget: int
    seeds: int
    rows: tuple[tuple[int, ...], ...]

    @property
    def title(self) -> str:
        """What it is of."""
        return f"{self.label}, {self.attack}" if self.attack else self.label

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


def matrices(view: ScenarioView, found: pd.DataFrame) -> list[Matrix]:
    """Return the matrices at the largest budget of each method, summed over seeds.

    Args:
        view: the scenario.
        found: its rows of ``store.confusions``.

    Returns:
        Those on clean images first; of each attack the methods in the order of the main table.
    """
    made: dict[tuple[str, str], Matrix] = {}
    for (label, attack), rows in found.groupby(["label", "attack"], sort=True, observed=True):
        last = rows[rows["budget"] == rows["budget"].max()]
        square = [m for m in last["matrix"] if 0 < len(m) <= MOST_CLASSES and all(len(row) == len(m) for row in m)]
        same = [m for m in square if len(m) == len(square[0])]
        if same:
            made[str(label), str(attack)] = Matrix(
                str(label), str(attack), int(last["budget"].iloc[0]), len(same), _sum(same)
            )
    order = [line.standing.label for line in view.summaries]
    return sorted(made.values(), key=lambda m: (m.attack, order.index(m.label) if m.label in order else len(order)))


def _sum(found: list[list[list[int]]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(map(sum, zip(*rows, strict=True))) for rows in zip(*found, strict=True))

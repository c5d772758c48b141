"""Confusion matrices of a scenario, summed over seeds, as rows of numbers with the depth of their colour."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from benchbox.report.html.kept import KeptMatrix
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


def matrices(view: ScenarioView, kept: Iterable[KeptMatrix]) -> list[Matrix]:
    """Return the matrices at the largest budget of each method, summed over seeds.

    Args:
        view: the scenario.
        kept: those of its runs.

    Returns:
        Those on clean images first; of each attack the methods in the order of the main table.
    """
    last: dict[tuple[str, str], list[KeptMatrix]] = {}
    for one in kept:
        held = last.setdefault((one.label, one.attack), [])
        if held and held[0].budget < one.budget:
            held.clear()
        if not held or held[0].budget == one.budget:
            held.append(one)
    order = {line.standing.label: i for i, line in enumerate(view.summaries)}
    made = [matrix for held in last.values() if (matrix := _over_seeds(held))]
    return sorted(made, key=lambda m: (m.attack, order.get(m.label, len(order)), m.label))


def _over_seeds(kept: list[KeptMatrix]) -> Matrix | None:
    square = [m for _, _, _, m in kept if 0 < len(m) <= MOST_CLASSES and all(len(row) == len(m) for row in m)]
    same = [m for m in square if len(m) == len(square[0])]
    return Matrix(kept[0].label, kept[0].attack, kept[0].budget, len(same), _sum(same)) if same else None


def _sum(found: list[list[list[int]]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(map(sum, zip(*rows, strict=True))) for rows in zip(*found, strict=True))

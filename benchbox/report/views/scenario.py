"""All that a page says of one scenario."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from benchbox.report.statistics import front
from benchbox.report.views.points import Point, by_curve, points
from benchbox.report.views.rounds import collapses
from benchbox.report.views.standings import Standing, standings
from benchbox.report.views.success import Success, main_attacks
from benchbox.report.views.summary import Summary, areas, by_seed, comparable, summaries


@dataclass(frozen=True)
class ScenarioView:
    """All that a page says of one scenario.

    Attributes:
        standings: by label, in the order of the suite file.
        points: a row a label, metric, attack and budget; see ``points``.
        summaries: ranked methods first, best first.
        scores: by ranked method and seed, the area by which it is ranked.
        accuracies: by budget, ranked method and seed, its accuracy.
        leaders: by budget, the methods than which none is significantly better in accuracy.
        front: the same by area: those of rank 1.
        attacks: by ``untargeted`` and ``targeted``, the attack in the main table.
        unfinished: the rows of the cells frame that have no result.
    """

    name: str
    access: str
    substitute: str
    target: str
    target_sha256: str
    budgets: tuple[int, ...]
    example: str
    standings: dict[str, Standing]
    points: pd.DataFrame
    summaries: list[Summary]
    scores: dict[str, dict[int, float]]
    accuracies: dict[int, dict[str, dict[int, float]]]
    leaders: dict[int, frozenset[str]]
    front: frozenset[str]
    attacks: dict[str, Success]
    unfinished: pd.DataFrame

    @cached_property
    def at(self) -> dict[tuple[str, str, str], dict[int, Point]]:
        """The points by (label, metric, attack) and budget."""
        return by_curve(self.points)

    @cached_property
    def _curves(self) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for label, metric, attack in self.at:
            found.setdefault(label, []).append((metric, attack))
        return found

    def curves_of(self, label: str) -> list[tuple[str, str]]:
        """Return (metric, attack) of every curve of a method."""
        return self._curves.get(label, [])


def scenario_view(
    name: str, cells: pd.DataFrame, measurements: pd.DataFrame, notes: pd.DataFrame | None = None
) -> ScenarioView:
    """Return the view of one scenario.

    Args:
        name: the scenario's.
        cells: of the scenario.
        measurements: of these cells.
        notes: what generators noted of their rounds, as ``collapses`` takes it.
    """
    found = standings(cells)
    accuracy = measurements[(measurements["metric"] == "accuracy") & measurements["value"].notna()]
    curves = by_seed(accuracy)
    area = areas(curves) if len(curves) else pd.Series(dtype=float)
    budgets = tuple(sorted(int(budget) for budget in curves.columns))
    table = points(measurements)
    scores = comparable(found, area)
    accuracies = {budget: comparable(found, curves[budget]) for budget in budgets}
    done = cells[cells["status"] == "done"]
    game = (done if len(done) else cells).iloc[0]
    return ScenarioView(
        name=name,
        access=str(game["access"]),
        substitute=str(game["substitute"]),
        target=str(game["target"]),
        target_sha256=str(game["target_sha256"]),
        budgets=budgets,
        example=str(game["cell"]),
        standings=found,
        points=table,
        summaries=summaries(found, curves, area, by_curve(table), {} if notes is None else collapses(notes)),
        scores=scores,
        accuracies=accuracies,
        leaders={budget: front(scored) for budget, scored in accuracies.items()},
        front=front(scores),
        attacks=main_attacks(table),
        unfinished=cells[cells["status"] != "done"],
    )

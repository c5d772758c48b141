"""All that a page says of one scenario."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from benchbox.report.statistics import Contest, contest
from benchbox.report.views.points import Curves, points
from benchbox.report.views.rounds import collapses
from benchbox.report.views.standings import Installed, Standing, standings, wanted_seeds
from benchbox.report.views.success import Success, main_attacks
from benchbox.report.views.summary import Summary, areas, by_seed, comparable, summaries
from benchbox.scoring.metrics import HEADLINES, metric
from benchbox.target.zoo.spec import unseeded

if TYPE_CHECKING:
    import pandas as pd

MEASURED = ("label", "seed", "metric", "attack", "budget", "spent", "value", "n")
"""The columns of measurements that a view is of."""


@dataclass(frozen=True)
class ScenarioView:
    """All that a page says of one scenario.

    Attributes:
        main: the metric that methods are ranked by: ``accuracy``, or ``query_success`` of query attacks.
        standings: by label, in the order of the suite file.
        target: the target's name, without the seed where each replicate has its own.
        targets: sha256 of the targets that were attacked, in the order of the seeds.
        at: the points by (label, metric, attack) and budget.
        summaries: ranked methods first, best first.
        replicates: the main metric at the largest budget by label and seed.
        contest: of the ranked methods by area; None where too little is there to order them.
        contests: by budget, of the ranked methods by the main metric; without the budgets where too little is there.
        attacks: by ``untargeted`` and ``targeted``, the attack in the main table.
        unfinished: the rows of the cells frame that have no result.
    """

    name: str
    main: str
    access: str
    substitute: str
    target: str
    targets: tuple[str, ...]
    budgets: tuple[int, ...]
    example: str
    standings: dict[str, Standing]
    at: Curves
    summaries: list[Summary]
    replicates: dict[str, dict[int, float]]
    contest: Contest | None
    contests: dict[int, Contest]
    attacks: dict[str, Success]
    unfinished: pd.DataFrame

    @property
    def word(self) -> str:
        """What the main metric is called in a sentence."""
        return metric(self.main).title.lower()

    @property
    def searched(self) -> bool:
        """Whether its methods are query attacks."""
        return self.main == "query_success"

    @property
    def has_curves(self) -> bool:
        """Whether there is anything to draw: one budget has points, which the tables hold, and no curves."""
        return len(self.budgets) > 1

    @property
    def sealing(self) -> tuple[str, ...]:
        """How far players were sealed, of each method that has a result."""
        return tuple(standing.sealed for standing in self.standings.values() if standing.sealed)

    @property
    def trainers(self) -> dict[tuple[str, int], tuple[str, ...]]:
        """By trainer and its version the methods whose substitutes it makes; empty where all methods make their own."""
        found: dict[tuple[str, int], tuple[str, ...]] = {}
        for label, standing in self.standings.items():
            if standing.trainer:
                key = standing.trainer, standing.trainer_version
                found[key] = (*found.get(key, ()), label)
        return found

    @property
    def several_trainers(self) -> bool:
        """Whether its methods' substitutes are not all made by one trainer, whatever its version, or all by the methods."""
        return len({standing.trainer for standing in self.standings.values()}) > 1

    @property
    def outdated(self) -> tuple[Standing, ...]:
        """The methods whose figures are of another version than the one that is installed, of them or of their trainer."""
        return tuple(standing for standing in self.standings.values() if standing.outdated or standing.trainer_outdated)

    @cached_property
    def _curves(self) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for label, name, attack in self.at:
            found.setdefault(label, []).append((name, attack))
        return found

    def curves_of(self, label: str) -> list[tuple[str, str]]:
        """Return (metric, attack) of every curve of a method."""
        return self._curves.get(label, [])


def _main(measurements: pd.DataFrame) -> str:
    """Return the metric by which a scenario's methods are ranked; the first there is where nothing is measured."""
    measured = set(measurements["metric"].unique())
    return next((name for name in HEADLINES if name in measured), HEADLINES[0])


def _counting(rows: pd.DataFrame, found: dict[str, Standing]) -> pd.DataFrame:
    """Return the rows of seeds that count, and those of methods that have no result but with others."""
    other = [label for label, standing in found.items() if standing.state == "other seeds"]
    wanted = {seed for standing in found.values() for seed in standing.wanted}
    return rows[rows["seed"].isin(wanted) | rows["label"].isin(other)]


def scenario_view(
    name: str,
    cells: pd.DataFrame,
    measurements: pd.DataFrame,
    notes: pd.DataFrame | None = None,
    installed: Installed | None = None,
    seeds: Collection[int] = (),
    verified: Collection[str] = (),
) -> ScenarioView:
    """Return the view of one scenario.

    Args:
        name: the scenario's.
        cells: of the scenario.
        measurements: of these cells; no columns but ``MEASURED`` are looked at.
        notes: what generators noted of their rounds, as ``collapses`` takes it.
        installed: what to hold the versions of methods and trainers against.
        seeds: those of the suite's file; empty where it is not known.
        verified: the ids of cells that are marked so.
    """
    found = standings(cells, installed, wanted_seeds(cells, seeds), verified)
    cells, measurements = _counting(cells, found), _counting(measurements, found)
    main = _main(measurements)
    curves = by_seed(measurements, main)
    area = areas(curves)
    at = points(measurements)
    ranked = contest(comparable(found, curves.by_label(area)))
    contests = {
        budget: contest(comparable(found, curves.by_label(values)))
        for budget, values in zip(curves.budgets, curves.values.T, strict=True)
    }
    done = cells["status"].to_numpy() == "done"
    first = int(done.argmax())  # that is done, or of all
    game = {name: str(cells[name].iat[first]) for name in ("access", "substitute", "target", "cell")}
    attacked = (cells[done] if done.any() else cells).sort_values("seed", kind="stable")
    return ScenarioView(
        name=name,
        main=main,
        access=game["access"],
        substitute=game["substitute"],
        target=unseeded(game["target"]) if attacked["target"].nunique() > 1 else game["target"],
        targets=tuple(attacked["target_sha256"].unique()),
        budgets=tuple(curves.budgets),
        example=game["cell"],
        standings=found,
        at=at,
        summaries=summaries(
            found,
            main,
            curves,
            area,
            ranked.places() if ranked else {},
            at,
            {} if notes is None else collapses(_counting(notes, found)),
        ),
        replicates=curves.by_label(curves.values[:, -1]) if curves.budgets else {},
        contest=ranked,
        contests={budget: held for budget, held in contests.items() if held},
        attacks=main_attacks(at),
        unfinished=cells[~done],
    )

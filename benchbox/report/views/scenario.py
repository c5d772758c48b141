"""All that a page says of one scenario."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchbox.report.statistics import Contest, Difference, Interval, contest
from benchbox.report.views.points import GAME, Curves, Game, Point, Success, main_attacks, points, rows
from benchbox.report.views.standings import Enrolled, Installed, Standing, by_game, standings
from benchbox.report.views.summary import Summary, areas, at_budget, collapse, comparable, one_class, summaries
from benchbox.scoring.metrics import HEADLINES, metric
from benchbox.target.zoo.spec import TargetSpec, unseeded

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class ScenarioView:
    """All that a page says of one scenario.

    Attributes:
        main: the metric that methods are ranked by: ``accuracy``, or ``query_success`` of query attacks.
        standings: by label, in the order of the suite file.
        target: the target's name, without the seed where each replicate has its own.
        environments: the methods that were played in each, by its hash.
        budgets: those of the methods that may be ranked, or of all where none may.
        targets: sha256 of the targets that were attacked, in the order of the seeds.
        one_target: whether all seeds attacked one target where the suite gives each its own; then nobody is ranked.
        at: the points by (label, metric, attack) and budget.
        summaries: ranked methods first, best first.
        example: the id of one of its cells, by which its rules are found; of a method that may be ranked, where there is one.
        replicates: the main metric at the largest budget by label and seed.
        contest: of the ranked methods by area; None where too little is there to order them.
        contests: by budget, of the ranked methods by the main metric; without the budgets where too little is there.
        attacks: by ``untargeted`` and ``targeted``, the attack in the main table.
        unfinished: the cells that have no result.
        left_out: by label the seeds that have a result and do not count, because others lack them.
    """

    name: str
    main: str
    access: str
    substitute: str
    target: str
    targets: tuple[str, ...]
    one_target: bool
    environments: dict[str, tuple[str, ...]]
    budgets: tuple[int, ...]
    example: str
    standings: dict[str, Standing]
    at: Curves
    summaries: list[Summary]
    replicates: dict[str, dict[int, float]]
    contest: Contest | None
    contests: dict[int, Contest]
    attacks: dict[str, Success]
    unfinished: list[Enrolled]
    left_out: dict[str, list[int]]

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
    def sealing(self) -> dict[str, list[str]]:
        """The methods that have a result, by how far their players were sealed."""
        found: dict[str, list[str]] = {}
        for standing in self.standings.values():
            if standing.sealed:
                found.setdefault(standing.sealed, []).append(standing.label)
        return found

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

    @property
    def largest(self) -> str:
        """The largest budget, in words."""
        return f"{self.budgets[-1]:,}" if self.budgets else "the last budget"

    def curve(self, label: str, name: str = "", attack: str = "") -> dict[int, Point]:
        """Return a method's curve, of the main metric where none is named; empty where it has none."""
        return self.at.get((label, name or self.main, attack), {})

    def last(self, label: str, name: str, attack: str = "") -> Point | None:
        """Return where a method's curve stands at the largest budget."""
        return self.curve(label, name, attack).get(self.budgets[-1]) if self.budgets else None

    def curves_of(self, label: str) -> list[tuple[str, str]]:
        """Return (metric, attack) of every curve of a method."""
        return [(name, attack) for who, name, attack in self.at if who == label]


def scenario_views(
    cells: pd.DataFrame,
    measurements: pd.DataFrame,
    notes: pd.DataFrame | None = None,
    installed: Installed | None = None,
    seeds: Mapping[str, Collection[int]] | None = None,
    verified: Collection[str] = (),
    drawn: Collection[tuple[str, str]] = (),
    confusions: pd.DataFrame | None = None,
) -> dict[Game, ScenarioView]:
    """Return the views of scenarios, in the order of their cells.

    Args:
        cells: the store's, of whole scenarios.
        measurements: of these cells.
        notes: what generators noted as ``COMMONEST`` of their rounds.
        seeds: by suite those of its file, where it is known.
        installed, verified: see ``standings``.
        drawn: the suites and scenarios whose file gives each seed a target of its own.
        confusions: of substitutes, at any budgets.
    """
    games = by_game(cells)
    found = {game: standings(mine, installed, (seeds or {}).get(game[0], ()), verified) for game, mine in games.items()}
    counting = {game: _counting(standing) for game, standing in found.items()}
    every = measurements.groupby([*GAME, "label", "seed"], observed=True, sort=False)
    counts = [counting[tuple(game)](label, seed) for *game, label, seed in every.size().index]
    counted = measurements[np.array(counts, dtype=bool)[every.ngroup()]]
    at = points(counted)
    collapsed: dict[Game, dict[str, dict[int, int]]] = {}
    for game, label, seed, noted in () if notes is None else rows(notes, "label", "seed", "points"):
        if counting[game](label, seed) and (spent := collapse(noted)) is not None:
            collapsed.setdefault(game, {}).setdefault(label, {})[seed] = spent
    for game, label, seed, spent in _one_class(confusions):
        if counting[game](label, seed):
            collapsed.setdefault(game, {}).setdefault(label, {}).setdefault(seed, spent)
    return {
        game: _view(game, mine, found[game], at.get(game, {}), collapsed.get(game, {}), drawn)
        for game, mine in games.items()
    }


def _one_class(confusions: pd.DataFrame | None) -> Iterator[tuple[Game, str, int, int]]:
    """Yield the runs whose last substitute gives nearly all test images one class, and the budget of that."""
    if confusions is None or confusions.empty:
        return
    last = confusions.sort_values("budget", kind="stable").drop_duplicates([*GAME, "label", "seed"], keep="last")
    for game, label, seed, budget, matrix in rows(last, "label", "seed", "budget", "matrix"):
        if one_class(matrix):
            yield game, label, seed, int(budget)


def _counting(found: Mapping[str, Standing]) -> Callable[[str, int], bool]:
    """Return whether a run counts: of seeds that do, and of methods that have no result but with others."""
    other = {label for label, standing in found.items() if standing.state == "other seeds"}
    wanted = {seed for standing in found.values() for seed in standing.wanted}
    return lambda label, seed: seed in wanted or label in other


def _main(curves: Curves) -> str:
    """Return the metric by which a scenario's methods are ranked; the first there is where nothing is measured."""
    measured = {name for _, name, _ in curves}
    return next((name for name in HEADLINES if name in measured), HEADLINES[0])


def _view(
    game: Game,
    cells: list[Enrolled],
    found: dict[str, Standing],
    at: Curves,
    collapsed: dict[str, dict[int, int]],
    drawn: Collection[tuple[str, str]],
) -> ScenarioView:
    counting = _counting(found)
    left_out: dict[str, list[int]] = {}
    for cell in cells:
        if cell.done and not counting(cell.label, cell.seed):
            left_out.setdefault(cell.label, []).append(cell.seed)
    cells = [cell for cell in cells if counting(cell.label, cell.seed)]
    main = _main(at)
    runs = _runs(at, main)
    allowed = {label: mine for label, mine in runs.items() if found[label].ranked}
    budgets = sorted({at for mine in (allowed or runs).values() for curve in mine.values() for at in curve})
    area = areas(runs, budgets)
    done = [cell for cell in cells if cell.done]
    one_target = (game[0], game[2]) in drawn and _one_target(c for c in done if found[c.label].ranked)
    ranked = None if one_target else contest(comparable(found, area))
    contests = {at: contest(comparable(found, at_budget(runs, at))) for at in budgets if not one_target}
    attacked = sorted(done or cells, key=lambda cell: cell.seed)
    first = next((cell for cell in done if found[cell.label].ranked), (done or cells)[0])
    return ScenarioView(
        name=game[2],
        main=main,
        access=first.access,
        substitute=first.substitute,
        target=unseeded(first.target) if len({cell.target for cell in attacked}) > 1 else first.target,
        targets=tuple(dict.fromkeys(cell.target_sha256 for cell in attacked)),
        one_target=one_target,
        environments=_environments(done),
        budgets=tuple(budgets),
        example=first.cell,
        standings=found,
        at=at,
        summaries=summaries(found, main, runs, area, ranked.places() if ranked else {}, at, collapsed, budgets),
        replicates=at_budget(runs, budgets[-1]) if budgets else {},
        contest=ranked,
        contests={budget: held for budget, held in contests.items() if held},
        attacks=main_attacks(at),
        unfinished=[cell for cell in cells if not cell.done],
        left_out={label: sorted(left_out[label]) for label in found if label in left_out},
    )


def _environments(done: Iterable[Enrolled]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for cell in done:
        if cell.environment:
            found.setdefault(cell.environment, {})[cell.label] = None
    return {environment: tuple(labels) for environment, labels in found.items()}


def _runs(at: Curves, main: str) -> dict[str, dict[int, dict[int, float]]]:
    """Return the main metric of every run, by label, seed and budget."""
    runs: dict[str, dict[int, dict[int, float]]] = {}
    for (label, name, _), curve in at.items():
        for budget, point in curve.items() if name == main else ():
            for seed, value in point.by_seed.items():
                runs.setdefault(label, {}).setdefault(seed, {})[budget] = value
    return runs


def _one_target(cells: Iterable[Enrolled]) -> bool:
    """Whether several seeds attacked one target, which a recipe made: one that somebody gives can be no other."""
    played = {(cell.seed, cell.target) for cell in cells}
    names = {target for _, target in played}
    return len(played) > len(names) == 1 and all(map(TargetSpec.named, names))


def yardstick(view: ScenarioView) -> Standing | None:
    """Return the method that the others are held against: the first ranked one of the suite file, as ``random``."""
    first = next(iter(view.standings.values()), None)
    return first if first and first.ranked else None


class Lead(NamedTuple):
    """Who is first at a budget of a scenario."""

    view: ScenarioView
    budget: int
    held: Contest

    @property
    def first(self) -> str:
        """The method of the highest mean."""
        return self.held.names[0]

    @property
    def standing(self) -> Standing:
        """How it stands."""
        return self.view.standings[self.first]

    @property
    def equal(self) -> list[Standing]:
        """The other methods of that mean."""
        return [self.view.standings[label] for label in self.held.firsts[1:]]

    @property
    def open(self) -> list[Standing]:
        """The methods that the data do not tell from it, best mean first; it leads where there is none."""
        return [self.view.standings[label] for label in self.held.open]

    @property
    def best(self) -> Interval:
        """The metric that decides, of the first, over seeds."""
        return self.view.at[self.first, self.view.main, ""][self.budget]

    @property
    def ahead(self) -> Difference:
        """How far the first is ahead of the second."""
        return self.held.difference(self.first, self.held.names[1])

    @property
    def over(self) -> tuple[str, Difference] | None:
        """The scenario's plainest method, which may be the first itself, and how far that is ahead; None if not ranked here."""
        plain = yardstick(self.view)
        if plain is None or plain.label not in self.held.names:
            return None
        return plain.label, self.held.difference(self.first, plain.label)


def leads(view: ScenarioView) -> dict[int, Lead]:
    """Return who is first by budget, ascending; empty where nobody can be ranked."""
    return {budget: Lead(view, budget, held) for budget, held in sorted(view.contests.items())}

"""From a store's cells to a baseline."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from benchbox.distribution import version
from benchbox.errors import BaselineError
from benchbox.records import Status
from benchbox.regression.baseline import DIGITS, Baseline, Figure, Group
from benchbox.regression.soundness import LEAST_SEEDS, check
from benchbox.scoring.metrics import metric
from benchbox.store.games import shared
from benchbox.store.wanted import wanted

if TYPE_CHECKING:
    import pandas as pd

    from benchbox.store import Store

_OF_FIGURES = ("metric", "attack", "budget")


def freeze(store: Store, suite: str, **filters: Any) -> Baseline:
    """Freeze the results of a suite's cells.

    Args:
        store: holds them.
        suite: the suite's name, as the store has it.
        filters: what narrows it: ``dataset``, ``scenario``, ``method``, ``metric``, ``attack``, ``budget``, each a
            sequence of values; an empty one narrows nothing.

    Raises:
        UnknownNameError: the store holds nothing of a name; the sentence says the nearest.
        BaselineError: a cell has no result, a method fewer than two seeds, its seeds were played by different rules, or
            a value is beyond its metric's range.
    """
    asked = wanted(store, {"suite": [suite], **{name: values for name, values in filters.items() if values}})
    narrowing: Any = {name: values for name, values in asked.items() if name not in _OF_FIGURES}
    cells = store.cells(**narrowing)
    cells = cells[cells.status != Status.NOT_APPLICABLE.value]
    _check_done(cells, suite)
    numbers = quality(store.measurements(**asked))
    rules: dict[str, dict[str, Any]] = {}
    groups = [
        _group(store, rules, place, rows, numbers)
        for place, rows in cells.groupby(["dataset", "scenario", "label"], sort=True)
    ]
    groups = [group for group in groups if group.figures]
    if not groups:
        raise BaselineError(f"nothing that was asked for was measured in suite '{suite}'")
    baseline = Baseline(
        benchbox=version(),
        suite=suite,
        newest=str(cells.finished.max()),
        figures=sum(len(group.figures) for group in groups),
        rules=rules,
        groups=tuple(groups),
    )
    check(baseline, f"'{store.address}', suite '{suite}'")
    return baseline


def quality(measurements: pd.DataFrame) -> pd.DataFrame:
    """Return the measurements that say how good an attacker is: of metrics that have a floor for the gate."""
    names = [str(name) for name in measurements["metric"].unique()]
    return measurements[measurements["metric"].isin([name for name in names if metric(name).floor is not None])]


def identity(store: Store, cell: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None]:
    """Return (rules, method, trainer) of a stored cell, as JSON data: what its replicates share, and its line-up."""
    detail = store.cell(cell)
    found = detail.identity
    rules = {**shared(found["scenario"], detail.target), "scoring_version": found["scoring_version"]}
    return rules, found["method"], found.get("trainer")


def one_line_up(cells: pd.DataFrame) -> bool:
    """Whether all cells of a method were played by the same rules, and versions of it and its trainer."""
    return len(cells[["game", "version", "trainer", "trainer_version"]].drop_duplicates()) == 1


def targets_of(cells: pd.DataFrame) -> dict[int, str]:
    """Return sha256 of the target that each seed of a method played."""
    return {int(seed): str(sha256) for seed, sha256 in zip(cells.seed, cells.target_sha256, strict=True)}


def figures(rows: pd.DataFrame) -> dict[tuple[str, str, int], dict[int, float | None]]:
    """Return values by seed, by (metric, attack, budget), rounded as a baseline keeps them; None where nothing counted."""
    found: dict[tuple[str, str, int], dict[int, float | None]] = {}
    for row in rows.to_dict("records"):
        value = None if math.isnan(row["value"]) else round(float(row["value"]), DIGITS)
        key = (str(row["metric"]), str(row["attack"]), int(row["budget"]))
        found.setdefault(key, {})[int(row["seed"])] = value
    return found


def _check_done(cells: pd.DataFrame, suite: str) -> None:
    if cells.empty:
        raise BaselineError(f"suite '{suite}' has no cell of what was asked for")
    undone = cells[cells.status != Status.DONE.value]
    if len(undone):
        first = undone.iloc[0]
        raise BaselineError(
            f"{len(undone)} of {len(cells)} cells of suite '{suite}' have no result, the first is {first.label} in "
            f"{first.scenario}, seed {first.seed} ({first.status}); run the suite until all are done, or leave them out"
        )


def _group(
    store: Store, rules: dict[str, dict[str, Any]], place: Any, rows: pd.DataFrame, numbers: pd.DataFrame
) -> Group:
    dataset, scenario, label = place
    where = f"{label} in {scenario} on {dataset}"
    if len(rows) < LEAST_SEEDS:
        raise BaselineError(f"{where} has {len(rows)} seed; a noise band needs {LEAST_SEEDS}, and is narrow from 8")
    if not one_line_up(rows):
        raise BaselineError(
            f"the seeds of {where} were played by different rules, versions or trainers; run the suite again"
        )
    scenario_rules, method, trainer = identity(store, rows.cell.iloc[0])
    key = str(rows.game.iloc[0])[:12]
    rules[key] = scenario_rules
    mine = numbers[numbers.cell.isin(set(rows.cell))]
    targets = targets_of(rows)
    seeds = tuple(sorted(targets))
    return Group(
        dataset=dataset,
        scenario=scenario,
        label=label,
        rules=key,
        method=method,
        trainer=trainer,
        package=f"{rows.package.iloc[0]} {rows.package_version.iloc[0]}".strip(),
        seeds=seeds,
        targets=tuple(targets[seed] for seed in seeds),
        figures=tuple(_figures(mine, seeds)),
    )


def _figures(numbers: pd.DataFrame, seeds: tuple[int, ...]) -> list[Figure]:
    made = []
    for (name, attack, budget), found in sorted(figures(numbers).items()):
        values = tuple(found.get(seed) for seed in seeds)
        if sum(value is not None for value in values) >= LEAST_SEEDS:
            made.append(Figure(metric=name, attack=attack, budget=budget, values=values))
    return made

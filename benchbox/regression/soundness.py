"""What a baseline must be, so that a comparison with it can turn red: checked when one is made, and when one is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from benchbox.errors import BaselineError
from benchbox.scoring.metrics import metric

if TYPE_CHECKING:
    from benchbox.regression.baseline import Baseline, Figure, Group

LEAST_SEEDS = 2
"""A noise band needs two values."""
_AGAIN = "save it again with 'benchbox baseline save'"


def check(baseline: Baseline, where: str) -> None:
    """Refuse a baseline that would let anything pass.

    Args:
        baseline: what is checked.
        where: what it is called in a sentence.

    Raises:
        BaselineError: groups or figures were taken out, something is there twice, or a value is none of its metric.
    """
    if not baseline.groups:
        raise BaselineError(f"{where} holds no groups, so nothing would be compared: {_AGAIN}")
    for key, rules in baseline.rules.items():
        if not all(isinstance(rules.get(name), str) for name in ("target", "dataset_hash")):
            raise BaselineError(f"{where}: the rules '{key}' name no target or no data")
    for place in _twice(group.place for group in baseline.groups):
        dataset, scenario, label = place
        raise BaselineError(f"{where}: {label} in {scenario} on {dataset} is there twice")
    for group in baseline.groups:
        _check_group(group, baseline, f"{where}, {group.label} in {group.scenario}")
    if baseline.figures != baseline.count:
        raise BaselineError(
            f"{where} holds {baseline.count} of the {baseline.figures} figures that were saved: {_AGAIN}"
        )


def _check_group(group: Group, baseline: Baseline, where: str) -> None:
    if group.rules not in baseline.rules:
        raise BaselineError(f"{where}: its rules '{group.rules}' are not in the file")
    if not {"kind", "name", "version"} <= group.method.keys():
        raise BaselineError(f"{where}: its method has no kind, name or version")
    if group.trainer is not None and not {"name", "version"} <= group.trainer.keys():
        raise BaselineError(f"{where}: its trainer has no name or version")
    for seed in _twice(group.seeds):
        raise BaselineError(f"{where}: seed {seed} is there twice")
    if len(group.seeds) < LEAST_SEEDS or min(group.seeds) < 0:
        raise BaselineError(
            f"{where}: a noise band needs {LEAST_SEEDS} seeds, none below 0; it has {list(group.seeds)}"
        )
    if len(group.targets) != len(group.seeds):
        raise BaselineError(f"{where}: it names {len(group.targets)} targets for {len(group.seeds)} seeds")
    if not group.figures:
        raise BaselineError(f"{where}: its figures were taken out, so nothing of it would be compared: {_AGAIN}")
    for name, attack, budget in _twice(figure.key for figure in group.figures):
        raise BaselineError(f"{where}: {name}{f', {attack},' if attack else ''} at {budget} queries is there twice")
    for figure in group.figures:
        _check_figure(figure, group, where)


def _check_figure(figure: Figure, group: Group, where: str) -> None:
    if len(figure.values) != len(group.seeds):
        raise BaselineError(f"{where}: {figure.metric} has {len(figure.values)} values for {len(group.seeds)} seeds")
    unit = metric(figure.metric).unit
    for seed, value in zip(group.seeds, figure.values, strict=True):
        if value is not None and not unit.holds(value):
            raise BaselineError(f"{where}: {figure.metric} at seed {seed} is {value:g}, not {unit.range}")
    if sum(value is not None for value in figure.values) < LEAST_SEEDS:
        raise BaselineError(f"{where}: {figure.metric} has fewer than {LEAST_SEEDS} values, which make no noise band")


def _twice(keys: Iterable[Any]) -> list[Any]:
    return [key for key, count in Counter(keys).items() if count > 1]

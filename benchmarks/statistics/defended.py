"""What defences, and poorer answers, take from attackers, and what honest clients are told, held against the store."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from figures import Check, Key, Values, student
from pages import Part, bare
from stored import Game

COSTS = {
    "right": "honest_accuracy",
    "changed": "honest_changed",
    "off in confidence": "honest_calibration",
    "moved": "honest_distance",
    "false alarms": "false_alarms",
    "first false alarm": "false_first_alarm",
}
UNDEFENDED = {"honest_accuracy": "bare_accuracy", "honest_calibration": "bare_calibration"}
BARE = "no defence"


class Loss(NamedTuple):
    """What a defence takes in the mean over attackers, in points, with the interval's ends where there are any."""

    attackers: list[str]
    replicates: int
    mean: float
    ends: tuple[float, ...]

    @property
    def size(self) -> tuple[int, int]:
        """How many attackers and replicates it is of."""
        return len(self.attackers), self.replicates

    @property
    def told(self) -> bool:
        """Whether there is an interval, and 0 lies outside."""
        return bool(self.ends) and not self.ends[0] <= 0 <= self.ends[1]


class Matrix(NamedTuple):
    """Games that differ in their defence alone, or in what an answer holds.

    Attributes:
        rows: the games of each, that without a defence, or with whole probabilities, first.
        metric: what attackers reach.
    """

    rows: dict[str, list[Game]]
    metric: str

    @property
    def first(self) -> str:
        return next(iter(self.rows))

    @property
    def attackers(self) -> list[str]:
        return list(dict.fromkeys(label for games in self.rows.values() for game in games for label in game.methods))

    @property
    def budget(self) -> int:
        return max(game.budgets[-1] for game in self.rows[self.first])

    def reached(self, row: str, attacker: str) -> Values:
        return at_last(self.rows[row], attacker, self.metric)

    def taken(self, row: str, attacker: str) -> dict[int, float]:
        """Return by seed what a defence takes from an attacker, in points; nothing where other replicates played it."""
        bare, held = self.reached(self.first, attacker).by_seed, self.reached(row, attacker).by_seed
        same = drawn(self.rows[self.first], attacker) == drawn(self.rows[row], attacker)
        return {seed: 100 * (value - held[seed]) for seed, value in bare.items()} if same else {}

    def taken_in_the_mean(self) -> dict[str, Loss]:
        """Return by defence what it takes in the mean over attackers."""
        found: dict[str, Loss] = {}
        for row in list(self.rows)[1:]:
            taken = {who: mine for who in self.attackers if (mine := self.taken(row, who))}
            seeds = sorted(set.intersection(*map(set, taken.values()))) if taken else []
            each = [float(np.mean([mine[seed] for mine in taken.values()])) for seed in seeds]
            if each:
                found[row] = Loss(list(taken), len(seeds), float(np.mean(each)), ends(each, len(self.rows) - 1))
        return found


def matrix(games: Mapping[str, Game], named: str) -> Matrix:
    """Return the games of a heading, ``real data and mended or invented images``, by how they differ.

    Their names end in a defence, ``real data, mad``, or in what an answer holds; or they begin with that.
    """
    rows: dict[str, list[Game]] = {}
    for name in named.split(" and "):
        rest = name.partition(", ")[2]
        for scenario, game in games.items():
            if scenario.startswith(f"{name}, "):
                rows.setdefault(scenario.removeprefix(f"{name}, ").replace("bare", BARE), []).append(game)
            elif name in games and scenario.partition(", ")[2] == rest:
                rows.setdefault(game.access, []).append(game)
    first = BARE if BARE in rows else "probabilities"
    rows = {first: rows.pop(first), **rows}
    success = any(metric == "query_success" for game in rows[first] for _, metric, _ in game.curves)
    return Matrix(rows, "query_success" if success else "fidelity")


def ends(differences: list[float], claims: int) -> tuple[float, ...]:
    """Return the ends of the interval of a mean of differences in points, one of some that hold together."""
    if len(differences) < 2:
        return ()
    mean, error = np.mean(differences), np.std(differences, ddof=1) / math.sqrt(len(differences))
    half = student(1 - 0.05 / (2 * claims), len(differences) - 1) * error
    return max(float(mean - half), -100.0), min(float(mean + half), 100.0)


def drawn(games: Iterable[Game], method: str) -> dict[int, tuple[str, int, int]]:
    """Return by seed the target that a method attacked, and the versions of the method and of its trainer."""
    runs = [run for game in games if method in game.methods for run in game.done(method)]
    return {run.seed: (run.sha256, run.version, run.trainer_version) for run in runs}


def at_last(games: Iterable[Game], method: str, metric: str) -> Values:
    """Return a metric at the largest budget, of the game in which the method plays."""
    found = (game.curve(method, metric) for game in games)
    return next((curve[max(curve)] for curve in found if curve), Values())


def honest(games: Iterable[Game], metric: str) -> Values:
    """Return what an honest client was told, one value a replicate: all its cells measured the same."""
    found = Values()
    for game in games:
        for method in game.methods:
            last = at_last([game], method, metric)
            found.by_seed = last.by_seed | found.by_seed
            found.n = found.n or last.n
    return found


def sentence(check: Check, where: Key, held: Matrix, part: Part) -> None:
    """Check of how many images, and by how many queries the figures are."""
    if found := re.search(r"honest client of (.*?) test images", part.text):
        sizes = {n for games in list(held.rows.values())[1:] for n in honest(games, "honest_accuracy").n}
        check.said("an honest client's images", where, found[1], "#", *(sizes if len(sizes) == 1 else [math.nan]))
    elif found := re.fullmatch(
        r"The figures: .*(?:, by| within) (.*?) queries(?: an example)?, in per cent\.", part.text
    ):
        check.said("budget of a defence's figures", where, found[1], "#", held.budget)
    else:
        raise ValueError(f"nobody recomputes {part.text!r}")


def table(check: Check, where: Key, held: Matrix, part: Part) -> None:
    """Check what attackers reach behind defences or with poorer answers, what that took, and what honest clients are told."""
    for row in part.rows:
        name, at = bare(row[0]), (*where, row[0])
        if part.head[1] == "attacker":
            alarms = at_last(held.rows[name], bare(row[1]), "first_alarm")
            seeds = len(at_last(held.rows[name], bare(row[1]), held.metric).by_seed)
            check.figure("first alarm", (*at, row[1]), row[2], alarms, "first_alarm", seeds)
            continue
        for title, cell in zip(part.head[1:], row[1:], strict=True):
            if cost := COSTS.get(title):
                values, metric = _told(held, name, cost)
                check.figure("cost of a defence", (*at, title), cell, values, metric, len(values.by_seed))
            else:
                _reached(check, (*at, title), held, name, bare(title), cell)


def _told(held: Matrix, name: str, cost: str) -> tuple[Values, str]:
    """Return what honest clients were told, and as which metric; without a defence as it was measured beside one."""
    if name != held.first:
        return honest(held.rows[name], cost), cost
    beside = [game for games in list(held.rows.values())[1:] for game in games]
    return (honest(beside, UNDEFENDED[cost]), UNDEFENDED[cost]) if cost in UNDEFENDED else (Values(), cost)


def _reached(check: Check, where: Key, held: Matrix, name: str, attacker: str, cell: str) -> None:
    figure, _, taken = cell.rpartition(" (") if re.search(r" \([-+]", cell) else (cell, "", "")
    values, points = held.reached(name, attacker), list(held.taken(name, attacker).values())
    check.figure("reached behind a defence", where, figure, values, held.metric, len(values.by_seed))
    if name == held.first or not points:
        check.text("taken by a defence", where, taken, "")
    else:
        check.said("taken by a defence", where, taken, "#)", -float(np.mean(points)))

"""What a stranger reads of the store by SQL: the values of every curve, and how each run of a scenario went."""

from __future__ import annotations

import json
import math
import re
import sqlite3
import tomllib
import zlib
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from figures import Contest, Key, Values, areas, contest

SUITES = Path(__file__).parents[1]
MEASURED = """
SELECT place.suite, place.dataset, place.scenario, place.label, cells.seed, cells.id, metrics.name, attacks.name,
       measured.budget, measured.spent, measured.value, measured.n
FROM suite_cells AS place
JOIN cells ON cells.number = place.cell
JOIN measurements AS measured ON measured.cell = cells.number
JOIN metrics ON metrics.number = measured.metric
JOIN attacks ON attacks.number = measured.attack
WHERE cells.status = 'done' AND measured.value IS NOT NULL
"""
PLAYED = """
SELECT place.suite, place.dataset, place.scenario, place.label, place.seed, cells.id, COALESCE(cells.status, 'missing'),
       cells.error, cells.seconds, cells.privileged, COALESCE(cells.sealed, 'not recorded'), methods.kind,
       methods.version, cells.trainer, cells.trainer_version, scenarios.target, scenarios.target_sha256, scenarios.substitute,
       scenarios.access, noted.points, copy.matrix, json_extract(cells.identity, '$.scoring_version'),
       json_extract(scenarios.pool, '$.dataset'), scenarios.identity,
       cells.identity || COALESCE(scenarios.pool, '') || COALESCE(environments.data, '')
FROM suite_cells AS place
JOIN cells ON cells.number = place.cell
JOIN methods ON methods.number = cells.method
JOIN scenarios ON scenarios.number = cells.scenario
LEFT JOIN environments ON environments.hash = cells.environment
LEFT JOIN diagnostics AS noted ON noted.cell = cells.number AND noted.name = 'commonest'
LEFT JOIN (
  SELECT found.cell, found.matrix, max(found.budget) FROM confusions AS found
  JOIN attacks ON attacks.number = found.attack AND attacks.name = '' GROUP BY found.cell
) AS copy ON copy.cell = cells.number
ORDER BY place.suite, place.dataset, place.scenario, place.position, place.label, place.seed
"""
COLLAPSED, ROUNDS = 0.95, 3
WORST_FIRST = ("no", "not recorded", "process", "sandbox")


class Run(NamedTuple):
    """How one seed of a method went: a row of ``PLAYED`` behind the method's name."""

    seed: int
    cell: str
    status: str
    error: str
    seconds: float | None
    privileged: bool
    sealed: str
    kind: str
    version: int
    trainer: str
    trainer_version: int
    target: str
    sha256: str
    substitute: str
    access: str
    noted: bytes | None
    copy: bytes | None
    scoring: int
    pool_dataset: str | None
    rules: str
    others: str

    @property
    def collapsed(self) -> bool:
        """Whether over 95 % of the answers were of one class for three rounds in a row, or of what the last copy says."""
        row = 0
        for _, share in json.loads(zlib.decompress(self.noted)) if self.noted else ():
            row = row + 1 if share > COLLAPSED else 0
            if row == ROUNDS:
                return True
        given = np.array(json.loads(zlib.decompress(self.copy))).sum(0) if self.copy else np.zeros(1)
        return bool(given.max() > COLLAPSED * given.sum())


@dataclass
class Game:
    """A scenario of a suite on a data set.

    Attributes:
        key: suite, data set and scenario.
        methods: the runs of each, in the order of the suite.
        curves: the values by (method, metric, attack) and budget, of the runs that count.
        odd: by method a state that these scripts do not find out themselves: that it was played by other rules.
    """

    key: Key
    methods: dict[str, list[Run]] = field(default_factory=dict)
    curves: dict[Key, dict[int, Values]] = field(default_factory=dict)
    odd: dict[str, str] = field(default_factory=dict)

    @property
    def runs(self) -> list[Run]:
        return [run for mine in self.methods.values() for run in mine]

    @property
    def example(self) -> Run:
        """The run by which the rules are told: the first with a result, of a method that may be ranked where there is one."""
        done = [run for run in self.runs if run.status == "done"]
        return next((run for label in self.allowed for run in self.done(label)), next(iter(done), self.runs[0]))

    @property
    def access(self) -> str:
        """What an answer holds."""
        return self.example.access

    @cached_property
    def wanted(self) -> list[int]:
        """The seeds that count: the suite's, and those that all methods with a result have."""
        played, own = {run.seed for run in self.runs}, set(range(suite_file(self.key[0]).get("seeds", 0)))
        done = [{run.seed for run in mine if run.status == "done"} for mine in self.methods.values()]
        shared = set.intersection(*filter(None, done)) if any(done) else set()
        return sorted(played & (own | shared)) if played & own else sorted(played)

    def done(self, label: str) -> list[Run]:
        """Return the runs of a method that count and have a result."""
        done = [run for run in self.methods[label] if run.status == "done"]
        return [run for run in done if run.seed in self.wanted] or done

    def left_out(self, label: str) -> list[int]:
        """Return the seeds of a method that have a result and do not count beside the others'."""
        counted = {run.seed for run in self.done(label)}
        return sorted(run.seed for run in self.methods[label] if run.status == "done" and run.seed not in counted)

    def state(self, label: str) -> str:
        """Return how far a method has come, as tables say it; ``complete`` where nothing is missing."""
        done, statuses = len(self.done(label)), {run.status for run in self.methods[label]}
        if label in self.odd:
            return self.odd[label]
        if done:
            return "complete" if done == len(self.wanted) else f"{done} of {len(self.wanted)} seeds"
        known = (status for status in ("failed", "interrupted", "superseded", "not-applicable") if status in statuses)
        return next(known, "missing").replace("-", " ")

    def whole(self, label: str) -> bool:
        return self.state(label) == "complete"

    def bars(self, label: str) -> str:
        """Return what keeps a method from being ranked, however complete it is."""
        privileged = any(run.privileged for run in self.methods[label])
        return ", ".join(["privileged"] * privileged + ["unsealed"] * (self.sealed(label) == "no"))

    def sealed(self, label: str) -> str:
        """Return how far its players were sealed, the least over its seeds; empty without a result."""
        return next((word for word in WORST_FIRST if word in {run.sealed for run in self.done(label)}), "")

    @cached_property
    def main(self) -> str:
        """The metric that methods are ranked by."""
        return "query_success" if self.runs[0].kind == "query-attack" else "accuracy"

    @property
    def word(self) -> str:
        """What that is called."""
        return "accuracy" if self.main == "accuracy" else "success"

    @property
    def unit(self) -> str:
        """What budgets are counted in."""
        return "queries" if self.main == "accuracy" else "queries an example"

    @cached_property
    def budgets(self) -> list[int]:
        """The budgets of the methods that may be ranked, or of all where none may."""
        return sorted({budget for label in self.allowed or self.methods for budget in self.curve(label)})

    def curve(self, label: str, metric: str = "", attack: str = "") -> dict[int, Values]:
        """Return the values of a metric by budget, of the main one where none is named; empty where there are none."""
        return self.curves.get((label, metric or self.main, attack), {})

    def last(self, label: str, metric: str = "", attack: str = "") -> Values:
        """Return where a curve stands at the largest budget."""
        return self.curve(label, metric, attack).get(self.budgets[-1], Values()) if self.budgets else Values()

    def means(self, label: str) -> list[tuple[float, float]]:
        """Return the mean curve by which methods are ranked."""
        return [(budget, values.mean) for budget, values in sorted(self.curve(label).items())]

    def area(self, label: str) -> Values:
        return Values(areas(self.curve(label), self.budgets)) if self.curve(label) else Values()

    def best(self, label: str) -> tuple[Values, Values]:
        """Return each run's highest value at any budget, and the first budget at which it stands; of generators alone."""
        if self.methods[label][0].kind != "generator":
            return Values(), Values()
        curve = self.curve(label)
        seeds = sorted({seed for values in curve.values() for seed in values.by_seed})
        tops = {s: max((curve[b].by_seed[s], -b) for b in curve if s in curve[b].by_seed) for s in seeds}
        highest = Values({seed: value for seed, (value, _) in tops.items()}, n=self.last(label).n)
        return highest, Values({seed: float(-budget) for seed, (_, budget) in tops.items()})

    @cached_property
    def allowed(self) -> list[str]:
        """The methods that may be ranked: complete, not privileged, not unsealed."""
        return [label for label in self.methods if self.whole(label) and not self.bars(label)]

    @cached_property
    def one_target(self) -> bool:
        """Whether all seeds attacked one target, which the suite's file does not ask for; then nobody is ranked."""
        runs = [run for label in self.allowed for run in self.done(label)]
        return len({run.seed for run in runs}) > 1 == len({run.sha256 for run in runs}) and not self._fixed()

    def _fixed(self) -> bool:
        """Return whether a suite's file gives all seeds one target, or is not here to be asked."""
        suite = suite_file(self.key[0])
        mine = [table for table in suite.get("scenario", []) if self.key[2].startswith(table["name"])]
        return all("seed" in table.get("target", suite.get("target", {})) for table in mine)

    @cached_property
    def contest(self) -> Contest | None:
        """The ranked methods by area; None where nobody is ranked."""
        return self._held({label: self.area(label).by_seed for label in self.allowed})

    @cached_property
    def contests(self) -> dict[int, Contest]:
        """The ranked methods by the main metric, by budget; without the budgets at which nobody is ranked."""
        scores = {
            budget: {label: self.curve(label).get(budget, Values()).by_seed for label in self.allowed}
            for budget in self.budgets
        }
        return {budget: held for budget, mine in scores.items() if (held := self._held(mine))}

    def _held(self, scores: dict[str, dict[int, float]]) -> Contest | None:
        full = {label: mine for label, mine in scores.items() if len(mine) == len(self.wanted)}
        return None if self.one_target else contest(full)

    @property
    def plain(self) -> str | None:
        """The method that the others are held against: the first of the suite, where it may be ranked."""
        first = next(iter(self.methods))
        return first if first in self.allowed else None

    @property
    def alone(self) -> str:
        """Why nobody is ranked."""
        played = [label for label in self.methods if self.done(label)]
        free = [label for label in played if not self.bars(label)]
        if not played:
            return "no result yet"
        if len(free) < 2:
            which = " that may be ranked" * (len(played) > len(free))
            return f"{'one' if free else 'no'} method{which}"
        if len(self.allowed) < 2:
            if any(label not in self.odd and not self.whole(label) for label in free):
                return f"{'one' if self.allowed else 'no'} method with all seeds"
            rules = any(self.state(label) == "other rules" for label in free)
            return f"no two methods {'by the same rules' if rules else 'with the same seeds'}"
        many = len(self.wanted)
        return f"{many} replicate{'s' * (many != 1)}{' against one target' * self.one_target}"

    @cached_property
    def known(self) -> str:
        """All that the store holds of the settings, as text."""
        return " ".join([*self.methods, *{text for run in self.runs for text in (run.rules, run.others)}])

    @cached_property
    def numbers(self) -> set[float]:
        """Every number of the settings."""
        return {float(number) for number in re.findall(r"\d+(?:\.\d+)?", self.known)}

    def setting(self, name: str) -> Any:
        """Return a setting of the scenario; None where it has none."""
        return json.loads(self.example.rules).get(name)

    def versions(self, name: str) -> set[int]:
        """Return the versions that were played of a method, or of a trainer, ``trainer standard``."""
        if name.startswith("trainer "):
            return {run.trainer_version for run in self.runs if f"trainer {run.trainer}" == name}
        return {run.version for run in self.methods.get(name, [])}


class Store(NamedTuple):
    """Games by suite, data set and scenario; targets by the hash of their weights: name, model, accuracy, test images."""

    games: dict[Key, Game]
    targets: dict[str, tuple[str, str, float, int]]


def read(path: Path) -> Store:
    """Read a store; what was scored by rules that no longer hold is superseded."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        played = [(*row[:4], Run(*row[4:])) for row in connection.execute(PLAYED)]
        targets = {
            sha: (name, model, accuracy, n)
            for sha, name, model, accuracy, n in connection.execute(
                "SELECT sha256, name, model, accuracy, n_test FROM targets"
            )
        }
        newest: dict[Key, int] = defaultdict(int)
        for *key, _, run in played:
            newest[tuple(key)] = max(newest[tuple(key)], run.scoring if run.status == "done" else 0)
        games: dict[Key, Game] = {}
        for *key, label, run in played:
            game = games.setdefault(tuple(key), Game(tuple(key)))
            old = run.status == "done" and run.scoring < newest[game.key]
            game.methods.setdefault(label, []).append(run._replace(status="superseded") if old else run)
        counting = {
            key: {run.cell for label in game.methods for run in game.done(label)} for key, game in games.items()
        }
        for *key, label, seed, cell, metric, attack, budget, spent, value, n in connection.execute(MEASURED):
            if cell in counting[tuple(key)] and not math.isnan(value):
                values = games[tuple(key)].curves.setdefault((label, metric, attack), {}).setdefault(budget, Values())
                values.by_seed[seed] = value
                values.spent.append(spent)
                values.n.append(n)
    return Store(games, targets)


def seconds(runs: list[Run]) -> float:
    """Return the mean seconds of runs; NaN of none, and where it is not known how long one took."""
    return float(np.mean([math.nan if run.seconds is None else run.seconds for run in runs])) if runs else math.nan


@cache
def suite_file(name: str) -> dict[str, Any]:
    """Return a suite's file; nothing where it is not here."""
    path = SUITES / f"{name.partition('[')[0]}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}

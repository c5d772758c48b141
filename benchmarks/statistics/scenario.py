"""The tables of one scenario, held against the store."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import NamedTuple

from figures import LESS, REPLICATES, Check, Key, Values, margin, reach
from pages import Part, bare, whole
from stored import Game, seconds

CURVES = {
    "Accuracy": "accuracy",
    "Fidelity": "fidelity",
    "Test loss, in nats": "test_loss",
    "Success": "query_success",
    "Queries in all": "queries_in_all",
    "Queries an example, mean over all": "queries_mean",
    "Queries an example, median over all": "queries_median",
    "Queries an example, mean over the solved": "queries_solved_mean",
    "Queries an example, median over the solved": "queries_solved_median",
}
AT_LAST = {
    "accuracy": "accuracy",
    "success": "query_success",
    "fidelity": "fidelity",
    "queries in all": "queries_in_all",
    "queries an example": "queries_mean",
}
FAR = {"L-inf": "linf", "L2": "l2", "L0, values": "l0"}
BUDGET = re.compile(r"[\d,]+")


class Line(NamedTuple):
    """A method's line in a table: what is known of it, and what the page says a column means."""

    check: Check
    game: Game
    label: str
    below: str
    meanings: dict[str, str]
    row: dict[str, str]

    @property
    def where(self) -> Key:
        return (*self.game.key, self.below, self.label)

    def what(self, title: str) -> str:
        """Return what a column is called where one is wrong."""
        return f"{self.below if BUDGET.fullmatch(title) else title} in Markdown"

    def said(self, title: str, mine: str, *values: float) -> None:
        self.check.said(self.what(title), self.where, self.row[title], mine, *values)

    def figure(self, title: str, values: Values, metric: str, wanted: int | None = None) -> None:
        many = len(self.game.wanted) if wanted is None else wanted
        self.check.figure(self.what(title), self.where, self.row[title], values, metric, many)

    def mean(self, title: str, values: Values, metric: str) -> None:
        """Check a mean, which does not stand beside others where seeds are missing."""
        self.figure(title, values if self.game.whole(self.label) else Values(), metric)

    def point(self, title: str, values: Values, metric: str) -> None:
        """Check a point of a curve, in whose place the number of seeds stands where some have none."""
        wanted = len(self.game.wanted)
        if 0 < len(values.by_seed) < wanted and self.game.whole(self.label):
            self.said(title, f"# of {wanted} seeds", len(values.by_seed))
        else:
            self.mean(title, values, metric)


def line_of(check: Check, game: Game, below: str, meanings: dict[str, str], row: dict[str, str]) -> Line:
    """Return a table's row with the method that it is of, whose marks stand behind its name."""
    name = bare(row["method"])
    label = max((one for one in game.methods if name == one or name.startswith(f"{one} (")), key=len)
    return Line(check, game, label, below, meanings, row)


def table(check: Check, game: Game, part: Part, meanings: dict[str, str]) -> None:
    """Check every column of a table of methods."""
    metric, attack = curve_of(part)
    rows = (dict(zip(part.head, cells, strict=True)) for cells in part.rows)
    lines = [line_of(check, game, part.below, meanings, row) for row in rows]
    if metric or not part.below:
        here = sorted(line.label for line in lines)
        check.that("methods of a table", (*game.key, part.below), here == sorted(game.methods), f"only {here}")
    for line in lines:
        for title in part.head:
            check.alone((*line.where, title), _cell, line, title, metric, attack)


def curve_of(part: Part) -> tuple[str, str]:
    """Return the metric and the attack that a table by queries is of; empty where it is none."""
    if found := re.match(r"`(\w+)` of `(.*?)`", part.before if part.below == "Attack success by queries" else ""):
        return found[1], found[2]
    return CURVES.get(re.sub(",? by queries$", "", part.below), ""), ""


def _cell(line: Line, title: str, metric: str, attack: str) -> None:
    if BUDGET.fullmatch(title):
        return _by_budget(line, title, metric, attack)
    found = next((one, match) for one in COLUMNS if (match := re.fullmatch(one, title)))
    return COLUMNS[found[0]](line, title, *found[1].groups())


def _by_budget(line: Line, title: str, metric: str, attack: str) -> None:
    """Check a point of a curve, what was paid for it, or what is known of an incomplete method."""
    game, budget = line.game, whole(title)
    line.check.that("budget", (*line.where, title), budget in game.budgets, "nothing was measured there")
    if line.below == "Queries paid":
        spent = sorted(set(game.curve(line.label).get(budget, Values()).spent))
        ends = [*spent[:1], *spent[1:][-1:]]
        return line.said(title, " to ".join("#" for _ in ends) or "–", *ends)
    if line.below == "Incomplete":
        return line.figure(title, game.curve(line.label).get(budget, Values()), game.main, 0)
    values = game.curve(line.label, metric, attack).get(budget, Values())
    held = game.contests.get(budget) if metric == game.main and not attack else None
    bold = line.row[title].startswith("**")
    best = bool(held and line.label in held.names and held.means[0] - held.means[held.names.index(line.label)] < 1e-12)
    line.check.that("highest", (*line.where, title), bold == best, f"bold: {bold}")
    if not game.whole(line.label):
        return line.said(title, game.state(line.label))
    return line._replace(row={**line.row, title: bare(line.row[title])}).point(title, values, metric)


def _rank(line: Line, title: str) -> None:
    game, held = line.game, line.game.contest
    if held and line.label in held.names:
        i = held.names.index(line.label)
        best, worst = held.places(i)
        line.said(title, "# (#–#)" if best < worst else "#", i + 1, best, worst)
    elif not game.whole(line.label):
        line.said(title, game.state(line.label))
    else:
        few = len(game.done(line.label)) < REPLICATES
        line.said(title, game.bars(line.label) or (f"under {REPLICATES} replicates" if few else "not ranked"))


def _to_first(line: Line, title: str) -> None:
    held = line.game.contest
    if held is None or line.label not in held.names:
        return line.said(title, "–")
    first = held.names[0]
    if line.label == first:
        return line.said(title, "first" if held.open else "leads")
    mean, low, high = (100 * end for end in held.ahead(first, line.label))
    if held.same(first, line.label):
        return line.said(title, "equal to the first in every run")
    if line.label in held.open:
        if 100 in (high, -low):
            return line.said(title, "not told from the first (# to #)", low, high)
        return line.said(title, "not told from the first (±#)", high - mean)
    form = f"behind by {LESS}" if margin(mean) == LESS else "behind by # (# to #)"
    return line.said(title, form, mean, low, high)


def _over(line: Line, title: str, plain: str) -> None:
    held = line.game.contest
    line.check.text("the plainest method", line.where, plain, str(line.game.plain))
    if held is None or line.label == plain or line.label not in held.names:
        return line.said(title, "–")
    return line.said(title, *held.over(line.label, plain))


def _at_last(line: Line, title: str, what: str, budget: str) -> None:
    mine = f"{line.game.budgets[-1]:,}" if line.game.budgets else "the last budget"  # where nothing is measured yet
    line.check.that("largest budget", line.where, budget == mine, f"printed {budget}")
    metric = AT_LAST[what]
    if metric == line.game.main:
        line.mean(title, line.game.last(line.label), metric)
    else:
        line.point(title, line.game.last(line.label, metric), metric)


def _asr(line: Line, title: str) -> None:
    found = re.match(r"`(\w+) of (.*?)[`;]", line.meanings[title])
    if found is None:
        raise ValueError(f"nothing says what {title} means")
    line.point(title, line.game.last(line.label, found[1], found[2]), found[1])


def _sampling(line: Line, title: str) -> None:
    last = line.game.last(line.label)
    known = last.by_seed and line.game.whole(line.label)
    line.said(title, "± #" if known else "–", 100 * last.sampling)


def _to_level(line: Line, title: str, level: str) -> None:
    means = line.game.means(line.label)
    _queries(line, title, reach(means, int(level) / 100), [means[0][0], means[-1][0]] if means else [])


def _in_all(line: Line, title: str) -> None:
    """Check by how many queries in all nine tenths of the examples are solved."""
    spent = line.game.curve(line.label, "queries_in_all")
    both = [(spent[int(budget)].mean, solved) for budget, solved in line.game.means(line.label)]
    _queries(line, title, reach(both, 0.9), [both[0][0], both[-1][0]] if both else [])


def _queries(line: Line, title: str, mine: float | None, ends: list[float]) -> None:
    if mine is None or not line.game.whole(line.label):
        line.said(title, "–")
    elif math.isinf(mine):
        line.said(title, "> #", ends[1])
    else:
        line.said(title, "#" if mine > ends[0] else "≤ #", mine)


def _collapsed(line: Line, title: str) -> None:
    runs = line.game.done(line.label)
    collapsed = sum(run.collapsed for run in runs)
    line.said(title, "# of # seeds" if collapsed else "", collapsed, len(runs))


def _seconds(line: Line, title: str) -> None:
    mean = seconds(line.game.done(line.label))
    line.said(title, "–" if math.isnan(mean) else "#", mean)


def _an_example(line: Line, title: str) -> None:
    last = line.game.last(line.label, "seconds_per_example", bare(line.meanings[title].removesuffix(".")))
    line.said(title, "#" if last.by_seed else "–", last.mean)


def _lacking(line: Line, title: str) -> None:
    game, done = line.game, line.game.done(line.label)
    seeds = ", ".join("#" for _ in done)
    line.said(title, f"# of # seeds: {seeds}", len(done), len(game.wanted), *(run.seed for run in done))


def _far(line: Line, title: str) -> None:
    attack = bare(line.row["attack"]).replace("–", "")
    curves = [line.game.curve(line.label, f"{FAR[title]}_{end}", attack) for end in ("mean", "max")]
    line.said(title, "# (largest #)", *(_rounded(curve[max(curve)].mean) for curve in curves))


def _rounded(value: float) -> float:
    """Return a distance as tables show it: three digits, where it is not a number of values."""
    return value if value >= 100 else float(f"{value:.3g}")


def _unfinished(line: Line, title: str) -> None:
    """Check which seeds have no result, and the first of their cells."""
    runs = [run for run in line.game.methods[line.label] if run.status != "done" and run.seed in line.game.wanted]
    said = line.row["what"].replace(" ", "-"), bare(line.row["reason"])[:199]
    runs = [run for run in runs if (run.status, run.error[:199]) == said]
    mine = ", ".join(str(run.seed) for run in runs) if title == "seeds" else f"`{runs[0].cell}`"
    line.check.text(f"{title} without a result", line.where, line.row[title], mine)


def _name(line: Line, title: str) -> None:
    """Leave out what names something: a method, a seal, an attack, what an error said."""


COLUMNS: dict[str, Callable[..., None]] = {
    "rank": _rank,
    "area": lambda line, title: line.mean(title, line.game.area(line.label), "area"),
    "to the first": _to_first,
    r"over (.+)": _over,
    rf"({'|'.join(AT_LAST)}) at ([\d,]+|the last budget)": _at_last,
    "best on the way": lambda line, title: line.mean(title, line.game.best(line.label)[0], "accuracy"),
    "queries to the best": lambda line, title: line.mean(title, line.game.best(line.label)[1], "queries"),
    "collapsed": _collapsed,
    r"in all to 90 %": _in_all,
    r"ASR \w+": _asr,
    r"to (80|90|95) %": _to_level,
    "± test sample": _sampling,
    "s per run": _seconds,
    "s per example": _an_example,
    "state, and seeds": _lacking,
    "|".join(FAR): _far,
    "first cell": _unfinished,
    "seeds": lambda line, title: (
        _unfinished(line, title)
        if line.below == "Without a result"
        else line.said(title, "#", len(line.game.done(line.label)))
    ),
    "sealed": lambda line, title: line.said(title, line.game.sealed(line.label) or "–"),
    "method|attack|what|reason": _name,
}

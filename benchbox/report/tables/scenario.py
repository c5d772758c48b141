"""The tables of how well methods do in a scenario: the main one, of at most seven columns, and its details."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from benchbox.report.statistics import REPLICATES, queries_to_reach
from benchbox.report.tables.curves import point_text, state
from benchbox.report.tables.headline import ahead, to_first
from benchbox.report.tables.words import MOST_COLUMNS, Cell, Method, Name, Table, amount, figure
from benchbox.report.views.points import few
from benchbox.report.views.scenario import ScenarioView, yardstick
from benchbox.report.views.summary import COLLAPSED, LEVELS, Summary
from benchbox.scoring.metrics import metric
from benchbox.store import VERIFIED

_MARKS = {
    "own labels": "it used the attacker's own labels of its images, which this scenario grants",
    "unlabelled": "it, or its trainer, learnt from the attacker's images without asking, which this scenario grants",
    "substitute": "it started from what this scenario grants, a substitute, whose queries are in 'queries in all', or networks "
    "that others trained for the same task",
    VERIFIED: "the maintainers played its submission again, and on a target that nobody knew",
}


class _Column(NamedTuple):
    """A column: its title, what it says of a line, and whether these are words.

    ``whole``: it is a mean, which does not stand beside those over other cells: a dash where a method lacks results.
    ``meaning``: what it says here, where its title does not.
    """

    title: str
    text: Callable[[Summary], Cell]
    words: bool = False
    whole: bool = True
    meaning: str = ""

    def cell(self, line: Summary) -> Cell:
        """Return what it says of a line."""
        return "–" if self.whole and not line.standing.whole else self.text(line)


def ranking(view: ScenarioView) -> Table:
    """Return the main table of a scenario; ``details`` has what does not fit. ``columns`` tells what its columns mean here."""
    return _table(view, [*_first(view), *_beside(view)][:MOST_COLUMNS])


def details(view: ScenarioView) -> Iterator[Table]:
    """Yield the columns that the main table has no room for, in tables of at most seven."""
    shown = set(ranking(view).head)
    rest = list({column.title: column for column in _more(view) if column.title not in shown}.values())
    for start in range(0, len(rest), MOST_COLUMNS - 1):
        yield _table(view, [_METHOD, *rest[start : start + MOST_COLUMNS - 1]])


def columns(view: ScenarioView, short: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what marks beside names mean, and those columns of the main table whose titles do not say it, by word.

    ``short`` is how far the steps of some attacks come; see ``PageView``.
    """
    used = {mark for standing in view.standings.values() for mark in standing.marks}
    return {mark: text for mark, text in _MARKS.items() if mark in used} | _meanings(view, [ranking(view)], short)


def detail_columns(view: ScenarioView, short: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what those columns of ``details`` mean whose titles do not say it, by title; see ``columns``."""
    return _meanings(view, details(view), short)


def _meanings(view: ScenarioView, tables: Iterable[Table], short: Mapping[str, str] | None) -> dict[str, str]:
    titles = {title for table in tables for title in table.head}
    every = {column.title: column.meaning for column in (*_beside(view), *_more(view)) if column.meaning}
    for goal, success in view.attacks.items():
        if short and success.attack in short:
            every[f"ASR {goal}"] = Name(f"{every[f'ASR {goal}']}; {short[success.attack]}")
    return {title: text for title, text in every.items() if title in titles}


def _table(view: ScenarioView, columns: Sequence[_Column]) -> Table:
    rows = [[column.cell(line) for column in columns] for line in view.summaries]
    return Table([column.title for column in columns], rows, [i for i, column in enumerate(columns) if column.words])


_METHOD = _Column("method", lambda line: Method(line.standing), words=True, whole=False)


def _mean(title: str, of: str, unit: str = "%", meaning: str = "") -> _Column:
    """Return the column of a line's own mean, by the name that ``Summary`` gives it."""
    return _Column(title, lambda line: figure(getattr(line, of), len(line.standing.wanted), unit), meaning=meaning)


def _first(view: ScenarioView) -> Iterator[_Column]:
    """Yield rank, method and accuracy; how methods stand to the first, by area, where somebody can be ranked."""
    yield _Column("rank", place, words=True, whole=False)
    yield _METHOD
    yield _mean("area", "area")
    if held := view.contest:
        yield _Column(
            "to the first", lambda line: to_first(held, line.standing.label) if line.place else "–", words=True
        )
    yield _mean(f"{view.word} at {view.largest}", "last")


_BEST = "best on the way"


def _beside(view: ScenarioView) -> Iterator[_Column]:
    """Yield what stands beside rank and accuracy, what matters most first: as many as fit are shown."""

    def collapsed(line: Summary) -> str:
        return f"{len(line.collapsed)} of {len(line.standing.seeds)} seeds" if line.collapsed else ""

    if len(view.sealing) > 1:
        said = "how far the player was shut in, the least over the seeds"
        yield _Column("sealed", lambda line: line.standing.sealed or "–", words=True, whole=False, meaning=said)
    if any(line.collapsed for line in view.summaries):
        many = f"over {100 * COLLAPSED:.0f} %"
        said = f"{many} of the answers were of one class for three rounds in a row, or the last copy gives one to {many} of the"
        said += " images"
        yield _Column("collapsed", collapsed, words=True, whole=False, meaning=said)
    for goal, (attack, name) in view.attacks.items():
        yield _at_last(view, f"ASR {goal}", name, attack, Name(f"{name} of {attack}"))
    if any(line.best for line in view.summaries):
        said = "the highest accuracy at any budget, which an attacker, who has no test images, cannot pick out"
        yield _mean(_BEST, "best", meaning=said)
    if view.searched:
        said = "over all examples of a run, what a substitute cost included"
        yield _at_last(view, f"queries in all at {view.largest}", "queries_in_all", meaning=said)
        said = "mean over all examples, the unsolved as the budget"
        yield _at_last(view, f"queries an example at {view.largest}", "queries_mean", meaning=said)
        said = "queries in all, when nine tenths of the examples are solved, straight between measured points in its logarithm"
        yield _Column("in all to 90 %", lambda line: _in_all(view, line.standing.label), meaning=said)
    yield _reach(view, 0.90)
    if not view.searched:
        yield _at_last(view, f"fidelity at {view.largest}", "fidelity")


def _more(view: ScenarioView) -> Iterator[_Column]:
    """Yield every column beside rank and accuracy."""
    held, plain = view.contest, yardstick(view)
    if held and plain:
        others = {name: ahead(held.difference(name, plain.label)) for name in held.names if name != plain.label}
        yield _Column(f"over {plain.label}", lambda line: others.get(line.standing.label, "–"), words=True)
    yield _Column("± test sample", lambda line: f"± {amount(line.sampling)}" if line.last else "–")
    for column in _beside(view):
        yield column
        if column.title == _BEST:
            yield _mean("queries to the best", "best_at", "queries", f"the budget at which the {_BEST} stands")
    yield from (_reach(view, level) for level in LEVELS)
    yield _Column("seeds", lambda line: str(len(line.standing.seeds)), whole=False)
    yield _Column("s per run", lambda line: f"{line.standing.seconds:,.1f}".replace("nan", "–"), whole=False)
    if view.attacks:
        attack = next(iter(view.attacks.values())).attack
        took = {label: view.last(label, "seconds_per_example", attack) for label in view.standings}
        known = {label: amount(point.mean, "s") for label, point in took.items() if point}
        yield _Column(
            "s per example", lambda line: known.get(line.standing.label, "–"), whole=False, meaning=Name(attack)
        )


def place(line: Summary) -> str:
    """Return the rank, with the places that the data leave open, ``2 (1–4)``; or why there is none."""
    if line.place:
        found = line.place
        return f"{found.rank}{f' ({found.best}–{found.worst})' if found.best < found.worst else ''}"
    standing = line.standing
    if standing.state != "complete":
        return state(standing)
    few_seeds = len(standing.seeds) < REPLICATES
    return standing.mark or (f"under {REPLICATES} replicates" if few_seeds else "not ranked")


def queries(reach: float, budgets: Sequence[float]) -> str:
    """Return queries to reach a level: ``≤ 50`` from the first point on, ``> 600`` where it is not reached.

    ``budgets`` are those at which the method itself was measured.
    """
    if math.isinf(reach):
        return f"> {round(budgets[-1]):,}"
    return f"≤ {round(budgets[0]):,}" if reach <= budgets[0] else f"{round(reach):,}"


def _reach(view: ScenarioView, level: float) -> _Column:
    def text(line: Summary) -> str:
        return queries(line.reach[level], list(view.curve(line.standing.label))) if line.reach else "–"

    return _Column(f"to {100 * level:.0f} %", text)


def _in_all(view: ScenarioView, label: str) -> str:
    """Return the queries in all, a substitute's included, by which nine tenths of the examples are solved."""
    solved, spent = view.curve(label), view.curve(label, "queries_in_all")
    both = [(spent[budget].mean, solved[budget].mean) for budget in solved if budget in spent]
    totals = [total for total, _ in both]
    return queries(queries_to_reach(totals, [share for _, share in both], 0.90), totals) if both else "–"


def _at_last(view: ScenarioView, title: str, name: str, attack: str = "", meaning: str = "") -> _Column:
    """Return the column of a metric at the largest budget."""
    unit, missing = metric(name).unit.mark, not view.budgets

    def text(line: Summary) -> str:
        return "–" if missing else point_text(line.standing, view.last(line.standing.label, name, attack), unit)

    return _Column(title, text, meaning=meaning)


def incomplete(view: ScenarioView) -> Table | None:
    """Return the main metric of the methods that lack cells, over those that they have; None where there is no such method.

    Of one that was played under other rules it says whether these are fewer budgets.
    """
    budgets = few(view.budgets, MOST_COLUMNS - 2)
    rows: list[list[Cell]] = []
    for standing in (line.standing for line in view.summaries if line.standing.seeds and not line.standing.whole):
        points = view.curve(standing.label)
        fewer = standing.state == "other rules" and 0 < len(points) < len(view.budgets)
        lack = state(standing) + f", {len(points)} of {len(view.budgets)} budgets" * fewer
        means = [figure(points.get(budget), 0) for budget in budgets]
        rows.append([Method(standing), f"{lack}: {', '.join(map(str, standing.seeds))}", *means])
    head = ["method", "state, and seeds", *(f"{budget:,}" for budget in budgets)]
    return Table(head, rows, range(2)) if rows else None


def distances(view: ScenarioView) -> Table | None:
    """Return how far examples lie from their images, by method and attack at the largest budget; None where nobody measured."""
    rows: list[list[Cell]] = []
    for line in view.summaries:
        label = line.standing.label
        for attack in sorted({attack for name, attack in view.curves_of(label) if name in _FAR}):
            curves = [view.curve(label, name, attack) for name in _FAR]
            texts = [metric(n).unit.text(c[max(c)].mean) if c else "–" for n, c in zip(_FAR, curves, strict=True)]
            each = [f"{mean} (largest {most})" for mean, most in zip(texts[::2], texts[1::2], strict=True)]
            rows.append([Method(line.standing), Name(attack) if attack else "–", *each])
    return Table(["method", "attack", "L-inf", "L2", "L0, values"], rows, range(2)) if rows else None


_FAR = ("linf_mean", "linf_max", "l2_mean", "l2_max", "l0_mean", "l0_max")

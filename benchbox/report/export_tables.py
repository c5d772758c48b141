"""The exported tables, column by column: the one list from which CSV, JSON and the data dictionary are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from benchbox.report.comparison import Comparison
from benchbox.report.page import PageView
from benchbox.report.statistics import Difference, Interval
from benchbox.report.views import LEVELS, Point, ScenarioView, Summary, yardstick
from benchbox.scoring.metrics import metric


@dataclass(frozen=True)
class Column:
    """A column: its name, the unit of its values, what they mean, and how to read one off a row's source."""

    name: str
    unit: str
    meaning: str
    value: Callable[[Any], Any]


@dataclass(frozen=True)
class ExportTable:
    """A table: its name, what a row is, its columns, and the sources of its rows on one page."""

    name: str
    row: str
    columns: tuple[Column, ...]
    sources: Callable[[PageView], Iterator[Any]]

    def rows(self, page: PageView) -> list[list[Any]]:
        """Return the rows of a page; values in the order of the columns."""
        return [[column.value(source) for column in self.columns] for source in self.sources(page)]


class _Line(NamedTuple):
    page: PageView
    view: ScenarioView
    line: Summary


class _Curve(NamedTuple):
    page: PageView
    view: ScenarioView
    label: str
    metric: str
    attack: str
    budget: int
    point: Point


class _Printed(NamedTuple):
    page: PageView
    view: ScenarioView
    c: Comparison


def _lines(page: PageView) -> Iterator[_Line]:
    for view in page.scenarios:
        yield from (_Line(page, view, line) for line in view.summaries)


def _curves(page: PageView) -> Iterator[_Curve]:
    for view in page.scenarios:
        for (label, name, attack), curve in view.at.items():
            yield from (_Curve(page, view, label, name, attack, budget, point) for budget, point in curve.items())


def _printed(page: PageView) -> Iterator[_Printed]:
    for view in page.scenarios:
        yield from (_Printed(page, view, c) for c in page.comparisons.get(view.name, ()))


def _interval(name: str, of: str, get: Callable[[Any], Interval | None], unit: str = "share") -> tuple[Column, ...]:
    """Return the columns of an interval; all empty where there is none."""

    def field(attribute: str) -> Callable[[Any], Any]:
        return lambda source: getattr(found, attribute) if (found := get(source)) else None

    return (
        Column(name, unit, f"{of}: mean over seeds", field("mean")),
        Column(f"{name}_low", unit, "lower end of its 95 % interval", field("low")),
        Column(f"{name}_high", unit, "upper end of its 95 % interval", field("high")),
        Column(f"{name}_interval", "", "how the interval was made: t, logit, wilson, or none", field("kind")),
    )


def _reach(level: float) -> Callable[[_Line], float | None]:
    return lambda source: source.line.reach.get(level)


def _of_place(attribute: str) -> Callable[[_Line], int | None]:
    return lambda source: getattr(source.line.place, attribute, None)


def _difference(name: str, of: str, get: Callable[[_Line], Difference | None]) -> tuple[Column, ...]:
    """Return the columns of a difference between two methods; all empty where there is none."""

    def field(attribute: str) -> Callable[[_Line], float | None]:
        return lambda source: getattr(get(source), attribute, None)

    return (
        Column(name, "share", of, field("mean")),
        Column(f"{name}_low", "share", "lower end of its interval, 95 % for all pairs together", field("low")),
        Column(f"{name}_high", "share", "its upper end", field("high")),
    )


def _behind(source: _Line) -> Difference | None:
    held = source.view.contest
    return held.difference(held.names[0], source.line.standing.label) if held and source.line.place else None


def _over(source: _Line) -> Difference | None:
    held, plain = source.view.contest, yardstick(source.view)
    return held.difference(source.line.standing.label, plain.label) if held and plain and source.line.place else None


_PLACE = (
    Column("suite", "", "the suite's name", lambda s: s.page.suite),
    Column("dataset", "", "the data set", lambda s: s.page.dataset),
    Column("scenario", "", "the scenario's name in the suite", lambda s: s.view.name),
)

METHODS = ExportTable(
    "methods",
    "a method in a scenario",
    (
        *_PLACE,
        Column("method", "", "what the suite calls the method", lambda s: s.line.standing.label),
        Column("spec", "", "the plugin with its options, name[option=value]", lambda s: s.line.standing.spec),
        Column("kind", "", "selector or generator", lambda s: s.line.standing.kind),
        Column("target", "", "the target that was attacked", lambda s: s.view.target),
        Column(
            "targets_sha256", "", "hashes of the weights of the targets, by seed", lambda s: " ".join(s.view.targets)
        ),
        Column("substitute", "", "the model that the attacker trained", lambda s: s.view.substitute),
        Column(
            "access", "", "what the oracle answered: label, topk:K, rounded:D or probabilities", lambda s: s.view.access
        ),
        Column(
            "trainer",
            "",
            "who made the substitutes, name[option=value]; empty: the method makes its own",
            lambda s: s.line.standing.trainer or None,
        ),
        Column("trainer_version", "", "of the trainer's results", lambda s: s.line.standing.trainer_version or None),
        Column(
            "uses",
            "",
            "what it uses of the scenario's grants: labels (the attacker's own), unlabelled (images, without asking), or both",
            lambda s: s.line.standing.uses or None,
        ),
        Column(
            "privileged", "yes/no", "granted more than a black box; never ranked", lambda s: s.line.standing.privileged
        ),
        Column(
            "sealed",
            "",
            "how far the player was shut in, the least over the seeds: no (never ranked), process, sandbox, not recorded",
            lambda s: s.line.standing.sealed or None,
        ),
        Column("state", "", "complete, incomplete, failed, missing, superseded, ...", lambda s: s.line.standing.state),
        Column("seeds", "count", "seeds with a result", lambda s: len(s.line.standing.seeds)),
        Column("seeds_wanted", "count", "seeds that the scenario plays", lambda s: len(s.line.standing.wanted)),
        Column("rank", "", "by the mean; 1 is best; empty: not ranked", _of_place("rank")),
        Column("rank_best", "", "the best place that the data leave open", _of_place("best")),
        Column("rank_worst", "", "the worst one", _of_place("worst")),
        *_difference("behind", "how far the first is ahead of it in area", _behind),
        *_difference("over_plainest", "how far it is ahead of the scenario's plainest method in area", _over),
        *_interval(
            "area",
            "mean accuracy, or success of query attacks, over the logarithm of the budget",
            lambda s: s.line.area,
        ),
        Column("largest_budget", "queries", "the scenario's", lambda s: s.view.budgets[-1] if s.view.budgets else None),
        *_interval("accuracy", "accuracy, or success of query attacks, at the largest budget", lambda s: s.line.last),
        Column(
            "accuracy_sampling",
            "share",
            "half-width of what the finite test set adds to one run, seeds aside",
            lambda s: s.line.sampling,
        ),
        *(
            Column(
                f"queries_to_{round(100 * level)}",
                "queries",
                f"to reach {round(100 * level)} % accuracy on the mean curve, interpolated in log-budget; inf: not reached",
                _reach(level),
            )
            for level in LEVELS
        ),
        *_interval(
            "best", "generators: best accuracy at any budget, which an attacker cannot know", lambda s: s.line.best
        ),
        *_interval("queries_to_best", "generators: the budget at which it stands", lambda s: s.line.best_at, "queries"),
        Column(
            "collapsed_seeds",
            "count",
            "seeds whose answers became nearly all of one class",
            lambda s: len(s.line.collapsed),
        ),
        Column("seconds", "s", "of a run, mean over seeds", lambda s: s.line.standing.seconds),
    ),
    _lines,
)

CURVES = ExportTable(
    "curves",
    "a method, metric, attack and budget: the points of every curve",
    (
        *_PLACE,
        Column("method", "", "what the suite calls the method", lambda s: s.label),
        Column(
            "metric",
            "",
            "accuracy, fidelity, test_loss, a success definition, seconds_per_example, ...",
            lambda s: s.metric,
        ),
        Column("attack", "", "the attack and its goal; empty: the substitute itself", lambda s: s.attack),
        Column(
            "unit",
            "",
            "of the values: share, s, nats, grey levels, values",
            lambda s: metric(s.metric).unit.mark.replace("%", "share"),
        ),
        Column("budget", "queries", "that the method might spend", lambda s: s.budget),
        Column("spent_low", "queries", "paid, fewest over seeds", lambda s: int(s.point.spent_low)),
        Column("spent_high", "queries", "paid, most over seeds", lambda s: int(s.point.spent_high)),
        Column("mean", "see unit", "over seeds", lambda s: s.point.mean),
        Column("low", "see unit", "lower end of the 95 % interval", lambda s: s.point.low),
        Column("high", "see unit", "upper end of the 95 % interval", lambda s: s.point.high),
        Column(
            "interval", "", "how it was made: t, logit, wilson (one run's test sample), or none", lambda s: s.point.kind
        ),
        Column(
            "sampling",
            "share",
            "half-width of what the finite sample adds to one run, seeds aside",
            lambda s: s.point.sampling,
        ),
        Column("seeds", "count", "values that the mean is of", lambda s: int(s.point.seeds)),
        Column("n", "count", "sample size of one value, mean over seeds", lambda s: s.point.n),
    ),
    _curves,
)

REPORTED = ExportTable(
    "reported",
    "a figure that a paper prints, beside what was measured here",
    (
        *_PLACE,
        Column("method", "", "what the suite calls the method", lambda s: s.c.label),
        Column("metric", "", "as in curves", lambda s: s.c.metric),
        Column("attack", "", "as in curves", lambda s: s.c.attack),
        Column("budget", "queries", "at which it was measured here", lambda s: s.c.budget),
        Column("unit", "", "of the next six columns", lambda s: s.c.figure.unit),
        Column(
            "qualifier",
            "",
            "above, below, about: the figure is a bound or read off a plot",
            lambda s: s.c.figure.qualifier,
        ),
        Column("reported", "see unit", "the printed figure", lambda s: s.c.figure.value),
        Column("measured", "see unit", "mean over seeds", lambda s: s.c.measured),
        Column("measured_low", "see unit", "lower end of its 95 % interval", lambda s: s.c.low),
        Column("measured_high", "see unit", "upper end of its 95 % interval", lambda s: s.c.high),
        Column(
            "difference", "see unit", "measured minus reported; empty: the figure is a bound", lambda s: s.c.difference
        ),
        Column("seeds", "count", "values that the mean is of", lambda s: s.c.seeds),
        Column("verdict", "", "agrees, differs, undecided, not comparable", lambda s: s.c.verdict),
        Column("differences", "", "what differs from the paper's protocol", lambda s: "; ".join(s.c.differences)),
        Column("paper", "", "the paper", lambda s: s.c.figure.paper),
        Column("source", "", "where in the paper", lambda s: "; ".join(s.c.sources)),
        Column("name", "", "the paper's name of the method", lambda s: s.c.figure.name),
        Column("protocol", "", "the paper's protocol", lambda s: s.c.figure.protocol),
    ),
    _printed,
)

TABLES = (METHODS, CURVES, REPORTED)

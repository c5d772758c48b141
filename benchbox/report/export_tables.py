"""The exported tables, column by column: the lists from which CSV, JSON and the data dictionary are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from benchbox.report.page import PageView
from benchbox.report.statistics import Difference, Interval
from benchbox.report.views import LEVELS, yardstick
from benchbox.scoring.metrics import metric


@dataclass(frozen=True)
class Column:
    """A column: its name, the unit of its values, and what they mean."""

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class ExportTable:
    """A table: its name, what a row is, its columns, and the values of its rows on one page, in the order of the columns."""

    name: str
    row: str
    columns: tuple[Column, ...]
    rows: Callable[[PageView], Iterator[list[Any]]]


_PLACE = """
suite || the suite's name
dataset || the data set
scenario || the scenario's name in the suite
method || what the suite calls the method
"""


def _columns(text: str) -> tuple[Column, ...]:
    """Return the columns of lines ``name | unit | meaning``; a name that ends in ``*`` is an interval of four columns."""
    found: list[Column] = []
    for line in filter(None, text.splitlines()):
        name, unit, meaning = (part.strip() for part in line.split("|", 2))
        if not name.endswith("*"):
            found.append(Column(name, unit, meaning))
            continue
        name = name.removesuffix("*")
        found += [
            Column(name, unit, f"{meaning}: mean over seeds"),
            Column(f"{name}_low", unit, "lower end of its 95 % interval"),
            Column(f"{name}_high", unit, "upper end of its 95 % interval"),
            Column(f"{name}_interval", "", "how the interval was made: t, logit, wilson, or none"),
        ]
    return tuple(found)


def _interval(found: Interval | None) -> tuple[Any, ...]:
    return (found.mean, found.low, found.high, found.kind) if found else (None,) * 4


def _difference(found: Difference | None) -> tuple[Any, ...]:
    return (found.mean, found.low, found.high) if found else (None,) * 3


def _methods(page: PageView) -> Iterator[list[Any]]:
    for view in page.scenarios:
        held, plain = view.contest, yardstick(view)
        for line in view.summaries:
            standing, place, name = line.standing, line.place, line.standing.label
            ranked = held if place else None
            yield [
                *(page.suite, page.dataset, view.name, name, standing.spec, standing.kind),
                *(view.target, " ".join(view.targets), view.substitute, view.access),
                *(standing.trainer or None, standing.trainer_version or None, standing.uses or None),
                *(
                    standing.privileged,
                    standing.sealed or None,
                    standing.state,
                    len(standing.seeds),
                    len(standing.wanted),
                ),
                *((place.rank, place.best, place.worst) if place else (None,) * 3),
                *_difference(ranked.difference(ranked.names[0], name) if ranked else None),
                *_difference(ranked.difference(name, plain.label) if ranked and plain else None),
                *_interval(line.area),
                view.budgets[-1] if view.budgets else None,
                *_interval(line.last),
                line.sampling,
                *(line.reach.get(level) for level in LEVELS),
                *_interval(line.best),
                *_interval(line.best_at),
                *(len(line.collapsed), standing.seconds),
            ]


METHODS = ExportTable(
    "methods",
    "a method in a scenario",
    _columns(
        f"""{_PLACE}
spec || the plugin with its options, name[option=value]
kind || selector or generator
target || the target that was attacked
targets_sha256 || hashes of the weights of the targets, by seed
substitute || the model that the attacker trained
access || what the oracle answered: label, topk:K, rounded:D or probabilities
trainer || who made the substitutes, name[option=value]; empty: the method makes its own
trainer_version || of the trainer's results
uses || what it uses of the scenario's grants: labels (the attacker's own), unlabelled (images, without asking), or both
privileged | yes/no | granted more than a black box; never ranked
sealed || how far the player was shut in, the least over the seeds: no (never ranked), process, sandbox, not recorded
state || complete, incomplete, failed, missing, superseded, ...
seeds | count | seeds with a result
seeds_wanted | count | seeds that the scenario plays
rank || by the mean; 1 is best; empty: not ranked
rank_best || the best place that the data leave open
rank_worst || the worst one
behind | share | how far the first is ahead of it in area
behind_low | share | lower end of its interval, 95 % for all pairs together
behind_high | share | its upper end
over_plainest | share | how far it is ahead of the scenario's plainest method in area
over_plainest_low | share | lower end of its interval, 95 % for all pairs together
over_plainest_high | share | its upper end
area* | share | mean accuracy, or success of query attacks, over the logarithm of the budget
largest_budget | queries | the scenario's
accuracy* | share | accuracy, or success of query attacks, at the largest budget
accuracy_sampling | share | half-width of what the finite test set adds to one run, seeds aside
queries_to_80 | queries | to reach 80 % accuracy on the mean curve, interpolated in log-budget; inf: not reached
queries_to_90 | queries | to reach 90 % accuracy on the mean curve, interpolated in log-budget; inf: not reached
queries_to_95 | queries | to reach 95 % accuracy on the mean curve, interpolated in log-budget; inf: not reached
best* | share | generators: best accuracy at any budget, which an attacker cannot know
queries_to_best* | queries | generators: the budget at which it stands
collapsed_seeds | count | seeds whose answers became nearly all of one class
seconds | s | of a run, mean over seeds"""
    ),
    _methods,
)


def _curves(page: PageView) -> Iterator[list[Any]]:
    for view in page.scenarios:
        for (label, name, attack), curve in view.at.items():
            unit = metric(name).unit.mark.replace("%", "share")
            for budget, p in curve.items():
                yield [
                    *(page.suite, page.dataset, view.name, label, name, attack, unit, budget),
                    *(
                        int(p.spent_low),
                        int(p.spent_high),
                        p.mean,
                        p.low,
                        p.high,
                        p.kind,
                        p.sampling,
                        int(p.seeds),
                        p.n,
                    ),
                ]


CURVES = ExportTable(
    "curves",
    "a method, metric, attack and budget: the points of every curve",
    _columns(
        f"""{_PLACE}
metric || accuracy, fidelity, test_loss, a success definition, seconds_per_example, ...
attack || the attack and its goal; empty: the substitute itself
unit || of the values: share, s, nats, grey levels, values
budget | queries | that the method might spend
spent_low | queries | paid, fewest over seeds
spent_high | queries | paid, most over seeds
mean | see unit | over seeds
low | see unit | lower end of the 95 % interval
high | see unit | upper end of the 95 % interval
interval || how it was made: t, logit, wilson (one run's test sample), or none
sampling | share | half-width of what the finite sample adds to one run, seeds aside
seeds | count | values that the mean is of
n | count | sample size of one value, mean over seeds"""
    ),
    _curves,
)


def _printed(page: PageView) -> Iterator[list[Any]]:
    for view in page.scenarios:
        for c in page.comparisons.get(view.name, ()):
            yield [
                *(page.suite, page.dataset, view.name, c.label, c.metric, c.attack, c.budget, c.figure.unit),
                *(c.figure.qualifier, c.figure.value, c.measured, c.low, c.high, c.difference, c.seeds, c.verdict),
                *("; ".join(c.differences), c.figure.paper, "; ".join(c.sources), c.figure.name, c.figure.protocol),
            ]


REPORTED = ExportTable(
    "reported",
    "a figure that a paper prints, beside what was measured here",
    _columns(
        f"""{_PLACE}
metric || as in curves
attack || as in curves
budget | queries | at which it was measured here
unit || of the next six columns
qualifier || above, below, about: the figure is a bound or read off a plot
reported | see unit | the printed figure
measured | see unit | mean over seeds
measured_low | see unit | lower end of its 95 % interval
measured_high | see unit | upper end of its 95 % interval
difference | see unit | measured minus reported; empty: the figure is a bound
seeds | count | values that the mean is of
verdict || agrees, differs, undecided, not comparable
differences || what differs from the paper's protocol
paper || the paper
source || where in the paper
name || the paper's name of the method
protocol || the paper's protocol"""
    ),
    _printed,
)

TABLES = (METHODS, CURVES, REPORTED)

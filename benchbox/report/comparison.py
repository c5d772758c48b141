"""Reported beside measured: which printed figure stands beside which measured one, and what that says."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from scipy.special import stdtrit

from benchbox.errors import BenchboxError
from benchbox.registry import Catalogue, Spec
from benchbox.report.reported import Reported
from benchbox.report.statistics import CONFIDENCE, Interval
from benchbox.report.views.points import Point
from benchbox.report.views.scenario import ScenarioView
from benchbox.report.views.standings import Standing
from benchbox.scoring.metrics import NATS, QUERIES, SHARE, UNITS
from benchbox.suites.plans import read_label

Options = Mapping[str, Any]
Resolve = Callable[[str, str], tuple[str, Options]]
"""From a kind (``method``, ``trainer`` or ``attack``) and ``name[option=value]`` to the name and every option."""

LARGE = {SHARE.mark: 2.0, NATS.mark: 0.1, QUERIES.mark: math.inf}
"""By unit, the difference that matters. Figures of other units are not compared."""
_Pair = tuple[Reported, list[str]]
"""A figure and what differs from its protocol."""
TO_BEST = "queries_to_best"
"""The metric of figures that say how many queries a method took to its best accuracy: they have no budget of their own."""


@dataclass(frozen=True)
class Comparison:
    """One measured value and the figure printed for it.

    Attributes:
        label: the measured method.
        budget: at which it was measured.
        interval: mean over seeds and its 95 % interval, in the figure's unit.
        verdict: ``agrees`` (the 90 % interval of the difference lies within ``LARGE``: an equivalence test), ``differs`` (the
            95 % interval lies outside), ``undecided`` (neither); ``not comparable`` where a condition is not the same, or
            the paper leaves it open.
        differences: what is not the same, or open, in words; and whether images are too few.
        collapsed: how many of the runs collapsed: what they come to says nothing of the method.
        sources: where the figure is printed; a paper may print one figure in several places.
    """

    figure: Reported
    label: str
    attack: str
    budget: int
    interval: Interval
    verdict: str
    differences: tuple[str, ...]
    sources: tuple[str, ...]
    collapsed: int = 0

    @property
    def difference(self) -> float:
        """Measured minus reported, in points; NaN where the printed figure is only a bound."""
        if self.figure.qualifier in ("above", "below"):
            return math.nan
        return self.interval.mean - self.figure.value

    @property
    def large(self) -> bool:
        """Whether the difference asks for a reason: over 2 points (0.1 nats), whatever the verdict."""
        return abs(self.difference) > LARGE[self.figure.unit]


@dataclass(frozen=True)
class Rules:
    """What a printed figure's protocol is held against.

    Attributes:
        pool: how many images the attacker owns; None for all training images.
        pool_dataset: of which data set, where that is another.
        defence: what stands before the target; empty where nothing does.
    """

    suite: str
    dataset: str
    target_model: str
    pool: int | None
    pool_dataset: str | None = None
    defence: str = ""


def resolver(catalogue: Catalogue) -> Resolve:
    """Return the function that fills in a plugin's options; an unknown plugin keeps those that are written."""

    @cache
    def resolve(kind: str, text: str) -> tuple[str, Options]:
        try:
            spec = Spec.parse(text)
        except BenchboxError:
            return text, {}
        try:
            return spec.name, catalogue.resolve(kind, text).options
        except BenchboxError:
            return spec.name, spec.options

    return resolve


def compare(view: ScenarioView, figures: Iterable[Reported], rules: Rules, resolve: Resolve) -> list[Comparison]:
    """Return the printed figures that stand beside the measured ones of a scenario.

    A figure stands beside measurements of the same data set, models, metric, attack and goal, by the first method of the suite
    file that is a reading of its own with its options. Among the figures of one paper, only those of the nearest
    protocol do. Where no budget is the same, the one of the largest budget stands beside the measurement at the largest
    budget below it.

    ``rules`` are the scenario's, as far as the view does not hold them.
    """
    here = [f for f in figures if _concerns(f, view, rules)]
    found: list[Comparison] = []
    lines = {line.standing.label: line for line in view.summaries}
    for standing in view.standings.values() if here else ():
        parted: dict[bool, list[Reported]] = {True: [], False: []}
        for figure in here:
            parted[_is_reading(figure, standing, resolve)].append(figure)
        mine, here = parted[True], parted[False]
        curves: dict[tuple[str, str], Mapping[int, Interval]] = {
            of: view.at[standing.label, *of] for of in sorted(view.curves_of(standing.label) if mine else ())
        }
        fallen = len(lines[standing.label].collapsed)
        if mine and not fallen and (best_at := lines[standing.label].best_at):
            curves[TO_BEST, ""] = {max(view.curve(standing.label)): best_at}
        for (metric, attack), measured in curves.items():
            same = [f for f in mine if f.metric == metric and _same_attack(f, attack)]
            options = resolve("attack", read_label(attack).spec)[1]
            points = len(view.curve(standing.label))
            pairs = [(f, _differences(view, f, rules, options, points)) for f in same]
            beside = [_judged(standing.label, attack, measured, *one) for one in _nearest(pairs, sorted(measured))]
            found += [_fallen(c, fallen) for c in sorted(beside, key=lambda c: c.budget)]
    return _merged(found)


def compare_all(
    views: Iterable[ScenarioView], figures: Iterable[Reported], rules: Mapping[str, Rules], resolve: Resolve
) -> dict[str, list[Comparison]]:
    """Return by scenario the printed figures beside the measured ones of a suite on a data set: each figure stands once.

    It stands where its number of queries was measured, else at the largest one, and with the fewest other differences; among
    equals in the first scenario, and beside the first reading of its attack.

    ``rules`` go by scenario; see ``compare``.
    """
    printed = list(figures)
    found = {view.name: compare(view, printed, rules[view.name], resolve) for view in views}
    best: dict[tuple[Any, ...], Comparison] = {}
    for c in (c for of in found.values() for c in of):
        held = best.setdefault(_printed(c.figure), c)
        if _far(c) < _far(held):
            best[_printed(c.figure)] = c
    return {name: [c for c in of if best[_printed(c.figure)] is c] for name, of in found.items()}


def _printed(figure: Reported) -> tuple[Any, ...]:
    """Return what tells one printed figure from another, wherever the paper prints it."""
    of_whom = (figure.paper, figure.name, figure.dataset, figure.target, figure.substitute, figure.access, figure.pool)
    return (*of_whom, figure.metric, figure.attack, figure.goal, figure.budget, figure.value)


def _far(c: Comparison) -> tuple[bool, int, int]:
    """Return how far a measurement's protocol is from its figure's, to be ordered by."""
    return c.budget != c.figure.budget, len(c.differences), -c.budget


def _concerns(figure: Reported, view: ScenarioView, rules: Rules) -> bool:
    like_ours = figure.unit in LARGE and figure.per_example is view.searched and not figure.subset
    return (
        like_ours
        and rules.target_model in (figure.target or rules.target_model, figure.smaller)
        and figure.substitute in (None, view.substitute)
        and rules.suite.partition("[")[0] in figure.suites
        and rules.dataset.partition("[")[0] == figure.dataset
    )


def _is_reading(figure: Reported, standing: Standing, resolve: Resolve) -> bool:
    """Whether a standing's method has the options that the figure names, and, where it names a trainer, that has its."""
    made = not figure.trainer or _is_one_of(figure.trainer, *resolve("trainer", standing.trainer))
    return made and _is_one_of(figure.method, *resolve("method", standing.spec))


def _is_one_of(specs: Iterable[str], name: str, options: Options) -> bool:
    return any(
        spec.name == name and all(_text(options.get(key)) == _text(value) for key, value in spec.options.items())
        for spec in map(_spec, specs)
    )


_spec = cache(Spec.parse)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


_label = cache(read_label)


def _same_attack(figure: Reported, label: str) -> bool:
    """Whether an attack plan's label is of the figure's attack and goal."""
    spec, goal = _label(label)
    return spec.partition("[")[0] == figure.attack and (goal == figure.goal or not label)


def _nearest(pairs: list[_Pair], budgets: list[int]) -> Iterator[tuple[Reported, list[str], int]]:
    """Yield, of each paper, the figures of the nearest protocol, with the budgets at which they stand."""
    for paper in sorted({figure.paper for figure, _ in pairs}):
        ours = [pair for pair in pairs if pair[0].paper == paper]
        fewest = min(len(differences) for _, differences in ours)
        nearest = [pair for pair in ours if len(pair[1]) == fewest]
        exact = [
            (f, differences, f.budget) for f, differences in nearest if f.budget is not None and f.budget in budgets
        ]
        yield from exact or [_stand_in(nearest, budgets)]


def _stand_in(nearest: list[_Pair], budgets: list[int]) -> tuple[Reported, list[str], int]:
    figure, differences = max(nearest, key=lambda pair: pair[0].budget or 0)
    if figure.budget is None:
        stated = [] if figure.metric == TO_BEST else [f"queries not stated there, {budgets[-1]:,} here"]
        return figure, [*differences, *stated], budgets[-1]
    budget = max((b for b in budgets if b <= figure.budget), default=budgets[0])
    return figure, [*differences, f"{figure.budget:,} queries there, {budget:,} here"], budget


def _differences(view: ScenarioView, figure: Reported, rules: Rules, attack: Options, points: int) -> list[str]:
    """Name what the figure's protocol states and the scenario does otherwise, and what it leaves open.

    ``points`` are how many budgets the method was measured at.
    """
    found = [f"answers {figure.access} there, {view.access} here"] if figure.access != view.access else []
    if figure.target not in (None, rules.target_model):
        found.append(f"target {figure.target} there, {rules.target_model} here")
    for key, there in figure.attack_options.items():
        printed, here = _setting(there), _setting(attack.get(key, there))
        near = isinstance(printed, float) and isinstance(here, float) and math.isclose(printed, here, rel_tol=0.01)
        if here != printed and not near:
            found.append(f"the attack's {key} {_said(printed)} there, {_said(here)} here")
    if figure.metric == TO_BEST:
        found.append(f"the best of {points} budget points here")
    if figure.pool != rules.pool:
        found.append(f"pool of {_pool(figure.pool)} images there, {_pool(rules.pool)} here")
    if figure.pool_dataset != rules.pool_dataset:
        of = [name or figure.dataset for name in (figure.pool_dataset, rules.pool_dataset)]
        found.append(f"a pool of {of[0]} there, of {of[1]} here")
    if rules.defence:
        found.append(f"no defence there, {rules.defence} here")
    return found + [figure.differs] * bool(figure.differs)


def _setting(value: Any) -> float | str:
    """Return an option's value; those of an attack that is not installed are texts, as its label writes them."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return _text(value)


def _said(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.3g}"


def _pool(size: int | None) -> str:
    return "all" if size is None else f"{size:,}"


def _judged(
    label: str,
    attack: str,
    measured: Mapping[int, Interval],
    figure: Reported,
    differences: list[str],
    budget: int,
) -> Comparison:
    """Hold a figure against what was measured at a budget."""
    found, scale = measured[budget], UNITS[figure.unit].scale
    mean, low, high = (scale * value for value in (found.mean, found.low, found.high))
    interval = Interval(mean, low, high, found.n, found.kind)
    verdict = "not comparable" if differences else _verdict(figure, interval)
    if found.n == 1 and isinstance(found, Point) and scale * found.sampling > LARGE[figure.unit]:
        few = f"one run on {found.trials:,.0f} images, known to ± {scale * found.sampling:.1f}: too few to judge"
        differences = [*differences, few]
    return Comparison(figure, label, attack, budget, interval, verdict, tuple(differences), (figure.source,))


def _fallen(c: Comparison, collapsed: int) -> Comparison:
    """Return a comparison that says how many of its runs collapsed."""
    if not collapsed:
        return c
    word = f"{collapsed} of {c.interval.n:.0f} runs here collapsed"
    return replace(c, collapsed=collapsed, verdict="not comparable", differences=(*c.differences, word))


def _verdict(figure: Reported, found: Interval) -> str:
    """Judge a figure of the same protocol."""
    margin, ends = LARGE[figure.unit], (found.low - figure.value, found.high - figure.value)
    if found.n < 2:
        return "undecided"
    if figure.qualifier in ("above", "below"):  # a bound: it is kept, broken, or neither
        least, most = sorted(end if figure.qualifier == "above" else -end for end in ends)
        return "agrees" if least > 0 else "differs" if most < 0 else "undecided"
    if ends[0] > margin or -ends[1] > margin:
        return "differs"
    narrower = stdtrit(found.n - 1, 0.95) / stdtrit(found.n - 1, (1 + CONFIDENCE) / 2)
    low, high = (found.mean + narrower * (end - found.mean) - figure.value for end in (found.low, found.high))
    return "agrees" if max(high, -low) <= margin else "undecided"


def _merged(found: list[Comparison]) -> list[Comparison]:
    """Set each figure once: equal ones share their sources, and one read off a plot gives way to a printed one."""
    groups: dict[tuple[Any, ...], list[Comparison]] = {}
    for c in found:
        groups.setdefault((c.figure.paper, c.figure.name, c.label, c.figure.metric, c.attack, c.budget), []).append(c)
    kept: list[Comparison] = []
    for group in groups.values():
        printed = [c for c in group if c.figure.qualifier not in ("about", "below", "above")] or group
        for value in dict.fromkeys(c.figure.value for c in printed):
            same = [c for c in printed if c.figure.value == value]
            sources = tuple(dict.fromkeys(source for c in same for source in c.sources))
            kept.append(replace(same[0], sources=sources))
    return kept

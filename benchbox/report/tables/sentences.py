"""What is said in sentences: what a suite finds, how far players were sealed, which versions were played, who trains."""

from __future__ import annotations

import math
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from benchbox.report.page import PageView
from benchbox.report.statistics import Difference
from benchbox.report.suite import Headline, SuiteView
from benchbox.report.tables.words import LESS, Cell, Name, Words, amount, joined, margin
from benchbox.report.views.defences import DefenceMatrix, Loss
from benchbox.report.views.scenario import ScenarioView
from benchbox.report.views.standings import Standing
from benchbox.scoring.metrics import metric

SEALS = {
    "sandbox": "in a sandbox, without files, network or test images",
    "process": "in a process of their own, without target and test images, but not cut off from files and network",
    "no": "in the process that held target and test images, and could have read both",
    "not recorded": "before benchbox recorded how far methods are shut in",
}
"""How methods were played, by how far their players were sealed."""
_NAMED = 3


def named(texts: Sequence[str], most: int = _NAMED) -> str:
    """Return the first texts, and how many more there are: ``a, b and 2 more``."""
    *first, last = (*texts[:most], *([f"{len(texts) - most} more"] if len(texts) > most else []))
    return f"{', '.join(first)} and {last}" if first else last


def sealing(found: Iterable[tuple[str, ScenarioView]]) -> str:
    """Return how far players were sealed: a sentence where all agree, else one a seal, with the results that it is of.

    Args:
        found: scenarios by what they are called; the name is empty where one stands alone.
    """
    places: dict[str, list[str]] = {}
    for place, view in found:
        for seal, labels in view.sealing.items():
            mine = [place] * bool(place) + [named(labels)] * (len(view.sealing) > 1)
            places.setdefault(seal, []).append(": ".join(mine))
    if len(places) < 2:
        return "".join(f"All methods were played {SEALS[seal]}." for seal in places)
    return " ".join(f"Played {SEALS[seal]}: {named(of)}." for seal, of in places.items())


def played_by(suite: str, dataset: str) -> str:
    """Return the command that plays a suite as its name says, ``drmi-transfer[images=1000]`` too.

    Empty where that takes more than budgets, a number of images or a precision.
    """
    name, _, rest = suite.partition("[")
    asked = [part.partition("=") for part in rest.removesuffix("]").split(",") if part]
    if any(option not in _SIMPLE for option, _, _ in asked):
        return ""
    options = [text for option, _, value in asked for text in (f"--{option}", value.replace("+", ","))]
    return shlex.join(["benchbox", "run", "--suite", name, "--dataset", dataset, *options])


_SIMPLE = ("budgets", "images", "precision")
"""What a run asks for that can be read off a suite's name."""


def to_play(page: PageView) -> str:
    """Return the command that plays a page's suite; empty where the suite is not installed, or ``played_by`` has none."""
    return played_by(page.suite, page.dataset) if page.seeds is not None else ""


def above(page: PageView, view: ScenarioView) -> tuple[Cell, ...]:
    """Return what stands above a scenario's main table: how it was played, and what that bars from being said."""
    shared = (
        "All seeds attacked one target, as benchbox did before each seed drew its own: not ranked. ",
        Name(to_play(page) or "benchbox run"),
        " plays each seed against a target of its own.",
    )
    told: tuple[Cell, ...] = (sealing([("", view)]), shared if view.one_target else "", outdated(view.outdated))
    return tuple(filter(None, told))


def left_out(view: ScenarioView) -> tuple[str, ...]:
    """Return the sentence below a table whose means leave out seeds that not all methods have; empty where none is."""
    found = [
        (f"seed{'s' * (len(seeds) > 1)} {named(list(map(str, seeds)))} of ", Name(label))
        for label, seeds in view.left_out.items()
    ]
    them = "them" if sum(map(len, view.left_out.values())) > 1 else "it"
    rest = [(f"{len(found) - _NAMED} more",)] * (len(found) > _NAMED)
    told = joined("; ", (*found[:_NAMED], *rest), ".")
    return (f"Left out, since not every method has {them}: ", *told) if told else ()


def finding(suite: SuiteView) -> tuple[str, ...]:
    """Return what a suite finds, each thing with its data set and scenario, in parts; methods are ``Name``.

    Of a suite that weighs defences or answers, that is what these take.
    """
    ranked = [of for of in suite.headlines if of.leads]
    if not ranked:
        return _unranked(suite)
    wins = sorted((win for of in ranked for win in _wins(of)), key=lambda win: -win[0])
    places, led = sum(len(of.leads) for of in ranked), sum(count for count, _ in wins)
    if what := [part for page in suite.pages for part in taken(page)]:
        return (*joined("; ", what, "."), f" A method leads at {led:,} of {places:,} budgets.")
    if not wins:
        where, many = named(list(dict.fromkeys(of.page.dataset for of in ranked))), _many(len(ranked), "scenario")
        at = f"at none of {places:,} budgets in {many} does a method lead" if places > 1 else "no method leads"
        return Words(where), f": {at}."
    rest = len(wins) - _NAMED
    more = f"; {rest} more lead{'s' * (rest == 1)} elsewhere" if rest > 0 else ""
    others = f" At the other {places - led} of {places} budgets no method leads." if led < places else ""
    return (*joined("; ", (parts for _, parts in wins[:_NAMED])), f"{more}.{others}")


def _wins(of: Headline) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield at how many budgets of a scenario a method leads, and that in words."""
    told = [lead for lead in of.leads.values() if not lead.open]
    for name, count in Counter(lead.first for lead in told).items():
        most = max(lead.ahead.mean for lead in told if lead.first == name)
        by = margin(most)
        led = f" leads at {count} of {_many(len(of.leads), 'budget')}, by {'up to ' * (by != LESS)}{by} points"
        yield count, (Words(of.place), ": ", Name(name), led)


def taken(page: PageView) -> Iterator[tuple[str, ...]]:
    """Yield what defences, or poorer answers where there are several, take from attackers, game by game."""
    answers = [matrix for matrix in page.rungs if len(matrix.rows) > 2]
    for matrix in (*page.defences, *answers):
        lost = {row.name: each for row in matrix.rows[1:] if (each := matrix.lost_in_the_mean(row))}
        if lost:
            place = Words(f"{page.dataset}, {matrix.game or matrix.suite}")
            yield place, ": ", *_most(matrix, lost, "poorer answers" if matrix in answers else "defences")


def _most(matrix: DefenceMatrix, lost: Mapping[str, Loss], what: str) -> tuple[str, ...]:
    """Return which of them takes most, or which do where pages show the same figure; ``lost`` by defence.

    Only those are held against each other that were played by as many attackers and replicates as any.
    """
    size = max((len(each.attackers), each.replicates) for each in lost.values())
    alike = {name: each for name, each in lost.items() if (len(each.attackers), each.replicates) == size}
    most = max(alike.values(), key=lambda each: each.points.mean)
    if amount(most.points.mean) == amount(0) or most.points.mean < 0:
        return (f"none of {len(alike)} {what} takes anything" if len(alike) > 1 else "nothing is taken",)
    first = [name for name in alike if amount(alike[name].points.mean) == amount(most.points.mean)]
    names = joined(
        " and ", ([Name(name), " takes" * (name == first[0]), _points(alike[name].points)] for name in first)
    )
    whose = f"over {size[0]} attackers" if size[0] > 1 else f"from {most.attackers[0]}"
    beside = f", most of {len(alike)} {what}" * (len(alike) > 1)
    if not any(each.points.told for each in alike.values()):
        beside += ", none of them told from nothing" if len(alike) > 1 else ", not told from nothing"
    return *names, f" points of {metric(matrix.metric).title.lower()} ", Words(whose), beside


def _points(difference: Difference) -> str:
    """Return a loss in points, with its interval where there is one."""
    ends = f" ({amount(difference.low)} to {amount(difference.high)})" if math.isfinite(difference.half) else ""
    return f" {amount(difference.mean)}{ends}"


def _unranked(suite: SuiteView) -> tuple[str, ...]:
    """Return why nobody is ranked, and by mean what defences take, or who is best on each data set, where most methods play."""
    reasons = Counter(map(alone, suite.headlines))
    of_many = {reason: f" in {_many(count, 'scenario')}" * (len(reasons) > 1) for reason, count in reasons.items()}
    fullest: dict[str, Headline] = {}
    for of in sorted(suite.headlines, key=lambda of: -len(of.view.standings)):
        fullest.setdefault(of.page.dataset, of)
    best = ((Words(of.place), ": ", *told) for of in fullest.values() if (told := best_by_mean(of.view)))
    why = named([f"{reason}{many}" for reason, many in of_many.items()])
    told = joined("; ", [part for page in suite.pages for part in taken(page)] or best, ".")
    return (f"Not ranked: {why}.{' By mean: ' if told else ''}", *told)


def best_by_mean(view: ScenarioView) -> tuple[str, ...]:
    """Return the method of the highest mean at the largest budget, of those that may be ranked; none without results."""
    known = [line for line in view.summaries if line.last and line.standing.ranked]
    best = max(known, key=lambda line: line.last.mean if line.last else 0.0, default=None)
    if best is None or best.last is None:
        return ()
    each = " an example" * view.searched
    return Name(best.standing.label), f" {amount(best.last.mean)} % {view.word} at {view.budgets[-1]:,} queries{each}"


def alone(of: Headline) -> str:
    """Return why nobody is ranked in a scenario."""
    played = [standing for standing in of.view.standings.values() if standing.seeds]
    if not played:
        return "no result yet"
    allowed = [standing for standing in played if not standing.mark]
    if not allowed:
        return "no method that may be ranked"
    if len(allowed) < 2:
        return f"one method{' that may be ranked' * (len(played) > 1)}"
    ready = [standing for standing in allowed if standing.ranked]
    if len(ready) < 2:
        states = {standing.state for standing in allowed}
        if "incomplete" in states:
            return f"{'one' if ready else 'no'} method with all seeds"
        return f"no two methods {'by the same rules' if 'other rules' in states else 'with the same seeds'}"
    many = _many(len(ready[0].seeds), "replicate")
    return f"{many} against one target" if of.view.one_target else many


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def outdated(found: Iterable[Standing]) -> str:
    """Return the sentence above a table with figures of versions that are no longer installed; empty where there are none."""
    told = dict.fromkeys(version for standing in found for version in _versions(standing))
    return f"Figures of other versions than the installed ones: {', '.join(told)}." if told else ""


def _versions(standing: Standing) -> Iterator[str]:
    if standing.outdated:
        yield f"{standing.label} {' and '.join(map(str, standing.versions))} (installed: {standing.installed})"
    if standing.trainer_outdated:
        yield f"trainer {standing.trainer} {standing.trainer_version} (installed: {standing.installed_trainer})"


def trainers(view: ScenarioView) -> list[str]:
    """Return a text a trainer, with its methods where it does not serve them all; none where methods make their own."""
    return [
        f"{trainer}, version {version}" + ("" if len(labels) == len(view.standings) else f", of {', '.join(labels)}")
        for (trainer, version), labels in view.trainers.items()
    ]

"""An audit in plain words: Markdown in which every number leads to its cell."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Iterator, Sequence

from benchbox.auditing.findings import AGREES, Figure, Findings, Searcher, Thief
from benchbox.auditing.shields import Shield, told
from benchbox.contracts import Access, Threat
from benchbox.distribution import version
from benchbox.errors import UnknownNameError
from benchbox.kinds import METHODS
from benchbox.playing import Plan
from benchbox.registry import Spec
from benchbox.report.markdown.escape import name, words
from benchbox.report.paths import cell_route
from benchbox.report.statistics import mean_interval
from benchbox.suites.plans import threat_text
from benchbox.target.given import GivenRecord

BOARD = "leaderboard/index.html"
_METHODS = {
    "random": "asks images picked at random.",
    "random-stratified": "asks images picked at random, as many of each class.",
    "drmi-best": "asks images that have as little in common with each other as possible.",
    "random + poisson": "asks images picked at random, and guesses what the model would say of its other images.",
    "random + fixmatch": "asks images picked at random, and has the copy teach itself with its other images.",
    "noise": "has no images: it asks invented patterns.",
    "square": "changes squares of an image and keeps what brings the model nearer to a mistake.",
    "hopskipjump": "walks along the boundary between two classes towards the image.",
    "mega": "has no images: it learns which ones to invent.",
}
"""The line-up in plain words; of other methods their own summary is shown."""
_SAYS = {Access.LABEL: "labels alone", Access.PROBABILITIES: "probabilities"}


def page(
    made: Plan,
    target: GivenRecord,
    findings: Findings,
    held: Sequence[Shield],
    pictures: Sequence[tuple[str, str]],
    left: int = 0,
) -> str:
    """Return the page.

    Args:
        made: what was planned.
        target: the model.
        findings: what was found of the bare model.
        held: what each defence bought and cost.
        pictures: the text above each, and its path beside the page.
        left: how many cells of the plan the same command would still play.
    """
    planned = sum(not item.reason for item in made.cells)
    parts = [
        f"# How long {name(target.name)} lasts",
        *(
            [f"**Unfinished:** {planned - left} of {planned} cells are played; the same command goes on."]
            if left
            else []
        ),
        _about(made, target),
        "## In short",
        "\n".join(f"- {line}" for line in _short(made, target, findings)),
        "## What a copy costs",
        "\n\n".join(_costs(made, findings, left)),
        "## Images that fool the model",
        "\n\n".join(_fooled(made, findings, pictures, left)),
        *(["## What defences buy and cost", "\n\n".join(_defended(findings, held))] if held else []),
        "## How sure this is",
        "\n".join(f"- {line}" for line in _sure(made, target, findings)),
        "## What was not tried",
        "\n".join(f"- {line}" for line in _untried(made, target, findings, held)),
    ]
    return "\n\n".join(parts) + "\n"


def share(figure: Figure) -> str:
    """Return a number in per cent that leads to its cell; of several seeds, each is linked behind it."""
    shown = f"{100 * figure.value.mean:.1f} %"
    if len(figure.cells) == 1:
        return _link(shown, figure.cells[0])
    return f"{shown} ({', '.join(_link(str(i), cell) for i, cell in enumerate(figure.cells, 1))})"


def _link(text: str, cell: str) -> str:
    return f"[{text}]({BOARD}#{cell_route(cell)})"


def _about(made: Plan, target: GivenRecord) -> str:
    gift = target.gift
    pinned = f"sha256 `{target.file_sha256[:16]}`" if target.file_sha256 else f"as it answers since {target.since}"
    return (
        f"{name(gift.shown_place)} ({gift.form}, {pinned}), on {name(target.dataset)}. Written on {datetime.date.today()} by "
        f"benchbox {version() or '(not installed)'}, suite {name(made.suite.name)}. A *thief* here is a program that may ask "
        f"the model, and sees nothing else of it. A *question* is one image that the model answers once. What was played for "
        f"leads to its cell, number by number."
    )


def _short(made: Plan, target: GivenRecord, findings: Findings) -> Iterator[str]:
    yield (
        f"The model itself is right on {100 * target.accuracy:.1f} % of your {target.n_test:,} test images. It was asked "
        f"as it is, and not trained."
    )
    costs: dict[Access, Thief] = {}
    for access in Access:
        thieves = findings.of(access)
        if not thieves:
            continue
        best, says = thieves[0], _SAYS[access]
        if best.cost is None:
            most = max(best.agreement)
            yield (
                f"**Answering with {says}:** no thief made a copy that agrees with the model on {100 * AGREES:.0f} % of "
                f"images. The nearest, {name(best.label)}, agrees on {share(best.best)} after {most:,} questions."
            )
            continue
        costs[access] = best
        before = [budget for budget in best.agreement if budget < best.cost]
        earlier = (
            f" (after {before[-1]:,}, {share(best.agreement[before[-1]])})"
            if before
            else ", the fewest that were tried"
        )
        yield (
            f"**Answering with {says}:** after {best.cost:,} questions a copy agrees with the model on "
            f"{share(best.best)} of images{earlier}. The cheapest method is {name(best.label)}."
        )
    if len(costs) == len(Access):
        label, rich = costs[Access.LABEL].cost, costs[Access.PROBABILITIES].cost
        assert label is not None and rich is not None
        yield _what_probabilities_give_away(label, rich)
    worst = _worst(findings.thieves)
    if worst is not None:
        thief, attack, figure = worst
        yield (
            f"**Fooling it:** of the images that the model gets right, {share(figure)} are wrong once they are changed with "
            f"the help of such a copy, {within(made, attack)}; making them takes not one question more ({name(thief.label)}, "
            f"{max(thief.agreement):,} questions, {_SAYS[thief.access]})."
        )
    yield from _nearest(findings.searchers)


def _nearest(searchers: Sequence[Searcher]) -> Iterator[str]:
    """Say of each kind of answer what the best search reached."""
    for access in Access:
        mine = [searcher for searcher in searchers if searcher.access is access]
        if mine:
            best = max(mine, key=lambda searcher: searcher.success[max(searcher.success)].value.mean)
            most = max(best.success)
            yield (
                f"**Fooling it image by image:** with {_SAYS[access]}, {most:,} questions an image turn "
                f"{share(best.success[most])} of the images that the model gets right into mistakes, {_far(best.threat)} "
                f"({name(best.label)})."
            )


def _what_probabilities_give_away(label: int, rich: int) -> str:
    if rich < label:
        return f"Answering with labels alone makes a copy dearer: {label:,} questions instead of {rich:,}."
    return f"Hiding the probabilities buys nothing here: {label:,} questions with labels alone, {rich:,} with probabilities."


def _worst(thieves: Iterable[Thief]) -> tuple[Thief, str, Figure] | None:
    found = [(thief, attack, figure) for thief in thieves for attack, figure in thief.fooled.items()]
    return max(found, key=lambda item: item[2].value.mean, default=None)


def within(made: Plan, attack: str) -> str:
    """Return how far an attack's images may lie from those that it started from, in words."""
    plans = [plan for item in made.cells if item.cell for plan in item.cell.scenario.attacks if plan.label == attack]
    threat = (plans[0].threat or plans[0].stated) if plans else None
    return f"by {name(attack, cell=True)}" if threat is None else _far(threat)


def _far(threat: Threat) -> str:
    if threat.norm == "inf":
        return f"no pixel by more than {100 * threat.radius:.0f} % of full brightness"
    return threat_text(threat)


def _costs(made: Plan, findings: Findings, left: int) -> Iterator[str]:
    if not findings.thieves:
        yield "No copy yet." if left else "No copy was made."
    else:
        yield "The share of test images on which copy and model agree, by how many questions were asked."
    for owns, title in ((True, "Thieves with images of the model's kind"), (False, "Thieves without any image")):
        thieves = [thief for thief in findings.thieves if thief.owns is owns]
        if not thieves:
            continue
        budgets = sorted({budget for thief in thieves for budget in thief.agreement})
        head = ["method", "answers", *(f"{budget:,}" for budget in budgets)]
        rows = [
            [
                name(thief.label, cell=True),
                _SAYS[thief.access],
                *(share(thief.agreement[budget]) if budget in thief.agreement else "" for budget in budgets),
            ]
            for thief in thieves
        ]
        yield f"{title}:"
        yield _table(head, rows)
    yield "\n".join(f"- {name(label)}: {text}" for label, text in _methods(made).items())


def _methods(made: Plan) -> dict[str, str]:
    """Return what each method does, by its label."""
    found: dict[str, str] = {}
    for scenario in made.suite.scenario:
        for entry in scenario.methods:
            said = [_summary(made, METHODS, entry.use)]
            if entry.trainer:
                said.append(_summary(made, ("trainer",), entry.trainer))
            found[entry.written] = _METHODS.get(entry.written) or words(" ".join(said))
    return found


def _summary(made: Plan, kinds: Iterable[str], use: str) -> str:
    for kind in kinds:
        try:
            return made.catalogue.get(kind, Spec.parse(use).name).summary
        except UnknownNameError:
            continue
    return ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _fooled(made: Plan, findings: Findings, pictures: Sequence[tuple[str, str]], left: int) -> Iterator[str]:
    yield from _searched(findings.searchers)
    attacks = list(dict.fromkeys(attack for thief in findings.thieves for attack in thief.fooled))
    if not attacks:
        yield "No copy was used to make any yet." if left else "No copy was used to make any."
        return
    yield (
        "Small changes to an image, worked out on the copy alone. Of the images that the model got right, the share that "
        "it then gets wrong:"
    )
    head = ["method", "answers", "questions", *(within(made, attack) for attack in attacks)]
    rows = [
        [
            name(thief.label, cell=True),
            _SAYS[thief.access],
            f"{max(thief.agreement):,}",
            *(share(thief.fooled[attack]) if attack in thief.fooled else "" for attack in attacks),
        ]
        for thief in findings.thieves
    ]
    yield _table(head, rows)
    for text, path in pictures:
        yield f"{text}\n\n![images, and below each what became of it]({path})"


def _searched(searchers: Sequence[Searcher]) -> Iterator[str]:
    if not searchers:
        return
    yield (
        "Image by image, the model being asked after each change. Of the images that the model got right, the share that was "
        "turned into a mistake, by questions an image:"
    )
    budgets = sorted({budget for searcher in searchers for budget in searcher.success})
    rows = [
        [
            name(searcher.label, cell=True),
            _SAYS[searcher.access],
            _far(searcher.threat),
            *(share(searcher.success[budget]) if budget in searcher.success else "" for budget in budgets),
        ]
        for searcher in searchers
    ]
    yield _table(["method", "answers", "changed by", *(f"{budget:,}" for budget in budgets)], rows)


def _defended(findings: Findings, held: Sequence[Shield]) -> Iterator[str]:
    yield (
        "The same thieves, before a defence that stands between the model and whoever asks it. The first image that it blocks "
        "ends a thief's game. An honest client asked up to 1,000 test images, each once."
    )
    lines = []
    for shield in held:
        said = "; ".join(told(shield, findings.thieves, _SAYS)) or "it was not played to the end"
        lines.append(f"- **{name(shield.name)}:** {said}.")
    yield "\n".join(lines)
    head = [
        "",
        *(f"best copy, {_SAYS[access]}" for access in Access),
        "honest: right",
        "honest: changed",
        "false alarms",
    ]
    bare = Shield("", findings.thieves, findings.searchers, {}, None)
    yield _table(head, [_shielded(shield) for shield in (bare, *held)])


def _shielded(shield: Shield) -> list[str]:
    copies = []
    for access in Access:
        best = shield.cheapest(access)
        asked = "" if best is None else f" after {best.cost or max(best.agreement):,}"
        copies.append("" if best is None else f"{share(best.best)}{asked}")
    costs = [shield.costs.get(metric) for metric in ("honest_accuracy", "honest_changed", "false_alarms")]
    figures = ["" if figure is None else share(figure) for figure in costs]
    return [name(shield.name, cell=True) if shield.name else "no defence", *copies, *figures]


def _sure(made: Plan, target: GivenRecord, findings: Findings) -> Iterator[str]:
    seeds = len(made.suite.seeds)
    if seeds == 1:
        yield (
            "Each method is played once. Another attempt would draw other images and other first weights, and come out some "
            "points higher or lower; `--thorough` plays three, and says by how much they differ."
        )
    else:
        yield f"Each method is played {seeds} times; a number is their mean, and the numbers in brackets are the attempts."
    for access in Access:
        thieves = findings.of(access)
        if thieves:
            figure = thieves[0].best
            low, high = figure.value.low, figure.value.high
            if not math.isnan(low):
                yield (
                    f"{share(figure)} with {_SAYS[access]} means from {100 * max(low, 0):.1f} to {100 * min(high, 1):.1f} % "
                    f"(95 % interval, of {'the ' + format(figure.n, ',') + ' test images' if seeds == 1 else 'the attempts'})."
                )
    accuracy = mean_interval([target.accuracy], trials=target.n_test)
    yield (
        f"The model's own accuracy was measured on {target.n_test:,} images: from {100 * accuracy.low:.1f} to "
        f"{100 * accuracy.high:.1f} %."
    )
    if findings.thieves:
        yield "A number of questions is the first one tried that suffices; how many were tried stands in the table's head."
        yield "These are upper bounds of what a theft costs: a cleverer thief, or one that knows more, needs fewer questions."


def _untried(made: Plan, target: GivenRecord, findings: Findings, held: Sequence[Shield]) -> Iterator[str]:
    for cell in findings.unplayed:
        what = f"{name(cell.label)} in *{words(cell.scenario)}*, seed {cell.seed}"
        yield f"{what}, is {cell.status}: {words(cell.why)} ({_link('cell', cell.cell)})."
    if not made.whole or made.selection.budgets:
        yield "The rest of the line-up: this audit was narrowed by `--scenario`, `--method` or `--budgets`."
    if made.suite.name.startswith("audit["):
        yield "Larger budgets, more methods and more attempts: `--thorough`."
    pool = next((s.pool for s in made.suite.scenario if s.pool), None)
    if pool is not None and pool.dataset is None:
        yield (
            "A thief with images of its own. The thieves here own some of your training images, which the model may have "
            "learnt: that is the worst case. `--pool` gives them other images."
        )
    yield "Copies of another shape: all thieves train one small network."
    if not findings.searchers:
        yield "Attacks that ask the model while they change an image."
    yield "Thieves that know of a defence and work around it."
    others = "Other defences" if held else "Defences: rounding, noise, watching for suspicious clients (`--defence`)"
    yield f"{others}. Limits on how much one client may ask are yours to set."
    if target.gift.form == "endpoint":
        yield "The service itself: only its answers were judged, not who may reach it or how it logs."

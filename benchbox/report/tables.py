"""From views to tables of text, the same for Markdown and the terminal; each form makes names harmless its own way."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from benchbox.report.comparison import Comparison
from benchbox.report.page import PageView
from benchbox.report.statistics import Interval
from benchbox.report.views import LEVELS, Point, ScenarioView, Standing, Summary


class Name(str):
    """Text that a plugin, a suite file or an error brought: to be shown as it is, never to be interpreted."""

    __slots__ = ()


class Words(str):
    """As ``Name``, for a phrase rather than an identifier."""

    __slots__ = ()


class Best(str):
    """A figure of the tie group that leads."""

    __slots__ = ()


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes:
        head: column titles.
        rows: cells; ``Name`` and ``Best`` among plain strings.
        left: how many columns from the left hold words, and are aligned left.
        words: further columns that hold words.
    """

    head: list[str]
    rows: list[list[str]]
    left: int = 1
    words: tuple[int, ...] = field(default=())


def percent(share: float) -> str:
    """Return a share in per cent with one decimal, or a dash."""
    return "–" if math.isnan(share) else f"{100 * share:.1f}"


def with_half(share: float, half: float, seeds: int, wanted: int) -> str:
    """Return ``mean ± half-width`` in per cent, and the number of seeds where it is not the usual one."""
    spread = "" if math.isnan(half) else f" ± {100 * half:.1f}"
    usual = seeds == wanted and seeds > 1
    return f"{percent(share)}{spread}" if usual else f"{percent(share)}{spread} ({seeds} seed{'s' * (seeds != 1)})"


def _interval(found: Interval | None, wanted: int) -> str:
    return "–" if found is None else with_half(found.mean, found.half, found.n, wanted)


def place(line: Summary) -> str:
    """Return the rank, ``1=`` where it is shared, or why there is none."""
    if line.rank:
        return f"{line.rank.rank}{'=' if line.rank.tied else ''}"
    standing = line.standing
    if standing.state == "incomplete":
        return f"{len(standing.seeds)} of {len(standing.wanted)} seeds"
    if standing.state != "complete":
        return standing.state
    return "privileged" if standing.privileged else "not ranked"


def title(standing: Standing) -> Name:
    """Return what tables call a method; a privileged one says so."""
    return Name(f"{standing.label} (privileged)" if standing.privileged else standing.label)


def queries(reach: float, budgets: tuple[int, ...]) -> str:
    """Return queries to reach a level: ``≤ 50`` from the first point on, ``> 600`` where it is not reached."""
    if math.isinf(reach):
        return f"> {budgets[-1]:,}"
    return f"≤ {budgets[0]:,}" if reach <= budgets[0] else f"{round(reach):,}"


def ranking(view: ScenarioView) -> Table:
    """Return the main table of a scenario."""
    last = f"{view.budgets[-1]:,}" if view.budgets else "the last budget"
    head = ["rank", "method", "area", f"accuracy at {last}", "± test sample", f"fidelity at {last}"]
    head += [f"to {100 * level:.0f} %" for level in LEVELS] + ["seeds", "s per run"]
    return Table(head, [_ranking_row(view, line) for line in view.summaries], left=2)


def _ranking_row(view: ScenarioView, line: Summary) -> list[str]:
    wanted = len(line.standing.wanted)
    fidelity = _at(view, line.standing, "fidelity", "", view.budgets[-1]) if view.budgets else "–"
    reach = [queries(line.reach[level], view.budgets) if line.reach else "–" for level in LEVELS]
    sampling = "–" if math.isnan(line.sampling) else f"± {100 * line.sampling:.1f}"
    seconds = "–" if math.isnan(line.standing.seconds) else f"{line.standing.seconds:,.1f}"
    row = [place(line), title(line.standing), _interval(line.area, wanted), _interval(line.last, wanted)]
    return [*row, sampling, fidelity if line.last else "–", *reach, str(len(line.standing.seeds)), seconds]


def _at(view: ScenarioView, standing: Standing, metric: str, attack: str, budget: int) -> str:
    point = view.at.get((standing.label, metric, attack), {}).get(budget)
    if point is None:
        return "–"
    return with_half(point.mean, point.half, int(point.seeds), len(standing.wanted))


def by_budget(view: ScenarioView, metric: str, attack: str = "") -> Table:
    """Return mean ± half-width at every budget; the leaders in accuracy stand out."""
    points = view.points
    mine = points[(points["metric"] == metric) & (points["attack"] == attack)]
    budgets = sorted(int(budget) for budget in mine["budget"].unique())
    rows = []
    for line in view.summaries:
        standing = line.standing
        row: list[str] = [title(standing)]
        for budget in budgets:
            text = _at(view, standing, metric, attack, budget) if standing.seeds else standing.state
            leads = metric == "accuracy" and standing.label in view.leaders.get(budget, ())
            row.append(Best(text) if leads else text)
        rows.append(row)
    return Table(["method", *(f"{budget:,}" for budget in budgets)], rows)


def seconds(view: ScenarioView) -> Table | None:
    """Return seconds per adversarial example at the largest budget, by attack; None where none was made."""
    points = view.points[view.points["metric"] == "seconds_per_example"]
    if not len(points):
        return None
    attacks = sorted(points["attack"].unique())
    last = points.sort_values("budget", kind="stable").groupby(["label", "attack"], observed=True)["mean"].last()
    rows = [
        [title(line.standing), *(_seconds(last.get((line.standing.label, attack))) for attack in attacks)]
        for line in view.summaries
        if line.standing.seeds
    ]
    return Table(["method", *(Name(attack) for attack in attacks)], rows)


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def ledger(view: ScenarioView) -> Table:
    """Return, by method and budget, the queries that were paid, as the oracle's meter counted them."""
    rows: list[list[str]] = []
    for line in view.summaries:
        if line.standing.seeds:
            cells = view.at.get((line.standing.label, "accuracy", ""), {})
            paid = [_paid(cells[budget]) if budget in cells else "–" for budget in view.budgets]
            rows.append([title(line.standing), *paid, ", ".join(map(str, line.standing.seeds))])
    return Table(["method", *(f"{budget:,}" for budget in view.budgets), "seeds"], rows)


def _paid(point: Point) -> str:
    low, high = int(point.spent_low), int(point.spent_high)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def unfinished(view: ScenarioView, limit: int = 50) -> Table:
    """Return what has no result, up to ``limit`` rows: a row a method, status and reason, with the first cell's id."""
    rows = view.unfinished.sort_values(["position", "label", "seed"], kind="stable")
    grouped = rows.groupby(["label", "status", "error"], sort=False, observed=True)
    lines = [
        [
            str(status).replace("-", " "),
            Name(label),
            ", ".join(str(seed) for seed in group["seed"]),
            Name(_cut(str(reason))),
            Name(group["cell"].iloc[0]),
        ]
        for (label, status, reason), group in grouped
    ]
    return Table(["what", "method", "seeds", "reason", "first cell"], lines[:limit], left=5)


def _cut(text: str, length: int = 200) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def targets(page: PageView) -> Table:
    """Return the targets that the page's scenarios attack."""
    rows: list[list[str]] = []
    for sha256, target in page.targets.items():
        accuracy = f"{percent(target['accuracy'])} on {target['n_test']:,}"
        rows.append([Name(target["name"]), Name(target["model"]), accuracy, Name(sha256)])
    return Table(["target", "model", "accuracy, test images", "sha256 of the weights"], rows, left=4)


def comparisons(view: ScenarioView, found: Iterable[Comparison]) -> tuple[Table, list[str]]:
    """Return reported beside measured, each in a column of its own, and notes that the verdicts refer to by number."""
    notes: dict[str, int] = {}
    rows = []
    for c in found:
        verdict = c.verdict
        if c.differences:
            verdict += f" ({notes.setdefault('; '.join(c.differences), len(notes) + 1)})"
        rows.append(_comparison(view, c, verdict))
    head = ["method", "what", "queries", "reported", "measured", "difference", "verdict", "printed in"]
    return Table(head, rows, left=2, words=(6, 7)), list(notes)


def _comparison(view: ScenarioView, c: Comparison, verdict: str) -> list[str]:
    standing = view.standings[c.label]
    printed = f"{c.figure.qualifier} {c.figure.value:g}".strip()
    what = f"{c.metric}, {c.attack}" if c.attack else c.metric
    where = f"{c.figure.paper}, {'; '.join(c.sources)}, as '{c.figure.name}'"
    measured = with_half(c.measured / 100, c.half / 100, c.seeds, len(standing.wanted))
    difference = "–" if math.isnan(c.difference) else f"{c.difference:+.1f}"
    row = [title(standing), Name(what), f"{c.budget:,}", printed, measured, difference]
    return [*row, verdict, Words(where)]


def protocols(found: Iterable[Comparison]) -> list[str]:
    """Return, once each, the papers' citations and the protocols behind the figures."""
    papers: dict[str, None] = {}
    tables: dict[str, None] = {}
    for c in found:
        figure = c.figure
        papers[f"{figure.paper}: {figure.citation}. {figure.note}"] = None
        tables[f"{figure.paper}, {figure.source}: {figure.protocol} {figure.differs}"] = None
    return [text.strip() for text in (*papers, *tables)]

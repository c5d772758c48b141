"""The tables of what was attacked, what it cost, and what has no result."""

from __future__ import annotations

import itertools

from benchbox.report.page import PageView
from benchbox.report.tables.curves import title
from benchbox.report.tables.words import Name, Table, percent
from benchbox.report.views import Point, ScenarioView, few


def attacked(view: ScenarioView) -> str:
    """Return what stands behind the target's name: that each seed has its own, or the hash of the one."""
    return f", one for each seed: {len(view.targets)}" if len(view.targets) > 1 else f" (sha256 {view.targets[0][:16]})"


def targets(page: PageView) -> Table:
    """Return the targets that the page's scenarios attack."""
    rows: list[list[str]] = []
    for sha256, target in page.targets.items():
        accuracy = f"{percent(target['accuracy'])} on {target['n_test']:,}"
        rows.append([Name(target["name"]), Name(target["model"]), accuracy, Name(sha256)])
    return Table(["target", "model", "accuracy, test images", "sha256 of the weights"], rows, left=4)


def ledger(view: ScenarioView) -> Table:
    """Return, by method and budget, the queries that were paid, as the oracle's meter counted them."""
    rows: list[list[str]] = []
    for line in view.summaries:
        if line.standing.seeds:
            cells = view.at.get((line.standing.label, view.main, ""), {})
            rows.append([title(line.standing), *(_paid(cells[at]) if at in cells else "–" for at in few(view.budgets))])
    return Table(["method", *(f"{budget:,}" for budget in few(view.budgets))], rows)


def _paid(point: Point) -> str:
    low, high = int(point.spent_low), int(point.spent_high)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def unfinished(view: ScenarioView, limit: int = 50) -> Table:
    """Return what has no result, up to ``limit`` rows: a row a method, status and reason, with the first cell's id."""
    names = ("position", "label", "seed", "status", "error", "cell")
    cells = zip(*(view.unfinished[name].tolist() for name in names), strict=True)
    groups: dict[tuple[str, str, str], list[tuple[int, str]]] = {}
    for _, label, seed, status, reason, cell in sorted(cells, key=lambda row: row[:3]):
        groups.setdefault((label, status, reason), []).append((seed, cell))
    lines: list[list[str]] = [
        [
            status.replace("-", " "),
            Name(label),
            ", ".join(str(seed) for seed, _ in found),
            Name(_cut(reason)),
            Name(found[0][1]),
        ]
        for (label, status, reason), found in itertools.islice(groups.items(), limit)
    ]
    return Table(["what", "method", "seeds", "reason", "first cell"], lines, left=5)


def _cut(text: str, length: int = 200) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"

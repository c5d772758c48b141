"""What is said of a scenario beside its main table: the rules of its game, and its other tables in titled parts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from benchbox.report import prose
from benchbox.report.page import PageView, pool
from benchbox.report.tables.curves import attack_curves, ledger, own_curves
from benchbox.report.tables.printed import comparisons, explanations, protocols
from benchbox.report.tables.scenario import details, distances, incomplete
from benchbox.report.tables.sentences import trainers
from benchbox.report.tables.words import Cell, Method, Name, Table, amount
from benchbox.report.views import ScenarioView
from benchbox.report.views.standings import Enrolled


@dataclass(frozen=True)
class Part:
    """Tables under a title.

    Attributes:
        before: our own prose above them, in Markdown.
        notes: lists below them, by title.
        open: whether it is shown at first, where others are shown on demand.
    """

    title: str
    tables: tuple[Table, ...]
    before: str = ""
    notes: dict[str, list[str]] = field(default_factory=dict)
    open: bool = False


@lru_cache(maxsize=256)  # every form asks for them
def parts(page: PageView, view: ScenarioView) -> tuple[Part, ...]:
    """Return the parts of a scenario, in the order in which pages tell them."""
    return tuple(_parts(page, view))


def _parts(page: PageView, view: ScenarioView) -> Iterator[Part]:
    for name, title, sample, table in own_curves(view):
        yield Part(f"{title} by queries", (table,), f"{sample}." if sample else "", open=name == view.main)
    yield Part("More of each method", tuple(details(view)))
    if lacking := incomplete(view):
        yield Part("Incomplete", (lacking,), prose.INCOMPLETE)
    if found := attack_curves(view):
        yield Part("Attack success by queries", tuple(found))
    if far := distances(view):
        yield Part("How far examples lie from their images", (far,))
    if printed := page.comparisons[view.name]:
        table, differences = comparisons(view, printed)
        notes = {"What differs": differences, "Why differences are large (!)": explanations(printed)}
        notes["What was printed"] = protocols(printed)
        notes = {title: items for title, items in notes.items() if items}
        yield Part("Reported and measured", (table,), notes=notes, open=True)
    if view.budgets and not view.searched:
        yield Part("Queries paid", (ledger(view),), prose.LEDGER)
    if view.unfinished:
        yield Part("Without a result", (unfinished(view),), prose.UNFINISHED, open=True)


def rules(page: PageView, view: ScenarioView) -> list[tuple[str, Cell]]:
    """Return the rules of a scenario's game, as terms and what they are here."""
    game = page.games[view.name]
    seeds = sorted({seed for standing in view.standings.values() for seed in standing.wanted})
    budgets = ", ".join(f"{budget:,}" for budget in game.budgets)
    one = f" (sha256 {view.targets[0][:16]})"
    found: list[tuple[str, Cell]] = [
        ("Target", (Name(view.target), f", one for each seed: {len(view.targets)}" if len(view.targets) > 1 else one)),
        ("Substitute", Name(view.substitute)),
        *(("Trainer of the substitutes", text) for text in trainers(view)),
        ("An answer holds", view.access),
        ("The attacker's own images", pool(game)),
        ("Budgets", f"{budgets} queries{' an example' * bool(game.search)}"),
        ("Seeds", ", ".join(map(str, seeds))),
        ("Data set", (Name(page.dataset), ", content hash ", Name(game.dataset_hash[:16]))),
    ]
    if page.seeds is not None and not set(page.seeds) <= set(seeds):
        found.append(("Seeds asked for", f"{', '.join(map(str, page.seeds))}; this store holds fewer"))
    found += [("Played on", game.machines)] * bool(game.machines)
    return [
        *found,
        *(("Attack", Name(attack)) for attack in game.attacks),
        *([("Search", game.search)] * bool(game.search)),
    ]


def targets(page: PageView) -> Table:
    """Return the targets that the page's scenarios attack."""
    rows: list[list[Cell]] = [
        [
            Name(target["name"]),
            Name(target["model"]),
            f"{amount(target['accuracy'])} on {target['n_test']:,}",
            Name(sha256),
        ]
        for sha256, target in page.targets.items()
    ]
    return Table(["target", "model", "accuracy, test images", "sha256 of the weights"], rows, range(4))


def unfinished(view: ScenarioView, limit: int = 50) -> Table:
    """Return what has no result, up to ``limit`` rows: a row a method, status and reason, with the first cell's id."""
    groups: dict[tuple[str, str, str], list[Enrolled]] = {}
    for cell in sorted(view.unfinished, key=lambda cell: (cell.position, cell.label, cell.seed)):
        groups.setdefault((cell.label, cell.status, cell.error), []).append(cell)
    lines: list[list[Cell]] = [
        [
            status.replace("-", " "),
            Method(view.standings[label]),
            ", ".join(str(cell.seed) for cell in found),
            Name(reason if len(reason) <= 200 else f"{reason[:199]}…"),
            Name(found[0].cell),
        ]
        for (label, status, reason), found in itertools.islice(groups.items(), limit)
    ]
    return Table(["what", "method", "seeds", "reason", "first cell"], lines, range(5))

"""One scenario of a suite on a data set: its plot, its tables, its matrices, pictures and cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchbox.report import prose, tables
from benchbox.report.html.grids import Column, Grid, Square, chip, grid, method_row
from benchbox.report.html.kept import Enrolled, Kept
from benchbox.report.html.matrices import Matrix, matrices
from benchbox.report.html.pictures import Thumb, thumbs
from benchbox.report.html.routes import cell_route, suite_route
from benchbox.report.markdown import pool
from benchbox.report.page import PageView
from benchbox.report.plots import Plot, scenario_plots
from benchbox.report.views import ScenarioView
from benchbox.scoring.metrics import metric


@dataclass(frozen=True)
class Part:
    """A titled group of grids; ``open`` ones are shown at first, others on demand."""

    title: str
    grids: tuple[Grid, ...]
    open: bool = False
    before: str = ""
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class ScenarioSection:
    """One scenario.

    Attributes:
        rules: the game's, as (term, text).
        meaning: what the main table's columns mean here, by title.
        matrices: those that fit; ``matrices_left`` counts the rest. So with ``thumbs``.
    """

    route: str
    view: ScenarioView
    rules: tuple[tuple[str, str], ...]
    plots: tuple[Plot, ...]
    ranking: Grid
    meaning: dict[str, str]
    parts: tuple[Part, ...]
    matrices: tuple[Matrix, ...]
    matrices_left: int
    thumbs: tuple[Thumb, ...]
    thumbs_left: int


@dataclass(frozen=True)
class Material:
    """What a scenario's section is made of, beside its view.

    Attributes:
        methods: the plugins' names by label.
        kept: its runs' matrices and pictures.
        matrix_bytes, picture_bytes: what these may take.
    """

    methods: Mapping[str, str]
    kept: Kept
    matrix_bytes: int
    picture_bytes: int


def scenario_section(page: PageView, view: ScenarioView, material: Material) -> ScenarioSection:
    """Return a scenario's section."""
    shown, left = _fitting(matrices(view, material.kept.matrices), material.matrix_bytes)
    pictures, pictures_left = thumbs(view, material.kept.pictures, material.picture_bytes)
    return ScenarioSection(
        route=suite_route(page.suite, page.dataset, view.name),
        view=view,
        rules=_rules(page, view),
        plots=tuple(scenario_plots(view, page.accuracy(view)).values()),
        ranking=grid(tables.ranking(view), "Ranking", view, material.methods),
        meaning=tables.columns(view, page.games[view.name].short),
        parts=tuple(_parts(page, view)),
        matrices=tuple(shown),
        matrices_left=left,
        thumbs=tuple(pictures),
        thumbs_left=pictures_left,
    )


def _fitting(found: list[Matrix], most: int) -> tuple[list[Matrix], int]:
    shown: list[Matrix] = []
    for matrix in found:
        most -= len(matrix.packed) + 60
        if most < 0:
            break
        shown.append(matrix)
    return shown, len(found) - len(shown)


def _rules(page: PageView, view: ScenarioView) -> tuple[tuple[str, str], ...]:
    game = page.games[view.name]
    seeds = sorted({seed for standing in view.standings.values() for seed in standing.wanted})
    pairs = [
        ("Target", f"{view.target}{tables.attacked(view)}"),
        ("Substitute", view.substitute),
        *(("Trainer", text) for text in tables.trainers(view)),
        ("An answer holds", view.access),
        ("The attacker's own images", pool(game)),
        (
            "Budgets",
            f"{', '.join(f'{budget:,}' for budget in game.budgets)} queries{' an example' * bool(game.search)}",
        ),
        ("Seeds", ", ".join(map(str, seeds))),
        ("Data set", f"{page.dataset} (content hash {game.dataset_hash[:16]})"),
        *([("Played on", game.machines)] if game.machines else []),
    ]
    if page.seeds is not None and not set(page.seeds) <= set(seeds):
        pairs.append(("Seeds asked for", f"{', '.join(map(str, page.seeds))}; this store holds fewer"))
    pairs += [("Search", game.search)] if game.search else []
    return (*pairs, *(("Attack", attack) for attack in game.attacks))


def _parts(page: PageView, view: ScenarioView) -> list[Part]:
    parts: list[Part] = [
        Part("More of each method", tuple(grid(t, "More of each method", view) for t in tables.details(view)))
    ]
    for curves in tables.own_curves(view):
        title = f"{curves.title} by queries"
        made = grid(curves.table, title, view)
        parts.append(Part(title, (made,), curves.metric == view.main, _sentence(curves.sample)))
    table = tables.incomplete(view)
    if table is not None:
        parts.append(Part("Incomplete", (grid(table, "Incomplete", view),), False, _flat(prose.INCOMPLETE)))
    parts += _attacks(view)
    parts += _reported(page, view)
    if view.budgets and not view.searched:
        paid = grid(tables.ledger(view), "Queries paid", view)
        parts.append(Part("Queries paid", (paid,), before=_flat(prose.LEDGER)))
    if len(view.unfinished):
        rest = grid(tables.unfinished(view), "Without a result", view)
        parts.append(Part("Without a result", (rest,), True))
    return parts


def _attacks(view: ScenarioView) -> list[Part]:
    made = []
    for curves in tables.attack_curves(view):
        of = ", ".join(filter(None, (f"{curves.metric} of {curves.attack}", curves.sample)))
        made.append(grid(curves.table, of, view))
    far = tables.distances(view)
    if far is not None:
        made.append(grid(far, "How far examples lie from their images", view))
    return [Part("Attack success by queries", tuple(made))] if made else []


def _reported(page: PageView, view: ScenarioView) -> list[Part]:
    found = page.comparisons[view.name]
    if not found:
        return []
    table, notes = tables.comparisons(view, found)
    lists = (
        ("What differs", tuple(notes)),
        ("Large differences (!), and why", tuple(tables.explanations(found))),
        ("What was printed", tuple(tables.protocols(found))),
    )
    made = grid(table, "Reported and measured", view)
    return [Part("Reported and measured", (made,), True, "", tuple((title, items) for title, items in lists if items))]


def cell_grid(view: ScenarioView, enrolled: Enrolled, told: frozenset[str]) -> Grid:
    """Return a row a method and a column a seed, each with what its cell reached, or the cell's id where that is nothing.

    Args:
        view: the scenario.
        enrolled: its cells.
        told: ids of the cells that have a page here, and are linked.
    """
    unit = metric(view.main).unit
    rows = []
    for line in view.summaries:
        standing = line.standing
        reached = view.replicates.get(standing.label, {})
        squares = [Square(standing.label, "m")]
        for seed in enrolled.seeds:
            cell, status = enrolled.cells.get((standing.label, seed), ("", ""))
            text = unit.text(reached[seed]) if seed in reached else cell[:8]
            href = cell_route(cell) if cell in told else ""
            squares.append(Square(text, "" if seed in reached else "c", href, chip(status.replace("-", " "))))
        rows.append(method_row(view, standing, tuple(squares)))
    last = f"{view.budgets[-1]:,}" if view.budgets else "the last budget"
    columns = (Column("method", "m"), *(Column(f"seed {seed}", "") for seed in enrolled.seeds))
    return Grid(f"{view.word.capitalize()} at {last} by seed, each with its cell", columns, tuple(rows))


def _sentence(text: str) -> str:
    return f"{text}." if text else ""


def _flat(text: str) -> str:
    return " ".join(text.split())


def fair(ids: Sequence[tuple[int, str]], most: int) -> list[str]:
    """Return up to ``most`` of (seed, cell), the lowest seeds of all methods first, each once."""
    order = sorted(range(len(ids)), key=lambda i: (ids[i][0], i))
    return list(dict.fromkeys(ids[i][1] for i in order))[:most]

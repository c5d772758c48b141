"""Builds the page's sections within limits; what is left out is said where it would stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import pandas as pd

from benchbox.records import flat
from benchbox.registry import Catalogue
from benchbox.report.html.cells import streams, told
from benchbox.report.html.matrices import Kept, fitting, matrices
from benchbox.report.html.methods import lines, method_sections, results
from benchbox.report.html.packing import packed
from benchbox.report.html.pictures import Picture, thumbs
from benchbox.report.origin import Origin
from benchbox.report.page import PageView
from benchbox.report.paths import cell_route, page_path, suite_route
from benchbox.report.plots import scenario_plots
from benchbox.report.prose import fill
from benchbox.report.suite import SuiteView, papers
from benchbox.report.tables.words import Aside, Cell, Link, Method, Name, Table
from benchbox.report.views.points import Game, few, rows
from benchbox.report.views.scenario import ScenarioView
from benchbox.report.views.standings import Enrolled, by_game
from benchbox.scoring.metrics import metric

if TYPE_CHECKING:
    from markupsafe import Markup

    from benchbox.store import CellDetail, Store

Row = TypeVar("Row", Kept, Picture)


@dataclass(frozen=True)
class Limits:
    """What each part of the page may take, in bytes, or in rows.

    Attributes:
        whole: what the page should take; single cells get what the rest leaves of it.
        scenarios: what those get that can be read without a script.
        packed: what the others get.
        cells: what single cells get in any case.
    """

    whole: int = 2_600_000
    scenarios: int = 700_000
    packed: int = 800_000
    pictures: int = 550_000
    matrices: int = 120_000
    cells: int = 100_000
    results: int = 1_500
    method_results: int = 120
    headlines: int = 500

    def halved(self) -> Limits:
        """Return half of each."""
        return Limits(**{name: value // 2 for name, value in vars(self).items()})


_FRAME, _ROW, _CELL, _LINK = 160_000, 420, 900, 70
"""Bytes of style, script, prose and methods; of a method's line, which stands in two tables; the fewest that a cell takes,
and what a link to it does."""


_HEAVY = ("confusions", "pictures", "searches")
"""What a cell's page does without."""


class Body(NamedTuple):
    """What a scenario's section says, whether it is packed, and the bytes that it takes of the page."""

    text: Markup
    packed: bool
    size: int


class Builder:
    """Builds the sections of a store's page.

    Args:
        store: where single cells, matrices and pictures are read from.
        catalogue: what says what a method is.
        suites: every page of the store, by suite, as the Markdown prints them.
        cells: the store's, of all suites.
        made: where its results come from.
    """

    def __init__(
        self, store: Store, catalogue: Catalogue, suites: Sequence[SuiteView], cells: pd.DataFrame, made: Origin
    ) -> None:
        self._store, self._catalogue, self._suites, self._cells, self._origin = store, catalogue, suites, cells, made
        self._pages = [page for suite in suites for page in suite.pages]
        self._lines = list(lines(self._pages))
        self._enrolled = by_game(cells)

    def content(self, limits: Limits) -> dict[str, Any]:
        """Return what the page's template asks for, of which each part takes no more than ``limits`` says."""
        bodies = self._bodies(limits)
        wholes = [fill("whole.html", s=suite, limit=limits.headlines) for suite in self._suites]
        rest = _FRAME + _ROW * len(self._lines) + _LINK * len(self._cells)
        rest += sum(len(whole.encode()) for whole in wholes)
        left = limits.whole - rest - sum(body.size for mine in bodies for body in mine if body)
        sheets, pages, rules = self._tell_cells(max(limits.cells, left))
        used = self._cells[self._cells["cell"].isin(sheets)]
        environments = sorted(set(used["environment"]) - {""})
        done = self._cells[self._cells["status"] == "done"]
        return {
            "choices": self._choices(),
            "methods_played": done["method"].nunique(),
            "scenarios": sum(bool(view.budgets) for page in self._pages for view in page.scenarios),
            "cells_done": done["cell"].nunique(),
            "limit": limits.headlines,
            "suites": self._suites,
            "found_papers": papers(self._suites),
            "origin": self._origin,
            "wholes": wholes,
            "pages": [self._page(page, mine, sheets.keys()) for page, mine in zip(self._pages, bodies, strict=True)],
            "results": results(self._lines[: limits.results]),
            "results_left": max(0, len(self._lines) - limits.results),
            "methods": method_sections(
                self._catalogue, self._cells, self._lines, self._readings, limits.method_results
            ),
            "sheets": pages,
            "cells_left": self._cells["cell"].nunique() - len(sheets),
            "environments": {hash: flat(self._origin.environments[hash]) for hash in environments},
            "rules": rules,
            "streams": streams(sheet.seed for sheet in sheets.values()),
        }

    @cached_property
    def _readings(self) -> list[CellDetail]:
        """A done cell of each version of every method's readings."""
        done = self._cells[self._cells["status"] == "done"]
        ids = done.drop_duplicates(["kind", "method", "version", "spec"])["cell"]
        return list(self._store.details(ids, without=_HEAVY))

    def _choices(self) -> dict[str, list[str]]:
        """Return what each filter can be set to."""
        standings = [line.summary.standing for line in self._lines]
        views = [view for page in self._pages for view in page.scenarios]
        budgets = {budget for view in views for budget in few(view.budgets)}
        budgets |= {budget for suite in self._suites for grid in suite.grids for budget in grid.budgets}
        return {
            "method": sorted({standing.label for standing in standings}),
            "kind": sorted({standing.kind for standing in standings}),
            "access": sorted({view.access for view in views}),
            "trainer": sorted({standing.trainer for standing in standings} - {""}),
            "dataset": sorted({page.dataset for page in self._pages}),
            "budget": list(map(str, sorted(budgets))),
        }

    def _bodies(self, limits: Limits) -> list[list[Body | None]]:
        """Return, by page, what the sections of its scenarios say; None for those that do not fit, packed neither.

        Those before a defence come last: the page's first table has what they come to.
        """
        left, room, spare = limits.scenarios, limits.packed, 0
        views = [(page, view) for page in self._pages for view in page.scenarios]
        games = max(1, len(views))
        last = {max(curve) for _, view in views for curve in view.at.values()}
        lowest = {min(cell.seed for cell in mine) for mine in self._enrolled.values()}
        confusions = _kept(self._store.confusions(budget=last), Kept)
        pictures = _kept(self._store.pictures(seed=lowest), Picture)
        fitting_in: dict[Game, Body] = {}
        for page, view in sorted(views, key=lambda of: of[0].rules[of[1].name].identity.get("defence") is not None):
            game = page.suite, page.dataset, view.name
            spare += limits.pictures // games  # what one scenario leaves, the next ones may take
            found = matrices(view, confusions.get(game, ()))
            shown = fitting(found, limits.matrices // games)
            gallery, left_out = thumbs(view, pictures.get(game, ()), spare)
            section = fill(
                "scenario.html",
                page=page,
                view=view,
                plots=scenario_plots(view, page.accuracy(view)).values(),
                matrices=shown,
                matrices_left=len(found) - len(shown),
                thumbs=gallery,
                thumbs_left=left_out,
            )
            taken = sum(len(thumb.url) for thumb in gallery)
            spare -= taken
            size = len(section.encode())
            if size - taken <= left:
                left -= size - taken
                fitting_in[game] = Body(section, False, size)
                continue
            size = len(packed(section))  # about: the table of its cells, which stands packed with it, is not made yet
            room -= size - taken
            if room < 0:
                break
            fitting_in[game] = Body(section, True, size)
        return [
            [fitting_in.get((page.suite, page.dataset, view.name)) for view in page.scenarios] for page in self._pages
        ]

    def _page(self, page: PageView, bodies: Sequence[Body | None], told: Collection[str]) -> Markup:
        scenarios = [
            {
                "view": view,
                "route": suite_route(page.suite, page.dataset, view.name),
                "trainer": None if view.several_trainers else next(iter(view.standings.values())).trainer,
                "body": body,
                "cells": cell_table(view, self._enrolled[page.suite, page.dataset, view.name], told) if body else None,
            }
            for view, body in zip(page.scenarios, bodies, strict=True)
        ]
        route, markdown = suite_route(page.suite, page.dataset), page_path(page.suite, page.dataset).as_posix()
        return fill("suite.html", page=page, route=route, scenarios=scenarios, markdown=markdown)

    def _tell_cells(self, left: int) -> tuple[dict[str, CellDetail], list[Markup], list[Markup]]:
        """Return the cells that have a page here, those pages, and the pages of their rules, of ``left`` bytes together."""
        ids = fair(zip(self._cells["seed"].tolist(), self._cells["cell"].tolist(), strict=True), max(0, left) // _CELL)
        hashes = {cell.cell: (cell.rules, cell.environment or "") for mine in self._enrolled.values() for cell in mine}
        sheets: dict[str, CellDetail] = {}
        texts: list[Markup] = []
        rules: dict[str, Markup] = {}
        for cell in self._store.details(ids, without=_HEAVY):
            of, environment = hashes[cell.id]
            made = fill("cell.html", **told(cell, of, environment), route=cell_route(cell.id))
            page = rules.get(of) or fill("rules.html", hash=of, pairs=flat(cell.identity["scenario"]))
            left -= len(made.encode()) + (0 if of in rules else len(page.encode()))
            if left < 0:
                break
            sheets[cell.id] = cell
            texts.append(made)
            rules[of] = page
        return sheets, texts, [rules[key] for key in sorted(rules)]


def cell_table(view: ScenarioView, cells: Iterable[Enrolled], told: Collection[str]) -> Table:
    """Return a row a method and a column a seed, each with what its cell reached, or the cell's id where that is nothing.

    ``cells`` are the scenario's; of those whose ids are in ``told`` there is a page here, and they are linked.
    """
    unit = metric(view.main).unit
    enrolled = {(cell.label, cell.seed): (cell.cell, cell.status) for cell in cells}
    seeds = sorted({seed for _, seed in enrolled})

    def told_of(label: str, seed: int) -> Cell:
        cell, status = enrolled.get((label, seed), ("", ""))
        value = view.replicates.get(label, {}).get(seed)
        text = Name(cell[:8]) if value is None else unit.text(value)
        linked = Link(text, cell_route(cell)) if cell in told else text
        return linked if status in ("done", "") else (linked, Aside(status.replace("-", " ")))

    standings = [line.standing for line in view.summaries]
    rows: list[list[Cell]] = [[Method(each), *(told_of(each.label, seed) for seed in seeds)] for each in standings]
    caption = f"{view.word.capitalize()} at {view.largest} by seed, each with its cell"
    return Table(["method", *(f"seed {seed}" for seed in seeds)], rows, caption=caption)


def fair(ids: Iterable[tuple[int, str]], most: int) -> list[str]:
    """Return up to ``most`` of (seed, cell), the lowest seeds of all methods first, each once."""
    return list(dict.fromkeys(cell for _, cell in sorted(ids, key=lambda pair: pair[0])))[:most]


def _kept(frame: pd.DataFrame, kind: type[Row]) -> dict[Game, list[Row]]:
    """Return what runs kept, by game."""
    found: dict[Game, list[Row]] = {}
    for game, *row in rows(frame, *kind._fields):
        found.setdefault(game, []).append(kind(*row))
    return found

"""Builds the page's sections within limits; what is left out is said where it would stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchbox.registry import Catalogue
from benchbox.report import tables
from benchbox.report.html.cells import CellSheet, read_environments, read_rules, read_sheets, streams
from benchbox.report.html.grids import chip, grid, heat_grids
from benchbox.report.html.kept import Kept, enrolled, read_kept
from benchbox.report.html.methods import method_sections
from benchbox.report.html.results import result_rows
from benchbox.report.html.routes import cell_route, suite_route
from benchbox.report.html.scenario import Material, cell_grid, fair, scenario_section
from benchbox.report.origin import origin
from benchbox.report.page import PageView
from benchbox.report.paths import page_path
from benchbox.report.plots import Plot
from benchbox.report.suite import SuiteView, papers
from benchbox.report.templating import fill
from benchbox.report.views import ScenarioView
from benchbox.store import SuitePlace

if TYPE_CHECKING:
    from markupsafe import Markup

    from benchbox.store import Store


@dataclass(frozen=True)
class Limits:
    """What each part of the page may take, in bytes, or in rows.

    Attributes:
        whole: what the page should take; single cells get what the rest leaves of it.
        cells: what they get in any case.
    """

    whole: int = 2_600_000
    scenarios: int = 2_400_000
    pictures: int = 900_000
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


class Builder:
    """Builds the sections of a store's page.

    Args:
        store: where cells, matrices and pictures are read from.
        catalogue: what says what a method is.
        suites: every page of the store, by suite, as the Markdown prints them.
        front: the picture of the overview, where there is one.
    """

    def __init__(self, store: Store, catalogue: Catalogue, suites: Sequence[SuiteView], front: Plot | None) -> None:
        self._store, self._catalogue, self._suites, self._front = store, catalogue, suites, front
        self._pages = pages = [page for suite in suites for page in suite.pages]
        self._limits, self._left, self._spare = Limits(), 0, 0
        cells = store.cells()
        self._cells = cells[cells["suite"] != ""]
        self._enrolled = enrolled(self._cells)
        self._games = max(1, sum(len(page.scenarios) for page in pages))
        self._results = list(result_rows(pages, self._enrolled))

    def content(self, limits: Limits) -> dict[str, Any]:
        """Return what the page's template asks for, of which each part takes no more than ``limits`` says."""
        self._limits, self._left, self._spare = limits, limits.scenarios, 0
        results = self._results
        bodies = [self._bodies(page) for page in self._pages]
        wholes = [fill("whole.html", s=suite, limit=limits.headlines) for suite in self._suites]
        used = sum(map(_size, [*wholes, *self._around(bodies, [])])) + _FRAME + _ROW * len(results)
        sheets, told, rules = self._tell_cells(max(limits.cells, limits.whole - used))
        return {
            "choices": _choices(self._pages),
            "counts": self._counts(),
            "limit": limits.headlines,
            "suites": self._suites,
            "papers": papers(self._suites),
            "origin": origin(self._store),
            "front": self._front,
            "wholes": wholes,
            "pages": self._around(bodies, sheets),
            "results": results[: self._limits.results],
            "results_left": max(0, len(results) - self._limits.results),
            "methods": method_sections(self._catalogue, self._cells, results, sheets, self._limits.method_results),
            "sheets": told,
            "cells_left": self._cells["cell"].nunique() - len(sheets),
            "environments": read_environments(self._store, sorted({s.environment for s in sheets} - {""})),
            "rules": rules,
            "streams": streams(sheet.seed for sheet in sheets),
        }

    def _tell_cells(self, left: int) -> tuple[list[CellSheet], list[Markup], list[Markup]]:
        """Return the cells that have a page here, those pages, and the pages of their rules, of ``left`` bytes together."""
        places: dict[str, list[SuitePlace]] = {}
        names = ("suite", "dataset", "scenario", "label", "position")
        ids = fair(list(zip(self._cells["seed"].tolist(), self._cells["cell"].tolist(), strict=True)), left // _CELL)
        told = self._cells[self._cells["cell"].isin(ids)]
        for cell, *place in zip(*(told[name].tolist() for name in ("cell", *names)), strict=True):
            places.setdefault(cell, []).append(SuitePlace(*place))
        identities = read_rules(self._store, told["rules"].unique().tolist())
        sheets: list[CellSheet] = []
        texts: list[Markup] = []
        rules: dict[str, Markup] = {}
        for sheet in read_sheets(self._store, ids):
            at = cell_route(sheet.id)
            made = fill("cell.html", sheet=sheet, places=places[sheet.id], mark=chip(sheet.status), route=at)
            page = rules.get(sheet.rules) or fill("rules.html", hash=sheet.rules, pairs=identities[sheet.rules])
            left -= _size(made) + (0 if sheet.rules in rules else _size(page))
            if left < 0:
                break
            left -= _LINK * len(places[sheet.id])
            sheets.append(sheet)
            texts.append(made)
            rules[sheet.rules] = page
        return sheets, texts, [rules[key] for key in sorted(rules)]

    def _around(self, bodies: Sequence[list[Markup]], sheets: Sequence[CellSheet]) -> list[Markup]:
        """Return the pages, with links to the cells that are told of."""
        return [self._page(page, texts, sheets) for page, texts in zip(self._pages, bodies, strict=True)]

    def _counts(self) -> dict[str, int]:
        done = self._cells[self._cells["status"] == "done"]
        methods, cells = int(self._cells["method"].nunique()), int(done["cell"].nunique())
        return {"methods": methods, "scenarios": sum(len(page.scenarios) for page in self._pages), "cells": cells}

    def _page(self, page: PageView, bodies: list[Markup], sheets: Sequence[CellSheet]) -> Markup:
        told = frozenset(sheet.id for sheet in sheets)
        scenarios = [
            {
                "view": view,
                "route": suite_route(page.suite, page.dataset, view.name),
                "trainer": None if view.several_trainers else next(iter(view.standings.values())).trainer,
                "body": body,
                "cells": cell_grid(view, self._enrolled[page.suite, page.dataset, view.name], told) if body else None,
            }
            for view, body in zip(page.scenarios, bodies, strict=True)
        ]
        return fill(
            "suite.html",
            page=page,
            route=suite_route(page.suite, page.dataset),
            scenarios=scenarios,
            markdown=page_path(page.suite, page.dataset).as_posix(),
            targets=grid(tables.targets(page), "Targets") if page.targets else None,
            defences=[heat_grids(matrix) for matrix in page.defences],
        )

    def _bodies(self, page: PageView) -> list[Markup]:
        """Return what the sections of a page's scenarios say; nothing for those that do not fit."""
        from markupsafe import Markup

        if self._left <= 0:
            return [Markup()] * len(page.scenarios)
        mine = {view.name: self._enrolled[page.suite, page.dataset, view.name] for view in page.scenarios}
        kept = read_kept(self._store, page.suite, page.dataset, mine)
        return [self._body(page, view, kept[view.name]) for view in page.scenarios]

    def _body(self, page: PageView, view: ScenarioView, kept: Kept) -> Markup:
        from markupsafe import Markup

        if self._left <= 0:
            return Markup()
        self._spare += self._limits.pictures // self._games  # what one scenario leaves, the next ones may take
        material = Material(
            methods=self._enrolled[page.suite, page.dataset, view.name].methods,
            kept=kept,
            matrix_bytes=self._limits.matrices // self._games,
            picture_bytes=self._spare,
        )
        section = scenario_section(page, view, material)
        self._spare -= sum(len(thumb.url) for thumb in section.thumbs)
        made = fill("scenario.html", section=section)
        self._left -= _size(made) - sum(len(thumb.url) for thumb in section.thumbs)
        return made if self._left >= 0 else Markup()


def _size(made: Markup) -> int:
    """Return how many bytes a part takes."""
    return len(made.encode())


def _choices(pages: Sequence[PageView]) -> dict[str, list[str]]:
    """Return what each filter can be set to."""
    views = [view for page in pages for view in page.scenarios]
    standings = [standing for view in views for standing in view.standings.values()]
    return {
        "method": sorted({standing.label for standing in standings}),
        "kind": sorted({standing.kind for standing in standings}),
        "access": sorted({view.access for view in views}),
        "trainer": sorted({standing.trainer for standing in standings} - {""}),
        "dataset": sorted({page.dataset for page in pages}),
        "budget": [str(budget) for budget in sorted({budget for view in views for budget in view.budgets})],
    }

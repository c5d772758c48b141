"""Puts the page together: sections in the order of the store, one style, one script, one policy, a limit of bytes for each."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchbox.registry import Registry
from benchbox.report import prose, tables
from benchbox.report.html.cells import CellSheet, read_environments, read_rules, read_sheets
from benchbox.report.html.grids import chip, grid
from benchbox.report.html.methods import method_sections
from benchbox.report.html.overview import suite_section
from benchbox.report.html.results import result_rows
from benchbox.report.html.routes import cell_route, route, suite_route
from benchbox.report.html.scenario import Material, fair, scenario_section
from benchbox.report.page import PageView
from benchbox.report.paths import page_path
from benchbox.report.suite import suite_views
from benchbox.report.views import ScenarioView
from benchbox.store import SuitePlace

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from benchbox.store import Store

MARK = "made by 'benchbox leaderboard'"
_DRAWN = re.compile(rb'<svg viewBox[^>]* class="plot".*?</svg>|data:image/png;base64,[^"]*', re.DOTALL)
_TOOLS = re.compile(rb'<meta name="drawn-by" content="[^"]*">')
LIMIT = 5_000_000

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Limits:
    """What each part of the page may take, in bytes, or in rows."""

    scenarios: int = 2_200_000
    pictures: int = 300_000
    matrices: int = 120_000
    cells: int = 550_000
    results: int = 1_500
    method_results: int = 120
    headlines: int = 1_000

    def halved(self) -> Limits:
        """Return half of each."""
        return Limits(**{name: value // 2 for name, value in vars(self).items()})


def render_html(store: Store, registry: Registry, pages: Sequence[PageView]) -> bytes:
    """Return the page of a whole store, of at most ``LIMIT`` bytes.

    Args:
        store: where cells, matrices and pictures are read from.
        registry: what says what a method is.
        pages: every page of the store, as the Markdown prints them.
    """
    limits = Limits()
    while True:
        made = _Builder(store, registry, pages, limits).render()
        if len(made) <= LIMIT or limits.scenarios < 1_000:
            return made
        limits = limits.halved()


def same_page(one: bytes, other: bytes) -> bool:
    """Whether two pages show the same: the same bytes, or, where other versions drew them, all but plots and pictures."""
    tools = [_TOOLS.search(page) for page in (one, other)]
    if one == other or not all(tools) or tools[0][0] == tools[1][0]:  # type: ignore[index]
        return one == other
    return _undrawn(one) == _undrawn(other)


def _undrawn(page: bytes) -> bytes:
    return _TOOLS.sub(b"", _DRAWN.sub(b"", page))


def _drawn_by() -> str:
    """Return the versions of what draws plots and packs pictures, whose bytes may differ between them."""
    import zlib

    import matplotlib as mpl
    import PIL

    return f"matplotlib {mpl.__version__}, pillow {PIL.__version__}, zlib {zlib.ZLIB_RUNTIME_VERSION}"


class _Builder:
    """Renders sections until their bytes are spent; what is left out is said where it would stand."""

    def __init__(self, store: Store, registry: Registry, pages: Sequence[PageView], limits: Limits) -> None:
        self._store, self._registry, self._pages, self._limits = store, registry, pages, limits
        cells = store.cells()
        self._cells = cells[cells["suite"] != ""]
        keys = zip(*(self._cells[name] for name in ("suite", "dataset", "scenario", "label")), strict=True)
        self._methods: dict[Any, str] = dict(zip(keys, self._cells["method"], strict=True))
        self._sheets, self._sheet_texts = self._tell_cells()
        self._told = frozenset(sheet.id for sheet in self._sheets)
        self._scenario_bytes = limits.scenarios

    def render(self) -> bytes:
        """Return the page."""
        style, script, early = _asset("style.css"), _asset("page.js"), _asset("early.js")
        policy = (
            f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; "
            f"script-src '{_hash(early)}' '{_hash(script)}'; base-uri 'none'; form-action 'none'"
        )
        results = list(result_rows(self._pages, self._methods))
        methods = method_sections(self._registry, self._cells, results, self._sheets, self._limits.method_results)
        suites = [suite_section(suite) for suite in suite_views(self._pages)]
        text = _render(
            "page.html",
            style=style,
            script=script,
            early=early,
            policy=policy,
            mark=MARK,
            drawn_by=_drawn_by(),
            choices=_choices(self._pages),
            suites=suites,
            wholes=[_render("whole.html", s=suite, limit=self._limits.headlines) for suite in suites],
            counts=self._counts(),
            limit=self._limits.headlines // max(1, len(suites)),
            results=results[: self._limits.results],
            results_left=max(0, len(results) - self._limits.results),
            pages=[self._page(page, i) for i, page in enumerate(self._pages)],
            methods=methods,
            sheets=self._sheet_texts,
            environments=read_environments(self._store, sorted({s.environment for s in self._sheets} - {""})),
            rules=read_rules(self._store, sorted({sheet.rules for sheet in self._sheets})),
            reading=_reading(),
        )
        return text.encode("utf-8", "replace")

    def _tell_cells(self) -> tuple[list[CellSheet], list[Markup]]:
        """Return the cells that have a page here, and those pages."""
        places: dict[str, list[SuitePlace]] = {}
        names = ("suite", "dataset", "scenario", "label", "position")
        for cell, *place in zip(self._cells["cell"], *(self._cells[name] for name in names), strict=True):
            places.setdefault(cell, []).append(SuitePlace(*place))
        ids = fair(list(zip(self._cells["seed"], self._cells["cell"], strict=True)), self._limits.cells // 400)
        sheets: list[CellSheet] = []
        texts: list[Markup] = []
        left = self._limits.cells
        for sheet in read_sheets(self._store, ids):
            made = _render(
                "cell.html", sheet=sheet, places=places[sheet.id], mark=chip(sheet.status), route=cell_route(sheet.id)
            )
            left -= len(made)
            if left < 0:
                break
            sheets.append(sheet)
            texts.append(made)
        return sheets, texts

    def _counts(self) -> dict[str, int]:
        done = self._cells[self._cells["status"] == "done"]
        return {
            "methods": int(self._cells["method"].nunique()),
            "scenarios": sum(len(page.scenarios) for page in self._pages),
            "cells": int(done["cell"].nunique()),
        }

    def _page(self, page: PageView, number: int) -> Markup:
        made = [self._scenario(page, view, f"p{number}-{i}") for i, view in enumerate(page.scenarios)]
        return _render(
            "suite.html",
            page=page,
            route=suite_route(page.suite, page.dataset),
            jumps=[(suite_route(page.suite, page.dataset, view.name), view.name) for view in page.scenarios],
            scenarios=made,
            targets=grid(tables.targets(page), "Targets") if page.targets else None,
        )

    def _scenario(self, page: PageView, view: ScenarioView, ident: str) -> Markup:
        if self._scenario_bytes > 0:
            section = scenario_section(page, view, self._material(page, view), ident)
            made = _render("scenario.html", section=section)
            self._scenario_bytes -= len(made) - sum(len(thumb.url) for thumb in section.thumbs)
            if self._scenario_bytes >= 0:
                return made
        at = suite_route(page.suite, page.dataset, view.name)
        return _render("stub.html", view=view, route=at, markdown=page_path(page.suite, page.dataset).as_posix())

    def _material(self, page: PageView, view: ScenarioView) -> Material:
        mine = self._cells[
            (self._cells["suite"] == page.suite)
            & (self._cells["dataset"] == page.dataset)
            & (self._cells["scenario"] == view.name)
        ]
        place = {"suite": page.suite, "dataset": page.dataset, "scenario": view.name}
        scenarios = max(1, sum(len(page.scenarios) for page in self._pages))
        seed = int(mine["seed"].min())
        return Material(
            methods=dict(zip(mine["label"], mine["method"], strict=True)),
            cells=mine,
            confusions=self._store.confusions(**place),  # type: ignore[arg-type]
            pictures=self._store.pictures(seed=seed, **place),  # type: ignore[arg-type]
            matrix_bytes=self._limits.matrices // scenarios,
            picture_bytes=self._limits.pictures // scenarios,
            told=self._told,
        )


def _choices(pages: Sequence[PageView]) -> dict[str, list[str]]:
    """Return what each filter can be set to."""
    views = [view for page in pages for view in page.scenarios]
    standings = [standing for view in views for standing in view.standings.values()]
    return {
        "method": sorted({standing.label for standing in standings}),
        "kind": sorted({standing.kind for standing in standings}),
        "access": sorted({view.access for view in views}),
        "dataset": sorted({page.dataset for page in pages}),
        "budget": [str(budget) for budget in sorted({budget for view in views for budget in view.budgets})],
    }


@cache
def _reading() -> Markup:
    """Return how to read the page, which is the Markdown's own prose."""
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    text = "\n\n".join((prose.READING, prose.REPORTED, prose.CRITICAL, prose.CLAIMS, prose.AGAIN))
    return Markup(MarkdownIt("commonmark", {"html": False}).render(text))


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["part"] = lambda text: route(str(text))[1:]
    return made


def _render(template: str, **values: Any) -> Markup:
    from markupsafe import Markup

    return Markup(_templates().get_template(template).render(**values))


@cache
def _asset(name: str) -> Markup:
    from markupsafe import Markup

    return Markup((_HERE / "templates" / name).read_text(encoding="utf-8").strip())


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

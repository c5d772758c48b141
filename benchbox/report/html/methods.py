"""Every method's line in every scenario, as tables that filters can narrow; and a page per method, with all its results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from benchbox.errors import BenchboxError
from benchbox.registry import About, Catalogue, Row
from benchbox.report.html.cells import options
from benchbox.report.page import PageView
from benchbox.report.paths import page_path, route, suite_route
from benchbox.report.tables.scenario import place
from benchbox.report.tables.words import Aside, Best, Cell, Link, Method, Table, figure
from benchbox.report.views.scenario import ScenarioView
from benchbox.report.views.summary import Summary
from benchbox.store import CellDetail


class Line(NamedTuple):
    """A method's line in a scenario of a page."""

    page: PageView
    view: ScenarioView
    summary: Summary

    @property
    def leads(self) -> bool:
        """Whether it has the first place, and is told from all others."""
        found = self.summary.place
        return found is not None and found.rank == found.worst == 1


def lines(pages: Iterable[PageView]) -> Iterator[Line]:
    """Yield the lines of all scenarios, in the order of the pages."""
    return (Line(page, view, line) for page in pages for view in page.scenarios for line in view.summaries)


def results(found: Sequence[Line]) -> Table:
    """Return lines as a table; how far players were sealed, where they differ in it, else what answers held."""
    mixed = len({line.summary.standing.sealed for line in found} - {""}) > 1
    words = " or ".join(dict.fromkeys(line.view.word for line in found))
    head = ["scenario", "sealed" if mixed else "answers", "method", "rank", "area", f"{words}, at queries", "seeds"]
    rows = [_row(line, mixed) for line in found]
    return Table(head, rows, (0, 1, 2, 3), facts=[_facts(line) for line in found])


def _row(line: Line, mixed: bool) -> list[Cell]:
    page, view, summary = line
    standing, wanted = summary.standing, len(summary.standing.wanted)
    at = suite_route(page.suite, page.dataset, view.name)
    where = Link(f"{page.suite} on {page.dataset}, {view.name}", at, page_path(page.suite, page.dataset))
    last = figure(summary.last, wanted)
    return [
        where,
        (standing.sealed or "–") if mixed else view.access,
        Method(standing),
        Best(place(summary)) if line.leads else place(summary),
        figure(summary.area, wanted),
        (last, Aside(f"at {view.budgets[-1]:,}")) if summary.last else last,
        str(len(standing.seeds)),
    ]


def _facts(line: Line) -> dict[str, str]:
    standing = line.summary.standing
    found = {"m": standing.label, "k": standing.kind, "access": line.view.access, "dataset": line.page.dataset}
    return {**found, "t": standing.trainer, **({"p": ""} if standing.privileged else {})}


def method_sections(
    catalogue: Catalogue, cells: pd.DataFrame, lines: Iterable[Line], readings: Iterable[CellDetail], most: int
) -> list[dict[str, Any]]:
    """Return what the template asks for of each plugin that the store holds cells of, by kind and name.

    The options of the cells ``readings`` are told, of which one of every reading is enough; a page lists ``most`` results.
    """

    def paragraphs(about: About | None) -> list[str]:
        """Return those of the class docstring behind the first line, without the list of options."""
        found = (" ".join(part.split()) for part in (about.doc if about else "").split("\n\n")[1:])
        return [part for part in found if part and not part.startswith("Options")]

    mine: dict[str, list[Line]] = {}
    for line in lines:
        mine.setdefault(line.summary.standing.method, []).append(line)
    used: dict[tuple[str, str], dict[str, set[str]]] = {}
    for cell in readings:
        for option, value in options(cell).items():
            used.setdefault((cell.kind, cell.method), {}).setdefault(option, set()).add(value)
    played = {(str(kind), str(name)): rows for (kind, name), rows in cells.groupby(["kind", "method"])}
    order = sorted(sorted(played), key=lambda pair: pair[0], reverse=True)
    rows = {pair: row for pair in order if (row := _installed(catalogue, *pair)) is not None}
    told = dict(zip(rows, catalogue.about(list(rows.values())), strict=True))
    return [
        {
            "route": route("method", name),
            "name": name,
            "kind": kind,
            "row": rows.get((kind, name)),
            "text": paragraphs(told.get((kind, name))),
            "origin": _origin(rows.get((kind, name)), played[kind, name]),
            "readings": sorted(set(zip(played[kind, name]["label"], played[kind, name]["spec"], strict=True))),
            "options": list(_options(told.get((kind, name)), used.get((kind, name), {}))),
            "results": results(mine.get(name, [])[:most]),
            "scenarios": len({line.view for line in mine.get(name, []) if line.summary.standing.seeds}),
            "left": max(0, len(mine.get(name, [])) - most),
            "leads": sum(line.leads for line in mine.get(name, [])),
        }
        for kind, name in order
    ]


def _installed(catalogue: Catalogue, kind: str, name: str) -> Row | None:
    try:
        return catalogue.get(kind, name)
    except BenchboxError:
        return None


def _origin(row: Row | None, played: pd.DataFrame) -> str:
    """Return which versions were played, and of which packages."""
    versions = sorted(set(played["version"]))
    newer = f" (installed: {row.version})" if row and set(versions) - {row.version} else ""
    packages = sorted(
        {" ".join(pair).strip() for pair in zip(played["package"], played["package_version"], strict=True)}
    )
    return ", ".join([f"version {', '.join(map(str, versions))}{newer}", *(f"of {name}" for name in packages if name)])


def _options(about: About | None, used: Mapping[str, set[str]]) -> Iterator[tuple[str, str, str, str]]:
    """Yield name, default, values used here and meaning of each option; default and meaning where it is installed."""
    known = {option.name: option for option in about.options} if about else {}
    for name in (*known, *sorted(used.keys() - known.keys())):
        default, meaning = (known[name].default, known[name].description) if name in known else ("", "")
        yield name, default, ", ".join(sorted(used.get(name, ()))), meaning

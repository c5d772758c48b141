"""A page per method: what it is, where it comes from, its options with the values used here, all its results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from benchbox.errors import BenchboxError
from benchbox.registry import About, Catalogue, Row
from benchbox.report.html.cells import options
from benchbox.report.html.results import Line, results
from benchbox.report.paths import method_route
from benchbox.store import CellDetail


def method_sections(
    catalogue: Catalogue, cells: pd.DataFrame, lines: Iterable[Line], sheets: Iterable[CellDetail], most: int
) -> list[dict[str, Any]]:
    """Return what the template asks for of each plugin that the store holds cells of, by kind and name.

    Args:
        catalogue: says what an installed plugin is.
        cells: the store's cells that stand in suites.
        lines: every method's lines in every scenario.
        sheets: cells whose options are told; one of every reading is enough.
        most: how many results a page lists.
    """
    mine: dict[str, list[Line]] = {}
    for line in lines:
        mine.setdefault(line.summary.standing.method, []).append(line)
    used: dict[str, dict[str, set[str]]] = {}
    for sheet in sheets:
        for option, value in options(sheet).items():
            used.setdefault(sheet.method, {}).setdefault(option, set()).add(value)
    played = {(str(kind), str(name)): rows for (kind, name), rows in cells.groupby(["kind", "method"])}
    order = sorted(sorted(played), key=lambda pair: pair[0], reverse=True)
    rows = {pair: row for pair in order if (row := _installed(catalogue, *pair)) is not None}
    told = dict(zip(rows, catalogue.about(list(rows.values())), strict=True))
    return [
        {
            "route": method_route(name),
            "name": name,
            "kind": kind,
            "row": rows.get((kind, name)),
            "text": _text(told.get((kind, name))),
            "origin": _origin(rows.get((kind, name)), played[kind, name]),
            "readings": sorted(set(zip(played[kind, name]["label"], played[kind, name]["spec"], strict=True))),
            "options": list(_options(told.get((kind, name)), used.get(name, {}))),
            "results": results(mine.get(name, [])[:most]),
            "scenarios": len(mine.get(name, [])),
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


def _text(about: About | None) -> list[str]:
    """Return the paragraphs of the class docstring behind the first line, without the list of options."""
    paragraphs = (" ".join(part.split()) for part in (about.doc if about else "").split("\n\n")[1:])
    return [part for part in paragraphs if part and not part.startswith("Options")]


def _options(about: About | None, used: Mapping[str, set[str]]) -> Iterator[tuple[str, str, str, str]]:
    """Yield name, default, values used here and meaning of each option; default and meaning where it is installed."""
    known = {option.name: option for option in about.options} if about else {}
    for name in (*known, *sorted(used.keys() - known.keys())):
        default, meaning = (known[name].default, known[name].description) if name in known else ("", "")
        yield name, default, ", ".join(sorted(used.get(name, ()))), meaning

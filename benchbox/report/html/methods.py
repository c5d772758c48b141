"""A page per method: what it is, where it comes from, its options with the values used here, all its results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from benchbox.errors import BenchboxError
from benchbox.registry import About, Catalogue, Row
from benchbox.report.html.cells import CellSheet
from benchbox.report.html.results import ResultRow
from benchbox.report.html.routes import method_route


@dataclass(frozen=True)
class Option:
    """An option: its default and meaning where the plugin is installed, and the values used, each with who used it."""

    name: str
    default: str
    meaning: str
    used: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class MethodSection:
    """A method's page."""

    route: str
    name: str
    kind: str
    summary: str
    text: tuple[str, ...]
    origin: str
    needs: str
    readings: tuple[tuple[str, str], ...]
    options: tuple[Option, ...]
    results: tuple[ResultRow, ...]
    left_out: int
    leads: int


def method_sections(
    catalogue: Catalogue, cells: pd.DataFrame, results: Iterable[ResultRow], sheets: Iterable[CellSheet], most: int
) -> list[MethodSection]:
    """Return a page per plugin that the store holds cells of, by kind and name.

    Args:
        catalogue: says what an installed plugin is.
        cells: the store's cells that stand in suites.
        results: every method's lines in every scenario.
        sheets: cells whose options are told; one of every reading is enough.
        most: how many results a page lists.
    """
    lines: dict[str, list[ResultRow]] = {}
    for result in results:
        lines.setdefault(result.method, []).append(result)
    used, played = _used(sheets), _played(cells)
    order = sorted(sorted(played), key=lambda pair: pair[0], reverse=True)
    rows = {pair: row for pair in order if (row := _installed(catalogue, *pair)) is not None}
    told = dict(zip(rows, catalogue.about(list(rows.values())), strict=True))
    return [
        _section(
            pair, rows.get(pair), told.get(pair), played[pair], lines.get(pair[1], []), used.get(pair[1], {}), most
        )
        for pair in order
    ]


@dataclass(frozen=True)
class _Played:
    """Of the cells of a method: (label, spec), versions, and (package, its version), each once."""

    readings: set[tuple[str, str]] = field(default_factory=set)
    versions: set[int] = field(default_factory=set)
    packages: set[tuple[str, str]] = field(default_factory=set)


def _played(cells: pd.DataFrame) -> dict[tuple[str, str], _Played]:
    found: dict[tuple[str, str], _Played] = {}
    names = ("kind", "method", "label", "spec", "version", "package", "package_version")
    for kind, method, label, spec, version, *package in zip(*(cells[name].tolist() for name in names), strict=True):
        mine = found.setdefault((kind, method), _Played())
        mine.readings.add((label, spec))
        mine.versions.add(version)
        mine.packages.add((package[0], package[1]))
    return found


def _section(
    pair: tuple[str, str],
    row: Row | None,
    about: About | None,
    played: _Played,
    results: list[ResultRow],
    used: dict[str, dict[str, list[str]]],
    most: int,
) -> MethodSection:
    kind, name = pair
    packages = sorted({f"{package} {of}".strip() for package, of in played.packages} - {""})
    versions = ", ".join(map(str, sorted(played.versions)))
    newer = f" (installed: {row.version})" if row and played.versions - {row.version} else ""
    origin = [f"version {versions}{newer}", *(f"of {package}" for package in packages)]
    return MethodSection(
        route=method_route(name),
        name=name,
        kind=kind,
        summary=row.summary if row else "",
        text=_text(about) if about else (),
        origin=", ".join(origin),
        needs=_needs(row) if row else "",
        readings=tuple(sorted(played.readings)),
        options=_options(about, used),
        results=tuple(results[:most]),
        left_out=max(0, len(results) - most),
        leads=sum(1 for row in results if row.leads),
    )


def _installed(catalogue: Catalogue, kind: str, name: str) -> Row | None:
    try:
        return catalogue.get(kind, name)
    except BenchboxError:
        return None


def _needs(row: Row) -> str:
    more = "; some options ask for more than a black box gives" if row.privileged else ""
    return f"{row.needs.value}{more}"


def _text(about: About) -> tuple[str, ...]:
    """Return the paragraphs of the class docstring behind the first line, without the list of options."""
    paragraphs = [" ".join(part.split()) for part in about.doc.split("\n\n")[1:]]
    return tuple(part for part in paragraphs if part and not part.startswith("Options"))


def _options(about: About | None, used: dict[str, dict[str, list[str]]]) -> tuple[Option, ...]:
    fields = {} if about is None else {option.name: option for option in about.options}
    names = [*fields, *(name for name in sorted(used) if name not in fields)]
    found = []
    for name in names:
        known = fields.get(name)
        values = tuple((value, tuple(labels)) for value, labels in sorted(used.get(name, {}).items()))
        found.append(Option(name, known.default if known else "", known.description if known else "", values))
    return tuple(found)


def _used(sheets: Iterable[CellSheet]) -> dict[str, dict[str, dict[str, list[str]]]]:
    """Return by method, option and value the readings that used it."""
    found: dict[str, dict[str, dict[str, list[str]]]] = {}
    for sheet in sheets:
        for option, value in sheet.options:
            specs = found.setdefault(sheet.method, {}).setdefault(option, {}).setdefault(value, [])
            if sheet.spec not in specs:
                specs.append(sheet.spec)
    return found

"""A page per method: what it is, where it comes from, its options with the values used here, all its results."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from benchbox.errors import BenchboxError
from benchbox.registry import Entry, Registry
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
    registry: Registry, cells: pd.DataFrame, results: Iterable[ResultRow], sheets: Iterable[CellSheet], most: int
) -> list[MethodSection]:
    """Return a page per plugin that the store holds cells of, by kind and name.

    Args:
        registry: says what an installed plugin is.
        cells: the store's cells that stand in suites.
        results: every method's lines in every scenario.
        sheets: cells whose options are told; one of every reading is enough.
        most: how many results a page lists.
    """
    lines: dict[str, list[ResultRow]] = {}
    for row in results:
        lines.setdefault(row.method, []).append(row)
    used, played = _used(sheets), _played(cells)
    order = sorted(sorted(played), key=lambda pair: pair[0], reverse=True)
    return [
        _section(registry, kind, name, played[kind, name], lines.get(name, []), used.get(name, {}), most)
        for kind, name in order
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
    registry: Registry,
    kind: str,
    name: str,
    played: _Played,
    results: list[ResultRow],
    used: dict[str, dict[str, list[str]]],
    most: int,
) -> MethodSection:
    entry = _entry(registry, kind, name)
    packages = sorted({f"{package} {of}".strip() for package, of in played.packages} - {""})
    versions = ", ".join(map(str, sorted(played.versions)))
    origin = [f"version {versions}", *(f"of {package}" for package in packages)]
    return MethodSection(
        route=method_route(name),
        name=name,
        kind=kind,
        summary=entry.summary if entry else "",
        text=_text(entry) if entry else (),
        origin=", ".join(origin),
        needs=_needs(entry) if entry else "",
        readings=tuple(sorted(played.readings)),
        options=_options(entry, used),
        results=tuple(results[:most]),
        left_out=max(0, len(results) - most),
        leads=sum(1 for row in results if row.leads),
    )


def _entry(registry: Registry, kind: str, name: str) -> Entry | None:
    try:
        return registry.get(kind, name)
    except BenchboxError:
        return None


def _needs(entry: Entry) -> str:
    more = "; some options ask for more than a black box gives" if entry.privileged else ""
    return f"{entry.needs.value}{more}"


def _text(entry: Entry) -> tuple[str, ...]:
    """Return the paragraphs of the class docstring behind the first line, without the list of options."""
    try:
        written = inspect.getdoc(entry.import_class()) or ""
    except BenchboxError:
        return ()
    paragraphs = [" ".join(part.split()) for part in written.split("\n\n")[1:]]
    return tuple(part for part in paragraphs if part and not part.startswith("Options"))


def _options(entry: Entry | None, used: dict[str, dict[str, list[str]]]) -> tuple[Option, ...]:
    fields = {}
    if entry is not None:
        try:
            fields = dict(entry.import_class().Options.model_fields)
        except BenchboxError:
            fields = {}
    names = [*fields, *(name for name in sorted(used) if name not in fields)]
    found = []
    for name in names:
        known = fields.get(name)
        default = "" if known is None else "required" if known.is_required() else str(known.default)
        values = tuple((value, tuple(labels)) for value, labels in sorted(used.get(name, {}).items()))
        found.append(Option(name, default, (known.description or "") if known else "", values))
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

"""Everything about single cells, as terms and tables."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from benchbox.records import CellResult, Measurement, Status, printable
from benchbox.report.paths import route
from benchbox.report.tables.words import Cell, Link, Name, Table
from benchbox.scoring.metrics import DISTANCES, distance_text, metric
from benchbox.seeds import STREAMS, stream_seed
from benchbox.store import NOT_RECORDED, CellDetail, marks

NOTES = 32
"""Most notes of one cell that are listed."""
PRINTED = 4_000
"""Most characters of what a cell's players printed that are shown: the last."""


def told(cell: CellDetail, rules: str, environment: str) -> dict[str, Any]:
    """Return what the template asks for of a cell; ``rules`` and ``environment`` are hashes, the second may be empty."""
    result = cell.result or CellResult(cell.id, Status.FAILED)
    kept = itertools.groupby(result.diagnostics, key=lambda note: note.name)
    far = [m for m in result.measurements if m.metric in DISTANCES]
    return {
        "cell": cell,
        "status": result.status.replace("-", " ") if cell.result else "missing",
        "result": result,
        "facts": [(term, text) for term, text in _facts(cell, result, rules, environment) if text],
        "measured": _measured([m for m in result.measurements if m.metric not in DISTANCES]),
        "distances": [
            (f"distance, {attack}", distance_text({m.metric: _known(m) for m in mine}))
            for attack, mine in itertools.groupby(far, key=lambda m: m.attack)
        ],
        "ledger": _ledger(result),
        "notes": notes({name: [note.value for note in mine] for name, mine in kept}),
        "output": printable(result.output)[-PRINTED:],
    }


def options(cell: CellDetail) -> dict[str, str]:
    """Return the method's options, as its identity holds them, in JSON."""
    return {str(key): json.dumps(value) for key, value in sorted(cell.identity["method"]["options"].items())}


def _facts(cell: CellDetail, result: CellResult, rules: str, environment: str) -> Iterator[tuple[str, Cell]]:
    """Yield what a cell is, as terms and what they are here; empty texts where nothing is known."""
    package = f"{cell.package} {cell.package_version}".strip()
    of = [f"version {cell.version}{f' of {package}' if package else ''}", *(["privileged"] * cell.privileged)]
    yield (
        "method",
        (Link(cell.spec, route("method", cell.method)), ", ".join(("", cell.kind, *of, *marks(cell.uses)))),
    )
    yield "trainer", f"{cell.trainer}, version {cell.trainer_version}" if cell.trainer else ""
    yield "options", ", ".join(f"{name} = {value}" for name, value in options(cell).items())
    yield "seed", (f"suite seed {cell.seed}, ", Link("and what derives from it", "/seeds"))
    scoring = cell.identity.get("scoring_version", "")
    yield (
        "identity",
        (Link(f"rules {rules}", route("rules", rules)), f", scoring version {scoring}" if scoring else ""),
    )
    yield "environment", (Link(environment, route("environment", environment)),) if environment else ""
    if result.started or cell.finished:
        yield "started, stored", f"{result.started or '–'}, {cell.finished or '–'}"
    yield "sealed", (result.sealed or NOT_RECORDED) if cell.result else ""
    yield "sources, sha256", ", ".join(f"{name} {sha[:16]}" for name, sha in sorted(result.sources.items()))
    yield "timings", ", ".join(f"{name} {seconds:,.2f} s" for name, seconds in sorted(result.timings.items()))


def _measured(found: Sequence[Measurement]) -> Table | None:
    budgets = sorted({m.budget for m in found})
    rows: list[list[Cell]] = []
    for (attack, name), mine in itertools.groupby(found, key=lambda m: (m.attack, m.metric)):
        unit = metric(name).unit
        texts = {m.budget: unit.text(_known(m)) for m in mine}
        what = ", ".join(filter(None, (name, unit.mark, attack)))
        rows.append([what, *(texts.get(budget, "") for budget in budgets)])
    return Table(["metric", *(f"{budget:,}" for budget in budgets)], rows) if rows else None


def _known(m: Measurement) -> float:
    return math.nan if m.value is None else m.value


def _ledger(result: CellResult) -> Table | None:
    head = ["budget", "phase", "queries", "clipped", "digest of images and answers"]
    rows: list[list[Cell]] = [
        [f"{row.budget:,}", row.phase, f"{row.queries:,}", f"{row.clipped:,}", Name(row.digest)]
        for row in result.ledger
    ]
    return Table(head, rows, (1, 4)) if rows else None


def notes(found: Mapping[str, Sequence[float]]) -> list[tuple[str, str]]:
    """Return a line a name, and one for names that differ by a number alone, as ``class_0`` to ``class_9``."""
    told: list[tuple[str, str]] = []
    groups: dict[str, list[str]] = {}
    for name in found:
        stem, _, number = name.rpartition("_")
        groups.setdefault(stem if stem and number.isdecimal() else name, []).append(name)
    for stem, names in groups.items():
        values = found[names[0]]
        if len(names) > 1 or names[0] != stem:
            names.sort(key=lambda name: int(name.rpartition("_")[2]) if name != stem else -1)
            last = ", ".join(f"{found[name][-1]:.4g}" for name in names)
            told.append((f"{names[0]} … {names[-1]}" if len(names) > 1 else names[0], f"last {last}"))
        else:
            ends = f"first {values[0]:.4g}, last {values[-1]:.4g}, least {min(values):.4g}, most {max(values):.4g}"
            told.append((stem, f"{ends}; {len(values)} notes" if len(values) > 1 else f"{values[0]:.4g}"))
    return told[:NOTES]


def streams(seeds: Iterable[int]) -> list[tuple[int, tuple[tuple[str, int], ...]]]:
    """Return, by suite seed, those of the streams that derive from it."""
    return [(seed, tuple((name, stream_seed(seed, name)) for name in STREAMS)) for seed in sorted(set(seeds))]

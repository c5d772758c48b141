"""Everything about one cell, as text for people and as JSON data."""

from __future__ import annotations

import dataclasses
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from benchbox.cli.output import print_table, say
from benchbox.records import Measurement, finite, flat, printable
from benchbox.scoring.metrics import DISTANCES, distance_text
from benchbox.seeds import STREAMS, stream_seed
from benchbox.store import NOT_RECORDED, marks

if TYPE_CHECKING:
    from benchbox.records import CellResult
    from benchbox.store import CellDetail


def print_sheet(cell: CellDetail, *, verified: bool) -> None:
    """Print a cell section by section, what was measured first; sections with nothing in them are left out.

    Args:
        cell: the cell.
        verified: whether the maintainers' mark stands beside it in its store.
    """
    _heading(cell)
    if verified:
        say("  verified: the maintainers played its submission again, and on a target that nobody knew")
    if cell.result is not None:
        _print_measured(cell.result)
    _section("identity", [f"{key} = {value}" for key, value in flat(cell.identity)])
    _section("seeds", [f"{purpose} = {seed}" for purpose, seed in streams(cell).items()])
    if cell.result is not None:
        _print_run(cell.result)


def streams(cell: CellDetail) -> dict[str, int]:
    """Return the suite's seed, and those of the streams that derive from it."""
    attacks = {m.attack for m in cell.result.measurements if m.attack} if cell.result else set()
    purposes = (*STREAMS, *(f"attack/{label}" for label in sorted(attacks)))
    return {"suite seed": cell.seed, **{purpose: stream_seed(cell.seed, purpose) for purpose in purposes}}


def as_data(cell: CellDetail) -> dict[str, Any]:
    """Return a cell as JSON data; of a picture, its name and size in bytes."""
    data = dataclasses.asdict(cell)
    data["streams"] = streams(cell)
    if cell.result is not None:
        data["result"]["pictures"] = [{"name": p.name, "bytes": len(p.png)} for p in cell.result.pictures]
    clean: dict[str, Any] = finite(data)
    return clean


def _heading(cell: CellDetail) -> None:
    result, record = cell.result, cell.target_record
    status = result.status.value if result else "missing: enrolled, and not run yet"
    say(f"cell {cell.id}: {status}")
    came = f", of {cell.package} {cell.package_version}".rstrip() if cell.package else ""
    known = f", accuracy {record['accuracy']:.4f} on {record['n_test']} test images" if record else ""
    lines = [f"stands in {p.suite}: {p.scenario} / {p.label} on {p.dataset}" for p in cell.places]
    lines += [
        f"{cell.kind} {cell.spec}, version {cell.version}{came}{''.join(f', {mark}' for mark in marks(cell.uses))}",
        *([f"trainer {cell.trainer}, version {cell.trainer_version}"] if cell.trainer else []),
        f"target {cell.target}{known}",
        f"{_substitute(cell)}answers: {cell.access}{', privileged' if cell.privileged else ''}",
    ]
    if result:
        lines.append(f"started {result.started or 'at an unknown time'}, stored {cell.finished}")
        lines.append(f"{cell.spent} queries paid for in the largest game")
        lines.append(f"players were sealed: {result.sealed or NOT_RECORDED}")
    for line in lines:
        say(f"  {line}")
    if cell.superseded_by:
        say(f"  superseded: cell {cell.superseded_by} is the same, scored under a newer version")
    if result and result.error:
        say(f"  {result.error}")


def _print_measured(result: CellResult) -> None:
    _table("measurements", Measurement, [m for m in result.measurements if m.metric not in DISTANCES])
    _section("distances", _distances(result))
    _table("ledger", ("budget", "phase", "queries", "clipped", "digest"), result.ledger)
    _section("searches", _searches(result))
    _section("diagnostics", _curves(result))


def _print_run(result: CellResult) -> None:
    _section("pictures", [f"{picture.name}, {len(picture.png)} bytes" for picture in result.pictures])
    _section("timings", [f"{name} = {seconds:.3f} s" for name, seconds in sorted(result.timings.items())])
    _section("environment", [f"{key} = {value}" for key, value in flat(result.environment) if key])
    _section("sources", [f"{name} = {digest}" for name, digest in sorted(result.sources.items())])
    _section("output", printable(result.output).splitlines())
    _section("traceback", printable(result.traceback).splitlines())


def _section(title: str, lines: list[str]) -> None:
    if lines:
        say(f"\n{title}")
    for line in lines:
        say(f"  {line}")


def _table(title: str, columns: Any, rows: list[Any]) -> None:
    if not rows:
        return
    names = columns if isinstance(columns, tuple) else tuple(f.name for f in dataclasses.fields(columns))
    say(f"\n{title}")
    print_table(names, [[_text(getattr(row, name)) for name in names] for row in rows])


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _distances(result: CellResult) -> list[str]:
    """Return a line an attack and budget."""
    found: dict[tuple[str, int], dict[str, float]] = {}
    for m in result.measurements:
        if m.metric in DISTANCES and m.value is not None:
            found.setdefault((m.attack, m.budget), {})[m.metric] = m.value
    return [
        f"{', '.join(filter(None, (attack, f'{budget} queries')))}: {distance_text(values)}"
        for (attack, budget), values in found.items()
    ]


def _substitute(cell: CellDetail) -> str:
    """Return the substitute's model; nothing of a query attack that starts from none."""
    none = cell.kind == "query-attack" and "substitute" not in cell.uses.split(",")
    return "" if none else f"substitute {cell.substitute}, "


def _searches(result: CellResult) -> list[str]:
    """Return what a query attack spent on its examples, in a few lines; ``--json`` holds every count."""
    found = result.searches
    if found is None:
        return []
    points = sorted({m.budget for m in result.measurements})
    solved = zip(points, accumulate(found.histogram(points)), strict=True)
    lines = [f"{len(found.rows)} examples, {sum(found.asked)} queries, digest {found.digest}"]
    lines += [f"solved by {point} queries: {n}" for point, n in solved]
    lines.append(f"not solved: {found.first.count(0)}")
    return lines + [f"{found.late} queries were spent on examples after they had been told to be solved"] * bool(
        found.late
    )


def _curves(result: CellResult) -> list[str]:
    curves: dict[str, list[float]] = {}
    for note in result.diagnostics:
        curves.setdefault(note.name, []).append(note.value)
    return [
        f"{name}: {len(values)} notes, first {values[0]:.6g}, last {values[-1]:.6g}, "
        f"least {min(values):.6g}, most {max(values):.6g}"
        for name, values in curves.items()
    ]

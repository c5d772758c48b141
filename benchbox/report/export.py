"""All that the leaderboard shows, as CSV and JSON with a data dictionary: the folder ``data`` beside the pages.

``templates/data.md`` is the dictionary, and says which columns a table has. Numbers have six significant digits: more than any
page prints, and few enough that another processor's last bit does not show.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from benchbox.report import croissant
from benchbox.report.page import PageView
from benchbox.report.paths import MARK, slug
from benchbox.report.statistics import Difference, Interval
from benchbox.report.suite import SuiteView
from benchbox.report.templating import FOLDER as TEMPLATES
from benchbox.report.views import LEVELS, yardstick
from benchbox.scoring.metrics import metric

FOLDER = PurePosixPath("data")
Record = dict[str, Any]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the start of a formula."""
_JSON = json.JSONEncoder(allow_nan=False)


class Column(NamedTuple):
    """A column: its name, the unit of its values, and what they mean."""

    name: str
    unit: str
    meaning: str


@cache
def dictionary() -> str:
    """Return the data dictionary: every table, and each column with its unit and meaning."""
    return f"<!-- {MARK} -->\n\n" + (TEMPLATES / "data.md").read_text(encoding="utf-8")


@cache
def columns(table: str) -> tuple[Column, ...]:
    """Return a table's columns, as the dictionary lists them."""
    section = dictionary().partition(f"\n## `{table}`\n")[2].partition("\n## ")[0]
    return tuple(Column(*found) for found in re.findall(r"^\| `(\w+)` \| (.*?) \| (.*) \|$", section, re.MULTILINE))


def export_files(suites: Sequence[SuiteView], date: str = "") -> dict[str, bytes]:
    """Return the exported files by their paths in the leaderboard's folder; none where there is no page.

    Args:
        suites: all of the store.
        date: of its newest result, ISO 8601; empty where nobody knows.
    """
    if not suites:
        return {}
    files: dict[str, str] = {"README.md": dictionary()}
    whole: dict[str, list[Record]] = {"methods": [], "reported": []}
    for suite in suites:
        csv_of: dict[str, str] = {}
        for page in suite.pages:
            tables = {name: list(map(_plain, rows(page))) for name, rows in TABLES.items()}
            for name, mine in whole.items():
                mine.extend(tables[name])
            csv_of[page.dataset] = as_csv("curves", tables["curves"])
            stem = f"{slug(page.suite)}/{slug(page.dataset)}"
            files |= {f"{stem}.csv": csv_of[page.dataset], f"{stem}.json": as_json(page, tables)}
        files[f"{slug(suite.suite)}/{croissant.NAME}"] = croissant.croissant(suite, csv_of, columns("curves"), date)
    files |= {f"{name}.csv": as_csv(name, mine) for name, mine in whole.items()}
    return {str(FOLDER / name): text.encode() for name, text in files.items()}


def exported(out: Path) -> Iterator[Path]:
    """Yield the data below ``out`` that this program wrote: JSON that says so, the CSV beside it, and what tells of all."""
    readme = out / FOLDER / "README.md"
    if readme.is_file() and MARK in readme.read_text(encoding="utf-8", errors="replace")[:200]:
        yield from filter(Path.is_file, (out / FOLDER / name for name in ("README.md", "methods.csv", "reported.csv")))
    for path in sorted([*(out / FOLDER).glob("*/*.json"), *(out / FOLDER).glob(f"*/{croissant.NAME}")]):
        with path.open("rb") as file:
            if MARK.encode() in file.read(200):
                yield from filter(Path.is_file, (path, path.with_suffix(".csv")))


def as_csv(table: str, records: Iterable[Record]) -> str:
    """Return CSV with a line of names; an empty field where there is no value."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [column.name for column in columns(table)], lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _field(value) for name, value in record.items()} for record in records)
    return text.getvalue()


def as_json(page: PageView, tables: Mapping[str, Iterable[Record]]) -> str:
    """Return a page as JSON, a record a line; null where there is no value, ``"inf"`` for infinity."""
    head = {"made": MARK, "suite": page.suite, "dataset": page.dataset, "title": page.title}
    parts = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    parts += [f'"{name}": [\n' + ",\n".join(map(_JSON.encode, records)) + "\n]" for name, records in tables.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _plain(record: Record) -> Record:
    """Return values as JSON can hold them, floats with six digits."""
    return {name: _digits(value) if isinstance(value, float) else value for name, value in record.items()}


def _digits(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return float(f"{value:.6g}") if math.isfinite(value) else str(value)


def _field(value: Any) -> str:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _interval(name: str, found: Interval | None) -> Record:
    mean, low, high, kind = (found.mean, found.low, found.high, found.kind) if found else (None,) * 4
    return {name: mean, f"{name}_low": low, f"{name}_high": high, f"{name}_interval": kind}


def _difference(name: str, found: Difference | None) -> Record:
    mean, low, high = (found.mean, found.low, found.high) if found else (None,) * 3
    return {name: mean, f"{name}_low": low, f"{name}_high": high}


def _methods(page: PageView) -> Iterator[Record]:
    for view in page.scenarios:
        held, plain = view.contest, yardstick(view)
        for line in view.summaries:
            standing, place, label = line.standing, line.place, line.standing.label
            ranked = held if place else None
            yield {
                "suite": page.suite,
                "dataset": page.dataset,
                "scenario": view.name,
                "method": label,
                "spec": standing.spec,
                "kind": standing.kind,
                "target": view.target,
                "targets_sha256": " ".join(view.targets),
                "substitute": view.substitute,
                "access": view.access,
                "trainer": standing.trainer or None,
                "trainer_version": standing.trainer_version or None,
                "uses": standing.uses or None,
                "privileged": standing.privileged,
                "sealed": standing.sealed or None,
                "state": standing.state,
                "seeds": len(standing.seeds),
                "seeds_wanted": len(standing.wanted),
                "rank": place.rank if place else None,
                "rank_best": place.best if place else None,
                "rank_worst": place.worst if place else None,
                **_difference("behind", ranked.difference(ranked.names[0], label) if ranked else None),
                **_difference("over_plainest", ranked.difference(label, plain.label) if ranked and plain else None),
                **_interval("area", line.area),
                "largest_budget": view.budgets[-1] if view.budgets else None,
                **_interval("accuracy", line.last),
                "accuracy_sampling": line.sampling,
                **{f"queries_to_{100 * level:.0f}": line.reach.get(level) for level in LEVELS},
                **_interval("best", line.best),
                **_interval("queries_to_best", line.best_at),
                "collapsed_seeds": len(line.collapsed),
                "seconds": standing.seconds,
            }


def _curves(page: PageView) -> Iterator[Record]:
    for view in page.scenarios:
        for (label, name, attack), curve in view.at.items():
            of = {"suite": page.suite, "dataset": page.dataset, "scenario": view.name, "method": label}
            of |= {"metric": name, "attack": attack, "unit": metric(name).unit.mark.replace("%", "share")}
            for budget, p in curve.items():
                yield {
                    **of,
                    "budget": budget,
                    "spent_low": p.spent_low,
                    "spent_high": p.spent_high,
                    "mean": p.mean,
                    "low": p.low,
                    "high": p.high,
                    "interval": p.kind,
                    "sampling": p.sampling,
                    "seeds": p.seeds,
                    "n": p.n,
                }


def _reported(page: PageView) -> Iterator[Record]:
    for view in page.scenarios:
        for c in page.comparisons.get(view.name, ()):
            yield {
                "suite": page.suite,
                "dataset": page.dataset,
                "scenario": view.name,
                "method": c.label,
                "metric": c.figure.metric,
                "attack": c.attack,
                "budget": c.budget,
                "unit": c.figure.unit,
                "qualifier": c.figure.qualifier,
                "reported": c.figure.value,
                "measured": c.interval.mean,
                "measured_low": c.interval.low,
                "measured_high": c.interval.high,
                "difference": c.difference,
                "seeds": c.interval.n,
                "verdict": c.verdict,
                "differences": "; ".join(c.differences),
                "paper": c.figure.paper,
                "source": "; ".join(c.sources),
                "name": c.figure.name,
                "protocol": c.figure.protocol,
            }


TABLES: dict[str, Callable[[PageView], Iterator[Record]]] = {
    "methods": _methods,
    "curves": _curves,
    "reported": _reported,
}
"""By table its records on one page, each with a value by column."""

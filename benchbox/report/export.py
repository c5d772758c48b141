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
from pathlib import Path
from typing import Any, NamedTuple

from benchbox.report import croissant
from benchbox.report.page import PageView
from benchbox.report.paths import DATA, MARK, slug
from benchbox.report.prose import TEMPLATES
from benchbox.report.statistics import Difference, Interval
from benchbox.report.suite import SuiteView
from benchbox.report.views.scenario import ScenarioView, yardstick
from benchbox.report.views.summary import LEVELS
from benchbox.scoring.metrics import metric

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
    """Return the exported files by their paths in the leaderboard's folder, of all suites; ``date`` is the newest result's."""
    if not suites:
        return {}
    files: dict[str, str] = {"README.md": dictionary()}
    whole: dict[str, list[Record]] = {"methods": [], "reported": []}
    for suite in suites:
        csv_of: dict[str, str] = {}
        for page in suite.pages:
            tables = {name: list(_records(name, page)) for name in TABLES}
            for name, mine in whole.items():
                mine.extend(tables[name])
            csv_of[page.dataset] = as_csv("curves", tables["curves"])
            stem = f"{slug(page.suite)}/{slug(page.dataset)}"
            files |= {f"{stem}.csv": csv_of[page.dataset], f"{stem}.json": as_json(page, tables)}
        files[f"{slug(suite.suite)}/{croissant.NAME}"] = croissant.croissant(suite, csv_of, columns("curves"), date)
    files |= {f"{name}.csv": as_csv(name, mine) for name, mine in whole.items()}
    return {str(DATA / name): text.encode() for name, text in files.items()}


def exported(out: Path) -> Iterator[Path]:
    """Yield the data below ``out`` that this program wrote: JSON that says so, the CSV beside it, and what tells of all."""
    readme = out / DATA / "README.md"
    if readme.is_file() and MARK in readme.read_text(encoding="utf-8", errors="replace")[:200]:
        yield from filter(Path.is_file, (out / DATA / name for name in ("README.md", "methods.csv", "reported.csv")))
    for path in sorted([*(out / DATA).glob("*/*.json"), *(out / DATA).glob(f"*/{croissant.NAME}")]):
        with path.open("rb") as file:
            if MARK.encode() in file.read(200):
                yield from filter(Path.is_file, (path, path.with_suffix(".csv")))


def _records(table: str, page: PageView) -> Iterator[Record]:
    """Yield a page's records, each with its columns in their order and values as JSON can hold them."""
    names = [column.name for column in columns(table)]
    return ({name: _plain(record[name]) for name in names} for record in TABLES[table](page))


def as_csv(table: str, records: Iterable[Record]) -> str:
    """Return CSV with a line of names; an empty field where there is no value. Records have the columns in their order."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(column.name for column in columns(table))
    writer.writerows(map(_field, record.values()) for record in records)
    return text.getvalue()


def as_json(page: PageView, tables: Mapping[str, Iterable[Record]]) -> str:
    """Return a page as JSON, a record a line; null where there is no value, ``"inf"`` for infinity."""
    head = {"made": MARK, "suite": page.suite, "dataset": page.dataset, "title": page.title}
    parts = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    parts += [f'"{name}": [\n' + ",\n".join(map(_JSON.encode, records)) + "\n]" for name, records in tables.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it: a float with six digits, None for NaN, infinity as text."""
    if not isinstance(value, float):
        return value
    return None if math.isnan(value) else float(f"{value:.6g}") if math.isfinite(value) else str(value)


def _field(value: Any) -> str:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _ends(name: str, found: Interval | Difference | None) -> Record:
    """Return a mean with the ends of its interval, and of an interval its kind."""
    parts = {"": "mean", "_low": "low", "_high": "high", "_interval": "kind"}
    return {f"{name}{end}": getattr(found, attribute, None) for end, attribute in parts.items()}


def _methods(page: PageView) -> Iterator[Record]:
    for view in page.scenarios:
        held, plain = view.contest, yardstick(view)
        for line in view.summaries:
            standing, place, label = line.standing, line.place, line.standing.label
            ranked = held if place else None
            yield {
                **vars(view),
                **vars(standing),
                **{name: vars(standing)[name] or None for name in ("trainer", "trainer_version", "uses", "sealed")},
                **_of(page, view, label),
                "targets_sha256": " ".join(view.targets),
                "seeds": len(standing.seeds),
                "seeds_wanted": len(standing.wanted),
                "rank": place.rank if place else None,
                "rank_best": place.best if place else None,
                "rank_worst": place.worst if place else None,
                **_ends("behind", ranked.difference(ranked.names[0], label) if ranked else None),
                **_ends("over_plainest", ranked.difference(label, plain.label) if ranked and plain else None),
                **_ends("area", line.area),
                "largest_budget": view.budgets[-1] if view.budgets else None,
                **_ends("accuracy", line.last),
                "accuracy_sampling": line.sampling,
                **{f"queries_to_{100 * level:.0f}": line.reach.get(level) for level in LEVELS},
                **_ends("best", line.best),
                **_ends("queries_to_best", line.best_at),
                "collapsed_seeds": len(line.collapsed),
            }


def _curves(page: PageView) -> Iterator[Record]:
    for view in page.scenarios:
        for (label, name, attack), curve in view.at.items():
            unit = metric(name).unit.mark.replace("%", "share")
            of = {**_of(page, view, label), "metric": name, "attack": attack, "unit": unit}
            for budget, point in curve.items():
                said = {"budget": budget, "interval": point.kind, "seeds": point.n, "n": point.trials}
                said["replicates"] = " ".join(f"{seed}={value:.6g}" for seed, value in sorted(point.by_seed.items()))
                yield {**of, **vars(point), **said}


def _reported(page: PageView) -> Iterator[Record]:
    for view in page.scenarios:
        for c in page.comparisons.get(view.name, ()):
            yield {
                **dict(c.figure),
                **vars(c),
                **_of(page, view, c.label),
                "reported": c.figure.value,
                **_ends("measured", c.interval),
                "difference": c.difference,
                "seeds": c.interval.n,
                "differences": "; ".join(c.differences),
                "source": "; ".join(c.sources),
            }


def _of(page: PageView, view: ScenarioView, label: str) -> Record:
    return {"suite": page.suite, "dataset": page.dataset, "scenario": view.name, "method": label}


TABLES: dict[str, Callable[[PageView], Iterator[Record]]] = {
    "methods": _methods,
    "curves": _curves,
    "reported": _reported,
}
"""By table its records on one page, each with a value by column."""

"""All that the leaderboard shows, as CSV and JSON with a data dictionary: the folder ``data`` beside the pages.

Numbers have six significant digits: more than any page prints, and few enough that another processor's last bit does not
show.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from benchbox.report import croissant
from benchbox.report.export_tables import CURVES, METHODS, REPORTED, TABLES, Column
from benchbox.report.page import PageView
from benchbox.report.paths import MARK, slug
from benchbox.report.suite import SuiteView

FOLDER = PurePosixPath("data")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the start of a formula."""
_RECORD = json.JSONEncoder(allow_nan=False)


def export_files(suites: Sequence[SuiteView], date: str = "") -> dict[str, bytes]:
    """Return the exported files by their paths in the leaderboard's folder; none where there is no page.

    Args:
        suites: all of the store.
        date: of its newest result, ISO 8601; empty where nobody knows.
    """
    pages = [page for suite in suites for page in suite.pages]
    if not pages:
        return {}
    files = {"README.md": dictionary()}
    rows = [{table.name: _plain(table.rows(page)) for table in TABLES} for page in pages]
    for table in (METHODS, REPORTED):
        files[f"{table.name}.csv"] = as_csv(table.columns, (row for mine in rows for row in mine[table.name]))
    for page, mine in zip(pages, rows, strict=True):
        stem = f"{slug(page.suite)}/{slug(page.dataset)}"
        files[f"{stem}.csv"] = as_csv(CURVES.columns, mine[CURVES.name])
        files[f"{stem}.json"] = as_json(page, mine)
    for suite in suites:
        csv_of = {page.dataset: files[f"{slug(suite.suite)}/{slug(page.dataset)}.csv"] for page in suite.pages}
        files[f"{slug(suite.suite)}/{croissant.NAME}"] = croissant.croissant(suite, csv_of, date)
    return {str(FOLDER / name): text.encode() for name, text in files.items()}


def exported(out: Path) -> Iterator[Path]:
    """Yield the data below ``out`` that this program wrote: JSON that says so, the CSV beside it, and what tells of all."""
    readme = out / FOLDER / "README.md"
    if readme.is_file() and MARK in readme.read_text(encoding="utf-8", errors="replace")[:200]:
        names = ("README.md", f"{METHODS.name}.csv", f"{REPORTED.name}.csv")
        yield from (path for name in names if (path := out / FOLDER / name).is_file())
    for path in sorted([*(out / FOLDER).glob("*/*.json"), *(out / FOLDER).glob(f"*/{croissant.NAME}")]):
        with path.open("rb") as file:
            if MARK.encode() in file.read(200):
                yield path
                if path.with_suffix(".csv").is_file():
                    yield path.with_suffix(".csv")


def as_csv(columns: Iterable[Column], rows: Iterable[Sequence[Any]]) -> str:
    """Return CSV with a line of names; an empty field where there is no value.

    Args:
        columns: the columns.
        rows: values as JSON can hold them.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    writer.writerows([_field(value) for value in row] for row in rows)
    return text.getvalue()


def as_json(page: PageView, rows: Mapping[str, Iterable[Sequence[Any]]]) -> str:
    """Return a page as JSON, a record a line; null where there is no value, ``"inf"`` for infinity.

    Args:
        page: the page.
        rows: by table, values as JSON can hold them.
    """
    head = {"made": MARK, "suite": page.suite, "dataset": page.dataset, "title": page.title}
    parts = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    for table in TABLES:
        names = [column.name for column in table.columns]
        records = (dict(zip(names, row, strict=True)) for row in rows[table.name])
        lines = ",\n".join(map(_RECORD.encode, records))
        parts.append(f'"{table.name}": [\n{lines}\n]')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def dictionary() -> str:
    """Return the data dictionary: every table, and each column with its unit and meaning."""
    parts = [_INTRODUCTION]
    about = [(f"`{table.name}`", table.row, table.columns) for table in TABLES]
    for name, row, columns in about:
        parts.append(f"\n## {name}\n\nA row is {row}.\n\n| column | unit | meaning |\n|---|---|---|\n")
        parts += [f"| `{column.name}` | {column.unit} | {column.meaning} |\n" for column in columns]
    return "".join(parts)


_INTRODUCTION = f"""<!-- {MARK} -->

# Data dictionary

What the pages show, to compute with. `methods.csv` and `reported.csv` hold all suites; the points of the
curves lie in `SUITE/DATASET.csv`, a file a page. `SUITE/DATASET.json` holds the methods, curves and reported figures of a
page together. `SUITE/croissant.jsonld` describes a suite's CSV files in the Croissant format, with their hashes.

Shares lie between 0 and 1. Numbers have six significant digits. An empty field (null in JSON) says that there is no value,
`inf` that a level was not reached. A text that a spreadsheet would take for a formula has an apostrophe before it, in CSV only.
What is not complete, or privileged, or was played unsealed, has no rank; see `state`, `privileged` and `sealed`. What `uses`
names is ranked all the same.

Every single measurement is in the store: `benchbox results --csv` prints them, and `benchbox show CELL` all of one cell.
"""


def _plain(rows: Iterable[Iterable[Any]]) -> list[list[Any]]:
    """Return values as JSON can hold them, floats with six digits."""
    return [[_digits(value) if isinstance(value, float) else value for value in row] for row in rows]


def _digits(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return float(f"{value:.6g}") if math.isfinite(value) else str(value)


def _field(value: Any) -> str:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)

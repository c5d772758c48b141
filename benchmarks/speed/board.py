"""Where the hours of a board went: suites and their methods by the time that their cells took, from a store.

    python benchmarks/speed/board.py [--db results.db] [--least 0.01]

A cell that stands in several suites counts in the first of them. ``--least`` is the share of all hours below which a method is
counted among others. Times are of the clock, on whatever machine a cell was played.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from sqlalchemy import select

from benchbox.store import Store
from benchbox.store.models import CellRow

ROOT = Path(__file__).parents[2]


def table(store: Store, least: float) -> list[str]:
    with store.reading() as session:
        timings = {row.id: row.timings for row in session.execute(select(CellRow.id, CellRow.timings))}
    cells = store.cells(status="done").drop_duplicates("cell")
    cells = cells.assign(hours=cells["seconds"] / 3600, scoring=cells["cell"].map(lambda c: timings[c]["score"] / 3600))
    whole = cells["hours"].sum()
    lines = [
        f"{len(cells)} cells, {whole:.1f} hours",
        "",
        "| suite | method | cells | hours | of all | s a cell | scoring |",
    ]
    lines.append("|---|---|---|---|---|---|---|")
    cells["suite"] = cells["suite"].replace("", "none")
    for suite, _ in cells.groupby("suite")["hours"].sum().sort_values(ascending=False).items():
        mine = cells[cells["suite"] == suite]
        small = mine.groupby("label")["hours"].transform("sum") < least * whole
        mine = mine.assign(label=mine["label"].mask(small, "others"))
        lines.append(_line(suite, "all", mine, whole))
        groups = sorted(mine.groupby("label"), key=lambda group: -group[1]["hours"].sum())
        lines += [_line("", label, group, whole) for label, group in groups if len(groups) > 1]
    return lines


def _line(suite: object, label: object, cells: object, whole: float) -> str:
    hours, scoring, n = cells["hours"].sum(), cells["scoring"].sum(), len(cells)  # type: ignore[index, arg-type]
    return f"| {suite} | {label} | {n} | {hours:.2f} | {hours / whole:.1%} | {3600 * hours / n:.0f} | {scoring / hours:.0%} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--db", type=Path, default=ROOT / "results.db")
    parser.add_argument("--least", type=float, default=0.01)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:  # the committed store is left as it is
        copy = shutil.copy(asked.db, folder)
        with Store.open(copy, create=False) as store:
            print("\n".join(table(store, asked.least)))


if __name__ == "__main__":
    main()

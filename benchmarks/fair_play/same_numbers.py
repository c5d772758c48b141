"""Compare two stores cell by cell: the same measurements, matrices, ledgers and notes, but for what is timed.

    python benchmarks/fair_play/same_numbers.py BEFORE.db AFTER.db

Raw SQL on either schema. Cells that one store lacks are counted, not compared; the exit code is 1 where a number differs.
"""

from __future__ import annotations

import sqlite3
import sys
from typing import Any

TIMED = ("seconds_per_example", "attack_seconds")
NEW = ("linf_mean", "linf_max", "l2_mean", "l2_max", "l0_mean", "l0_max")  # measured since the referee measures distances
PARTS = {
    "measurements": "SELECT m.name, a.name, x.budget, x.spent, x.value, x.n FROM measurements x"
    " JOIN metrics m ON m.number = x.metric JOIN attacks a ON a.number = x.attack WHERE x.cell = ?",
    "confusions": "SELECT a.name, x.budget, x.matrix FROM confusions x JOIN attacks a ON a.number = x.attack WHERE x.cell = ?",
    "ledger": "SELECT budget, phase, queries, clipped, digest FROM ledger WHERE cell = ?",
    "diagnostics": "SELECT name, points FROM diagnostics WHERE cell = ?",
}


def cells(path: str) -> dict[str, dict[str, list[Any]]]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
        found = {}
        for number, cell in store.execute("SELECT number, id FROM cells WHERE status = 'done'").fetchall():
            parts = {name: sorted(store.execute(query, [number])) for name, query in PARTS.items()}
            parts["measurements"] = [row for row in parts["measurements"] if row[0] not in TIMED + NEW]
            found[cell] = parts
        return found


def main(before: str, after: str) -> int:
    old, new = cells(before), cells(after)
    both = sorted(old.keys() & new.keys())
    apart = {name: [cell for cell in both if old[cell][name] != new[cell][name]] for name in PARTS}
    print(f"{len(both)} cells in both, {len(old.keys() - new.keys())} only before, {len(new.keys() - old.keys())} only after")
    for name, others in apart.items():
        rows = sum(len(old[cell][name]) for cell in both)
        print(f"{name}: {rows} rows, {len(others)} cells differ{': ' + ', '.join(others) if others else ''}")
    return int(not both or any(apart.values()))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""A coordinator in a process of its own, for tests that kill it: FOLDER METHOD CELLS JOBS [STORE]."""

from __future__ import annotations

import sys
from pathlib import Path

from execution_toys import place, planned, slots

from benchbox.displays.jsonl import JsonLines
from benchbox.execution import run_cells
from benchbox.execution.resume import ResumeFiles
from benchbox.store import Store


def main(folder: str, method: str, cells: str, jobs: str, db: str = "") -> int:
    where = place(Path(folder))
    with Store.open(db or Path(folder) / "results.db") as store:
        summary = run_cells(
            [planned(method, seed) for seed in range(int(cells))],
            store,
            lambda told: slots(int(jobs), where, told),
            resume=ResumeFiles(where.scratch),
            jobs=int(jobs),
            display=JsonLines(sys.stdout),
        )
    return summary.exit_code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""A coordinator in a process of its own, for tests that kill it: STORE SCRATCH METHOD CELLS JOBS."""

from __future__ import annotations

import sys
from pathlib import Path

from execution_toys import place, planned, toy

from benchbox.displays.jsonl import JsonLines
from benchbox.execution import run_cells
from benchbox.execution.executors import Processes
from benchbox.store import Store


def main(db: str, scratch: str, method: str, cells: str, jobs: str) -> int:
    with Store.open(db) as store:
        summary = run_cells(
            [planned(method, seed) for seed in range(int(cells))],
            store,
            place=place(Path(scratch)),
            display=JsonLines(sys.stdout),
            work=toy,
            workers=Processes(int(jobs), torch=False),
        )
    return summary.exit_code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

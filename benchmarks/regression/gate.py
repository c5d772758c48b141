"""What the two scripts share: playing the gate's suite into a store of its own, and comparing it with a baseline."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import benchbox
from benchbox.regression import Baseline, Comparison, compare, freeze, save_baseline
from benchbox.store import Store
from benchbox.suites import Selection

SUITE = "gate"
METRICS = ("accuracy", "asr_untargeted")


def play(db: Path, seeds: Sequence[int]) -> float:
    """Run the suite in this process, where patches hold; return the seconds that it took."""
    began = time.perf_counter()
    summary = benchbox.run(SUITE, seeds=seeds, db=str(db), jobs=0, device="cpu")
    if summary.exit_code:
        raise SystemExit(f"a cell of {db} failed; benchbox results --db {db} --status failed")
    return time.perf_counter() - began


def take_over(source: Path, db: Path, seeds: Sequence[int], but: str) -> None:
    """Copy the results of every scenario but one, so that only that one's cells are left to play."""
    planned = benchbox.plan(SUITE, Selection(seeds=seeds), db=str(db), device="cpu").cells
    with Store.open(source, create=False) as old, Store.open(db) as new:
        for item in planned:
            if item.cell is not None and item.scenario != but:
                new.record(item.cell, old.cell(item.cell.id).result, item.target, item.package, item.package_version)


def baseline(db: Path, seeds: Sequence[int]) -> Baseline:
    """Play unchanged code, and freeze what the gate watches beside the store."""
    seconds = play(db, seeds)
    with Store.open(db, create=False) as store:
        frozen = freeze(store, SUITE, metric=METRICS)
    save_baseline(frozen, db.with_suffix(".baseline.json"))
    print(f"baseline: {frozen.count} metrics, seeds {min(seeds)} to {max(seeds)}, {seconds:.0f} s", flush=True)
    return frozen


def judge(frozen: Baseline, db: Path) -> Comparison:
    """Compare a store with the baseline."""
    with Store.open(db, create=False) as store:
        return compare(frozen, store)

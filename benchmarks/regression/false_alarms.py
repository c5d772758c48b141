"""Plays unchanged code with fresh seeds, again and again: the gate may turn red at most once in twenty runs.

    python benchmarks/regression/false_alarms.py [--runs 20] [--seeds 8] [--work DIR]

The baseline has seeds 0 to SEEDS - 1, run r the next SEEDS after those of run r - 1, so that no seed is used twice: the
differences are unpaired, which is the gate's hardest case. Exits with 1 where more than one run in twenty is red.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import gate

from benchbox.regression import red_lines

ALLOWED = 0.05


def main() -> None:
    """Run them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--work", type=Path, help="keep the stores here, and go on where they stand")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        red = run(args.work or Path(scratch), args.runs, args.seeds)
    print(f"{red} of {args.runs} runs red")
    raise SystemExit(int(red > ALLOWED * args.runs))


def run(folder: Path, runs: int, seeds: int) -> int:
    """Return how many runs of unchanged code turned the gate red."""
    frozen = gate.baseline(folder / "baseline.db", range(seeds))
    red = 0
    for number in range(1, runs + 1):
        db = folder / f"fresh-{number}.db"
        seconds = gate.play(db, range(number * seeds, (number + 1) * seeds))
        found = gate.judge(frozen, db)
        red += found.failed
        furthest = min(found.rows, key=lambda row: row.difference / row.band)
        largest = (
            f"{furthest.label} {furthest.metric}: {furthest.difference * 100:+.1f}, band {furthest.band * 100:.1f}"
        )
        print(
            f"run {number:>2}: {'RED' if found.failed else 'green'}; furthest {largest} ({seconds:.0f} s)", flush=True
        )
        for line in red_lines(found):
            print(f"  {line}", flush=True)
    return red


if __name__ == "__main__":
    main()

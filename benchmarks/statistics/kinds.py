"""How far another kind of machine moves numbers: the cells that two stores share, compared.

    benchbox run --suite label-only --dataset digits --db one.db
    ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 benchbox run --suite label-only --dataset digits --db other.db
    python benchmarks/statistics/kinds.py one.db other.db

The second run stands for a processor without AVX-512: the same seeds, other instructions, so sums are rounded otherwise. Each
cell's accuracy, or a query attack's success, at its last budget is compared with the same cell's. It imports nothing of
benchbox.
"""

from __future__ import annotations

import argparse
import math
import sqlite3
import statistics
from collections import defaultdict

QUERY = """
SELECT place.suite, place.dataset, place.scenario, place.label, scenarios.hash, cells.identity, measured.value
FROM suite_cells AS place
JOIN cells ON cells.number = place.cell
JOIN scenarios ON scenarios.number = cells.scenario
JOIN measurements AS measured ON measured.cell = cells.number
JOIN metrics ON metrics.number = measured.metric
WHERE cells.status = 'done' AND metrics.name IN ('accuracy', 'query_success')
ORDER BY measured.budget
"""
Place = tuple[str | int, ...]


def accuracies(path: str) -> dict[Place, float]:
    """Return each cell's accuracy or success at its last budget, in per cent."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
        return {tuple(place): 100 * value for *place, value in store.execute(QUERY)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("one")
    parser.add_argument("other")
    asked = parser.parse_args()
    one, other = accuracies(asked.one), accuracies(asked.other)
    games: dict[Place, list[tuple[float, float]]] = defaultdict(list)
    for place in sorted(one.keys() & other.keys()):
        games[place[:4]].append((one[place], other[place]))
    if not games:
        raise SystemExit("the two stores share no cell")
    print(
        "| game | cells | mean of differences | their spread | largest | spread over replicates |\n|---|---|---|---|---|---|"
    )
    moved: list[float] = []
    for game, pairs in games.items():
        apart = [theirs - ours for ours, theirs in pairs]
        moved += apart
        spread = _spread([ours for ours, _ in pairs])
        print(
            f"| {', '.join(map(str, game))} | {len(pairs)} | {statistics.mean(apart):+.2f} | {_spread(apart):.2f} ",
            end="",
        )
        print(f"| {max(map(abs, apart)):.2f} | {spread:.2f} |")
    mean, error = statistics.mean(moved), _spread(moved) / math.sqrt(len(moved))
    said = f"{mean:+.2f} points in the mean (standard error {error:.2f}), spread {_spread(moved):.2f}"
    same = sum(value == 0 for value in moved)
    print(f"\n{len(moved)} cells: {said}, largest {max(map(abs, moved)):.2f}; {same} are the same to the last digit")


def _spread(values: list[float]) -> float:
    return statistics.stdev(values) if len(values) > 1 else math.nan


if __name__ == "__main__":
    main()

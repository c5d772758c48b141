"""A stranger's recomputation of the leaderboard: ``python benchmarks/statistics/recompute.py [results.db [leaderboard]]``.

It reads the store by SQL, computes each figure of ``leaderboard/data`` anew by the formulas of docs/leaderboard.md, and
compares. It imports nothing of benchbox: numpy and scipy alone. It exits with 1 where a figure differs, or claims too much: a
rank of few replicates, or of one target where the suite's file gives each seed its own.
"""

from __future__ import annotations

import argparse
import math
import sys
import tomllib
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
from figures import (
    Check,
    Key,
    Row,
    Store,
    Values,
    half_intervals,
    in_common,
    interval,
    is_plain,
    place,
    reach,
    read,
    rows_of,
    wilson,
)
from printed import printed
from scipy import stats

SUITES = Path(__file__).parents[1]
MARGIN = {"%": 2.0, "nats": 0.1}
SCALE = {"%": 100.0}


def curves(check: Check, data: Path, store: Store) -> None:
    """Check every point of every curve."""
    for path in sorted(data.glob("*/*.csv")):
        for row in rows_of(path):
            key = *place(row), row["method"], row["metric"], row["attack"]
            values = store.get(key, {}).get(int(row["budget"]))
            if values is None:
                check.that("point", (*key, row["budget"]), False, "the store has no such measurement")
                continue
            where, share, n = (*key, row["budget"]), row["unit"] == "share", float(np.mean(values.n))
            mean, low, high, kind = interval(values.list, n, share=share)
            for name, mine in (("mean", mean), ("low", low), ("high", high), ("n", n), ("seeds", len(values.by_seed))):
                check.number(f"point's {name}", where, row[name], mine)
            check.that(
                "interval's kind", where, row["interval"] == kind, f"printed {row['interval']}, recomputed {kind}"
            )
            told = dict(map(float, one.split("=")) for one in row["replicates"].split())
            same = told.keys() == values.by_seed.keys() and np.allclose(
                [told[seed] for seed in values.by_seed], values.list, rtol=1e-5, atol=1e-7
            )
            check.that("replicates", where, same, f"printed {row['replicates']}, the store has {values.by_seed}")
            check.number("point's fewest queries", where, row["spent_low"], min(values.spent))
            check.number("point's most queries", where, row["spent_high"], max(values.spent))
            if share and n > 0:
                ends = wilson(min(max(mean, 0), 1), n)
                check.number("test sample", where, row["sampling"], (ends[1] - ends[0]) / 2)
                check.that("bounds", where, not low < 0 and not high > 1, f"{low} to {high} leaves 0 to 1")


def methods(check: Check, data: Path, store: Store) -> None:
    """Check every line of the main tables: area, last point, queries to a level, rank and differences."""
    games: dict[Key, list[Row]] = defaultdict(list)
    for row in rows_of(data / "methods.csv"):
        games[place(row)].append(row)
    for game, rows in games.items():
        metric = "accuracy" if any((*game, row["method"], "accuracy", "") in store for row in rows) else "query_success"
        area: dict[str, dict[int, float]] = {}
        budgets = sorted({b for row in rows for b in store.get((*game, row["method"], metric, ""), {})})
        for row in rows:
            curve = store.get((*game, row["method"], metric, ""), {})
            area[row["method"]] = areas(curve, budgets)
            line(check, row, (*game, row["method"]), curve, budgets, area[row["method"]])
        ranked = [row for row in rows if row["rank"]]
        contest(check, game, ranked, area)
        attacked = {
            sha for row in ranked for at in store[*game, row["method"], metric, ""].values() for sha in at.targets
        }
        check.that("targets of a rank", game, len(attacked) != 1 or fixed(game), "one target ranks methods")


def fixed(game: Key) -> bool:
    """Return whether a suite's file gives all seeds one target, or is not here to be asked."""
    path = SUITES / f"{game[0].partition('[')[0]}.toml"
    suite = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    tables = [table for table in suite.get("scenario", []) if game[2].startswith(table["name"])]
    return all("seed" in table.get("target", suite.get("target", {})) for table in tables)


def line(
    check: Check, row: Row, where: Key, curve: dict[int, Values], budgets: list[int], area: dict[int, float]
) -> None:
    """Check what a line says of its own method."""
    figures(check, row, where, "area", list(area.values()), math.nan)
    last = curve.get(budgets[-1]) if budgets else None
    figures(check, row, where, "accuracy", last.list if last else [], float(np.mean(last.n)) if last else math.nan)
    means = [(budget, float(np.mean(curve[budget].list))) for budget in sorted(curve)]
    for level in (80, 90, 95):
        check.number(f"queries to {level} %", where, row[f"queries_to_{level}"], reach(means, level / 100))
    if row["kind"] == "generator" and curve:
        seeds = sorted({seed for values in curve.values() for seed in values.by_seed})
        best = [max((curve[b].by_seed[s], -b) for b in curve if s in curve[b].by_seed) for s in seeds]
        n = float(np.mean(last.n)) if last else math.nan
        figures(check, row, where, "best", [value for value, _ in best], n)
        figures(check, row, where, "queries_to_best", [float(-budget) for _, budget in best], math.nan, share=False)


def figures(
    check: Check, row: Row, where: Key, name: str, values: list[float], n: float, *, share: bool = True
) -> None:
    """Check a mean and its interval."""
    mean, low, high, _ = interval(values, n, share=share) if values else (math.nan,) * 3 + ("",)
    for ending, mine in (("", mean), ("_low", low), ("_high", high)):
        check.number(f"{name}{ending}", where, row[f"{name}{ending}"], mine)


def areas(curve: dict[int, Values], budgets: list[int]) -> dict[int, float]:
    """Return by seed the mean height over log-budget of the runs that have every budget."""
    seeds = {seed for values in curve.values() for seed in values.by_seed}
    whole = [s for s in sorted(seeds) if all(b in curve and s in curve[b].by_seed for b in budgets)]
    heights = {seed: [curve[budget].by_seed[seed] for budget in budgets] for seed in whole}
    if len(budgets) == 1:
        return {seed: values[0] for seed, values in heights.items()}
    x = np.log(budgets)
    return {seed: float(np.trapezoid(values, x) / (x[-1] - x[0])) for seed, values in heights.items()}


def contest(check: Check, game: Key, ranked: list[Row], area: dict[str, dict[int, float]]) -> None:
    """Check ranks, places and differences of the ranked methods, all pairs together at 95 %."""
    if not ranked:
        return
    names = [row["method"] for row in sorted(ranked, key=lambda row: int(row["rank"]))]
    table = in_common([area[name] for name in names])
    k, r = table.shape
    check.that("replicates of a rank", game, r >= 5, f"{r} replicates rank methods")
    means, halves = table.mean(1), half_intervals(table)
    check.that("order", game, all(a >= b - 1e-12 for a, b in pairwise(means)), "ranks invert means")
    by_name = {row["method"]: row for row in ranked}
    plain = next((i for i, name in enumerate(names) if is_plain(by_name[name])), None)
    for i, name in enumerate(names):
        row, where = by_name[name], (*game, name)
        told = np.abs(means[i] - means) > halves[i] + 1e-12
        best = 1 + sum(told[j] for j in range(i))
        worst = k - sum(told[j] for j in range(i + 1, k))
        check.number("best place", where, row["rank_best"], best)
        check.number("worst place", where, row["rank_worst"], worst)
        differences(check, row, where, "behind", means[0] - means[i], halves[0, i])
        if plain is not None:
            differences(check, row, where, "over_plainest", means[i] - means[plain], halves[i, plain])


def differences(check: Check, row: Row, where: Key, name: str, mean: float, half: float) -> None:
    """Check a difference with its interval."""
    for ending, mine in (("", mean), ("_low", mean - half), ("_high", mean + half)):
        check.number(f"{name}{ending}", where, row[f"{name}{ending}"], float(mine))


def reported(check: Check, data: Path, store: Store, lines: dict[Key, Row]) -> None:
    """Check every figure of a paper: what stands beside it, the difference, and the verdict."""
    for row in rows_of(data / "reported.csv"):
        where = *place(row), row["method"], row["metric"], row["attack"], row["budget"]
        scale, printed = SCALE.get(row["unit"], 1.0), float(row["reported"])
        if row["metric"] == "queries_to_best":
            names = ("queries_to_best", "queries_to_best_low", "queries_to_best_high")
            line = lines[*place(row), row["method"]]
            mean, low, high = (float(line[name]) if line[name] else math.nan for name in names)
        else:
            values = store[*where[:6]][int(row["budget"])]
            share = row["unit"] == "%"
            mean, low, high = (scale * x for x in interval(values.list, float(np.mean(values.n)), share=share)[:3])
        check.number("measured beside a paper", where, row["measured"], mean)
        bound = row["qualifier"] in ("above", "below")
        check.number("difference to a paper", where, row["difference"], None if bound else mean - printed)
        mine = "not comparable" if row["differences"] else verdict(row, mean, low, high)
        check.that("verdict", where, row["verdict"] == mine, f"printed {row['verdict']}, recomputed {mine}")


def verdict(row: Row, mean: float, low: float, high: float) -> str:
    """Return what a measured mean says of a printed figure of the same conditions."""
    printed, seeds, margin = float(row["reported"]), int(row["seeds"]), MARGIN.get(row["unit"], math.inf)
    if seeds < 2:
        return "undecided"
    if row["qualifier"] in ("above", "below"):
        ends = (low - printed, high - printed) if row["qualifier"] == "above" else (printed - high, printed - low)
        return "agrees" if ends[0] > 0 else "differs" if ends[1] < 0 else "undecided"
    if low - printed > margin or printed - high > margin:
        return "differs"
    narrower = stats.t.ppf(0.95, seeds - 1) / stats.t.ppf(0.975, seeds - 1)
    reaches = [abs(mean + narrower * (end - mean) - printed) for end in (low, high)]
    return "agrees" if max(reaches) <= margin else "undecided"


def main() -> int:
    """Recompute, and say what agrees and what does not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", type=Path, nargs="?", default=Path("results.db"))
    parser.add_argument("leaderboard", type=Path, nargs="?", default=Path("leaderboard"))
    given = parser.parse_args()
    data = given.leaderboard / "data"
    check, store = Check(), read(given.store)
    curves(check, data, store)
    methods(check, data, store)
    printed(check, given.leaderboard, store)
    reported(check, data, store, {(*place(row), row["method"]): row for row in rows_of(data / "methods.csv")})
    for what, count in sorted(check.agree.items()):
        print(f"{count:8,} {what}")
    print(f"{sum(check.agree.values()):,} figures agree, {len(check.wrong):,} do not")
    print("\n".join(check.wrong[:50]))
    return 1 if check.wrong or not check.agree else 0


if __name__ == "__main__":
    sys.exit(main())

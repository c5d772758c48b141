"""A stranger's recomputation of the leaderboard: ``python benchmarks/statistics/recompute.py [results.db [leaderboard]]``.

It reads the store by SQL (``stored.py``), computes every figure of ``leaderboard/data`` and of the Markdown pages anew
(``printed.py``; it says what is no figure) by the formulas of docs/leaderboard.md, and compares; what papers print is compared
with ``benchmarks/reported`` (``beside.py``), and what README.md and docs/ tell of results with the store (``documented.py``).
It imports nothing of benchbox: numpy and scipy alone. It exits with 1 where a figure differs, or claims too much: a rank of
few replicates, or of one target where the suite's file gives each seed its own. The HTML page and the plots, made of the same
views as the Markdown pages, are not read.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from beside import Beside, beside, reported
from documented import documented
from figures import Check, Key, Row, interval, is_share, place, reach, rows_of
from printed import printed
from stored import Game, Store, read, seconds


def curves(check: Check, data: Path, store: Store) -> None:
    """Check every point of every curve."""
    for path in sorted(data.glob("*/*.csv")):
        for row in rows_of(path):
            where = *place(row), row["method"], row["metric"], row["attack"], row["budget"]
            check.alone(where, point, check, where, row, store)


def point(check: Check, where: Key, row: Row, store: Store) -> None:
    """Check a point: mean, interval, replicates, queries, and what the test sample adds."""
    values = store.games[place(row)].curve(row["method"], row["metric"], row["attack"])[int(row["budget"])]
    share, n = row["unit"] == "share", values.size
    check.that("unit", where, share == is_share(row["metric"]), row["unit"])
    mean, low, high, kind = interval(values.list, n, share=share)
    for name, mine in (("mean", mean), ("low", low), ("high", high), ("n", n), ("seeds", len(values.by_seed))):
        check.number(f"point's {name}", where, row[name], mine)
    check.text("interval's kind", where, row["interval"], kind)
    told = {int(seed): float(value) for seed, value in (one.split("=") for one in row["replicates"].split())}
    same = told.keys() == values.by_seed.keys() and np.allclose(
        [told[seed] for seed in values.by_seed], values.list, rtol=1e-5, atol=1e-7
    )
    check.that("replicates", where, same, f"printed {row['replicates']}, the store has {values.by_seed}")
    check.number("point's fewest queries", where, row["spent_low"], min(values.spent))
    check.number("point's most queries", where, row["spent_high"], max(values.spent))
    if share and n > 0:
        check.number("test sample", where, row["sampling"], values.sampling)
        check.that("bounds", where, not low < 0 and not high > 1, f"{low} to {high} leaves 0 to 1")


def methods(check: Check, data: Path, store: Store) -> None:
    """Check every line of the main tables: area, last point, queries to a level, seeds, seconds, rank and differences."""
    games: dict[Key, list[Row]] = defaultdict(list)
    for row in rows_of(data / "methods.csv"):
        games[place(row)].append(row)
    for key, game in store.games.items():
        rows = games[key]
        mine = sorted(game.methods)
        check.that("methods of a game", key, sorted(row["method"] for row in rows) == mine, f"there are {mine}")
        for row in rows:
            check.alone((*key, row["method"]), line, check, row, (*key, row["method"]), game)
        contest(check, game, rows)


def line(check: Check, row: Row, where: Key, game: Game) -> None:
    """Check what a line says of its own method."""
    label, last = row["method"], game.last(row["method"])
    (best, best_at), area = game.best(label), game.area(label)
    figures(check, row, where, "area", area.list, math.nan)
    figures(check, row, where, "accuracy", last.list, last.size)
    figures(check, row, where, "best", best.list, best.size)
    figures(check, row, where, "queries_to_best", best_at.list, math.nan, share=False)
    for level in (80, 90, 95):
        check.number(f"queries to {level} %", where, row[f"queries_to_{level}"], reach(game.means(label), level / 100))
    done, budgets = game.done(label), game.budgets
    check.number(
        "test sample at the last budget", where, row["accuracy_sampling"], last.sampling if last.by_seed else None
    )
    check.number("largest budget", where, row["largest_budget"], budgets[-1] if budgets else None)
    check.number("seeds", where, row["seeds"], len(done))
    check.number("seeds wanted", where, row["seeds_wanted"], len(game.wanted))
    check.number("seconds", where, row["seconds"], seconds(done))
    check.number("collapsed seeds", where, row["collapsed_seeds"], sum(run.collapsed for run in done))


def figures(
    check: Check, row: Row, where: Key, name: str, values: list[float], n: float, *, share: bool = True
) -> None:
    """Check a mean, its interval, and how that was made."""
    mean, low, high, kind = interval(values, n, share=share) if values else (math.nan,) * 3 + ("",)
    for ending, mine in (("", mean), ("_low", low), ("_high", high)):
        check.number(f"{name}{ending}", where, row[f"{name}{ending}"], mine)
    check.text(f"{name}'s kind of interval", where, row[f"{name}_interval"], kind)


def contest(check: Check, game: Game, rows: list[Row]) -> None:
    """Check who is ranked, ranks, places and differences of the ranked methods, all pairs together at 95 %."""
    held, by_name = game.contest, {row["method"]: row for row in rows}
    ranked = sorted((row for row in rows if row["rank"]), key=lambda row: int(row["rank"]))
    told = ", ".join(row["method"] for row in ranked)
    check.text("ranked methods", game.key, told, ", ".join(held.names) if held else "")
    if held is None:
        return
    for i, label in enumerate(held.names):
        row, where = by_name[label], (*game.key, label)
        for name, value in zip(("rank", "rank_best", "rank_worst"), (i + 1, *held.places(i)), strict=True):
            check.number(name, where, row[name], value)
        differences(check, row, where, "behind", held.ahead(held.names[0], label))
        if game.plain and game.plain in held.names:
            differences(check, row, where, "over_plainest", held.ahead(label, game.plain))


def differences(check: Check, row: Row, where: Key, name: str, ends: tuple[float, float, float]) -> None:
    """Check a difference with its interval."""
    for ending, mine in zip(("", "_low", "_high"), ends, strict=True):
        check.number(f"{name}{ending}", where, row[f"{name}{ending}"], mine)


def read_papers(check: Check, data: Path, store: Store) -> list[Beside]:
    """Return what stands beside papers' figures, without what names a figure that no paper's file prints."""
    found: list[Beside] = []
    for row in rows_of(data / "reported.csv"):
        check.alone((*place(row), row["method"]), lambda row=row: found.append(beside(store, row)))
    return found


def twins(check: Check, data: Path) -> None:
    """Check that a page's JSON says what the CSV files do, which are recomputed."""
    every = {name: list(rows_of(data / f"{name}.csv")) for name in ("methods", "reported")}
    for path in sorted(data.glob("*/*.json")):
        of = json.loads(path.read_text(encoding="utf-8"))
        here = {
            name: [row for row in rows if place(row)[:2] == (of["suite"], of["dataset"])]
            for name, rows in every.items()
        }
        for name, rows in {**here, "curves": list(rows_of(path.with_suffix(".csv")))}.items():
            same = len(rows) == len(of[name]) and all(map(_same, rows, of[name]))
            check.that(f"{name} in JSON", (of["suite"], of["dataset"]), same, "the CSV says otherwise")


def _same(row: Row, twin: dict[str, Any]) -> bool:
    return all(
        _text(twin[name]) in (text, text.removeprefix("'")) or _number(text) == _number(twin[name])
        for name, text in row.items()
    )


def _text(value: Any) -> str:
    return {"None": "", "True": "yes", "False": "no"}.get(str(value), str(value))


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def odd(data: Path, store: Store) -> None:
    """Take from the export which methods were played by other rules or seeds than the rest: that is not found out here."""
    for row in rows_of(data / "methods.csv"):
        if row["state"] in ("other rules", "other seeds"):
            store.games[place(row)].odd[row["method"]] = row["state"]


def main() -> int:
    """Recompute, and say what agrees and what does not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", type=Path, nargs="?", default=Path("results.db"))
    parser.add_argument("leaderboard", type=Path, nargs="?", default=Path("leaderboard"))
    parser.add_argument(
        "--texts", type=Path, nargs="*", default=[Path("README.md"), *sorted(Path("docs").glob("*.md"))]
    )
    given = parser.parse_args()
    for text in given.texts:
        if not text.is_file():
            parser.error(f"there is no file '{text}'")
    data = given.leaderboard / "data"
    check, store = Check(), read(given.store)
    odd(data, store)
    papers = read_papers(check, data, store)
    curves(check, data, store)
    methods(check, data, store)
    reported(check, papers)
    twins(check, data)
    printed(check, given.leaderboard, store, papers)
    documented(check, given.texts, store)
    for what, count in sorted(check.agree.items()):
        print(f"{count:8,} {what}")
    print(f"{sum(check.agree.values()):,} figures agree, {len(check.wrong):,} do not")
    print("\n".join(check.wrong[:200]))
    return 1 if check.wrong or not check.agree else 0


if __name__ == "__main__":
    sys.exit(main())

"""What a board takes now against another revision: both play a sample of its cells, weighed by the board's own times.

    BENCHBOX_DATA=../shared/data python benchmarks/speed/board_against.py [--before 0bd47a5] [--only TEXT] [--keep FILE]

The cells of the other revision's store are parted by what they spend their time on. Of each part one command plays an example
by both revisions at once, so that other programs disturb both alike; its ratio of processor time counts as much as the seconds
of the part's cells there. So the last line is an estimate: it says how many hours would be how many, were each part as its
example is. What a run takes to start, a run of one small cell, is taken off first: a board starts once. Examples have fewer or
smaller budgets than the cells that they stand for, and take a quarter of an hour of processor time together. What is played
now is trained as it was then: by the paper's schedule. Where replicates share a deterministic choice, the next one is played,
too, with the choice at hand, and counts four times. Caches are new, in a home of the run's own.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from against import BEFORE, ROOT, Tree, unpacked

_OLD_RECIPE = " --trainer standard[profile=drmi-paper]"
_START = "a small cell"


@dataclass(frozen=True)
class Part:
    """Cells that spend their time alike.

    Attributes:
        what: on what.
        cells: matches ``suite/scenario/label`` of its cells; those that an earlier part matches are that one's.
        example: what ``benchbox run`` is told to play.
        now: what it is told besides, now.
        shared: whether replicates share its choices.
    """

    what: str
    cells: str
    example: str
    now: str = ""
    shared: bool = False


_PROBABILITIES = "--suite mega-accuracy --dataset mnist --scenario 'probabilities, 50,000 queries' --budgets 5000,10000"
_NO_DATA = "--suite label-only --dataset mnist --budgets 1000,2000,5000"
_LARGE = "--suite drmi-reduction --dataset mnist --scenario 'up to 20,000 queries' --budgets 1000,5000"
PARTS = (
    Part(
        "attacks towards all classes",
        "drmi-transfer",
        "--suite drmi-transfer --dataset mnist --scenario LeNet-5 --images 1000 --budgets 50,600 --method drmi-best",
        _OLD_RECIPE,
    ),
    Part(
        "drmi, large choices",
        "drmi-reduction/up to.*/drmi-literal",
        f"{_LARGE} --method drmi-literal",
        _OLD_RECIPE,
        shared=True,
    ),
    Part("selectors, large choices", "drmi-reduction/up to|mega-real-data", f"{_LARGE} --method random", _OLD_RECIPE),
    Part(
        "drmi, min-max-sum",
        ".*min-max-sum",
        "--suite drmi-models --dataset mnist --scenario LeNet-5 --method drmi[search=min-max-sum]",
        _OLD_RECIPE,
        shared=True,
    ),
    Part(
        "drmi, the others",
        ".*/drmi-literal|.*/drmi\\[",
        "--suite label-only --dataset mnist --method drmi-literal",
        _OLD_RECIPE,
        shared=True,
    ),
    Part("drmi-best", ".*/drmi-best", "--suite label-only --dataset mnist --method drmi-best", _OLD_RECIPE),
    Part("mega", ".*/mega$", f"{_NO_DATA} --method mega"),
    Part("mega-authors", ".*/mega-authors", f"{_PROBABILITIES} --method mega-authors"),
    Part("noise", ".*/noise", f"{_NO_DATA} --method noise"),
    Part("dast", ".*/dast", f"{_PROBABILITIES} --method dast"),
    Part("dfme, maze", ".*/dfme|.*/maze", f"{_PROBABILITIES} --method dfme"),
    Part("selectors, small choices", ".*", "--suite label-only --dataset mnist --method random", _OLD_RECIPE),
)


def hours(store: Path) -> dict[str, float]:
    """Return the hours of the done cells of a store, by part."""
    query = """
        SELECT MIN(suite || '/' || place.scenario || '/' || label), seconds FROM suite_cells AS place
        JOIN cells ON cells.number = place.cell WHERE status = 'done' GROUP BY cells.number
    """
    found = dict.fromkeys((part.what for part in PARTS), 0.0)
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        for cell, seconds in connection.execute(query):
            part = next(part for part in PARTS if re.match(part.cells, cell))
            found[part.what] += seconds / 3600
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", default=BEFORE, help="a git revision")
    parser.add_argument("--only", default=".*", help="parts whose whole name this regular expression matches")
    parser.add_argument("--keep", type=Path, help="a file of ratios, to go on from where an earlier run was stopped")
    asked = parser.parse_args()
    if "BENCHBOX_DATA" not in os.environ:
        parser.error("set BENCHBOX_DATA to the folder that holds MNIST")
    os.environ["BENCHBOX_DATA"] = str(Path(os.environ["BENCHBOX_DATA"]).resolve())
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(2) as pool:
        folder = Path(name)
        os.environ["BENCHBOX_HOME"] = str(folder / "home")
        before, now = unpacked(asked.before, folder), Tree(ROOT, folder / "now")
        there = hours(folder / "source" / "results.db")
        known = json.loads(asked.keep.read_text()) if asked.keep and asked.keep.exists() else {}
        print(
            "| cells | hours there | of all | s of processor, an example, there | now | ratio |\n|---|---|---|---|---|---|"
        )
        for part in (Part(_START, "", "--suite smoke --method random"), *PARTS):
            if part.what == _START or re.fullmatch(asked.only, part.what):
                if part.what not in known:
                    command = f"run {part.example} --jobs 1 --db {{fresh}} --seeds "
                    both = pool.submit(before.timed, command + "1"), pool.submit(now.timed, command + "1" + part.now)
                    known[part.what] = [played.result()[0] for played in both]
                    if part.shared:  # seed 1 after seed 0
                        known[part.what][1] += 4 * now.timed(command + "1," + part.now)[0]
                        known[part.what][1] /= 5
                if asked.keep:
                    asked.keep.write_text(json.dumps(known))
        start = known.pop(_START)
        for part in PARTS:
            if part.what in known:
                then, here = known[part.what] = [
                    took - mine for took, mine in zip(known[part.what], start, strict=True)
                ]
                share = there[part.what] / sum(there.values())
                print(
                    f"| {part.what} | {there[part.what]:.2f} | {share:.1%} | {then:.1f} | {here:.1f} | {here / then:.2f} |",
                    flush=True,
                )
        told = sum(there[what] for what in known)
        made = sum(there[what] * here / then for what, (then, here) in known.items())
        print(f"\n{told:.1f} of {sum(there.values()):.1f} hours would be {made:.1f} now: {made / told:.2f}")


if __name__ == "__main__":
    main()

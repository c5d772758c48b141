"""Commands against another revision: processor time and time by the clock, there and now, and their ratio.

    python benchmarks/speed/against.py [--before 0bd47a5] [--runs 5] [--demo]

The other revision is unpacked into a temporary folder, with its own committed store and pages. Both take turns, each in a
process of its own, so that other programs disturb both alike. A row is of medians, and its ratio is of processor time, that of
all processes which the command starts. ``--demo`` plays what ``make demo`` plays, once a revision: a quarter of an hour.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
BEFORE = "0bd47a5"
"""The last revision before players had processes of their own: what issue 23 measured."""


@dataclass(frozen=True)
class Case:
    """A command line of ours, with the store that it reads or writes; ``before`` where it was another then."""

    what: str
    now: str
    bound: float
    before: str = ""


CASES = (
    Case("leaderboard --check", "leaderboard --check --db {store}", 0.5),
    Case("plugins", "plugins", 0.6),
)
DEMO = Case(
    "what make demo plays",
    "run --suite label-only --dataset digits --seeds 2 --jobs 1 --db {fresh}",
    0.42,
    "run --suite label-only --dataset digits --jobs 1 --db {fresh}",
)


class Tree:
    """A revision's source, and a copy of its store: a command may leave files beside the one that it opens."""

    def __init__(self, source: Path, scratch: Path) -> None:
        scratch.mkdir()
        self._source, self._scratch, self._runs = source, scratch, 0
        shutil.copy(source / "results.db", scratch)

    def timed(self, command: str) -> tuple[float, float]:
        """Run a command; return seconds of processor time, and by the clock."""
        self._runs += 1
        stores = {"store": self._scratch / "results.db", "fresh": self._scratch / f"{self._runs}.db"}
        arguments = [part.format(**stores) for part in shlex.split(command)]
        path = os.pathsep.join(map(str, (self._source, self._source / "plugins")))
        environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # modules are compiled once, as where pip installed them
        began, command_line = time.perf_counter(), [sys.executable, "-m", "benchbox", *arguments]
        process = subprocess.Popen(command_line, cwd=self._source, env=environment, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)  # its own time, and that of what it waited for
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command_line)
        return used.ru_utime + used.ru_stime, time.perf_counter() - began


def unpacked(revision: str, folder: Path) -> Tree:
    """Unpack a revision into a folder."""
    source = folder / "source"
    source.mkdir()
    packed = subprocess.run(["git", "archive", revision], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x"], cwd=source, check=True, input=packed)
    return Tree(source, folder / "before")


def row(case: Case, before: Tree, now: Tree, runs: int) -> str:
    for tree, command in ((before, case.before or case.now), (now, case.now)):
        if runs > 1:
            tree.timed(command)  # compiles
    pairs = [(before.timed(case.before or case.now), now.timed(case.now)) for _ in range(runs)]
    (there, said_there), (here, said_here) = (_medians(runs) for runs in zip(*pairs, strict=True))
    return f"| {case.what} | {said_there} | {said_here} | {here / there:.2f} | {case.bound:g} |"


def _medians(runs: Sequence[tuple[float, float]]) -> tuple[float, str]:
    busy, clock = (statistics.median(times) for times in zip(*runs, strict=True))
    return busy, f"{busy:.2f} ({clock:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", default=BEFORE, help="a git revision")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--demo", action="store_true", help="also play the demo")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trees = unpacked(asked.before, folder), Tree(ROOT, folder / "now")
        print("| command | s of processor (of the clock) there | now | ratio | at most |\n|---|---|---|---|---|")
        for case in CASES:
            print(row(case, *trees, asked.runs), flush=True)
        if asked.demo:
            print(row(DEMO, *trees, 1), flush=True)


if __name__ == "__main__":
    main()

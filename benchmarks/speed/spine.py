"""Speed of the spine: start-up, the whole label-only suite, two workers against one, the runner's share, memory.

    python benchmarks/speed/spine.py [--data-dir DIR] [--quick]

Prints a table; figures depend on what else the machine does. ``--quick`` leaves out the whole suite.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BENCHBOX = [sys.executable, "-c", "from benchbox.cli import main; main()"]
CELLS = ["run", "--suite", "label-only", "--method", "random", "--method", "drmi-best", "--seeds", "4"]
BARE = """
import json, sys, time
import torch
torch.set_num_threads(1)
import benchbox
from benchbox.match.run import run_cell
from benchbox.suites import Selection
class Nobody:
    due = False
    def tell(self, spent, budget, accuracy): pass
    def load(self): return None
plan = benchbox.plan("label-only", Selection(methods=["random", "drmi-best"], seeds=[0, 1, 2, 3]), db=sys.argv[1])
began = time.perf_counter()
for planned in plan.cells:
    run_cell(planned.setting, plan.place, Nobody())
print(time.perf_counter() - began)
"""


def timed(command: list[str], **kwargs: object) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, **kwargs)  # type: ignore[call-overload]
    return time.perf_counter() - began


def say(what: str, value: float, unit: str, bound: str) -> None:
    print(f"{what:<62} {value:8.2f} {unit:<4} (bound: {bound})", flush=True)


def startup() -> None:
    for command in ("--help", "plugins"):
        seconds = statistics.median(timed([*BENCHBOX, command]) for _ in range(5))
        say(f"benchbox {command}, median of 5", seconds, "s", "< 0.5")


def whole_suite(folder: Path) -> None:
    command = [*BENCHBOX, "run", "--suite", "label-only", "--jobs", "2"]
    say("label-only on digits, from an empty store, --jobs 2", timed(command, cwd=folder), "s", "< 240")
    say("the same again: everything is done", timed(command, cwd=folder), "s", "< 3")


def workers(folder: Path) -> None:
    took = {}
    for jobs in ("1", "2"):
        took[jobs] = timed([*BENCHBOX, *CELLS, "--jobs", jobs, "--db", f"jobs{jobs}.db"], cwd=folder)
    say("8 selector cells, --jobs 1", took["1"], "s", "-")
    say("--jobs 2 is faster by a factor of", took["1"] / took["2"], "", ">= 1.7")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    out = subprocess.run(
        [sys.executable, "-c", BARE, str(folder / "bare.db")],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    bare = float(out.stdout)
    shown = json.loads(
        subprocess.run(
            [*BENCHBOX, "results", "--db", "jobs1.db", "--metric", "accuracy", "--budget", "600", "--json"],
            check=True,
            capture_output=True,
            text=True,
            cwd=folder,
        ).stdout
    )
    say(f"the same {len(shown)} cells called bare, imports not counted", bare, "s", "-")
    say(
        "the runner adds, start-up of command and worker included",
        100 * (took["1"] / bare - 1),
        "%",
        "<= 5 on long runs",
    )


def memory(folder: Path, data: str) -> None:
    for method in ("drmi-best", "mega"):
        command = [*BENCHBOX, "run", "--suite", "label-only", "--dataset", "mnist", "--data-dir", data, "--jobs", "1"]
        subprocess.run([*command, "--method", method, "--seeds", "1"], check=True, cwd=folder, capture_output=True)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        say(f"peak memory of the largest process so far, {method} on MNIST", peak, "GiB", "< 2")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", help="folder with MNIST; without it memory is not measured")
    parser.add_argument("--quick", action="store_true", help="leave out the whole suite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        startup()
        workers(folder)
        if not options.quick:
            whole_suite(folder)
        if options.data_dir:
            memory(folder, str(Path(options.data_dir).resolve()))


if __name__ == "__main__":
    main()

"""Speed of the leaderboard on a large store, and on the committed one.

    python benchmarks/speed/leaderboard_scale.py [--cells 100000] [--keep FOLDER]

Makes a store of that many cells with 20 measurements each (5 suites on 5 data sets, 4 scenarios, 25 methods, as many seeds
as it takes; 5 budgets, of accuracy, fidelity, attack success and seconds per example). Cells are enrolled through the
store's own API; their results are inserted in bulk, with numbers from a formula and no meaning. Then it runs
``benchbox leaderboard`` on it in a process of its own, and on ``results.db``. Prints a table; figures depend on what else the
machine does.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from sqlalchemy import insert, select, update

from benchbox.contracts import Access
from benchbox.images.pool import PoolRule
from benchbox.store import Store, merge
from benchbox.store.models import AttackRow, CellRow, MeasurementRow, MetricRow, TargetRow
from benchbox.suites import AttackPlan, Cell, PluginRef, Scenario, TargetRef

SUITES, DATASETS, SCENARIOS, METHODS = 5, ("digits", "mnist", "fashion-mnist", "usps", "cifar10"), 4, 25
BUDGETS = (100, 300, 1000, 3000, 10000)
METRICS = (("accuracy", 0), ("fidelity", 0), ("asr_untargeted", 1), ("seconds_per_example", 1))
ATTACK = "fgsm[eps=0.3] untargeted"
ROOT = Path(__file__).parents[2]
PROBE = """
import json, resource, sys, time
began = time.perf_counter()
from benchbox.cli import main
sys.argv[0] = "benchbox"
try:
    main()
except SystemExit as end:
    if end.code:
        raise
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps([time.perf_counter() - began, time.process_time(), peak, "torch" in sys.modules]))
"""


class Place:
    """A place in a suite and its cell."""

    def __init__(self, cell: Cell, scenario: int, method: int) -> None:
        self.cell, self.scenario, self.position = cell, f"scenario {scenario}", method
        self.label = cell.method.spec


def ref(kind: str, name: str) -> PluginRef:
    return PluginRef(kind=kind, name=name, version=1, spec=name, options={})


def places(suite: int, dataset: str, seeds: int) -> Iterator[Place]:
    """Yield every place of a suite on a data set."""
    digest = hashlib.sha256(dataset.encode()).hexdigest()
    plan = AttackPlan(attack=ref("attack", "fgsm"), goal="untargeted", success=("asr_untargeted",))
    for number in range(SCENARIOS):
        scenario = Scenario(
            dataset=dataset,
            dataset_hash=digest,
            target=TargetRef(name=f"{dataset}-lenet5", sha256=digest),
            substitute=ref("model", "lenet5"),
            access=Access.LABEL,
            pool=PoolRule(size=20_000 + 10 * suite + number),
            budgets=BUDGETS,
            attacks=(plan,),
        )
        for method, seed in itertools.product(range(METHODS), range(seeds)):
            yield Place(
                Cell(scenario=scenario, method=ref("selector", f"method-{method:02}"), seed=seed), number, method
            )


def enrol(store: Store, seeds: int) -> None:
    """Enrol every cell."""
    for suite, dataset in itertools.product(range(SUITES), DATASETS):
        store.enrol(f"suite-{suite}", places(suite, dataset, seeds))


def record(store: Store) -> None:
    """Give every cell a result; the same store gives the same numbers."""
    with store.writing() as session:
        metrics = [MetricRow(name=name) for name, _ in METRICS]
        attacks = [AttackRow(name=name) for name in ("", ATTACK)]
        session.add_all([*metrics, *attacks, *(target(dataset) for dataset in DATASETS)])
        session.flush()
        keys = [(m.number, attacks[attack].number) for m, (_, attack) in zip(metrics, METRICS, strict=True)]
        cells = session.execute(
            select(CellRow.number, CellRow.method_number, CellRow.seed).order_by(CellRow.number)
        ).all()
        rng = np.random.default_rng(0)
        for start in range(0, len(cells), 5000):
            rows = [row for cell in cells[start : start + 5000] for row in measurements(cell, keys, rng)]
            session.connection().execute(insert(MeasurementRow.__table__), rows)  # type: ignore[arg-type]
        session.execute(
            update(CellRow).values(status="done", seconds=1.5, spent=BUDGETS[-1], finished="2026-01-01T00:00:00+00:00")
        )


def measurements(cell: tuple[int, int, int], keys: list[tuple[int, int]], rng: np.random.Generator) -> Iterator[dict]:
    """Yield 20 measurements of a cell: a curve that rises, by method, with noise by seed."""
    number, method, _ = cell
    noise = float(rng.normal(0, 0.01))
    for at, budget in enumerate(BUDGETS):
        height = 0.55 + 0.08 * at + 0.002 * (method % METHODS) + noise
        for which, (metric, attack) in enumerate(keys):
            value = round(min(1.0, height - 0.1 * which), 4) if which < 3 else 0.002
            ids = {"cell": number, "metric": metric, "attack": attack}
            yield {**ids, "budget": budget, "spent": budget, "value": value, "n": 10_000}


def target(dataset: str) -> TargetRow:
    digest = hashlib.sha256(dataset.encode()).hexdigest()
    about = {"name": f"{dataset}-lenet5", "dataset": dataset, "model": "lenet5", "recipe": "standard"}
    return TargetRow(sha256=digest, dataset_hash=digest, seed=0, holdout=0, accuracy=0.98, n_test=10_000, **about)


def say(what: str, value: float, unit: str, bound: str) -> None:
    print(f"{what:<66} {value:9.2f} {unit:<4} (bound: {bound})", flush=True)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print what the block took, and how long the processor worked at it: other programs do not change that."""
    began, worked = time.perf_counter(), time.process_time()
    yield
    say(f"{what} ({time.process_time() - worked:.1f} s on the processor)", time.perf_counter() - began, "s", "none")


def leaderboard(db: Path, out: Path, bound: str) -> None:
    """Run the command on a store and print what it took."""
    command = [sys.executable, "-c", PROBE, "leaderboard", "--db", str(db), "--out", str(out)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ)
    seconds, cpu, peak, torch = json.loads(ran.stdout.splitlines()[-1])
    files = [path for path in out.rglob("*") if path.is_file()]
    largest = max(files, key=lambda path: path.stat().st_size)
    say(f"benchbox leaderboard on {db.name}", seconds, "s", bound)
    say("  of which on the processor", cpu, "s", "none")
    say("  its peak memory", peak / 2**30, "GiB", "< 2")
    say(f"  largest of {len(files)} files, {largest.relative_to(out)}", largest.stat().st_size / 1e6, "MB", "< 5")
    say("  all files", sum(path.stat().st_size for path in files) / 1e6, "MB", "none")
    say("  torch was imported", torch, "", "0")


def build(path: Path, cells: int) -> None:
    """Make the store, and say how long each step took."""
    seeds = max(1, cells // (SUITES * len(DATASETS) * SCENARIOS * METHODS))
    with Store.open(path) as store:
        with timed("enrolling"):
            enrol(store, seeds)
        with timed("enrolling again"):
            enrol(store, seeds)
        with timed("inserting results"):
            record(store)
        with timed("reading all measurements"):
            frame = store.measurements()
        say(f"  their frame, of {len(frame):,} rows", frame.memory_usage(deep=True).sum() / 2**30, "GiB", "none")
        with Store.open(path.with_name("merged.db")) as into:
            with timed("merging all into an empty store"):
                merge(into, store)
            with timed("merging the same again"):
                merge(into, store)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="Keep the store and the pages here.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "large.db"
        if not path.exists():
            build(path, options.cells)
        leaderboard(path, folder / "large", "< 60 at 100,000 cells")
        leaderboard(ROOT / "results.db", folder / "committed", "< 5")


if __name__ == "__main__":
    main()

"""How well a cluster's workers are used, and how many cells go through a coordinator.

    python benchmarks/speed/clusters.py workers [--seconds 15] [--each 5]
    python benchmarks/speed/clusters.py coordinator STORE [STORE ...] [--cells 10000]

``workers`` starts a scheduler and workers on this machine, and plays cells that take a fixed time in which they only sleep: two
cores carry four such workers. One worker plays first, then four; what four do in an hour is compared with four times what one
does. Everything but the sleep is real: referee, player, target, store.

``coordinator`` enrols cells in each (empty) store, and sends them through ``run_cells``, first to an executor that is done at
once, then through a Dask scheduler and a worker whose tasks are done at once: what is left is the coordinator's own work, and
Dask's. Memory is that of this process, after each fifth.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[2] / "tests"))

from dask_cluster import Cluster, cluster
from leaderboard_scale import Place
from naps import naps
from stores import DATASET, SUITE, cells, memory, result, say

from benchbox.execution import CellFinished, Event, run_cells
from benchbox.execution.executor import Executor, Told
from benchbox.execution.resume import ResumeFiles
from benchbox.records import CellResult
from benchbox.store import Address, Store
from benchbox.suites import Planned, Setting


def nap_times(folder: Path, made: Cluster, seconds: float, count: int, name: str) -> float:
    """Play naps, and return the seconds between the first start and the last end."""
    named = naps(folder, f"napping[seconds={seconds:g}]", seeds=count)
    command = [sys.executable, "-m", "benchbox", "run", *named, "--db", f"{name}.db", "--json"]
    times: dict[str, list[float]] = {}
    with subprocess.Popen([*command, "--cluster", made.address], cwd=folder, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        for line in run.stdout:
            times.setdefault(json.loads(line)["event"], []).append(time.perf_counter())
    assert run.returncode == 0
    return times["cell-finished"][-1] - times["cell-started"][0]


def measure_workers(seconds: float, each: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ["BENCHBOX_HOME"] = str(folder / "home")
        rates = {}
        for number in (1, 4):
            own = folder / str(number)
            own.mkdir()
            with cluster(own, number) as made:
                while made.log("scheduler").count("Register worker") < number:
                    time.sleep(0.2)
                nap_times(folder, made, 0, 3 * number, f"warm-{number}")  # each has its zygote then, and knows its data
                took = nap_times(folder, made, seconds, each * number, f"timed-{number}")
            rates[number] = each * number / took
            say(f"{number} workers, {each * number} cells of {seconds:g} s and what is around it", took, "s")
        say("four workers, of four times one", rates[4] / rates[1] / 4, "")
        say("four workers, of cells that took nothing but the sleep", rates[4] * seconds / 4, "")


class AtOnce:
    """Is done with each cell at once."""

    slots = 16

    def __init__(self, results: dict[str, CellResult]) -> None:
        self._results = results

    def submit(self, setting: Setting) -> Future[CellResult]:
        future: Future[CellResult] = Future()
        future.set_result(self._results[setting.cell.id])
        return future

    def shutdown(self) -> None:
        """Nothing runs."""

    def kill(self) -> None:
        """Nothing runs."""


class ThroughDask(AtOnce):
    """Has each cell's result carried to a worker and back."""

    def __init__(self, results: dict[str, CellResult], client: Any) -> None:
        super().__init__(results)
        self._executor = client.get_executor(pure=False, resources={"CELL": 1})

    def submit(self, setting: Setting) -> Future[CellResult]:
        future: Future[CellResult] = self._executor.submit(_same, self._results[setting.cell.id])
        return future


def _same(value: CellResult) -> CellResult:
    return value


class Fifths:
    """Prints the rate and the memory after each fifth."""

    def __init__(self, size: int) -> None:
        self._size, self._ended, self._began = size, 0, time.perf_counter()

    def show(self, event: Event) -> None:
        if isinstance(event, CellFinished):
            self._ended += 1
            if self._ended % self._size == 0:
                now = time.perf_counter()
                say(
                    f"  after {self._ended:,}: {memory():.0f} MiB; cells a second",
                    self._size / (now - self._began),
                    "/s",
                )
                self._began = now

    def close(self) -> None:
        """Nothing is open."""


def planned(place: Place) -> Planned:
    setting = Setting.model_construct(cell=place.cell)
    return Planned(
        place.cell,
        SUITE,
        DATASET,
        place.scenario,
        place.label,
        place.cell.seed,
        place.position,
        "benchbox",
        "0",
        None,
        setting,
    )


def send(store: Store, found: list[Place], make: Any) -> None:
    results = {place.cell.id: result(place, number) for number, place in enumerate(found)}

    def start(told: Told) -> Executor:
        executor: Executor = make(results)
        return executor

    items, shown = [planned(place) for place in found], Fifths(max(len(found) // 5, 1))
    began, worked = time.perf_counter(), time.process_time()
    summary = run_cells(items, store, start, resume=ResumeFiles(None), display=shown)
    assert summary.done == len(found)
    say("  all; cells a second", len(found) / (time.perf_counter() - began), "/s")
    say("  processor time of this process for each", (time.process_time() - worked) / len(found) * 1e3, "ms")


def measure_coordinator(places: list[str], count: int) -> None:
    from distributed import Client

    for place in places:
        print(f"== {Address.of(place)}")
        found = cells(count)
        half = len(found) // 2
        with Store.open(place) as store, tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            store.enrol(SUITE, found)
            say(f"enrolling {count:,} cells", time.perf_counter() - began, "s")
            say(f"{half:,} cells, done at once; memory before", memory(), "MiB")
            send(store, found[:half], AtOnce)
            with cluster(Path(folder), 1) as made, Client(made.address, set_as_default=False) as client:
                say(f"{half:,} cells, through Dask and one worker; memory before", memory(), "MiB")
                send(store, found[half:], lambda results: ThroughDask(results, client))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(dest="what", required=True)
    workers = parts.add_parser("workers")
    workers.add_argument("--seconds", type=float, default=15.0)
    workers.add_argument("--each", type=int, default=5)
    coordinator = parts.add_parser("coordinator")
    coordinator.add_argument("places", nargs="+", metavar="STORE")
    coordinator.add_argument("--cells", type=int, default=10_000)
    given = parser.parse_args()
    if given.what == "workers":
        measure_workers(given.seconds, given.each)
    else:
        measure_coordinator(given.places, given.cells)


if __name__ == "__main__":
    main()

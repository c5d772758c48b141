"""How fast a coordinator's results go into a store, how much memory that takes, and how fast pages come out, by database.

    python benchmarks/speed/stores.py new.db postgresql+psycopg://me@localhost/new [--cells 10000] [--rate 100]

Makes a store in each place, which must be empty; the same cells with the same results in each. Enrols them all, then claims and
records each, two transactions, as a coordinator does. A first tenth as fast as it goes, the others at the given rate: what
is late then is how long the last result waited for its turn. Memory is that of this process, when each tenth is done. Then
``benchbox leaderboard`` runs on each store in a process of its own, and the pages of all are compared byte by byte.
"""

from __future__ import annotations

import argparse
import itertools
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from leaderboard_scale import Place, places, target

from benchbox.records import CellResult, Confusion, Diagnostic, LedgerRow, Measurement, Sealed, Status
from benchbox.store import Address, Store

SUITE, DATASET, OWNER = "suite-0", "digits", "a run"
ATTACK = "fgsm untargeted"
BUDGETS = (100, 300, 1000, 3000, 10000)


def result(place: Place, number: int) -> CellResult:
    """Return a result of an ordinary size, as of the label-only suite; its numbers have no meaning."""
    matrix = tuple(tuple((number * 7 + 13 * i + 31 * j) % 97 for j in range(10)) for i in range(10))
    shares = [min(1.0, 0.5 + 0.08 * at + number % 100 / 1000) for at in range(len(BUDGETS))]
    measured = [
        Measurement(metric, attack, budget, budget, share, 1000)
        for budget, share in zip(BUDGETS, shares, strict=True)
        for metric, attack in (("accuracy", ""), ("fidelity", ""), ("asr_untargeted", ATTACK))
    ]
    return CellResult(
        place.cell.id,
        Status.DONE,
        measurements=measured,
        confusions=[Confusion("", budget, matrix) for budget in BUDGETS[:3]],
        ledger=[LedgerRow(budget, "selected", budget, 0, f"{number:064x}") for budget in BUDGETS],
        diagnostics=[Diagnostic(spent, f"loss {which}", 1 / (spent + 1)) for which in range(10) for spent in range(20)],
        timings={"method": 1.0, "total": 2.5},
        environment={"python": "3.11", "device": "cpu"},
        started="2026-11-20T12:00:00+00:00",
        sealed=Sealed.PROCESS,
    )


def cells(count: int) -> list[Place]:
    """Return the places of a suite: 4 scenarios, 25 methods, as many seeds as it takes."""
    return list(itertools.islice(places(0, DATASET, -(-count // 100)), count))


def memory() -> float:
    """Return this process's memory now, in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def say(what: str, value: float, unit: str) -> None:
    print(f"{what:<66} {value:9.2f} {unit}", flush=True)


def put(store: Store, batch: Sequence[tuple[int, Place]], rate: float | None) -> float:
    """Claim and record every cell; return by how many seconds the last was late."""
    began, sent = time.perf_counter(), target(DATASET)
    about = {column.key: getattr(sent, column.key) for column in sent.__table__.columns}
    for i, (number, place) in enumerate(batch):
        if rate is not None:
            time.sleep(max(0.0, began + i / rate - time.perf_counter()))
        assert store.claim(place.cell.id, OWNER)
        assert store.record(place.cell, result(place, number), about, "benchbox", "0")
    return time.perf_counter() - began - (len(batch) / rate if rate is not None else 0.0)


def tenths(found: list[Place]) -> Iterator[list[tuple[int, Place]]]:
    numbered = list(enumerate(found))
    size = -(-len(found) // 10)
    for start in range(0, len(found), size):
        yield numbered[start : start + size]


def fill(place: str, count: int, rate: float) -> None:
    """Make a store, and print what each step took."""
    found = cells(count)
    with Store.open(place) as store:
        began = time.perf_counter()
        store.enrol(SUITE, found)
        say(f"enrolling {count:,} cells", time.perf_counter() - began, "s")
        began = time.perf_counter()
        store.enrol(SUITE, found)
        say("enrolling them again", time.perf_counter() - began, "s")
        first, *rest = tenths(found)
        took, worked = put(store, first, None), time.process_time()
        say("results a second, as fast as they go", len(first) / took, "/s")
        say("memory then", memory(), "MiB")
        late = []
        for batch in rest:
            late.append(put(store, batch, rate))
            store.heartbeat(OWNER)
            say(f"  late at {rate:g} a second", late[-1], "s")
            say("  memory", memory(), "MiB")
        say(
            "processor time of this process for each result",
            (time.process_time() - worked) / (count - len(first)) * 1e3,
            "ms",
        )
        for name in ("cells", "measurements"):
            began = time.perf_counter()
            rows = len(getattr(store, name)())
            say(f"reading {rows:,} {name}", time.perf_counter() - began, "s")


def pages(place: str, out: Path) -> dict[str, bytes]:
    """Write the leaderboard, print what that took, and return its files."""
    code = "from benchbox.cli import main; main()"
    command = [sys.executable, "-c", code, "leaderboard", "--db", place, "--out", str(out)]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    say("benchbox leaderboard", time.perf_counter() - began, "s")
    say("  of which on the processor", after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, "s")
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("places", nargs="+", metavar="STORE")
    parser.add_argument("--cells", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=100.0)
    options = parser.parse_args()
    written = []
    for place in options.places:
        print(f"== {Address.of(place)}")
        fill(place, options.cells, options.rate)
    with tempfile.TemporaryDirectory() as folder:
        for i, place in enumerate(options.places):
            print(f"== {Address.of(place)}")
            written.append(pages(place, Path(folder) / str(i)))
    # when a result was stored differs between stores, and stands on the HTML page of each cell: a merge keeps it
    same = all({k: v for k, v in each.items() if not k.endswith(".html")} ==
               {k: v for k, v in written[0].items() if not k.endswith(".html")} for each in written)  # fmt: skip
    print(f"all of {len(written[0])} files but the HTML page are the same: {same}")


if __name__ == "__main__":
    main()

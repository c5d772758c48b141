"""Time and memory of the selectors on MNIST's training images: the table, and how both grow with the pool and the choice.

    python benchmarks/speed/selector_speed.py --data-dir ../shared/data

Every figure comes from a fresh process with ``--threads`` threads (1, as workers run). Imports, compiled code and the images
are there before the clock starts; memory is the most that the process holds above that moment. What a privileged method is
granted, the target's probabilities and activations, is computed before, too. Where other programs run, processor time (of
all threads, and of child processes) is the fairer figure: both are printed. ``--up-to 15000`` measures smaller pools alone.
"""

from __future__ import annotations

import argparse
import gzip
import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

MIB = 1 << 20
POOLS = (7_500, 15_000, 30_000, 60_000)
CHOICES = (75, 150, 300, 600)


@dataclass(frozen=True)
class Case:
    spec: str
    seconds: float
    mebibytes: float
    granted: bool = False


CASES = (
    Case("drmi", 30, 300),
    Case("drmi[search=min-max-pair]", 30, 300),
    Case("drmi[profile=best]", 30, 300),
    Case("drmi[search=min-max-sum]", 30, 300),
    Case("drmi[bins=16]", 25, 300),
    Case("drmi[bins=4]", 25, 300),
    Case("cmal", 30, 500),
    Case("cpb[rule=kmeans,answers=granted]", 60, 1024, granted=True),
    Case("cpb[rule=pca-kmeans,answers=granted]", 60, 1024, granted=True),
    Case("cpb[rule=kmeans,space=pixel]", 60, 1024),
    Case("cpb[rule=pca-kmeans,space=pixel]", 60, 1024),
    Case("trace[neurons=target]", 30, 1024, granted=True),
    Case("k-centre", 60, 1024),
)


class Granted:
    """A target's answers and activations, computed once."""

    def __init__(self, images: Any, labels: Any) -> None:
        import torch
        from benchbox_plugins.models.lenet5 import LeNet5
        from benchbox_plugins.selectors._networks import activations, probabilities

        torch.manual_seed(0)
        network = LeNet5().build(tuple(images.shape[1:]), 10)
        optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
        for rows in torch.split(torch.randperm(len(images)), 64)[:300]:
            optimiser.zero_grad()
            loss: Any = torch.nn.functional.cross_entropy(network(images[rows]), labels[rows])
            loss.backward()
            optimiser.step()
        self._probabilities = probabilities(network.eval(), images)
        self._activations = list(activations(network, images))

    def probabilities(self, images: Any) -> Any:
        return self._probabilities

    def activations(self, images: Any) -> Iterator[Any]:
        yield from self._activations


class Peak(threading.Thread):
    """Samples the resident memory of this process (Linux) until it is stopped."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._stopped = threading.Event()
        self.start_bytes = self.most_bytes = resident()

    def run(self) -> None:
        while not self._stopped.wait(0.002):
            self.most_bytes = max(self.most_bytes, resident())

    def stop(self) -> float:
        self._stopped.set()
        self.join()
        return (max(self.most_bytes, resident()) - self.start_bytes) / MIB


def resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def processor_seconds() -> float:
    """Return what this process and the children that it waited for have used so far."""
    return sum(os.times()[:4])


def read_mnist(data_dir: Path, size: int) -> tuple[Any, Any]:
    raw = data_dir / "MNIST" / "raw"
    images: Any = np.frombuffer(gzip.decompress((raw / "train-images-idx3-ubyte.gz").read_bytes()), np.uint8, offset=16)
    labels: Any = np.frombuffer(gzip.decompress((raw / "train-labels-idx1-ubyte.gz").read_bytes()), np.uint8, offset=8)
    images = images.reshape(-1, 1, 28, 28)[:size].astype(np.float32)
    images /= 255
    return images, labels[:size].astype(np.int64)


def measure(spec: str, granted: bool, size: int, k: int, data_dir: Path, device: str) -> tuple[float, float, float]:
    """Return seconds, seconds of processor time and MiB of one choice."""
    import torch
    from benchbox_plugins.selectors import drmi

    from benchbox.contracts import Access, Pool
    from benchbox.registry import Catalogue, Spec, create

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    images, labels = (torch.from_numpy(array) for array in read_mnist(data_dir, size))
    parsed = Spec.parse(spec)
    row = Catalogue.discover().get("selector", parsed.name)

    def choose(rows: int, k: int, insider: Any) -> None:
        game: Any = SimpleNamespace(
            access=Access.PROBABILITIES,
            pool=Pool(images[:rows].to(device), labels[:rows].to(device)),
            classes=10,
            budgets=(k,),
            insider=insider,
            rng=torch.Generator().manual_seed(0),
        )
        create(row, parsed).select(game, k)  # type: ignore[attr-defined]

    usual = drmi.LAZY_FROM
    for drmi.LAZY_FROM in (0, usual):  # compiles both of its searches
        choose(200, 20, Granted(images[:200], labels[:200]) if granted else None)
    insider = Granted(images, labels) if granted else None
    peak = Peak()
    peak.start()
    began, busy = time.perf_counter(), processor_seconds()
    choose(size, k, insider)
    return time.perf_counter() - began, processor_seconds() - busy, peak.stop()


def in_a_fresh_process(case: Case, size: int, k: int, arguments: argparse.Namespace) -> tuple[float, float, float]:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, (case.spec, case.granted, size, k, arguments.data_dir, arguments.device))


def table(cases: list[Case], size: int, arguments: argparse.Namespace) -> None:
    print(f"Pool of {size:,}, k = {CHOICES[-1]}; the limits are those of a pool of {POOLS[-1]:,}.\n")
    print("| selector | seconds | of processor time | at most | MiB above the data | at most |")
    print("|---|---|---|---|---|---|")
    for case in cases:
        seconds, busy, memory = in_a_fresh_process(case, size, CHOICES[-1], arguments)
        limits = f"{case.seconds:g} | {memory:.0f} | {case.mebibytes:g}"
        print(f"| {case.spec} | {seconds:.1f} | {busy:.1f} | {limits} |", flush=True)


def growth(cases: list[Case], pools: list[int], arguments: argparse.Namespace) -> None:
    by_pool = [(f"{size:,}", size, CHOICES[-1]) for size in pools]
    by_choice = [(f"{k}", pools[-1], k) for k in CHOICES]
    for what, axis in ((f"pool (k = {CHOICES[-1]})", by_pool), (f"k (pool of {pools[-1]:,})", by_choice)):
        print(f"\n| seconds of processor time (of the clock) by {what} | {' | '.join(head for head, _, _ in axis)} |")
        print("|---|" + "---|" * len(axis))
        for case in cases:
            times = [in_a_fresh_process(case, size, k, arguments)[:2] for _, size, k in axis]
            print(
                f"| {case.spec} | " + " | ".join(f"{busy:.2f} ({clock:.2f})" for clock, busy in times) + " |",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data-dir", type=Path, default=os.environ.get("BENCHBOX_DATA"), help="folder that holds MNIST/raw"
    )
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=int, default=1, help="threads of each process")
    parser.add_argument("--only", default="", help="cases whose text contains this")
    parser.add_argument("--up-to", type=int, default=POOLS[-1], help="pools of at most so many images")
    parser.add_argument("--no-growth", action="store_true", help="print the first table only")
    arguments = parser.parse_args()
    if arguments.data_dir is None:
        parser.error("give --data-dir, or set BENCHBOX_DATA")
    os.environ["OMP_NUM_THREADS"] = str(arguments.threads)
    cases = [case for case in CASES if arguments.only in case.spec]
    pools = [size for size in POOLS if size <= arguments.up_to]
    if not cases or not pools:
        parser.error(f"no selector and pool left; --only is part of a name above, --up-to {POOLS[0]} or more")
    table(cases, pools[-1], arguments)
    if not arguments.no_growth:
        growth(cases, pools, arguments)


if __name__ == "__main__":
    main()

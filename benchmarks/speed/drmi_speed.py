"""``drmi`` with bounds against the plain greedy search, on MNIST's training images: processor time, pairs, compilation.

    python benchmarks/speed/drmi_speed.py --data-dir ../shared/data

Each row plays a case twice in one process, plainly and with bounds, checks that both choose the same images in the same
order, and prints seconds of processor time and their ratio: other programs disturb both alike. Compiled code and images are
there before the clock starts; the last table has the seconds that compiling takes where nothing was kept from an earlier
process. ``--large`` adds the cases that take minutes, ``--only`` keeps those whose text contains the words.

Where the plain search takes an hour, ``--members 200`` has it charge 200 members alone, evenly spaced in the order in which the
search with bounds chose them, each with every image as it would. Its time is then so many times as long as it charges more
members: an extrapolation, marked with ~, and nobody compares the choices.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from selector_speed import read_mnist


@dataclass(frozen=True)
class Case:
    spec: str
    size: int
    k: int
    bound: float
    large: bool = False


CASES = (
    Case("drmi", 60_000, 600, 0.12),
    Case("drmi[search=min-max-pair]", 60_000, 600, 0.12),
    Case("drmi[search=min-max-sum]", 60_000, 600, 0.3),
    Case("drmi[profile=best]", 60_000, 600, 1),
    Case("drmi[normalise=sqrt-entropy]", 60_000, 600, 1),
    Case("drmi[bins=16]", 60_000, 600, 1),
    Case("drmi[search=min-max-pair,bins=4]", 60_000, 600, 1),
    Case("drmi", 6_000, 2_000, 1),
    Case("drmi[profile=best]", 60_000, 20_000, 0.15, large=True),
    Case("drmi", 30_000, 10_000, 0.15, large=True),
    Case("drmi", 60_000, 20_000, 0.15, large=True),
)
TINY = """
import time, numpy as np, torch
from types import SimpleNamespace
from benchbox.contracts import Pool
from benchbox_plugins.selectors import drmi
drmi.LAZY_FROM = {least}
pool = Pool(torch.rand(120, 1, 8, 8), torch.arange(120) % 10)
game = SimpleNamespace(pool=pool, classes=10, rng=torch.Generator().manual_seed(0))
import benchbox_plugins.selectors._similarity, benchbox_plugins.selectors._lazy
began = time.process_time()
drmi.Drmi(drmi.DrmiOptions(search="{search}")).select(game, 20)
print(time.process_time() - began)
"""


def choose(spec: str, images: Any, labels: Any, k: int, plain: bool) -> tuple[list[int], float, tuple[int, int]]:
    """Return the choice, seconds of processor time, and how many pairs were bounded and valued."""
    import torch
    from benchbox_plugins.selectors import _lazy, drmi

    from benchbox.contracts import Access, Pool
    from benchbox.registry import Catalogue, create_spec

    selector: Any = create_spec(Catalogue.discover(), "selector", spec)
    rng = torch.Generator().manual_seed(0)
    game: Any = SimpleNamespace(access=Access.LABEL, pool=Pool(images, labels), classes=10, budgets=(k,), rng=rng)
    bounded = valued = 0

    def counted(search: _lazy._Lazy, share: int, start: int) -> Any:
        nonlocal bounded, valued
        chosen = search_whole(search, share, start)
        bounded += int(search._bounded.sum())
        valued += int(search._valued.clip(min=0).sum()) + share * (share - 1) // 2
        return chosen

    search_whole, _lazy._Lazy.choose = _lazy._Lazy.choose, counted  # type: ignore[method-assign]
    least, drmi.LAZY_FROM = drmi.LAZY_FROM, len(images) * k + 1 if plain else 0
    began = time.process_time()
    rows = selector.select(game, k).tolist()
    seconds = time.process_time() - began
    _lazy._Lazy.choose, drmi.LAZY_FROM = search_whole, least  # type: ignore[method-assign]
    return rows, seconds, (bounded, valued)


class Sample:
    """The plain search's work for some of the members that the search with bounds chose, and what it takes for all.

    Args:
        members: how many are charged, of all strata together.
        k: how many are chosen.
    """

    def __init__(self, members: int, k: int) -> None:
        self._step = max(1, k // members)
        self._chosen: list[Any] = []
        self.unpaid = 0.0
        """Seconds of processor time for the members that were passed over."""

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Keep what the search with bounds chooses."""
        from benchbox_plugins.selectors import _lazy

        def noted(*arguments: Any) -> Any:
            self._chosen.append(search(*arguments))
            return self._chosen[-1]

        search, _lazy.lazy_greedy = _lazy.lazy_greedy, noted
        yield
        _lazy.lazy_greedy = search

    @contextmanager
    def charging(self) -> Iterator[None]:
        """Have the plain search charge some of these members."""
        from benchbox_plugins.selectors import _greedy

        left = iter(self._chosen)

        def charged(cost: Any, size: int, k: int, start: int, search: Any) -> Any:
            chosen, growing = next(left), _greedy._GROWING[search](size, k)
            some, began = chosen[self._step // 2 :: self._step], time.process_time()
            for image in some:
                growing.add(image, cost(image)).argmin()
            self.unpaid += (time.process_time() - began) * (k / len(some) - 1)
            return chosen

        search, _greedy.greedy = _greedy.greedy, charged
        yield
        _greedy.greedy = search


def row(case: Case, images: Any, labels: Any, members: int) -> str:
    pool = images[: case.size], labels[: case.size]
    for plain in (True, False):
        choose(case.spec, images[:200], labels[:200], 20, plain)
    if members:
        sample = Sample(members, case.k)
        with sample.noting():
            chosen, lazily, (bounded, valued) = choose(case.spec, *pool, case.k, plain=False)
        with sample.charging():
            _, plainly, _ = choose(case.spec, *pool, case.k, plain=True)
        plainly += sample.unpaid
    else:
        wanted, plainly, _ = choose(case.spec, *pool, case.k, plain=True)
        chosen, lazily, (bounded, valued) = choose(case.spec, *pool, case.k, plain=False)
        if chosen != wanted:
            raise SystemExit(f"{case.spec}, {case.k} of {case.size}: another choice")
    # In strata, a candidate meets the members of its own stratum alone.
    pairs = case.size * case.k / (10 if "best" in case.spec else 1)
    shares = f"{bounded / pairs:.1%} | {valued / pairs:.1%}"
    choice = f"{case.k} of {case.size}"
    there = f"{'~' if members else ''}{plainly:.2f}"
    return f"| {case.spec} | {choice} | {there} | {lazily:.2f} | {lazily / plainly:.3f} | {case.bound:g} | {shares} |"


def cold(search: str, least: int) -> float:
    """Return seconds of processor time that a tiny choice takes where nothing is compiled."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        command = [sys.executable, "-c", TINY.format(least=least, search=search)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("BENCHBOX_DATA"), help="holds MNIST/raw")
    parser.add_argument("--large", action="store_true", help="also play the cases that take minutes")
    parser.add_argument("--only", default="", help="cases whose text, such as 'drmi 2000', contains this")
    parser.add_argument("--members", type=int, default=0, help="charge so many members plainly, and extrapolate")
    arguments = parser.parse_args()
    if arguments.data_dir is None:
        parser.error("give --data-dir, or set BENCHBOX_DATA")
    import torch

    torch.set_num_threads(1)
    images, labels = (torch.from_numpy(array) for array in read_mnist(arguments.data_dir, 60_000))
    print("| selector | choice | s plain | s with bounds | ratio | at most | pairs bounded | pairs valued |")
    print("|---|---|---|---|---|---|---|---|")
    for case in CASES:
        if arguments.only in f"{case.spec} {case.k}" and (arguments.large or not case.large):
            print(row(case, images, labels, arguments.members), flush=True)
    print("\n| compiled from nothing | s of processor time |\n|---|---|")
    for search in ("min-sum", "min-max-pair", "min-max-sum"):
        print(f"| {search}, plain | {cold(search, 1 << 30):.2f} |\n| {search}, with bounds | {cold(search, 0):.2f} |")


if __name__ == "__main__":
    main()

"""What the meter and the judge add to a query attack's time, and how long Square takes: one process, one thread.

    python benchmarks/speed/query_speed.py --data-dir FOLDER [--images 1000] [--budget 300] [--method square]

The attack plays in this process against LeNet-5 on MNIST. Within a radius at which it solves next to nothing every example
spends its budget, which is the steady state of a search. What is added is the time within ``game.ask`` less the target's
forward passes; the share is of the rest, the attack's own time and the forward passes. The second row is a whole search
within 0.3.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

import benchbox
from benchbox.match.players.searcher import PlayerSearch
from benchbox.match.run import run_cell
from benchbox.records import CellResult
from benchbox.target.answer import Answerer

SUITE = """
title = "Speed"
datasets = ["mnist"]
seeds = 1

[[scenario]]
name = "speed"
plays = "query-attack"
target = {{ model = "lenet5" }}
substitute = "lenet5"
access = "{access}"
pool = {{ size = 1000 }}
threat = {{ norm = "inf", radius = {radius} }}
images = {images}
budgets = [{budget}]
methods = ["{method}"]
"""


class Nobody:
    """Follows nothing."""

    due = False

    def tell(self, spent: int, budget: int, accuracy: float | None) -> None: ...

    def save(self, state: dict[str, Any]) -> None: ...

    def load(self) -> None: ...


@contextmanager
def timed(cls: type, name: str, spent: dict[str, float]) -> Iterator[None]:
    """Add up the seconds that a method of a class takes."""
    original: Callable[..., Any] = getattr(cls, name)

    def method(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        try:
            return original(*args, **kwargs)
        finally:
            spent[name] = spent.get(name, 0.0) + time.perf_counter() - began

    setattr(cls, name, method)
    try:
        yield
    finally:
        setattr(cls, name, original)


def play(folder: Path, args: argparse.Namespace, radius: float, budget: int, images: int) -> None:
    """Play one cell and print a row."""
    path = folder / "speed.toml"
    values = {"method": args.method, "access": args.access, "radius": radius, "budget": budget, "images": images}
    path.write_text(SUITE.format(**values), encoding="utf-8")
    plan = benchbox.plan(path, db=folder / "speed.db", data_dir=args.data_dir)
    spent: dict[str, float] = {}
    with timed(Answerer, "__call__", spent), timed(PlayerSearch, "ask", spent):
        result: CellResult = run_cell(plan.cells[0].setting, plan.place, Nobody())
    if result.error:
        raise SystemExit(result.error)
    found = {m.metric: m.value or 0.0 for m in result.measurements}
    search = found["seconds_per_example"] * len(result.searches.rows)
    added = spent["ask"] - spent["__call__"]
    print(
        f"{args.method} within {radius:g}, {images:,} x {budget:,}: {sum(result.searches.asked):,} queries, success "
        f"{found['query_success']:.1%}, {search:.1f} s; forward passes {spent['__call__']:.1f} s, meter and judge "
        f"{added:.1f} s, {added / (search - added):.1%} on top",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--budget", type=int, default=300)
    parser.add_argument("--method", default="square")
    parser.add_argument("--access", default="probabilities")
    args = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        play(Path(folder), args, 0.001, args.budget, args.images)
        play(Path(folder), args, 0.3, 1000, args.images)


if __name__ == "__main__":
    main()

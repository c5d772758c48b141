"""What the walls between referee and player cost: starts, queries, whole cells, memory.

    python benchmarks/speed/walls.py [--data-dir ../shared/data] [--queries 1000000]

Everything has one thread, and runs beside nothing else. Each figure is printed with its bound; the work on either side of a
ratio alternates, since a machine's speed drifts. The rows on MNIST need ``--data-dir``.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))
os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])

SHAPE, BATCH = (1, 28, 28), 256
SUITE = """
title = "Walls"
datasets = ["{dataset}"]
seeds = 1

[[scenario]]
name = "one"
plays = "{plays}"
target = {{ model = "{target}" }}
substitute = "{substitute}"
access = "label"
{pool}
budgets = [{budgets}]
methods = ["{method}"]
"""


def ask(channel: int, _control: int | None, argument: dict[str, Any]) -> int:
    """The player of the row about queries: asks so many random images, in batches."""
    from benchbox.isolation.channel import Channel

    line = Channel(socket.socket(fileno=channel))
    line.receive()
    line.send("done", {"seconds": _ask_all(argument["queries"], lambda x: _through(line, x))})
    return 0


def _through(line: Any, images: Any) -> Any:
    line.send("query", {"phase": "main", "images": images})
    return line.receive()[1]["answers"]


def _ask_all(queries: int, query: Callable[[Any], Any]) -> float:
    import torch

    images = torch.rand(BATCH, *SHAPE, generator=torch.Generator().manual_seed(0))
    began = time.perf_counter()
    for _ in range(queries // BATCH):
        query(images)
    return time.perf_counter() - began


def queries_through_the_wall(queries: int, turns: int = 5) -> None:
    import torch
    from benchbox_plugins.models.lenet5 import LeNet5

    from benchbox.contracts import Access
    from benchbox.isolation.nursery import start_zygote
    from benchbox.match.desks import MethodDesk, Notes
    from benchbox.target.answer import Answerer
    from benchbox.target.meter import MeteredOracle

    torch.set_num_threads(1)
    answer = Answerer(LeNet5().build(SHAPE, 10), torch.device("cpu"))
    nursery = start_zygote(["torch"])
    each, ratios, seconds = queries // turns, [], 0.0
    for _ in range(turns):
        bare = MeteredOracle(answer, Access.LABEL, each, SHAPE, "bare")
        without = _ask_all(each, lambda x, bare=bare: bare.query(x))
        desk = MethodDesk(MeteredOracle(answer, Access.LABEL, each, SHAPE, "walled"), Notes(), None)
        child = nursery.start("walls:ask", {"queries": each})
        child.channel.send("brief", {})
        while (message := child.channel.receive())[0] == "query":
            child.channel.send("reply", desk.take(*message))
        child.end()
        ratios.append(message[1]["seconds"] / without)
        seconds += message[1]["seconds"]
    nursery.close()
    row(f"{queries:,} queries in batches of {BATCH}, over the in-process oracle", statistics.median(ratios) - 1, 0.10)
    print(f"{'':10}{queries / seconds:,.0f} queries a second through the wall")


@contextmanager
def plan(**rules: str) -> Iterator[tuple[Any, Any]]:
    """Yield the setting of one cell, and the place with this machine's walls."""
    import benchbox
    from benchbox.execution.sealing import sealed_place

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "walls.toml"
        path.write_text(SUITE.format(**rules))
        made = benchbox.plan(str(path), device="cpu", db=f"{folder}/r.db", data_dir=DATA, report=print)
        place = sealed_place(made.place, made.suite, made.catalogue.target_folders, here=False)
        yield made.cells[0].setting, place.model_copy(update={"scratch": None})  # nothing is resumed


SELECTOR = {"plays": "selector", "target": "lenet5", "substitute": "lenet5", "pool": "pool = {}", "method": "random"}
GENERATOR = {"plays": "generator", "target": "conv4", "substitute": "conv3", "pool": "", "method": "noise"}
DATA: Path | None = None


def starts() -> None:
    """A cell of next to no work, walled and bare."""
    from benchbox.execution.here import ThisProcess
    from benchbox.execution.slots import LocalSlots

    with plan(dataset="digits", budgets="1", **SELECTOR) as (setting, place):
        told = _Deaf()
        walled, bare = LocalSlots(1, place, told=told), ThisProcess(place, told)
        walled.submit(setting).result()
        bare.submit(setting).result()
        pairs = [(_seconds(walled, setting), _seconds(bare, setting)) for _ in range(9)]
        walled.shutdown()
    row("a match's start beyond the bare work, both processes", statistics.median(a - b for a, b in pairs), 0.3, "s")


def whole_cells(dataset: str, turns: int = 3) -> None:
    from benchbox.execution.here import ThisProcess
    from benchbox.execution.slots import LocalSlots

    for name, rules in (
        ("selector", {**SELECTOR, "budgets": "600, 1000"}),
        ("generator", {**GENERATOR, "budgets": "5000"}),
    ):
        with plan(dataset=dataset, **rules) as (setting, place):
            walled, bare = LocalSlots(1, place, told=_Deaf()), ThisProcess(place, _Deaf())
            walled.submit(setting).result()
            pairs = [(_seconds(walled, setting), _seconds(bare, setting)) for _ in range(turns)]
            walled.shutdown()
        ratio = statistics.median(a / b for a, b in pairs)
        row(f"a {name}'s cell on {dataset} of {pairs[0][1]:.0f} s, over the same played bare", ratio - 1, 0.05)


def memory() -> None:
    """The most that referee and player hold together; what they share with each other and the zygote counts once."""
    from benchbox.execution.slots import LocalSlots

    with plan(dataset="mnist", budgets="600", **{**SELECTOR, "method": "drmi"}) as (setting, place):
        slots = LocalSlots(1, place, told=_Deaf())
        most, over = [0], threading.Event()
        watcher = threading.Thread(target=_watch, args=(most, over))
        watcher.start()
        slots.submit(setting).result()
        over.set()
        watcher.join()
        slots.shutdown()
    row("referee and player together on MNIST (drmi, 600 queries)", most[0] / 2**20, 1.5, "GiB")


def _watch(most: list[int], over: threading.Event) -> None:
    while not over.wait(0.2):
        most[0] = max(most[0], sum(map(_held, _descendants())))


def _descendants() -> list[int]:
    """Return what the zygote of this process forked: referee and player, and whoever waits for a sealed one."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
    zygotes = {pid for pid, parent in parents.items() if parent == os.getpid()}
    found = {pid for pid, parent in parents.items() if parent in zygotes}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return sorted(found)


def _held(pid: int) -> int:
    """Return a process's KiB: its own pages, and its share of those that it shares."""
    try:
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    except OSError:
        return 0
    return int(found[1]) if found else 0


class _Deaf:
    def progress(self, *_: object) -> None: ...

    def output(self, *_: object) -> None: ...


def _seconds(executor: Any, setting: Any) -> float:
    began = time.perf_counter()
    result = executor.submit(setting).result()
    if result.status != "done":
        raise SystemExit(result.error)
    return time.perf_counter() - began


def row(what: str, value: float, bound: float, unit: str = "") -> None:
    shown = f"{value:+.1%}" if not unit else f"{value:.2f} {unit}"
    limit = f"{bound:.0%}" if not unit else f"{bound:g} {unit}"
    print(f"{shown:>10}  (bound {limit})  {what}", flush=True)


def main() -> None:
    global DATA
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--queries", type=int, default=1_000_000)
    asked = parser.parse_args()
    DATA = asked.data_dir
    starts()
    queries_through_the_wall(asked.queries)
    whole_cells("digits" if DATA is None else "mnist")
    if DATA is not None:
        memory()


if __name__ == "__main__":
    main()

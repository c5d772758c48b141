"""Toy cells and the work that plays them; workers import this module by name."""

from __future__ import annotations

import os
import time
from pathlib import Path

from benchbox.contracts import Access
from benchbox.execution import Event
from benchbox.place import Place
from benchbox.records import CellResult, Measurement, Status
from benchbox.suites import Cell, Planned, PluginRef, Scenario, TargetRef


def ref(kind: str, name: str) -> PluginRef:
    return PluginRef(kind=kind, name=name, version=1, spec=name, options={})


def planned(name: str = "quick", seed: int = 0, *, kind: str = "selector", reason: str = "") -> Planned:
    scenario = Scenario(
        dataset="toy",
        dataset_hash="0" * 16,
        target=TargetRef(name="toy", sha256="0" * 64),
        substitute=ref("model", "toy-model"),
        access=Access.LABEL,
        pool=None,
        budgets=(10, 20),
    )
    cell = Cell(scenario=scenario, method=ref(kind, name), seed=seed)
    return Planned(
        cell=cell,
        suite="toy",
        dataset="toy",
        scenario="label",
        label=name,
        seed=seed,
        position=0,
        package="toys",
        package_version="1",
        target=None,
        reason=reason,
    )


def place(scratch: Path | None = None) -> Place:
    return Place(None, False, "cpu", (), Path("nowhere"), scratch)


def toy(item: Planned, where: Place) -> CellResult:
    """Do what the method's name says; leave one line a call in ``calls``, where there is a scratch folder."""
    assert item.cell is not None
    cell_id, name = item.cell.id, item.cell.method.name
    if where.scratch is not None:
        where.scratch.mkdir(parents=True, exist_ok=True)
        with (where.scratch / "calls").open("a") as file:
            file.write(f"{cell_id} {os.getpid()} {name} {item.seed}\n")
        folder = where.scratch / cell_id
        folder.mkdir(exist_ok=True)
        (folder / "progress.json").write_text('{"spent": 7, "budget": 20, "accuracy": 0.5, "updated": 0}')
    if name == "raises":
        raise ValueError("a plugin raised\nand said more")
    if name == "exits":
        raise SystemExit(3)
    while name == "gated" and where.scratch is not None and not (where.scratch / "gate").exists():
        time.sleep(0.05)
    if name == "hangs":
        time.sleep(600)
    if name == "speaks":
        os.write(1, b"noise on standard output\n")
        os.write(2, b"last words\n")
        os.kill(os.getpid(), 9)
    time.sleep({"slow": 0.3, "slower": 1.0, "long": 30.0}.get(name, 0.0))
    return CellResult(cell_id, Status.DONE, [Measurement("accuracy", "", 20, 20, 0.75, 100)])


def threads(item: Planned, where: Place) -> CellResult:
    """Tell the worker's surroundings as measurements."""
    import torch

    assert item.cell is not None
    values = {
        "torch": float(torch.get_num_threads()),
        "openmp": float(os.environ["OMP_NUM_THREADS"]),
        "own process": float(os.getppid() != os.getpid()),
        "pid": float(os.getpid()),
    }
    return CellResult(item.cell.id, Status.DONE, [Measurement(k, "", 10, 10, v, 1) for k, v in values.items()])


def calls(scratch: Path) -> list[list[str]]:
    """Return (cell id, pid, name, seed) of every call so far."""
    file = scratch / "calls"
    return [line.split() for line in file.read_text().splitlines()] if file.is_file() else []


class Recorder:
    """A display that keeps events."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.closed = 0

    def show(self, event: Event) -> None:
        self.events.append(event)

    def close(self) -> None:
        self.closed += 1

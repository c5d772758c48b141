"""Toy cells, and a referee that does what a cell's method is called; zygotes import this module by name."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from benchbox.contracts import Access
from benchbox.execution import Event
from benchbox.execution.executor import Told
from benchbox.execution.referees import Referees
from benchbox.execution.slots import LocalSlots
from benchbox.isolation.channel import Channel
from benchbox.place import Place
from benchbox.records import CellResult, LedgerRow, Measurement, Picture, Status
from benchbox.suites import Cell, Planned, PluginRef, Scenario, Setting, TargetRef
from benchbox.target.recipe import Recipe
from benchbox.target.zoo.record import TargetRecord

ENTRY, PRELOAD = "execution_toys:referee", ("execution_toys",)
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (2).to_bytes(4, "big") * 2
HEADER = b'{"kind": "result", "data": {'


def ref(kind: str, name: str, **more: Any) -> PluginRef:
    return PluginRef(kind=kind, name=name, version=1, spec=name, options={}, **more)


TARGET = TargetRecord(
    name="toy",
    dataset="toy",
    dataset_hash="0" * 16,
    model="toy-model",
    model_version=1,
    recipe_name="toy",
    recipe=Recipe(),
    seed=0,
    holdout=0,
    sha256="0" * 64,
    accuracy=1.0,
    n_test=1,
    classes=2,
    shape=(1, 2, 2),
    path=Path("toy"),
)


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
    dataset, model = ref("dataset", "toy"), ref("model", "toy-model")
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
        setting=None
        if reason
        else Setting(cell=cell, dataset=dataset, pool=None, public=None, target=TARGET, target_model=model),
        reason=reason,
    )


def setting(name: str = "quick", seed: int = 0) -> Setting:
    found = planned(name, seed).setting
    assert found is not None
    return found


def ids(items: list[Planned]) -> list[str]:
    return [item.cell.id for item in items if item.cell is not None]


def place(folder: Path, device: str = "cpu") -> Place:
    """Return surroundings in a folder: calls are written down in ``calls``, states lie in ``work``."""
    return Place(device=device, zoo_dir=folder, scratch=folder / "work")


class AnyCell(dict[str, Planned]):
    """A plan that holds every cell."""

    def __missing__(self, cell_id: str) -> Planned:
        return planned()


def slots(number: int, where: Place, told: Told | None = None, **more: Any) -> LocalSlots:
    referees = Referees(number, entry=ENTRY, preload=PRELOAD)
    return LocalSlots(number, where, told=told or Told(AnyCell()), referees=referees, **more)


def done(cell_id: str) -> CellResult:
    ledger = [LedgerRow(20, "chosen", 20, 0, "ab" * 32)]
    pictures = [Picture("p", PNG)]
    return CellResult(
        cell_id, Status.DONE, [Measurement("accuracy", "", 20, 20, 0.75, 100)], ledger=ledger, pictures=pictures
    )


def referee(channel: int, control: int | None, argument: Any) -> int:
    """Play the cell that comes, as its method's name says; leave one line a call in ``calls``."""
    line = Channel(socket.socket(fileno=channel))
    _, order = line.receive()
    cell, where = Setting.model_validate(order["setting"]).cell, Place.model_validate(order["place"])
    state = None if order["state"] is None else bytes(order["state"]).decode()
    device = os.environ.get("CUDA_VISIBLE_DEVICES", "all")
    with (where.zoo_dir / "calls").open("a") as file:
        file.write(f"{cell.id} {os.getpid()} {cell.method.name} {cell.seed} {device} {state}\n")
    line.send("progress", {"spent": 7, "budget": 20, "accuracy": 0.5})
    line.send("state", {"state": f"seed-{cell.seed}".encode()})
    return _play(line, cell.method.name, cell.id, where.zoo_dir) or 0


def _play(line: Channel, name: str, cell_id: str, folder: Path) -> int | None:
    match name.split():
        case ["raises"]:
            raise ValueError("a referee raised")
        case ["exits", code]:
            return int(code)
        case ["dies", number]:
            sys.stderr.write("last words\n")
            sys.stderr.flush()
            os.kill(os.getpid(), int(number))
        case ["gated"]:
            while not (folder / "gate").exists():
                time.sleep(0.02)
        case ["hangs"]:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(600)
        case ["hangs", "up"]:
            line.close()
            time.sleep(600)
        case ["garbage"]:
            line._sock.sendall(b"garbage" * 99)
            time.sleep(600)
        case ["drips"]:
            for byte in b"\0\0\x10\0" + bytes(4096):
                line._sock.sendall(bytes([byte]))
                time.sleep(0.1)
        case ["speaks"]:
            line.send("output", {"text": "a word "})
            line.send("output", {"text": "x" * 200_000 + " the end"})
        case ["nonsense", *_]:
            line.send("result", NONSENSE[name](done(cell_id)))
            return 0
    time.sleep({"slow": 0.2, "slower": 0.6}.get(name, 0.0))
    line.send("result", done(cell_id).data())
    return 0


def _with(**changes: Any) -> Callable[[CellResult], Any]:
    return lambda result: {**result.data(), **changes}


def _measured(**changes: Any) -> Callable[[CellResult], Any]:
    return lambda result: {**result.data(), "measurements": [{**result.data()["measurements"][0], **changes}]}


def _asked(**changes: Any) -> Callable[[CellResult], Any]:
    return lambda result: {**result.data(), "ledger": [{**result.data()["ledger"][0], **changes}]}


NONSENSE: dict[str, Callable[[CellResult], Any]] = {
    "nonsense null": lambda result: None,
    "nonsense list": lambda result: [1],
    "nonsense empty": lambda result: {},
    "nonsense status": _with(status="won"),
    "nonsense cell": _with(cell_id="0" * 16),
    "nonsense measurements": _with(measurements=3),
    "nonsense nan": _measured(value=float("nan")),
    "nonsense infinite": _measured(value=float("inf")),
    "nonsense text": _measured(value="many"),
    "nonsense huge": _measured(n=2**70),
    "nonsense negative": _measured(spent=-1),
    "nonsense twice": lambda result: {**result.data(), "measurements": result.data()["measurements"] * 2},
    "nonsense digest": _asked(digest="xyz"),
    "nonsense queries": _asked(queries=2**64),
    "nonsense surrogate": _with(error="\ud800"),
    "nonsense picture": _with(pictures=[{"name": "p", "png": b"GIF89a"}]),
    "nonsense number of bytes": _with(pictures=[{"name": "p", "png": 10**12}]),
    "nonsense pictures": _with(pictures=7),
    "nonsense wide": _with(pictures=[{"name": "p", "png": PNG[:16] + (9999).to_bytes(4, "big") * 2}]),
    "nonsense heavy": _with(pictures=[{"name": "p", "png": PNG + bytes(5 << 20)}]),
    "nonsense same": _with(pictures=[{"name": "p", "png": PNG}] * 2),
    "nonsense confusion": _with(confusions=[{"attack": "", "budget": 20, "matrix": [[2**80]]}]),
    "nonsense timings": _with(timings={"total": "long"}),
}


def calls(folder: Path) -> list[list[str]]:
    """Return (cell id, pid, name, seed, devices, state) of every call so far; names are one word."""
    file = folder / "calls"
    return [line.split() for line in file.read_text().splitlines()] if file.is_file() else []


class Instantly:
    """Plays each cell where it is submitted."""

    def __init__(self, play: Callable[[Setting], CellResult], number: int = 1) -> None:
        self.slots, self._play, self.ended = number, play, list[str]()

    def submit(self, setting: Setting) -> Future[CellResult]:
        future: Future[CellResult] = Future()
        future.set_result(self._play(setting))
        return future

    def shutdown(self) -> None:
        self.ended.append("shutdown")

    def kill(self) -> None:
        self.ended.append("kill")


class Recorder:
    """A display that keeps events."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.closed = 0

    def show(self, event: Event) -> None:
        self.events.append(event)

    def close(self) -> None:
        self.closed += 1


def alive(pid: int) -> bool:
    """Return whether a process runs; one that nobody has buried yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait for something to become true, and fail rather than for ever."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)

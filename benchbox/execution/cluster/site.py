"""One worker process: the runs that it takes part in, and its referees."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from benchbox.errors import BenchboxError, described
from benchbox.execution.cluster.muster import Muster, check_core, check_plugins
from benchbox.execution.cluster.stock import Stock
from benchbox.execution.executor import Listener
from benchbox.execution.referees import Order, Referees
from benchbox.execution.resume import States
from benchbox.execution.sealing import sealed_place
from benchbox.images.images import checked
from benchbox.images.kept import read_kept
from benchbox.isolation.nursery import NurseryClosed
from benchbox.paths import cache_dir, checked_data_dir, choices_dir, data_targets, sha256_of, zoo_dir
from benchbox.place import Place
from benchbox.records import CellResult
from benchbox.registry import Catalogue
from benchbox.sources import RulesProcess
from benchbox.suites import Setting
from benchbox.target.given import GivenRecord
from benchbox.target.zoo.record import TargetRecord

_MOST_RUNS = 16  # that are remembered: what a coordinator that died left is of no use


class Wire(Listener, States, Protocol):
    """Leads from a cell to its coordinator."""

    def ask(self, name: str) -> None:
        """Ask for a file."""

    def wanted(self) -> bool:
        """Return whether somebody still waits for the cell."""


@dataclass
class _Run:
    muster: Muster
    place: Place
    catalogue: Catalogue
    files: dict[str, Path]
    kept: dict[str, Path | None] = field(default_factory=dict)


class Site:
    """What a worker process keeps from cell to cell.

    Args:
        slots: how many cells it plays at once.
    """

    def __init__(self, slots: int) -> None:
        self.stock = Stock(cache_dir() / "cluster")
        self._referees = Referees(slots)
        self._runs: dict[str, _Run] = {}
        self._joining, self._loading = threading.Lock(), threading.Lock()
        atexit.register(self._close)

    def enlist(self, data: dict[str, Any]) -> dict[str, Any]:
        """Make ready for a run, and return what cells will record of this machine, or why it cannot take part."""
        try:
            with self._joining:
                return {"environment": self._enlist(Muster.model_validate(data))}
        except (BenchboxError, NurseryClosed) as error:
            return {"refused": str(error)}
        except Exception as error:  # a worker that cannot join says so, and the others play
            return {"refused": described(error)}

    def order(self, run: str, setting: Setting, wire: Wire) -> Order | None:
        """Return a cell of a run as this machine plays it; None where this process began after its worker joined the run.

        Raises:
            BenchboxError: data or target cannot be had.
            Stopped: nobody wants the cell any more.
        """
        known = self._runs.get(run)
        if known is None:
            return None
        with self._loading:  # of several cells, the first one has a file sent
            setting = self._moved(known, setting, wire)
        kept = {digest: path for digest, path in known.kept.items() if path is not None}
        place = known.place.model_copy(update={"kept": kept})
        return Order(setting, place, wire, wire, known.muster.time_limit, known.muster.live)

    def play(self, order: Order) -> CellResult:
        """Play a cell, and return its result, however it ended."""
        return self._referees.play(order)

    def stop(self, order: Order) -> None:
        """End a cell, where it is being played."""
        self._referees.stop(order)

    def _enlist(self, muster: Muster) -> dict[str, Any]:
        check_core(muster)
        files = {plugin.path: self.stock.unpack(plugin) for plugin in muster.files}
        catalogue = Catalogue.discover(list(files.values()))
        catalogue.close()
        check_plugins(muster, catalogue)
        place = Place(
            data_dir=checked_data_dir(None),
            device=muster.device,
            zoo_dir=zoo_dir(),
            choices=choices_dir() if muster.choices else None,
        )
        hidden = (*catalogue.target_folders, self.stock.goods)
        place = sealed_place(place, muster.demand, hidden, here=False)
        environment = self._referees.environment(muster.device)
        self._runs[muster.run] = _Run(muster, place, catalogue, files)
        for oldest in list(self._runs)[:-_MOST_RUNS]:
            del self._runs[oldest]
        return environment

    def _moved(self, run: _Run, setting: Setting, wire: Wire) -> Setting:
        """Return a setting as this machine has it: its plugin files, its target, its data."""
        data = _with_files(setting.model_dump(mode="json"), {old: str(new) for old, new in run.files.items()})
        moved = Setting.model_validate(data)
        for name, digest in moved.data:
            if not _is_there(run.kept, digest):
                run.kept[digest] = self._data(run, name, digest, wire)
        surrogates = tuple(self._trained(run, each, wire) for each in moved.surrogates)
        return moved.model_copy(update={"target": self._target(run, moved.target, wire), "surrogates": surrogates})

    def _data(self, run: _Run, name: str, digest: str, wire: Wire) -> Path | None:
        """Return the file that a data set came in; None where this machine's own is the same."""
        known = self.stock.goods / f"{digest}.npz"
        if not known.is_file() and _own_digest(run, name) == digest:
            return None
        for _ in range(2):  # a damaged file is asked for anew, once
            path = self.stock.await_file(known.name, wire.ask, wire.wanted)
            with suppress(BenchboxError):
                if checked(read_kept(path), name).digest == digest:
                    return path
            self.stock.discard(path)
        raise BenchboxError(
            f"data set '{name}' came to this machine with another content than the cell was planned with"
        )

    def _target(self, run: _Run, record: TargetRecord | GivenRecord, wire: Wire) -> TargetRecord | GivenRecord:
        if isinstance(record, GivenRecord):
            place = Path(record.gift.place)
            path = self._file(record.file_sha256, place.suffix, [], wire)
            return record.model_copy(update={"gift": record.gift.model_copy(update={"place": str(path)})})
        return self._trained(run, record, wire)

    def _trained(self, run: _Run, record: TargetRecord, wire: Wire) -> TargetRecord:
        data = run.place.data_dir
        folders = (*run.catalogue.target_folders, zoo_dir(), *([data_targets(data)] if data else []))
        path = self._file(record.sha256, record.path.suffix, [folder / record.path.name for folder in folders], wire)
        return record.model_copy(update={"path": path})

    def _file(self, sha256: str, suffix: str, places: list[Path], wire: Wire) -> Path:
        """Return a file of this content: one of these, or what came here before or comes now."""
        for path in places:
            if _sha256(path) == sha256:
                return path
        for _ in range(2):
            path = self.stock.await_file(f"{sha256}{suffix}", wire.ask, wire.wanted)
            if _sha256(path) == sha256:
                return path
            self.stock.discard(path)
        raise BenchboxError("the target came to this machine with another content than was pinned")

    def _close(self) -> None:
        self._referees.kill()
        self._referees.clear_away()


def _is_there(kept: Mapping[str, Path | None], digest: str) -> bool:
    """Whether a data set was found before, and is still there."""
    path = kept.get(digest)
    return digest in kept and (path is None or path.is_file())


def _with_files(data: Any, files: dict[str, str]) -> Any:
    """Return JSON data in which plugins are loaded from other files."""
    if isinstance(data, list):
        return [_with_files(item, files) for item in data]
    if not isinstance(data, dict):
        return data
    moved = {key: _with_files(value, files) for key, value in data.items()}
    if {"kind", "file", "source"} <= moved.keys():  # a plugin
        moved["file"] = files.get(moved["file"], moved["file"])
    return moved


def _own_digest(run: _Run, name: str) -> str:
    """Return the hash of this machine's own copy of a data set; empty where it has none."""
    process = RulesProcess(run.catalogue, run.place, train=False, report=lambda line: None)
    try:
        return process.images(name).digest
    except BenchboxError:
        return ""
    finally:
        process.close()


def _sha256(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError:
        return ""

"""What workers may ask the coordinator for: the targets and the data sets of its run, by the hash of their content."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchbox.errors import ClusterError
from benchbox.isolation.folders import remove
from benchbox.paths import sha256_of
from benchbox.place import Place
from benchbox.registry import Catalogue
from benchbox.sources import RulesProcess
from benchbox.suites import Planned
from benchbox.target.given import GivenRecord
from benchbox.target.given.gift import FILES, in_code

PIECE = 8 << 20
"""Bytes of a file that are sent at a time."""


class Piece(NamedTuple):
    """A part of a file, as ``Stock.receive`` takes it."""

    offset: int
    content: bytes
    total: int
    sha256: str


class Goods:
    """Files by name: the hash of their content, and an ending. Data sets are written out when they are first asked for.

    Args:
        cells: the run's.
        catalogue, place: for reading data sets.

    Raises:
        ClusterError: the target of a cell cannot travel.
    """

    def __init__(self, cells: Iterable[Planned], catalogue: Catalogue, place: Place) -> None:
        self._catalogue, self._place = catalogue, place
        self._targets: dict[str, Path] = {}
        self._data: dict[str, str] = {}
        self._folder: Path | None = None
        self._reading = threading.Lock()
        for item in cells:
            if item.setting is not None:
                self._take(item)

    def pieces(self, name: str) -> Iterator[Piece]:
        """Yield a file, piece by piece.

        Raises:
            BenchboxError: there is none of this name, or it cannot be read any more.
        """
        path = self._path(name)
        try:
            sha256, total = sha256_of(path), path.stat().st_size
            with path.open("rb") as file:
                for offset in range(0, max(total, 1), PIECE):
                    file.seek(offset)
                    yield Piece(offset, file.read(PIECE), total, sha256)
        except OSError as error:
            raise ClusterError(f"{path} cannot be sent to a worker: {error.strerror}") from None

    def close(self) -> None:
        """Remove what was written."""
        if self._folder is not None:
            remove(self._folder)

    def _path(self, name: str) -> Path:
        if name in self._targets:
            return self._targets[name]
        if name not in self._data:
            raise ClusterError(f"a worker asked for '{name}', which is nothing of this run's")
        with self._reading:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="benchbox-goods-"))
            path = self._folder / name
            if not path.is_file():
                part = path.with_suffix(".part")
                sources = RulesProcess(self._catalogue, self._place, train=False, report=lambda line: None)
                try:
                    sources.export(self._data[name], part)
                finally:
                    sources.close()
                part.replace(path)
        return path

    def _take(self, item: Planned) -> None:
        assert item.setting is not None
        record = item.setting.target
        if isinstance(record, GivenRecord):
            path = _travelling(record)
            self._targets[f"{record.file_sha256}{path.suffix}"] = path
        else:
            self._targets[f"{record.sha256}{record.path.suffix}"] = record.path
        self._targets.update({f"{each.sha256}{each.path.suffix}": each.path for each in item.setting.surrogates})
        self._data.update({f"{digest}.npz": name for name, digest in item.setting.data})


def _travelling(record: GivenRecord) -> Path:
    """Return the file of a given target.

    Raises:
        ClusterError: it is more than one file.
    """
    gift, stays = record.gift, "and stays on this machine: leave out --cluster"
    if gift.form not in FILES:
        raise ClusterError(
            f"target '{record.name}' is given as {'a URL' if gift.form == 'endpoint' else 'a function'}, {stays}"
        )
    if in_code(gift.model):
        raise ClusterError(f"target '{record.name}' is built by code of yours, {gift.model}, {stays}")
    path = Path(gift.place)
    if sha256_of(path) != record.file_sha256:
        raise ClusterError(f"target '{record.name}' has tensors in files beside {path.name}, {stays}")
    return path

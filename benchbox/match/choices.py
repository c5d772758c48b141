"""Deterministic choices, kept from cell to cell in files of the cache that referees alone read and write.

A choice that depends on pool, options and number alone is made once, whichever replicates and scenarios share the pool. A
referee holds the file's lock while its player chooses: the others wait for that choice, rather than make it, too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from filelock import FileLock
from torch import Tensor

from benchbox.contracts import Grant
from benchbox.paths import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchbox.place import Place
    from benchbox.suites.cell import Cell

_DIGEST = 32  # bytes


def choices_of(cell: Cell, place: Place, environment: Mapping[str, Any]) -> Choices | None:
    """Return where the choices of a cell's selector are kept.

    Args:
        cell: the cell.
        place: its surroundings.
        environment: where it is played; numbers of other machines, versions or devices may differ.

    Returns:
        The choices. None where nothing is kept; for a stranger's plugin: what decides its choice, its hash need not cover; and
        where the method is no selector: a query attack's substitute may be made by one, whom the key would not name.
    """
    method, rules = cell.method, cell.scenario
    known = method.kind == "selector" and method.builtin and method.source
    if place.choices is None or rules.pool is None or not known:
        return None
    key = {
        # the data set says how many classes there are, where the pool is another's, too
        "pool": [rules.dataset_hash, rules.pool_hash, rules.pool.size, rules.pool_draw],
        "labels": Grant.LABELS in cell.uses,
        "selector": [method.name, method.version, method.options, method.source],
        # autocast reaches a selector: bfloat16 makes other grey levels of colours
        "played": [place.sealed.value, rules.precision, dict(environment)],
    }
    return Choices(place.choices, hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest())


class Choices:
    """What one selector, with its options, has chosen from one pool.

    Args:
        folder: where such files lie.
        key: hex digits that stand for selector, options, pool and machine.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self._folder, self._key = folder, key
        self._lock: FileLock | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Let others go on, behind the choice that is made meanwhile."""
        try:
            yield
        finally:
            if self._lock is not None:
                self._lock.release()
            self._lock = None

    def recall(self, k: int, nested: bool) -> Tensor | None:
        """Return a choice that was kept, int64 (k,); None where this caller is to make it, within its ``turn``.

        Waits for whoever is making it, and not for a longer one, which may take minutes where this one takes a second.
        Of nested choices the longest is kept, and holds all others.
        """
        file = self._file(k, nested)
        found = self._read(file, k)
        if found is None:
            with suppress(OSError, NotImplementedError):  # where nothing can be written, everybody chooses
                self._folder.mkdir(parents=True, exist_ok=True)
                lock = FileLock(self._folder / f"{self._key}-{k}.lock")
                lock.acquire()
                found = self._read(file, k)
                if found is None:
                    self._lock = lock
                else:
                    lock.release()
        return found

    def keep(self, rows: Tensor, nested: bool) -> None:
        """Keep a choice that was checked, int64 (k,), where ``recall`` knew none."""
        file = self._file(len(rows), nested)
        if self._lock is not None and self._read(file, len(rows)) is None:  # else a longer one was made meanwhile
            content = rows.numpy().tobytes()
            with suppress(OSError):
                write_whole(file, self._digest(content) + content)

    def _file(self, k: int, nested: bool) -> Path:
        return self._folder / (f"{self._key}.rows" if nested else f"{self._key}-{k}.rows")

    def _read(self, file: Path, k: int) -> Tensor | None:
        try:
            kept = file.read_bytes()
        except OSError:
            return None
        digest, content = kept[:_DIGEST], kept[_DIGEST:]
        # what is damaged, or is another choice's, is no choice
        if digest != self._digest(content) or len(content) < 8 * k:
            return None
        return torch.frombuffer(bytearray(content), dtype=torch.int64)[:k]

    def _digest(self, content: bytes) -> bytes:
        return hashlib.sha256(self._key.encode() + content).digest()

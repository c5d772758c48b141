"""What packages registered when they were last asked, so that 200 of them are not imported for every listing.

An answer counts as long as no source file of the package has changed. It is kept in the user's cache, which no shut-in player
can write. Our own package is always asked anew: whoever writes here could else put another class under a built-in's name.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchbox.contracts import CONTRACT_VERSION
from benchbox.distribution import DISTRIBUTION
from benchbox.paths import cache_dir, write_whole
from benchbox.registry.source import stamps_of

MOST = 2000
"""Answers that are kept; the ones that were used last stay."""


class Remembered:
    """Answers of packages, by what they depend on.

    Args:
        path: the file; the user's cache where it is None.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or cache_dir() / "packages.json"
        self._before = self._read()
        self._used: dict[str, Any] = {}

    @staticmethod
    def key(origin: dict[str, str], roots: Iterable[Path]) -> str | None:
        """Return what the answer of an entry point depends on: itself, its package's source files, this benchbox and Python.

        None stands for a package that is asked every time: ours, and one whose source files are not to be found.
        """
        stamps = stamps_of(roots)
        if origin["package"] == DISTRIBUTION or not stamps:
            return None
        seen = [origin, stamps, CONTRACT_VERSION, sys.version]
        return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()

    def get(self, key: str) -> dict[str, Any] | None:
        """Return an answer, or None. It is checked by whoever reads it, as any other is."""
        answer = self._before.get(key)
        if not isinstance(answer, dict):
            return None
        self._used[key] = answer
        return answer

    def put(self, key: str, answer: dict[str, Any]) -> None:
        """Keep the answer of a package that could be imported."""
        if "found" in answer:
            self._used[key] = answer

    def save(self) -> None:
        """Write the file, where there is something new. A cache that cannot be written is none."""
        if not self._used.keys() - self._before.keys():
            return
        kept = {**self._used, **self._before}
        text = json.dumps(dict(list(kept.items())[:MOST]))
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, text.encode())

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

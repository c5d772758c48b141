"""The listing of all plugins as it was last found, for as long as nothing has changed that it came from.

It is printed and nothing else: nobody is resolved or played by it, so that whoever could write into the user's cache would
gain nothing. It imports little and starts no process.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchbox.paths import cache_dir, write_whole
from benchbox.registry.source import roots_of, stamps_of

_FOLDERS = (".dist-info", ".egg-info", ".egg")
_ENTRY_POINTS, _ABOUT = "entry_points.txt", ("METADATA", "PKG-INFO")
_GROUP = re.compile(r"^\[benchbox\][^\[]*", re.MULTILINE)
_MODULE = re.compile(r"=\s*(\w+)")
_VARIABLES = ("BENCHBOX_BLOCK", "BENCHBOX_SANDBOX")
Listed = dict[str, Any]
"""A row of the listing, as JSON holds it."""


def recalled() -> list[Listed] | None:
    """Return the rows that were kept, or None where they may be others now."""
    try:
        kept = json.loads(_path().read_text(encoding="utf-8"))
        rows: list[Listed] = kept["rows"]
        return rows if kept["of"] == _digest(rows, kept["modules"]) else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def keep(rows: list[Listed], classes: Iterable[str]) -> None:
    """Keep the rows of all plugins, none of which failed to load. A cache that cannot be written is none.

    Args:
        rows: what is printed.
        classes: theirs, each as ``package.module:Class``.
    """
    tops = sorted({re.split("[.:]", where)[0] for where in classes})
    kept = {"rows": rows, "modules": tops, "of": _digest(rows, tops)}
    with suppress(OSError):
        _path().parent.mkdir(parents=True, exist_ok=True)
        write_whole(_path(), json.dumps(kept).encode())


def _path() -> Path:
    return cache_dir() / "listing.json"


def _digest(rows: list[Listed], modules: Iterable[str]) -> str:
    """Return the hash of rows with all that they came from: this Python, what is installed, and the packages' source files."""
    installed = list(_installed())
    named = {module for _, said in installed for group in _GROUP.findall(said) for module in _MODULE.findall(group)}
    roots = roots_of(sorted({"benchbox", *modules, *named}))
    variables = [os.environ.get(name) for name in _VARIABLES]
    seen = [rows, sys.version, sys.path, variables, installed, stamps_of(roots)]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def _installed() -> Iterator[tuple[str, str]]:
    """Yield what is read of each distribution where Python looks for them: its path, with what it says or when it changed."""
    for folder in dict.fromkeys(entry or os.curdir for entry in sys.path):
        with suppress(OSError):
            for name in sorted(filter(lambda name: name.endswith(_FOLDERS), os.listdir(folder))):  # noqa: PTH208
                place = f"{folder}/{name}"
                yield place, _read(f"{place}/{_ENTRY_POINTS}")
                yield from ((place, _changed(f"{place}/{about}")) for about in _ABOUT)


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _changed(path: str) -> str:
    try:
        stat = os.stat(path)  # noqa: PTH116
    except OSError:
        return ""
    return f"{stat.st_mtime_ns} {stat.st_size}"

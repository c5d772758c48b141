"""The built-in plugins, registered as a stranger's package would be. Nothing here imports torch."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchbox.contracts import Lazy, hookimpl
from benchbox_plugins import attacks, datasets, defences, generators, models, query_attacks, selectors, trainers

_HERE = Path(__file__).parent


@hookimpl
def benchbox_plugins() -> Iterable[Lazy]:
    """Return every built-in plugin."""
    rooms = (datasets, models, defences, selectors, generators, query_attacks, trainers, attacks)
    return [plugin for room in rooms for plugin in room.PLUGINS]


@hookimpl
def benchbox_suite_folders() -> Iterable[Path]:
    """Return the suite files: in the wheel they lie beside this module, in a checkout in ``benchmarks/``."""
    packaged = _HERE / "benchmarks"
    return [packaged if packaged.is_dir() else _HERE.parents[1] / "benchmarks"]


@hookimpl
def benchbox_target_folders() -> Iterable[Path]:
    """Return the pinned targets."""
    return [_HERE / "targets"]

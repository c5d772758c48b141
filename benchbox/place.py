"""Where a cell runs: everything a worker needs that cannot change the result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """The surroundings of a run; plain, picklable data.

    Attributes:
        data_dir: the user's data folder, or None.
        download: whether the user allowed downloads.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
        plugin_files: files given with ``--plugin``.
        zoo_dir: where targets trained on this machine are kept.
        scratch: a folder for progress and resume files, one subfolder a cell; None keeps none.
    """

    data_dir: Path | None
    download: bool
    device: str
    plugin_files: tuple[Path, ...]
    zoo_dir: Path
    scratch: Path | None

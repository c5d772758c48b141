"""Where a cell runs: everything a worker needs that cannot change the result."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


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

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data, for another process."""
        data = {name: None if value is None else str(value) for name, value in asdict(self).items()}
        return {**data, "download": self.download, "plugin_files": [str(path) for path in self.plugin_files]}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Place:
        """Return the place that ``as_data`` wrote."""
        return cls(
            data_dir=None if data["data_dir"] is None else Path(data["data_dir"]),
            download=data["download"],
            device=data["device"],
            plugin_files=tuple(Path(path) for path in data["plugin_files"]),
            zoo_dir=Path(data["zoo_dir"]),
            scratch=None if data["scratch"] is None else Path(data["scratch"]),
        )

"""Where things lie on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def zoo_dir() -> Path:
    """Return the folder of targets trained on this machine: ``BENCHBOX_HOME/targets``, or the user's data folder."""
    home = os.environ.get("BENCHBOX_HOME")
    return (Path(home) if home else platformdirs.user_data_path("benchbox")) / "targets"


def data_dir(given: Path | str | None) -> Path | None:
    """Return the user's data folder: the one given, else ``BENCHBOX_DATA``, else None."""
    found = given or os.environ.get("BENCHBOX_DATA")
    return Path(found) if found else None


def scratch_dir(db: str) -> Path:
    """Return the folder for progress and resume files of runs into a store: beside its file, or the user's cache."""
    path = db.removeprefix("sqlite:///")
    if "://" in path:
        return platformdirs.user_cache_path("benchbox") / "work"
    return Path(f"{path}.work").resolve()

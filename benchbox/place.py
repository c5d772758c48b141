"""Where a cell runs: everything that its processes need and that cannot change the result."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from benchbox.isolation.walls import Walls
from benchbox.records import Sealed


class Place(BaseModel):
    """The surroundings of a run; plain data.

    Attributes:
        data_dir: the user's data folder, or None.
        download: whether the user allowed downloads.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N``, ``cuda:N,N`` or ``mps``.
        zoo_dir: where targets trained on this machine are kept.
        scratch: a folder for states to resume from, one file a cell; None keeps none.
        sealed: how far players are shut in.
        walls: what they may still see.
        choices: a folder for deterministic choices that cells share; None keeps none.
        kept: data sets that came from another machine: files of their arrays (``benchbox.images.kept``) by digest.
    """

    model_config = ConfigDict(frozen=True)

    data_dir: Path | None = None
    download: bool = False
    device: str = "auto"
    zoo_dir: Path
    scratch: Path | None = None
    sealed: Sealed = Sealed.PROCESS
    walls: Walls = Walls(())
    choices: Path | None = None
    kept: dict[str, Path] = {}

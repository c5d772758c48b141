"""How far the players of a run are shut in, and what they may still see."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from benchbox.errors import SuiteError
from benchbox.isolation.capability import capability
from benchbox.isolation.walls import walls
from benchbox.paths import secret_data
from benchbox.place import Place
from benchbox.records import Sealed


class Demanding(Protocol):
    """A suite, as far as it demands a seal; see ``Suite``."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def sealed(self) -> Sealed | None:
        """How far players must be shut in at the least."""


def sealed_place(place: Place, suite: Demanding, hidden: Iterable[Path], *, here: bool) -> Place:
    """Return the place with the walls that this machine can build.

    Args:
        place: the surroundings of a run.
        suite: may demand a seal.
        hidden: what no player may see, beside what lies outside the walls anyway: targets, the store.
        here: whether everything is played in this process.

    Raises:
        SuiteError: the suite demands more than this machine, or this way of running, can do.
    """
    can = None if here else capability()
    sealed = Sealed.NO if can is None else can.sealed
    ladder = list(Sealed)
    if suite.sealed is not None and ladder.index(sealed) < ladder.index(suite.sealed):
        why = "jobs=0 plays in this process" if can is None else " ".join(can.reasons) or "benchbox doctor says why"
        raise SuiteError(
            f"suite '{suite.name}' demands players that are sealed as '{suite.sealed}', and they would be as '{sealed}': {why}"
        )
    kept = [folder for folder in (place.scratch, place.choices) if folder is not None]
    unseen = (*hidden, *secret_data(place.data_dir), place.zoo_dir, *kept)
    # in this process a contestant could write what is kept for others, and a debugger would wait for a choice in vain
    choices = None if here else place.choices
    return place.model_copy(
        update={"sealed": sealed, "choices": choices, "walls": walls(hidden=unseen, gpu=place.device != "cpu")}
    )

"""What the store holds of scenarios beside their figures: which cell stands where, matrices and pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

    from benchbox.store import Store


@dataclass(frozen=True)
class Enrolled:
    """The cells of a scenario.

    Attributes:
        methods: the plugins' names by label.
        cells: id and status by label and seed.
    """

    methods: dict[str, str] = field(default_factory=dict)
    cells: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)

    @property
    def seeds(self) -> list[int]:
        """The seeds that are played, lowest first."""
        return sorted({seed for _, seed in self.cells})


class KeptMatrix(NamedTuple):
    """One run's confusion matrix at one budget."""

    label: str
    attack: str
    budget: int
    matrix: list[list[int]]


class KeptPicture(NamedTuple):
    """A picture of one run."""

    label: str
    seed: int
    name: str
    png: bytes


@dataclass(frozen=True)
class Kept:
    """The matrices of a scenario's runs, and the pictures of those with its lowest seed."""

    matrices: list[KeptMatrix] = field(default_factory=list)
    pictures: list[KeptPicture] = field(default_factory=list)


def enrolled(cells: pd.DataFrame) -> dict[tuple[str, str, str], Enrolled]:
    """Return the cells of every scenario by suite, data set and its name, from rows of ``store.cells``."""
    found: dict[tuple[str, str, str], Enrolled] = {}
    names = ("suite", "dataset", "scenario", "label", "seed", "method", "cell", "status")
    for suite, dataset, scenario, label, seed, method, cell, status in _rows(cells, *names):
        mine = found.setdefault((suite, dataset, scenario), Enrolled())
        mine.methods[label] = method
        mine.cells[label, seed] = cell, status
    return found


def read_kept(store: Store, suite: str, dataset: str, scenarios: Mapping[str, Enrolled]) -> dict[str, Kept]:
    """Return what runs of a suite on a data set kept, by scenario: a page's at once, because every query costs milliseconds."""
    found = {name: Kept() for name in scenarios}
    confusions = store.confusions(suite=suite, dataset=dataset, scenario=found)
    for name, *matrix in _rows(confusions, "scenario", *KeptMatrix._fields):
        found[name].matrices.append(KeptMatrix(*matrix))
    lowest = {name: mine.seeds[0] for name, mine in scenarios.items()}
    pictures = store.pictures(suite=suite, dataset=dataset, scenario=found, seed=set(lowest.values()))
    for name, *picture in _rows(pictures, "scenario", *KeptPicture._fields):
        if (kept := KeptPicture(*picture)).seed == lowest[name]:
            found[name].pictures.append(kept)
    return found


def _rows(frame: pd.DataFrame, *names: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(frame[name].tolist() for name in names), strict=True)

"""How far each method has come in a scenario."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchbox.records import Sealed

if TYPE_CHECKING:
    import pandas as pd

_LEAST_FIRST = (Sealed.NO.value, "not recorded", Sealed.PROCESS.value, Sealed.SANDBOX.value)
_METHOD = ["label", "spec", "kind", "method"]
_CELL = ["seed", "status", "privileged", "position", "rules", "seconds", "sealed", "version"]


@dataclass(frozen=True)
class Standing:
    """How far a method has come in a scenario.

    Attributes:
        state: ``complete``; ``incomplete`` (some seeds lack a result); ``other rules`` (played under other budgets,
            attacks or weights than the rest); or, where no seed has a result, ``failed``, ``interrupted``,
            ``superseded`` (scored by rules that no longer hold), ``not applicable`` or ``missing``.
        privileged: whether it was granted more than a black box.
        sealed: how far its players were shut in, the least over its seeds: a ``Sealed`` value or ``not recorded``; empty
            without results.
        seeds: the seeds with a result.
        wanted: the seeds that the scenario plays.
        position: its place in the suite file.
        seconds: mean seconds of a run; NaN without results.
        versions: of the method, as which it was played; ascending.
        installed: the version that is installed; None where the method is not.
    """

    label: str
    spec: str
    kind: str
    state: str
    privileged: bool
    seeds: tuple[int, ...]
    wanted: tuple[int, ...]
    position: int
    seconds: float
    sealed: str = ""
    versions: tuple[int, ...] = ()
    installed: int | None = None

    @property
    def unsealed(self) -> bool:
        """Whether a player of it could reach what the referee holds: its figures are shown and never ranked."""
        return self.sealed == Sealed.NO

    @property
    def mark(self) -> str:
        """What bars it from ranking, however complete it is: ``privileged``, ``unsealed``, both, or nothing."""
        return ", ".join(["privileged"] * self.privileged + ["unsealed"] * self.unsealed)

    @property
    def ranked(self) -> bool:
        """Whether it takes part in the ranking."""
        return self.state == "complete" and not self.mark

    @property
    def outdated(self) -> bool:
        """Whether its figures are of another version than the one that is installed."""
        return self.installed is not None and any(version != self.installed for version in self.versions)

    @property
    def whole(self) -> bool:
        """Whether its means are over the same cells as the others' and may stand beside them."""
        return self.state == "complete"


@dataclass
class _Tally:
    """What the cells of one method say."""

    spec: str
    kind: str
    method: str
    position: int
    privileged: bool = False
    statuses: set[str] = field(default_factory=set)
    done: list[tuple[int, str, float]] = field(default_factory=list)
    sealed: set[str] = field(default_factory=set)
    versions: set[int] = field(default_factory=set)

    def add(
        self,
        seed: int,
        status: str,
        privileged: bool,
        position: int,
        rules: str,
        seconds: float,
        sealed: str,
        version: int,
    ) -> None:
        self.privileged = self.privileged or bool(privileged)
        self.position = min(self.position, position)
        self.statuses.add(status)
        if status == "done":
            self.done.append((int(seed), rules, float(seconds)))
            self.sealed.add(sealed)
            self.versions.add(int(version))


def standings(cells: pd.DataFrame, installed: Mapping[tuple[str, str], int] | None = None) -> dict[str, Standing]:
    """Return how far each method of one scenario has come, in the order of the suite file.

    Args:
        cells: of the scenario.
        installed: the versions of methods that are installed, by kind and name.
    """
    wanted = tuple(sorted(set(cells["seed"].tolist())))
    fair: Counter[str] = Counter()
    tallies: dict[str, _Tally] = {}
    columns = (cells[name].tolist() for name in (*_METHOD, *_CELL))
    for label, spec, kind, method, *cell in zip(*columns, strict=True):
        _, status, privileged, position, played, _, sealed, _ = cell
        tally = tallies.setdefault(label, _Tally(spec, kind, method, position))
        tally.add(*cell)
        fair[played] += status == "done" and not privileged and sealed != Sealed.NO
    rules = _commonest(fair)
    made = [_standing(label, tally, wanted, rules, installed or {}) for label, tally in tallies.items()]
    return {standing.label: standing for standing in sorted(made, key=lambda s: (s.position, s.label))}


def _commonest(rules: Counter[str]) -> str:
    """Return the hash of the rules that most cells were played under; the first by text among equals, if any."""
    return min(rules, key=lambda played: (-rules[played], played)) if rules.total() else ""


def _standing(
    label: str, tally: _Tally, wanted: tuple[int, ...], rules: str, installed: Mapping[tuple[str, str], int]
) -> Standing:
    seconds = [seconds for _, _, seconds in tally.done]
    return Standing(
        label=label,
        spec=tally.spec,
        kind=tally.kind,
        state=_state(tally, wanted, rules),
        privileged=tally.privileged,
        seeds=tuple(sorted(seed for seed, _, _ in tally.done)),
        wanted=wanted,
        position=tally.position,
        seconds=sum(seconds) / len(seconds) if seconds else float("nan"),
        sealed=next((sealed for sealed in _LEAST_FIRST if sealed in tally.sealed), ""),
        versions=tuple(sorted(tally.versions)),
        installed=installed.get((tally.kind, tally.method)),
    )


def _state(tally: _Tally, wanted: tuple[Any, ...], rules: str) -> str:
    if rules and not tally.privileged and any(played != rules for _, played, _ in tally.done):
        return "other rules"
    if tally.done:
        return "complete" if len(tally.done) == len(wanted) else "incomplete"
    for status in ("failed", "interrupted", "superseded", "not-applicable"):
        if status in tally.statuses:
            return status.replace("-", " ")
    return "missing"

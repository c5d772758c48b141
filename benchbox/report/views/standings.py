"""How far each method has come in a scenario."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from benchbox.records import Sealed
from benchbox.report.views.points import Game
from benchbox.store import VERIFIED, marks

if TYPE_CHECKING:
    import pandas as pd

Installed = Mapping[tuple[str, str], int]
"""The versions of plugins that are installed, by kind and name."""
_LEAST_FIRST = (Sealed.NO.value, "not recorded", Sealed.PROCESS.value, Sealed.SANDBOX.value)


@dataclass(frozen=True)
class Standing:
    """How far a method has come in a scenario.

    Attributes:
        method: the plugin.
        state: ``complete``; ``incomplete`` (some seeds lack a result); ``other rules`` (played under other budgets,
            attacks or targets than the rest, or with several trainers, or another version of one); ``other seeds`` (none
            of those that count has a result, others have); or, where no seed has a result, ``failed``, ``interrupted``,
            ``superseded`` (scored by rules that no longer hold), ``not applicable`` or ``missing``.
        privileged: whether it was granted more than a black box.
        sealed: how far its players were shut in, the least over its seeds: a ``Sealed`` value or ``not recorded``; empty
            without results.
        seeds: those of ``wanted`` with a result; where there is none, the others.
        wanted: the seeds that count; see ``wanted_seeds``.
        position: its place in the suite file.
        seconds: mean seconds of a run; NaN without results.
        versions: of the method, as which it was played; ascending.
        installed: the version that is installed; None where the method is not.
        trainer, trainer_version: who made its substitutes, as the store has it.
        installed_trainer: the trainer's version that is installed; None where it is not.
        uses: the scenario's grants that some seed of it uses, as the store has them.
        verified: whether the maintainers played it again: each of its cells that count is marked so.
    """

    label: str
    spec: str
    kind: str
    method: str
    state: str
    privileged: bool
    seeds: tuple[int, ...]
    wanted: tuple[int, ...]
    position: int
    seconds: float
    sealed: str = ""
    versions: tuple[int, ...] = ()
    installed: int | None = None
    trainer: str = ""
    trainer_version: int = 0
    installed_trainer: int | None = None
    uses: str = ""
    verified: bool = False

    @property
    def mark(self) -> str:
        """What bars it from ranking, however complete it is: ``privileged``, ``unsealed``, both, or nothing."""
        return ", ".join(self.bars)

    @property
    def bars(self) -> tuple[str, ...]:
        """Each word of ``mark``."""
        return ("privileged",) * self.privileged + ("unsealed",) * (self.sealed == Sealed.NO)

    @property
    def granted(self) -> tuple[str, ...]:
        """What bars it from ranking, and what it uses of the scenario's grants."""
        return self.bars + marks(self.uses)

    @property
    def marks(self) -> tuple[str, ...]:
        """What stands beside its name in tables: what it was granted, and whether it is verified."""
        return self.granted + (VERIFIED,) * self.verified

    @property
    def ranked(self) -> bool:
        """Whether it takes part in the ranking."""
        return self.state == "complete" and not self.mark

    @property
    def outdated(self) -> bool:
        """Whether its figures are of another version of it than the one that is installed."""
        return self.installed is not None and any(version != self.installed for version in self.versions)

    @property
    def trainer_outdated(self) -> bool:
        """Whether it has figures, by another version of its trainer than the one that is installed."""
        return bool(self.seeds) and self.installed_trainer not in (None, self.trainer_version)

    @property
    def whole(self) -> bool:
        """Whether its means are over the same cells as the others' and may stand beside them."""
        return self.state == "complete"


class Enrolled(NamedTuple):
    """A row of the store's cells, as far as it says how a method stands, and what was played."""

    suite: str
    dataset: str
    scenario: str
    cell: str
    label: str
    seed: int
    status: str
    spec: str
    kind: str
    method: str
    version: int
    privileged: bool
    position: int
    game: str
    rules: str
    seconds: float
    sealed: str
    trainer: str
    trainer_version: int
    uses: str
    access: str
    substitute: str
    target: str
    target_sha256: str
    environment: str | None
    error: str

    @property
    def done(self) -> bool:
        """Whether it has a whole result."""
        return self.status == "done"

    @property
    def fair(self) -> bool:
        """Whether it has a result that may be ranked."""
        return self.done and not self.privileged and self.sealed != Sealed.NO


class _Usual(NamedTuple):
    """What most cells were played by.

    Attributes:
        game: the hash of what all replicates share; empty where no cell may be ranked.
        rules: by seed the hash of the rules, with the target and the pool that the replicate draws.
        versions: of each trainer, whatever its options, by name.
    """

    game: str
    rules: dict[int, str]
    versions: dict[str, int]

    def differs(self, cells: Sequence[Enrolled]) -> bool:
        """Whether cells of one method do not belong beside the others, or not together."""
        held = [cell for cell in cells if not cell.privileged] if self.game else []
        if any(cell.game != self.game or cell.rules != self.rules.get(cell.seed, cell.rules) for cell in held):
            return True
        trained = {(cell.trainer, cell.trainer_version) for cell in cells}
        return len(trained) > 1 or any(self.versions.get(_name(who), own) != own for who, own in trained)


def records(cells: pd.DataFrame) -> list[Enrolled]:
    """Return the rows of the store's cells."""
    return list(map(Enrolled._make, zip(*(cells[name].tolist() for name in Enrolled._fields), strict=True)))


def by_game(cells: pd.DataFrame) -> dict[Game, list[Enrolled]]:
    """Return the rows of the store's cells by suite, data set and scenario."""
    found: dict[Game, list[Enrolled]] = {}
    for cell in records(cells):
        found.setdefault((cell.suite, cell.dataset, cell.scenario), []).append(cell)
    return found


def wanted_seeds(cells: Collection[Enrolled], own: Collection[int] = ()) -> tuple[int, ...]:
    """Return the seeds that count in a scenario: the suite's own, as far as some method plays them.

    Others count where every method that has a result has one of them: who plays more seeds than the rest makes nobody
    else incomplete. Where none is the suite's own, or nobody knows which are, all count that are played.

    ``own`` are the seeds of the suite's file; empty where it is not known.
    """
    played = {cell.seed for cell in cells}
    if not played & set(own):
        return tuple(sorted(played))
    each: dict[str, set[int]] = {}
    for cell in cells:
        if cell.done:
            each.setdefault(cell.label, set()).add(cell.seed)
    shared = set.intersection(*each.values()) if each else set()
    return tuple(sorted(played & (set(own) | shared)))


def standings(
    cells: Collection[Enrolled],
    installed: Installed | None = None,
    own: Collection[int] = (),
    verified: Collection[str] = (),
) -> dict[str, Standing]:
    """Return how far each method of one scenario has come, in the order of the suite file.

    Args:
        cells: of the scenario.
        installed: what to hold the versions of methods and trainers against.
        own: the seeds of the suite's file; empty where it is not known.
        verified: the ids of cells that are marked so.
    """
    wanted = wanted_seeds(cells, own)
    methods: dict[str, list[Enrolled]] = {}
    for cell in cells:
        methods.setdefault(cell.label, []).append(cell)
    usual = _usual([cell for cell in cells if cell.fair])
    made = [_standing(mine, wanted, usual, installed or {}, verified) for mine in methods.values()]
    return {standing.label: standing for standing in sorted(made, key=lambda s: (s.position, s.label))}


def _usual(fair: Sequence[Enrolled]) -> _Usual:
    """Return the commonest rules, the first by text among equals, and versions, the newest among equals."""
    rules = {
        seed: _commonest(cell.rules for cell in fair if cell.seed == seed) for seed in {cell.seed for cell in fair}
    }
    trained: dict[str, Counter[int]] = {}
    for cell in fair:
        trained.setdefault(_name(cell.trainer), Counter())[cell.trainer_version] += 1
    versions = {name: max(found, key=lambda version: (found[version], version)) for name, found in trained.items()}
    return _Usual(_commonest(cell.game for cell in fair), rules, versions)


def _commonest(texts: Iterable[str]) -> str:
    return min(Counter(texts).items(), key=lambda one: (-one[1], one[0]), default=("", 0))[0]


def _name(trainer: str) -> str:
    return trainer.partition("[")[0]


def _standing(
    mine: Sequence[Enrolled], wanted: tuple[int, ...], usual: _Usual, installed: Installed, verified: Collection[str]
) -> Standing:
    first, played = mine[0], [cell for cell in mine if cell.done]
    done = [cell for cell in played if cell.seed in wanted] or played
    sealed = {cell.sealed for cell in done}
    used = {word for cell in mine for word in cell.uses.split(",") if word}
    return Standing(
        label=first.label,
        spec=first.spec,
        kind=first.kind,
        method=first.method,
        state=_state(mine, done, wanted, usual),
        privileged=any(cell.privileged for cell in mine),
        seeds=tuple(sorted(cell.seed for cell in done)),
        wanted=wanted,
        position=min(cell.position for cell in mine),
        seconds=sum(cell.seconds for cell in done) / len(done) if done else float("nan"),
        sealed=next((word for word in _LEAST_FIRST if word in sealed), ""),
        versions=tuple(sorted({cell.version for cell in done})),
        installed=installed.get((first.kind, first.method)),
        trainer=first.trainer,
        trainer_version=first.trainer_version,
        installed_trainer=installed.get(("trainer", _name(first.trainer))),
        uses=",".join(sorted(used)),
        verified=bool(done) and all(cell.cell in verified for cell in done),
    )


def _state(mine: Sequence[Enrolled], done: Sequence[Enrolled], wanted: tuple[int, ...], usual: _Usual) -> str:
    if done:
        if usual.differs(done):
            return "other rules"
        if done[0].seed not in wanted:
            return "other seeds"
        return "complete" if len(done) == len(wanted) else "incomplete"
    statuses = {cell.status for cell in mine}
    for status in ("failed", "interrupted", "superseded", "not-applicable"):
        if status in statuses:
            return status.replace("-", " ")
    return "missing"

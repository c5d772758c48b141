"""A game under one seed: its target, its pool's draw and its surrogates, and why it cannot be played, if so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchbox.contracts import Grant
from benchbox.errors import NotApplicable, SuiteError
from benchbox.registry import Catalogue
from benchbox.suites.cell import Cell, Scenario, Surrogate, TargetRef
from benchbox.suites.games import Entrant, Game
from benchbox.suites.pins import Sources, pin
from benchbox.suites.setting import Setting
from benchbox.suites.suite import ScenarioTable
from benchbox.suites.tables import TargetTable
from benchbox.target.given import Gift, GivenRecord
from benchbox.target.given.gift import published
from benchbox.target.zoo.record import TargetRecord
from benchbox.target.zoo.spec import TargetSpec


@dataclass(frozen=True)
class Replicate:
    """A game under one seed: what it draws, a target and a pool, is the same for all who play it.

    Attributes:
        rules: the scenario, of whoever has no insider's view; None while its target is not trained.
        loads: what a referee loads beside a cell's own plugins; None where there is no target.
        record: the target's; None where there is none, yet or at all.
        unplayable: why there can be none, if so.
        surrogates: the records of those that there are.
        missing: why there can be no surrogates, if so.
    """

    rules: Scenario | None
    loads: dict[str, Any] | None
    record: TargetRecord | GivenRecord | None
    unplayable: str
    surrogates: tuple[TargetRecord, ...] = ()
    missing: str = ""

    def setting(self, cell: Cell) -> Setting | None:
        """Return a cell with what its referee loads; None where there is no target."""
        if self.loads is None:
            return None
        return Setting(cell=cell, **self.loads, surrogates=self.surrogates if cell.surrogates else ())

    def lacking(self, entrant: Entrant, game: Game) -> str:
        """Return why a line-up cannot play against this target, or lacks the surrogates that it uses; empty where it can."""
        missing = self.missing if Grant.SUBSTITUTE in entrant.uses else ""
        return missing or _beyond(self.record, entrant, game)


def replicate_of(game: Game, seed: int, catalogue: Catalogue, sources: Sources, given: Gift | None) -> Replicate:
    """Return what a seed draws of a game, its target trained if need be.

    Raises:
        SuiteError: a surrogate is the target itself.
    """
    pool = game.table.pool
    holdout = pool.size or 0 if pool and pool.disjoint else 0
    spec = game.table.target.spec(game.dataset, holdout, seed)
    record, target, unplayable = _target(game, spec, sources, given or published(game.table.target.model))
    for table in game.table.surrogates:
        if table.spec(game.dataset, holdout, seed) == spec and given is None:
            raise SuiteError(
                f"{game.where}: the surrogate '{spec.name}' is the target itself; name another model or seed"
            )
    surrogates = [_surrogate(game, table, seed, catalogue, sources) for table in game.table.surrogates]
    rules = None
    if target is not None and all(surrogate for surrogate, _, _ in surrogates):
        # a pool that the target never saw is the one that it was trained without
        draw = 0 if pool is None or pool.size is None else spec.seed if pool.disjoint else seed
        rules = Scenario(**_with_surrogates(game.rules, surrogates), target=target, pool_draw=draw)
    loads = None if record is None else _loads(game.table, game.dataset, record, catalogue, game.where)
    records = tuple(record for _, record, _ in surrogates if record is not None)
    missing = next((reason for _, _, reason in surrogates if reason), "")
    return Replicate(rules, loads, record, unplayable, records, missing)


_Surrogates = list[tuple[Surrogate | None, TargetRecord | None, str]]


def _with_surrogates(rules: dict[str, Any], found: _Surrogates) -> dict[str, Any]:
    if not found:
        return rules
    named = tuple(surrogate for surrogate, _, _ in found)
    return {**rules, "search": rules["search"].model_copy(update={"surrogates": named})}


def _surrogate(
    game: Game, table: TargetTable, seed: int, catalogue: Catalogue, sources: Sources
) -> tuple[Surrogate | None, TargetRecord | None, str]:
    """Return how cells refer to a surrogate, None while it is not trained; its record; and why there can be none, if so."""
    record, target, reason = _target(game, table.spec(game.dataset, 0, seed), sources, None)
    assert not isinstance(record, GivenRecord)
    model = pin(catalogue.resolve("model", table.model, f"{game.where}, surrogates"))
    return None if target is None else Surrogate(model=model, target=target), record, reason


def _loads(
    table: ScenarioTable, dataset: str, target: TargetRecord | GivenRecord, catalogue: Catalogue, where: str
) -> dict[str, Any]:
    """Return what a referee loads beside the cell's own plugins; see ``Setting``."""
    pool = None if table.pool is None else table.pool.dataset
    model = target.plugin if isinstance(target, GivenRecord) else target.model
    return {
        "dataset": pin(catalogue.resolve("dataset", dataset, where)),
        "pool": None if pool is None else pin(catalogue.resolve("dataset", pool, where)),
        "public": None if table.public is None else pin(catalogue.resolve("dataset", table.public, where)),
        "target": target,
        "target_model": pin(catalogue.resolve("model", model, where)) if model else None,
    }


def _target(
    game: Game, spec: TargetSpec, sources: Sources, given: Gift | None
) -> tuple[TargetRecord | GivenRecord | None, TargetRef | None, str]:
    """Return the target, how cells refer to it, and why there can be none, if so."""
    record: TargetRecord | GivenRecord | None
    try:
        record = sources.target(spec) if given is None else sources.given(given, game.dataset)
    except NotApplicable as reason:
        return None, TargetRef(name=spec.name, sha256="none"), str(reason)
    return record, None if record is None else TargetRef(name=record.name, sha256=record.sha256), ""


def _beyond(record: TargetRecord | GivenRecord | None, entrant: Entrant, game: Game) -> str:
    """Return why a given target cannot be attacked so; empty where it can."""
    if not isinstance(record, GivenRecord):
        return ""
    labels = f"target '{record.name}' answers with the label only"
    if not record.access.covers(game.table.access.form):
        return f"{labels}; the scenario answers with {game.table.access}"
    if game.defence is not None and not record.access.covers(game.defence.needs):
        return f"{labels}; defence '{game.defence.row.name}' needs its probabilities"
    if Grant.INSIDER in entrant.uses and record.gift.form != "weights":
        return f"target '{record.name}' is given as {record.gift.form}, which shows nothing of its inside"
    return ""

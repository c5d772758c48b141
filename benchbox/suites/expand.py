"""Suite -> cells: every name resolved, every plugin, data set and target pinned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from benchbox.contracts import Grant
from benchbox.errors import NotApplicable, SuiteError, shown
from benchbox.images.facts import ImageFacts
from benchbox.kinds import METHOD, SUBSTITUTING
from benchbox.registry import Catalogue, Resolved
from benchbox.scoring.success import check_success
from benchbox.suites.cell import AttackPlan, Cell, PluginRef, PriorPlan, Scenario, SearchPlan, Surrogate, TargetRef
from benchbox.suites.checks import check_attacked, check_budget_names, check_goal, check_pool
from benchbox.suites.fitting import fitted
from benchbox.suites.grants import granted, trainer_of
from benchbox.suites.plans import told_apart
from benchbox.suites.setting import Setting
from benchbox.suites.suite import ScenarioTable, Suite, SuiteAttack, TargetTable
from benchbox.target.given import Gift, GivenRecord
from benchbox.target.given.gift import in_code, published
from benchbox.target.zoo.record import TargetRecord
from benchbox.target.zoo.spec import TargetSpec


class Sources(Protocol):
    """Where expansion gets data sets and targets from."""

    def images(self, dataset: str) -> ImageFacts:
        """Load a data set, and return what planning needs to know of it."""

    def target(self, spec: TargetSpec) -> TargetRecord | None:
        """Return the trained target, or None where it is yet to be trained.

        Raises:
            NotApplicable: its model cannot take these images.
        """

    def given(self, gift: Gift, dataset: str) -> GivenRecord | None:
        """Return a given target on a data set, or None where it was never asked, and may not be in a dry run."""


@dataclass(frozen=True)
class Planned:
    """A cell and what the tables call it.

    Attributes:
        cell: the cell; None while its target is not trained (only in a dry run).
        suite, dataset, scenario, label: where it stands in the tables.
        position: its method's place in the suite file.
        package, package_version: where its method comes from.
        target: the target's record; None where there is none, yet or at all.
        setting: the cell with all that its referee loads; None where it cannot be played.
        reason: why it is not applicable; empty where it is.
    """

    cell: Cell | None
    suite: str
    dataset: str
    scenario: str
    label: str
    seed: int
    position: int
    package: str
    package_version: str
    target: TargetRecord | GivenRecord | None
    setting: Setting | None = field(default=None, compare=False)
    reason: str = field(default="", compare=False)


def expand(suite: Suite, catalogue: Catalogue, sources: Sources, given: Gift | None = None) -> list[Planned]:
    """Return every cell of a suite, each data set after the other, seed by seed within a method.

    Args:
        suite: the suite.
        catalogue: knows the plugins.
        sources: knows the data sets and targets.
        given: the target that its owner gives, in place of every scenario's own.

    Raises:
        BenchboxError: something that the suite names does not exist or does not fit; one sentence.
    """
    catalogue.prepare(_named(suite, given))
    games = [_game(suite, table, dataset, catalogue, sources) for dataset in suite.datasets for table in suite.scenario]
    # a target may train for hours: whatever else a file gets wrong is said before
    return [planned for game in games for planned in _cells(suite, game, catalogue, sources, given)]


def pin(plugin: Resolved) -> PluginRef:
    """Return a plugin with all its options, the version of its results, and where it is loaded from."""
    row = plugin.row
    return PluginRef(
        kind=row.kind,
        name=row.name,
        version=row.version,
        spec=plugin.spec,
        options=plugin.options,
        target=row.target,
        file="" if row.file is None else str(row.file),
        source=row.source,
        builtin=row.builtin,
    )


def _named(suite: Suite, given: Gift | None) -> Iterator[tuple[str, str]]:
    """Yield kind and text of every plugin that a suite names, so that they are resolved at one time."""
    yield from (("dataset", dataset) for dataset in suite.datasets)
    if given is not None and given.model and not in_code(given.model):
        yield "model", given.model
    for scenario in suite.scenario:
        yield "model", scenario.substitute
        if given is None:
            ready = published(scenario.target.model)
            yield "model", scenario.target.model if ready is None else ready.model
        yield from ((METHOD, method.use) for method in scenario.methods)
        yield "trainer", scenario.trainer
        yield from (("trainer", method.trainer) for method in scenario.methods if method.trainer)
        yield from (("attack", attack.use) for attack in scenario.attacks)
        if scenario.defence:
            yield "defence", scenario.defence
        yield from (("model", surrogate.model) for surrogate in scenario.surrogates)
        if scenario.prior:
            yield METHOD, scenario.prior.method
            yield "trainer", scenario.prior.trainer or scenario.trainer


@dataclass(frozen=True)
class _Entrant:
    """A line-up of a scenario: what tables call it, what of the grants it uses, and why it cannot play, if so."""

    label: str
    plugin: Resolved
    trainer: Resolved | None
    uses: set[Grant]
    reason: str


@dataclass(frozen=True)
class _Game:
    """A scenario on a data set, whole and checked but for its target.

    Attributes:
        rules: what ``Scenario`` takes besides.
        defence: what stands before the target.
    """

    table: ScenarioTable
    dataset: str
    where: str
    rules: dict[str, Any]
    entrants: list[_Entrant]
    defence: Resolved | None


def _game(suite: Suite, table: ScenarioTable, dataset: str, catalogue: Catalogue, sources: Sources) -> _Game:
    where = f"suite '{shown(suite.name)}', scenario '{table.name}'"
    images = sources.images(dataset)
    table = fitted(table, dataset, images, sources) if suite.fits else table
    check_budget_names(table, catalogue, where)
    check_attacked(suite, table, images, where)
    check_pool(table, dataset, images, sources, where)
    prior = _prior(table, catalogue, where)
    defence = None if table.defence is None else catalogue.resolve("defence", table.defence, where)
    rules = _rules(table, dataset, images, catalogue, sources, where)
    if defence is not None:
        rules |= {"defence": pin(defence), "blocked": table.blocked}
    if table.searches:
        rules["search"] = _search(table, prior, images.classes, where)
    return _Game(table, dataset, where, rules, _entrants(table, prior, catalogue, where), defence)


def _prior(table: ScenarioTable, catalogue: Catalogue, where: str) -> tuple[Resolved, Resolved | None] | None:
    """Return who makes the substitute that query attacks may start from, and who trains it; None where none is granted.

    Raises:
        SuiteError: the method makes no substitutes, or cannot play under the scenario's rules.
    """
    if table.prior is None:
        return None
    at = f"{where}, prior"
    method = catalogue.resolve(METHOD, table.prior.method, at)
    if method.row.kind not in SUBSTITUTING:
        raise SuiteError(f"{at}: {method.row.who} makes no substitute; expected one of {' or '.join(SUBSTITUTING)}")
    usual = catalogue.resolve("trainer", table.trainer, at)
    trainer = trainer_of(method, table.prior.trainer, usual, catalogue, at)
    reason = granted((method, trainer), table)[1]
    if method.row.kind == "selector" and table.pool is None:
        reason = f"{method.row.name} chooses from a pool; the scenario has none"
    if reason:
        raise SuiteError(f"{at}: {reason}")
    return method, trainer


def _search(
    table: ScenarioTable, prior: tuple[Resolved, Resolved | None] | None, classes: int, where: str
) -> SearchPlan:
    assert table.threat is not None
    check_goal(table.goal, classes, f"{where}: the goal")
    made = None
    if prior is not None and table.prior is not None:
        method, trainer = prior
        made = PriorPlan(method=pin(method), trainer=trainer and pin(trainer), budget=table.prior.budget)
    return SearchPlan(threat=table.threat.threat, goal=table.goal, images=table.images, prior=made)


def _entrants(
    table: ScenarioTable, prior: tuple[Resolved, Resolved | None] | None, catalogue: Catalogue, where: str
) -> list[_Entrant]:
    usual = catalogue.resolve("trainer", table.trainer, where)
    found: dict[str, _Entrant] = {}
    for method in table.methods:
        plugin = catalogue.resolve(METHOD, method.use, where)
        if plugin.row.kind != table.plays:
            raise SuiteError(f"{where} is for {table.plays}s; '{shown(method.use)}' is a {plugin.row.kind}")
        trainer = trainer_of(plugin, method.trainer, usual, catalogue, where)
        label = method.label or plugin.spec
        if trainer and not method.label and trainer.spec != usual.spec:
            label = f"{plugin.spec} + {trainer.spec}"
        if label in found:
            first = table.methods[list(found).index(label)].pair
            raise SuiteError(
                f"{where}: the methods '{shown(first)}' and '{shown(method.pair)}' are both called "
                f'\'{shown(label)}\' in tables; leave one out, or write {{ use = "...", label = "..." }}'
            )
        line_up = (plugin, trainer, *(prior if prior and Grant.SUBSTITUTE in plugin.wants else ()))
        found[label] = _Entrant(label, plugin, trainer, *granted(line_up, table))
    return list(found.values())


def _cells(suite: Suite, game: _Game, catalogue: Catalogue, sources: Sources, given: Gift | None) -> Iterator[Planned]:
    table = game.table
    replicates = {seed: _replicate(game, seed, catalogue, sources, given) for seed in suite.seeds}
    for position, entrant in enumerate(game.entrants):
        for seed, replicate in replicates.items():
            cell = None
            if replicate.rules is not None:
                cell = Cell(
                    scenario=replicate.rules.model_copy(update={"insider": Grant.INSIDER in entrant.uses}),
                    method=pin(entrant.plugin),
                    trainer=entrant.trainer and pin(entrant.trainer),
                    uses=tuple(sorted(entrant.uses - {Grant.INSIDER})),
                    seed=seed,
                )
            yield Planned(
                cell=cell,
                suite=suite.name,
                dataset=game.dataset,
                scenario=table.name,
                label=entrant.label,
                seed=seed,
                position=position,
                package=entrant.plugin.row.package,
                package_version=entrant.plugin.row.package_version,
                target=replicate.record,
                setting=None if cell is None else replicate.setting(cell),
                reason=replicate.unplayable or entrant.reason or replicate.lacking(entrant, game),
            )


@dataclass(frozen=True)
class _Replicate:
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

    def lacking(self, entrant: _Entrant, game: _Game) -> str:
        """Return why a line-up cannot play against this target, or lacks the surrogates that it uses; empty where it can."""
        missing = self.missing if Grant.SUBSTITUTE in entrant.uses else ""
        return missing or _beyond(self.record, entrant, game)


def _replicate(game: _Game, seed: int, catalogue: Catalogue, sources: Sources, given: Gift | None) -> _Replicate:
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
    return _Replicate(rules, loads, record, unplayable, records, missing)


_Surrogates = list[tuple[Surrogate | None, TargetRecord | None, str]]


def _with_surrogates(rules: dict[str, Any], found: _Surrogates) -> dict[str, Any]:
    if not found:
        return rules
    named = tuple(surrogate for surrogate, _, _ in found)
    return {**rules, "search": rules["search"].model_copy(update={"surrogates": named})}


def _surrogate(
    game: _Game, table: TargetTable, seed: int, catalogue: Catalogue, sources: Sources
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
    game: _Game, spec: TargetSpec, sources: Sources, given: Gift | None
) -> tuple[TargetRecord | GivenRecord | None, TargetRef | None, str]:
    """Return the target, how cells refer to it, and why there can be none, if so."""
    record: TargetRecord | GivenRecord | None
    try:
        record = sources.target(spec) if given is None else sources.given(given, game.dataset)
    except NotApplicable as reason:
        return None, TargetRef(name=spec.name, sha256="none"), str(reason)
    return record, None if record is None else TargetRef(name=record.name, sha256=record.sha256), ""


def _beyond(record: TargetRecord | GivenRecord | None, entrant: _Entrant, game: _Game) -> str:
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


def _rules(
    table: ScenarioTable,
    dataset: str,
    images: ImageFacts,
    catalogue: Catalogue,
    sources: Sources,
    where: str,
) -> dict[str, Any]:
    other = None if table.pool is None or table.pool.dataset is None else sources.images(table.pool.dataset)
    public = None if table.public is None else sources.images(table.public)
    return {
        "dataset": dataset,
        "dataset_hash": images.digest,
        "substitute": pin(catalogue.resolve("model", table.substitute, where)),
        "access": table.access,
        "pool": table.pool,
        "pool_hash": None if other is None else other.digest,
        "public": table.public,
        "public_hash": None if public is None else public.digest,
        "budgets": table.budgets_for(dataset),
        "precision": table.precision,
        "attacks": told_apart([_attack(attack, images.classes, catalogue, where) for attack in table.attacks], where),
    }


def _attack(attack: SuiteAttack, classes: int, catalogue: Catalogue, where: str) -> AttackPlan:
    plugin = catalogue.resolve("attack", attack.use, where)
    check_goal(attack.goal, classes, f"{where}: attack goal")
    if plugin.targeted is False and attack.goal != "untargeted":
        raise SuiteError(
            f"{where}: {plugin.row.who} makes examples of any other class; its goal cannot be '{attack.goal}'"
        )
    for name in attack.definitions:
        check_success(name, attack.goal, where)
    return AttackPlan(
        attack=pin(plugin),
        goal=attack.goal,
        success=attack.definitions,
        images=attack.images,
        at=attack.at,
        threat=attack.threat and attack.threat.threat,
        stated=plugin.threat,
    )

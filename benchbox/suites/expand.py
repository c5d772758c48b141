"""Suite -> cells: every name resolved, every plugin, data set and target pinned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from benchbox.contracts import Method
from benchbox.errors import BudgetError, NotApplicable, SuiteError
from benchbox.images.images import Images
from benchbox.registry import Entry, Registry, Spec
from benchbox.scoring.success import check_success
from benchbox.suites.cell import AttackPlan, Cell, PluginRef, Scenario, TargetRef
from benchbox.suites.plans import told_apart
from benchbox.suites.suite import MethodEntry, ScenarioTable, Suite, SuiteAttack
from benchbox.target.zoo.record import TargetRecord
from benchbox.target.zoo.spec import TargetSpec


class Sources(Protocol):
    """Where expansion gets data sets and targets from."""

    def images(self, dataset: str) -> Images:
        """Load a data set."""

    def target(self, spec: TargetSpec) -> TargetRecord | None:
        """Return the trained target, or None where it is yet to be trained.

        Raises:
            NotApplicable: its model cannot take these images.
        """


@dataclass(frozen=True)
class Planned:
    """A cell and what the tables call it.

    Attributes:
        cell: the cell; None while its target is not trained (only in a dry run).
        suite, dataset, scenario, label: where it stands in the tables.
        position: its method's place in the suite file.
        package, package_version: where its method comes from.
        target: the target's record; None where there is none, yet or at all.
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
    target: TargetRecord | None
    reason: str = field(default="", compare=False)


def expand(suite: Suite, registry: Registry, sources: Sources) -> list[Planned]:
    """Return every cell of a suite, each data set after the other, seed by seed within a method.

    Raises:
        BenchboxError: something that the suite names does not exist or does not fit; one sentence.
    """
    return [
        planned
        for dataset in suite.datasets
        for scenario in suite.scenario
        for planned in _scenario(suite, scenario, dataset, registry, sources)
    ]


def pin(entry: Entry, text: str, where: str) -> PluginRef:
    """Return a plugin with all its options and the version of its results."""
    options = entry.options(Spec.parse(text, where), where)
    return PluginRef(
        kind=entry.kind,
        name=entry.name,
        version=entry.version,
        spec=entry.canonical(options),
        options=options.model_dump(mode="json"),
    )


def _scenario(
    suite: Suite, table: ScenarioTable, dataset: str, registry: Registry, sources: Sources
) -> Iterator[Planned]:
    where = f"suite '{suite.name}', scenario '{table.name}'"
    images = sources.images(dataset)
    _check_pool(table, dataset, images, sources, where)
    holdout = table.pool.size or 0 if table.pool and table.pool.disjoint else 0
    record, target, unplayable = _target(table.target.spec(dataset, holdout), sources)
    rules = None if target is None else _rules(table, dataset, images, target, registry, sources, where)
    for position, method in enumerate(table.methods):
        entry = registry.method(Spec.parse(method.use, where).name, where)
        if entry.kind != table.plays:
            raise SuiteError(f"{where} is for {table.plays}s; '{method.use}' is a {entry.kind}")
        ref = pin(entry, method.use, where)
        insider, reason = _grant(entry, method, table, where)
        for seed in suite.seeds:
            cell = None
            if rules is not None:
                cell = Cell(scenario=rules.model_copy(update={"insider": insider}), method=ref, seed=seed)
            yield Planned(
                cell=cell,
                suite=suite.name,
                dataset=dataset,
                scenario=table.name,
                label=method.label or ref.spec,
                seed=seed,
                position=position,
                package=entry.package,
                package_version=entry.package_version,
                target=record,
                reason=unplayable or reason,
            )


def _target(spec: TargetSpec, sources: Sources) -> tuple[TargetRecord | None, TargetRef | None, str]:
    """Return the target, how cells refer to it, and why there can be none, if so."""
    try:
        record = sources.target(spec)
    except NotApplicable as reason:
        return None, TargetRef(name=spec.name, sha256="none"), str(reason)
    return record, None if record is None else TargetRef(name=record.name, sha256=record.sha256), ""


def _grant(entry: Entry, method: MethodEntry, table: ScenarioTable, where: str) -> tuple[bool, str]:
    """Return whether the method is granted the insider's view, and why it cannot play, if so."""
    plugin = entry.create(Spec.parse(method.use, where), where)
    assert isinstance(plugin, Method)
    needed = plugin.needed_access()
    if not table.access.covers(needed):
        return False, f"{entry.name} needs {needed.value}; the scenario answers with the {table.access.value} only"
    if plugin.wants_insider() and not table.insider:
        return False, f"{entry.name} asks for more than a black box gives; the scenario grants no insider's view"
    return plugin.wants_insider(), ""


def _check_pool(table: ScenarioTable, dataset: str, images: Images, sources: Sources, where: str) -> None:
    if table.plays == "selector" and table.pool is None:
        raise SuiteError(f"{where} plays selectors and has no pool")
    if table.pool is None:
        return
    if table.pool.disjoint and (table.pool.size is None or table.pool.dataset is not None):
        raise SuiteError(f"{where}: a disjoint pool needs a size, and images of the scenario's own data set")
    source = images if table.pool.dataset is None else sources.images(table.pool.dataset)
    if source.shape != images.shape:
        raise SuiteError(f"{where}: the pool's images are {source.shape}, the target's {images.shape}")
    size = table.pool.size or len(source.y_train)
    if size > len(source.y_train):
        raise BudgetError(
            f"{where}: a pool of {size} images is larger than the {len(source.y_train)} that {source.name} has"
        )
    largest = table.budgets_for(dataset)[-1]
    if table.plays == "selector" and largest > size:
        raise BudgetError(f"{where}: a budget of {largest} queries is larger than the pool of {size} images")


def _rules(
    table: ScenarioTable,
    dataset: str,
    images: Images,
    target: TargetRef,
    registry: Registry,
    sources: Sources,
    where: str,
) -> Scenario:
    other = None if table.pool is None or table.pool.dataset is None else sources.images(table.pool.dataset)
    public = None if table.public is None else sources.images(table.public)
    substitute = registry.get("model", Spec.parse(table.substitute, where).name, where)
    return Scenario(
        dataset=dataset,
        dataset_hash=images.digest,
        target=target,
        substitute=pin(substitute, table.substitute, where),
        access=table.access,
        pool=table.pool,
        pool_hash=None if other is None else other.digest,
        public=table.public,
        public_hash=None if public is None else public.digest,
        budgets=table.budgets_for(dataset),
        precision=table.precision,
        attacks=told_apart([_attack(attack, images.classes, registry, where) for attack in table.attacks], where),
    )


def _attack(attack: SuiteAttack, classes: int, registry: Registry, where: str) -> AttackPlan:
    entry = registry.get("attack", Spec.parse(attack.use, where).name, where)
    goal: Any = attack.goal.partition(":")[2]
    if goal and int(goal) >= classes:
        raise SuiteError(
            f"{where}: attack goal '{attack.goal}' names a class beyond the {classes} that the target knows"
        )
    for name in attack.definitions:
        check_success(name, attack.goal, where)
    return AttackPlan(
        attack=pin(entry, attack.use, where),
        goal=attack.goal,
        success=attack.definitions,
        images=attack.images,
        at=attack.at,
        threat=attack.threat and attack.threat.threat,
    )

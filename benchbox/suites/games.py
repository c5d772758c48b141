"""A scenario on a data set: its rules and its line-ups, resolved and checked, before a seed draws anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchbox.contracts import Grant
from benchbox.errors import SuiteError, shown
from benchbox.images.facts import ImageFacts
from benchbox.kinds import METHOD, SUBSTITUTING
from benchbox.registry import Catalogue, Resolved
from benchbox.scoring.success import check_success
from benchbox.suites.cell import AttackPlan, PriorPlan, SearchPlan
from benchbox.suites.checks import check_attacked, check_budget_names, check_goal, check_pool
from benchbox.suites.fitting import fitted
from benchbox.suites.grants import granted, trainer_of
from benchbox.suites.pins import Sources, pin
from benchbox.suites.plans import told_apart
from benchbox.suites.suite import ScenarioTable, Suite
from benchbox.suites.tables import SuiteAttack


@dataclass(frozen=True)
class Entrant:
    """A line-up of a scenario: what tables call it, its place in the suite file, what of the grants it uses, and why it cannot
    play, if so.
    """

    label: str
    place: int
    plugin: Resolved
    trainer: Resolved | None
    uses: set[Grant]
    reason: str


@dataclass(frozen=True)
class Game:
    """A scenario on a data set, whole and checked but for its target.

    Attributes:
        rules: what ``Scenario`` takes besides.
        defence: what stands before the target.
        n_test: how many test images the data set has.
    """

    table: ScenarioTable
    dataset: str
    where: str
    rules: dict[str, Any]
    entrants: list[Entrant]
    defence: Resolved | None
    n_test: int


def game_of(suite: Suite, table: ScenarioTable, dataset: str, catalogue: Catalogue, sources: Sources) -> Game:
    """Return a suite's scenario on a data set.

    Raises:
        BenchboxError: what it names does not exist or does not fit; one sentence.
    """
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
    return Game(table, dataset, where, rules, _entrants(table, prior, catalogue, where), defence, images.n_test)


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


def method_labels(table: ScenarioTable, catalogue: Catalogue) -> list[str]:
    """Return what tables call the methods of a scenario, in the order of its file.

    Raises:
        BenchboxError: a method does not exist, or does not fit.
    """
    return [entrant.label for entrant in _entrants(table, None, catalogue, f"scenario '{table.name}'")]


def _entrants(
    table: ScenarioTable, prior: tuple[Resolved, Resolved | None] | None, catalogue: Catalogue, where: str
) -> list[Entrant]:
    usual = catalogue.resolve("trainer", table.trainer, where)
    found: dict[str, Entrant] = {}
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
        found[label] = Entrant(label, method.place, plugin, trainer, *granted(line_up, table))
    return list(found.values())


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

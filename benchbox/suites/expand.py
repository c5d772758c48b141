"""Suite -> cells: every name resolved, every plugin, data set and target pinned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from benchbox.contracts import Grant
from benchbox.kinds import METHOD
from benchbox.registry import Catalogue
from benchbox.suites.cell import Cell
from benchbox.suites.games import Entrant, Game, game_of
from benchbox.suites.pins import Sources, pin
from benchbox.suites.replicates import replicate_of
from benchbox.suites.setting import Setting
from benchbox.suites.suite import Suite
from benchbox.target.given import Gift, GivenRecord
from benchbox.target.given.gift import in_code, published
from benchbox.target.zoo.record import TargetRecord


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
        sends: how many images the target is sent at most when it is played: each may cost the target's owner.
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
    sends: int = field(default=0, compare=False)


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
    games = [
        game_of(suite, table, dataset, catalogue, sources) for dataset in suite.datasets for table in suite.scenario
    ]
    # a target may train for hours: whatever else a file gets wrong is said before
    return [planned for game in games for planned in _cells(suite, game, catalogue, sources, given)]


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


def _cells(suite: Suite, game: Game, catalogue: Catalogue, sources: Sources, given: Gift | None) -> Iterator[Planned]:
    table = game.table
    replicates = {seed: replicate_of(game, seed, catalogue, sources, given) for seed in suite.seeds}
    for entrant in game.entrants:
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
                position=entrant.place,
                package=entrant.plugin.row.package,
                package_version=entrant.plugin.row.package_version,
                target=replicate.record,
                setting=None if cell is None else replicate.setting(cell),
                reason=replicate.unplayable or entrant.reason or replicate.lacking(entrant, game),
                sends=_sends(game, entrant),
            )


def _sends(game: Game, entrant: Entrant) -> int:
    """Return how many images a target is sent in one cell.

    A selector's answers are asked anew at each budget, and each cell asks the test images and what became of them. A query
    attack's budget is one an example.
    """
    budgets, n_test, search = game.rules["budgets"], game.n_test, game.rules.get("search")
    if search is not None:
        return int(min(search.images or n_test, n_test) * (budgets[-1] + 1))
    points = {"every": len(budgets), "last": 1}
    asked = sum(budgets) if entrant.plugin.row.kind == "selector" else budgets[-1]
    return int(asked + n_test + sum(min(a.images or n_test, n_test) * points[a.at] for a in game.rules["attacks"]))

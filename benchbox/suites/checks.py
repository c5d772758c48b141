"""What a scenario may ask of its images: refused before anything is played."""

from __future__ import annotations

from benchbox.errors import BudgetError, SuiteError, shown
from benchbox.images.facts import ImageFacts
from benchbox.registry import Catalogue, Spec
from benchbox.suites.fitting import DataSets
from benchbox.suites.suite import ScenarioTable, Suite


def check_budget_names(table: ScenarioTable, catalogue: Catalogue, where: str) -> None:
    """Refuse budgets for a data set that does not exist: they would say nothing.

    Raises:
        BenchboxError: the sentence names the nearest.
    """
    for name in table.budgets:
        if name != "default":
            catalogue.get("dataset", Spec.parse(name, where).name, f"the budgets of {where}")


def check_attacked(suite: Suite, table: ScenarioTable, images: ImageFacts, where: str) -> None:
    """Refuse attacks on more test images than there are.

    Raises:
        SuiteError: they want more, and the suite does not say ``at_most``.
    """
    wanted = [(f"attack '{shown(attack.use)}' is to be made", attack.images) for attack in table.attacks]
    for what, n in [*wanted, ("query attacks are to be played", table.images)]:
        if n is not None and n > images.n_test and not suite.at_most:
            raise SuiteError(
                f"{where}: {what} on {n:,} images, more than the "
                f"{images.n_test:,} test images of {images.name}; --images {images.n_test} asks for all of them"
            )


def check_pool(table: ScenarioTable, dataset: str, images: ImageFacts, sources: DataSets, where: str) -> None:
    """Refuse a pool that its data set cannot give, or that the budgets exceed.

    Raises:
        SuiteError, BudgetError: the sentence says why.
    """
    if table.plays == "selector" and table.pool is None:
        raise SuiteError(f"{where} plays selectors and has no pool")
    if table.pool is None:
        return
    if table.pool.disjoint and (table.pool.size is None or table.pool.dataset is not None):
        raise SuiteError(f"{where}: a disjoint pool needs a size, and images of the scenario's own data set")
    source = images if table.pool.dataset is None else sources.images(table.pool.dataset)
    if source.shape != images.shape:
        raise SuiteError(f"{where}: the pool's images are {source.shape}, the target's {images.shape}")
    size = table.pool.size or source.n_train
    if size > source.n_train:
        raise BudgetError(
            f"{where}: a pool of {size} images is larger than the {source.n_train} that {source.name} has"
        )
    if table.pool.disjoint and size == source.n_train:
        raise SuiteError(
            f"{where}: a disjoint pool of all {size:,} training images of {source.name} leaves its target none to learn from"
        )
    largest = table.prior.budget if table.prior else table.budgets_for(dataset)[-1]
    if (table.plays == "selector" or table.prior) and largest > size:
        raise BudgetError(f"{where}: a budget of {largest} queries is larger than the pool of {size} images")


def check_goal(goal: str, classes: int, at: str) -> None:
    """Refuse a goal class that the target does not know.

    Raises:
        SuiteError: it is beyond the last.
    """
    wanted = goal.partition(":")[2]
    if wanted and int(wanted) >= classes:
        raise SuiteError(f"{at} '{goal}' names a class beyond the {classes} that the target knows")

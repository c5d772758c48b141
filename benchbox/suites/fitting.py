"""Cutting a scenario down to the images that there are: for suites that are meant for any data set."""

from __future__ import annotations

from typing import Protocol

from benchbox.errors import BudgetError
from benchbox.images.facts import ImageFacts
from benchbox.suites.suite import ScenarioTable


class DataSets(Protocol):
    """Knows data sets."""

    def images(self, dataset: str) -> ImageFacts:
        """Return what planning needs to know of a data set."""


def fitted(table: ScenarioTable, dataset: str, images: ImageFacts, sources: DataSets) -> ScenarioTable:
    """Return a scenario whose pool is no larger than its source; a selector's budgets are no larger than its pool.

    Args:
        table: the scenario.
        dataset: the scenario's data set.
        images: what is known of it.
        sources: knows the pool's own data set, where it is another.

    Raises:
        BudgetError: no budget is left.
    """
    if table.pool is None:
        return table
    source = images if table.pool.dataset is None else sources.images(table.pool.dataset)
    size = min(table.pool.size or source.n_train, source.n_train)
    pool = table.pool if table.pool.size is None else table.pool.model_copy(update={"size": size})
    if table.plays != "selector":
        return table.model_copy(update={"pool": pool})
    budgets = tuple(budget for budget in table.budgets_for(dataset) if budget <= size)
    if not budgets:
        least = table.budgets_for(dataset)[0]
        raise BudgetError(
            f"scenario '{table.name}' asks at least {least} images, and {source.name} has {size} to choose from"
        )
    return table.model_copy(update={"pool": pool, "budgets": {"default": budgets}})

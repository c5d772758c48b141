"""Which training images the attacker owns, and which the target learnt from."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from benchbox.contracts import Array
from benchbox.errors import BudgetError

_SPLIT_SEED = 20210811  # one permutation a draw, so that its pools are nested: the 600 are among the 1,000


class PoolRule(BaseModel):
    """The attacker's pool."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: int | None = Field(
        default=None,
        ge=1,
        description="how many images of the training part; seed s has draw s. All of it where it is left out",
    )
    disjoint: bool = Field(
        default=False,
        description="whether the target learnt from the other images alone, and never saw these; needs a `size`",
    )
    dataset: str | None = Field(
        default=None,
        description="another data set whose training part the pool is; the scenario's own where it is left out",
    )
    labels: bool = Field(default=False, description="whether methods may use the attacker's own labels")
    unlabelled: bool = Field(
        default=False, description="whether trainers and query attacks may learn from the images without asking"
    )


def pool_rows(size: int | None, total: int, *, draw: int, where: str) -> Array:
    """Return the rows of a pool of ``size`` among ``total`` training images: the random draw of that number, nested by size.

    Raises:
        BudgetError: the pool would be larger than the data.
    """
    if size is None:
        return np.arange(total)
    if size > total:
        raise BudgetError(f"{where}: a pool of {size} images is larger than the {total} training images there are")
    return np.random.Generator(np.random.PCG64(_SPLIT_SEED + draw)).permutation(total)[:size]


def target_rows(holdout: int, total: int, *, draw: int, where: str) -> Array:
    """Return the training rows that a target learns from when the pool of ``holdout`` images belongs to the attacker alone."""
    if not holdout:
        return np.arange(total)
    mine = np.zeros(total, dtype=bool)
    mine[pool_rows(holdout, total, draw=draw, where=where)] = True
    return np.flatnonzero(~mine)

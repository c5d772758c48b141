"""Parts of a pool, and choices that take equally from each."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from benchbox_plugins._seeds import draw_seed

if TYPE_CHECKING:
    from torch import Tensor

Integers = NDArray[np.int64]


def by_group(groups: Tensor | Integers) -> list[Integers]:
    """Return the rows of each group, ascending, the groups by their number."""
    numbers = np.asarray(groups.cpu() if isinstance(groups, torch.Tensor) else groups)
    return [np.flatnonzero(numbers == group) for group in np.unique(numbers)]


def by_cluster(vectors: Tensor, count: int, rng: torch.Generator) -> list[Integers]:
    """Return the rows of each K-means cluster of the vectors, (n, d): up to ``count`` clusters."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    means = KMeans(min(count, len(vectors)), n_init=1, random_state=draw_seed(rng))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct images than clusters: fewer strata
        return by_group(means.fit_predict(vectors.cpu().numpy()).astype(np.int64))


def quotas(sizes: Sequence[int], k: int) -> list[int]:
    """Return how many of k fall to each part when the parts are served in turn and exhausted ones are passed over."""
    given = [0] * len(sizes)
    while k > 0:
        open_parts = [i for i, size in enumerate(sizes) if given[i] < size]
        turns = max(1, min(k // len(open_parts), *(sizes[i] - given[i] for i in open_parts)))
        for i in open_parts[:k]:
            given[i] += turns
        k -= turns * min(k, len(open_parts))
    return given


def interleave(parts: Sequence[Integers]) -> Integers:
    """Return the rows of all parts in turn: the first of each, the second of each, and so on."""
    rows = np.concatenate(parts)
    turn = np.concatenate([np.arange(len(part)) for part in parts])
    return rows[turn.argsort(kind="stable")]


def shuffled(parts: Sequence[Integers], rng: torch.Generator) -> list[Integers]:
    """Return the parts in random order, so that no class is always served first."""
    return [parts[i] for i in torch.randperm(len(parts), generator=rng).tolist()]

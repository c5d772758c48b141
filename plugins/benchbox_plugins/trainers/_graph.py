"""Few labels spread over a graph of neighbours.

Calder, Cook, Thorpe and Slepcev, Poisson learning: graph based semi-supervised learning at very low label rates (ICML 2020).
"""

from __future__ import annotations

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

_ROWS = 1_000  # of the table of distances at once
_SPREAD = 200  # steps of Poisson learning: a walk on 20,000 images has long mixed
_SMOOTH = 3


def neighbours(rows: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Return the k nearest other rows of each row, int64 (n, k), and their squared distances, float32 (n, k)."""
    squares = rows.square().sum(1)
    near, far = [], []
    for first in range(0, len(rows), _ROWS):
        part = rows[first : first + _ROWS]
        distances = squares[first : first + _ROWS, None] + squares - 2 * (part @ rows.T)
        own = torch.arange(len(part), device=rows.device)
        distances[own, own + first] = torch.inf
        values, places = distances.topk(min(k, len(rows) - 1), largest=False)
        near.append(places)
        far.append(values.clamp_min(0))
    return torch.cat(near), torch.cat(far)


class Graph:
    """A random walk among neighbours.

    Two rows are joined with the weight exp(-4 d^2 / d_k^2), d_k the distance to the farthest neighbour, or the other
    direction's where that is larger.

    Args:
        near: the neighbours of each row, int64 (n, k).
        squares: their squared distances, (n, k).
    """

    def __init__(self, near: Tensor, squares: Tensor) -> None:
        n, k = near.shape
        weights = torch.exp(-4 * squares / squares[:, -1:].clamp_min(1e-12)).cpu().numpy().ravel()
        starts = np.repeat(np.arange(n), k)
        one_way = sparse.csr_matrix((weights, (starts, near.cpu().numpy().ravel())), shape=(n, n))
        joined = one_way.maximum(one_way.T)
        self._degrees = np.asarray(joined.sum(1), dtype=np.float32)
        self._walk = (sparse.diags(1 / self._degrees.ravel()) @ joined).tocsr().astype(np.float32)

    def spread(self, rows: Tensor, answers: Tensor) -> Tensor:
        """Return beliefs, probabilities (n, classes), that follow from a few answers: Poisson learning.

        Scores solve Poisson's equation with a source at every answered row; they become probabilities by a softmax in which
        the median of the leads, first over second, is 2. A class that nobody answered has probability 0.

        Args:
            rows: the answered rows, int64 (k,); one may stand there twice.
            answers: probabilities, (k, classes).
        """
        sources = np.zeros((len(self._degrees), answers.shape[1]), np.float32)
        np.add.at(sources, rows.cpu().numpy(), (answers - answers.mean(0)).cpu().numpy())
        sources /= self._degrees
        scores = np.zeros_like(sources)
        for _ in range(_SPREAD):
            scores = self._walk @ scores + sources
        belief = torch.from_numpy(scores).to(answers.device)
        lead = leads(belief).median().clamp_min(1e-12)
        scaled: Tensor = (2 * belief / lead).masked_fill(answers.sum(0) == 0, -torch.inf)
        return scaled.softmax(1)

    def smooth(self, belief: Tensor) -> Tensor:
        """Return beliefs half from their rows and half from the neighbours' smoothed ones."""
        own = belief.cpu().numpy()
        mixed = own
        for _ in range(_SMOOTH):
            mixed = 0.5 * own + 0.5 * (self._walk @ mixed)
        return torch.from_numpy(mixed).to(belief.device)


def leads(belief: Tensor) -> Tensor:
    """Return how far each row's first class is ahead of its second, (n,)."""
    first, second = belief.topk(2).values.T
    ahead: Tensor = first - second
    return ahead


def balanced(belief: Tensor, rounds: int = 60) -> Tensor:
    """Return probabilities, each class's multiplied by a number, so that all that occur are equally frequent on average."""
    occurs = belief.sum(0) > 0
    for _ in range(rounds):
        belief = torch.where(occurs, belief / belief.mean(0).clamp_min(1e-12), 0.0)
        belief = belief / belief.sum(1, keepdim=True)
    return belief

"""One direction, forth or else back, kept where a loss falls: what SimBA and its kin have in common."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from benchbox.contracts import SearchGame
from benchbox_plugins.query_attacks._crowd import Crowd

Loss = Callable[[Tensor, Tensor], Tensor]
"""Returns what an attack lowers, of rows and the answers to their images."""


class Greedy:
    """The images of a crowd and their losses, moved step by step.

    Args:
        game: the block in play.
        crowd: the examples.
        loss: what a step has to lower.

    Attributes:
        now: the images, float (n, *shape).
    """

    def __init__(self, game: SearchGame, crowd: Crowd, loss: Loss) -> None:
        self._crowd, self._loss, self._inf = crowd, loss, game.threat.norm == "inf"
        self.now = crowd.clean.clone()
        self.losses = torch.zeros(len(self.now), dtype=torch.float64, device=self.now.device)
        rows = crowd.rows()
        self.losses[rows] = loss(rows, crowd.ask(rows, self.now[rows], "start"))

    def step(self, rows: Tensor, steps: Tensor) -> Tensor:
        """Try a step (m, *shape) for each row, then its opposite where it did not help; return which rows have moved.

        A step that leaves an L2 ball is not tried; under L-infinity it is cut to the ball. One that changes nothing is free.
        """
        pending = torch.ones(len(rows), dtype=torch.bool, device=rows.device)
        for sign in (1.0, -1.0):
            left = torch.isin(rows, self._crowd.rows()) & pending
            moved = (self.now[rows] + sign * steps).clamp(0, 1)
            tried = self._crowd.project(rows, moved)
            if not self._inf:
                left &= ((tried - moved).abs() < 1e-6).flatten(1).all(1)
            left &= ((tried - self.now[rows]).abs() > 1e-6).flatten(1).any(1)
            mine, tried = rows[left], tried[left]
            if len(mine):
                found = self._loss(mine, self._crowd.ask(mine, tried))
                better = found < self.losses[mine]
                self.now[mine[better]], self.losses[mine[better]] = tried[better], found[better]
                pending[left.nonzero()[better, 0]] = False
        return ~pending

"""Whether an example of a query attack has succeeded: the referee sees every image that is asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchbox.contracts.threat import Threat
from benchbox.scoring.distances import norms, within

_KEPT = ("first", "linf", "l2", "l0")


class Judge:
    """Judges the images of one block. An example succeeds at its first image within the threat that fools the target.

    Args:
        images: the clean images, float (n, *shape).
        labels: their classes, int64 (n,).
        goals: the classes to be reached, int64 (n,); None where any other class will do.
        threat: the ball around each image.
        shown: so many of the first examples are kept for a picture.

    Attributes:
        first: the query at which each example succeeded, from 1; 0 where it has not. int64 (n,), on the CPU.
        linf, l2, l0: its distances, float64 (n,); NaN where it has not.
        late: queries spent on examples that had been told to be solved.
        examples: the first successful image of each of the first rows; the clean one where there is none.
    """

    def __init__(self, images: Tensor, labels: Tensor, goals: Tensor | None, threat: Threat, shown: int) -> None:
        self._images, self._labels, self._goals, self._threat = images, labels, goals, threat
        self.first = torch.zeros(len(images), dtype=torch.int64)
        self.linf, self.l2, self.l0 = (torch.full((len(images),), torch.nan, dtype=torch.float64) for _ in range(3))
        self.late = 0
        self.examples = images[:shown].clone()

    def see(self, rows: Tensor, images: Tensor, answers: Tensor, labels: Tensor, places: Tensor) -> Tensor:
        """Judge answered images, in the order in which they were asked.

        Args:
            rows: whose they are, int64 (m,), on the CPU.
            images: float (m, *shape).
            answers: what the attack is told: classes int64 (m,), or probabilities (m, classes).
            labels: the target's own classes, int64 (m,): what counts, though a defence may say otherwise.
            places: which query of its example each was, from 1.

        Returns:
            bool (m,), on the CPU: which of them succeed as far as the attack is told.
        """
        self.late += int((self.first[rows] > 0).sum())
        looks, succeeds = self._fools(rows, answers), self._fools(rows, labels)
        # few images fool the target: distances are measured of those alone
        fooling = (looks | succeeds).nonzero()[:, 0]
        if not len(fooling):
            return looks
        mine, shown = rows[fooling], images[fooling.to(images.device)].clamp(0, 1)
        far = norms(self._images[mine.to(self._images.device)], shown)
        near = within(self._threat, far)
        looks[fooling] &= near
        fresh = (near & succeeds[fooling] & (self.first[mine] == 0)).nonzero()[:, 0].numpy()
        _, earliest = np.unique(mine.numpy()[fresh], return_index=True)
        new = torch.from_numpy(fresh[earliest])
        solved = mine[new]
        self.first[solved] = places[fooling[new]]
        self.linf[solved], self.l2[solved], self.l0[solved] = far.linf[new], far.l2[new], far.l0[new]
        for row, i in zip(solved.tolist(), new.tolist(), strict=True):
            if row < len(self.examples):
                self.examples[row] = shown[i]
        return looks

    def _fools(self, rows: Tensor, answers: Tensor) -> Tensor:
        said = answers.argmax(1) if answers.ndim == 2 else answers
        mine = rows.to(said.device)
        if self._goals is None:
            return (said != self._labels.to(said.device)[mine]).cpu()
        return (said == self._goals.to(said.device)[mine]).cpu()

    def state_dict(self) -> dict[str, Any]:
        """Return what was judged as plain data."""
        return {**{name: getattr(self, name) for name in _KEPT}, "late": self.late, "examples": self.examples}

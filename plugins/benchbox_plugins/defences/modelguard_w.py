"""The defence 'modelguard-w'."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Defence, Options, Told

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_MARGIN = 1e-4
"""By how much the label stays ahead."""
_LEAST, _STEPS = 1e-12, 60


class ModelGuardWOptions(Options):
    """Options of ``modelguard-w``."""

    radius: float = Field(default=1.0, gt=0, le=2, description="how far, in L1, the answer may lie from the target's")


class ModelGuardW(Defence):
    """Moves probability to the least likely classes, within a ball.

    Tang et al., "ModelGuard: Information-Theoretic Defense Against Model Extraction Attacks", USENIX Security 2024: of all
    answers y within an L1 ball around p that keep the label ahead by 1e-4, the one with the least sum of y_j log p_j. A
    linear programme in the authors' code; ours fills the least likely class, then the next, from the likeliest ones that can
    give, while the label stays ahead.
    """

    name: ClassVar[str] = "modelguard-w"
    Options: ClassVar[type[Options]] = ModelGuardWOptions

    def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
        """Move; see ``Defence.answer``."""
        from benchbox_plugins.defences._perturb import normalised

        moved = [_farthest(row, self.options.radius / 2) for row in probabilities.double().tolist()]
        return Told(normalised(probabilities.double().new_tensor(moved)).float())


def _farthest(p: list[float], most: float) -> list[float]:
    """Return the answer in place of p: ``most`` is how much may be moved. Its worth is convex in what the label keeps."""
    label = p.index(max(p))
    low, high = max(0.0, p[label] - most), min(1.0, p[label] + most)  # a higher label lets the others be higher

    def tried(kept: float) -> tuple[float, list[float]]:
        y = _spread(p, label, kept, most)
        if y is None:
            return math.inf, p
        return sum(math.log(max(q, _LEAST)) * share for q, share in zip(p, y, strict=True)), y

    for _ in range(_STEPS):
        third = (high - low) / 3
        if tried(low + third)[0] > tried(high - third)[0]:
            low += third
        elif math.isinf(tried(high - third)[0]):
            low = high - third  # the label must keep more than that
        else:
            high -= third
    return min(tried(low), tried(high), tried(p[label]))[1]


def _spread(p: list[float], label: int, kept: float, most: float) -> list[float] | None:
    """Return the best answer in which the label keeps so much; None where the others cannot hold the rest."""
    cap = kept - _MARGIN
    y = [min(q, cap) for q in p]
    y[label] = kept
    loose = 1 - sum(y)
    spare = most - sum(max(0.0, q - share) for q, share in zip(p, y, strict=True))
    if cap < 0:
        return None
    order = sorted((i for i in range(len(p)) if i != label), key=lambda i: p[i])
    first, last = 0, len(order) - 1
    while loose < 0 and last >= 0:
        taken = min(-loose, y[order[last]])
        y[order[last]] -= taken
        loose += taken
        spare -= taken
        last -= y[order[last]] <= 0
    if spare < -_LEAST:
        return None
    while first <= last:
        poor, rich = order[first], order[last]
        room = cap - y[poor]
        if room <= 0:
            first += 1
        elif loose > 0:
            given = min(loose, room)
            y[poor] += given
            loose -= given
        elif spare > 0 and p[rich] > p[poor]:
            given = min(spare, room, y[rich])
            y[poor] += given
            y[rich] -= given
            spare -= given
            last -= y[rich] <= 0
        else:
            break
    return y if abs(loose) < _LEAST else None

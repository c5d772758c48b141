"""The threat model: how far an adversarial example may lie from the clean image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Norm = Literal["inf", "2"]
"""How far is measured: the largest change of a value, or the root of the sum of squared changes."""


@dataclass(frozen=True)
class Threat:
    """A ball around the clean image. The referee refuses examples outside it.

    Attributes:
        norm: ``inf``, the largest change of a value, or ``2``, the root of the sum of squared changes.
        radius: in grey levels of [0, 1]; the whole image counts under norm ``2``.
    """

    norm: Norm
    radius: float

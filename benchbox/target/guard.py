"""A defence at work for one client: what it remembers of it, what it raised, and what is held against its contract."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import torch
from torch import Tensor

from benchbox.contracts import Defence, Told
from benchbox.errors import PluginError

_NEAR = 1e-3
"""How near to 1 the probabilities that a client is told must sum."""


class Checked(NamedTuple):
    """What a client is told, float32 (n, classes); which images raised an alarm or are blocked, bool (n,), on the CPU."""

    probabilities: Tensor
    alarms: Tensor
    blocked: Tensor


class Guard:
    """Asks a defence, and counts.

    Args:
        defence: as it was prepared; it is copied, so that this client's memory is its own.
        seed: of the client's random stream.
        ends: whether the first block ends the client's game.

    Attributes:
        asked: images that it was shown.
        alarms: those among them that raised one.
        first: which of them was the first, from 1; 0 where there was none.
        blocked: those that were not answered.
    """

    def __init__(self, defence: Defence, seed: int, *, ends: bool = False) -> None:
        self._defence = copy.deepcopy(defence)
        self._rng = torch.Generator().manual_seed(seed)
        self.ends = ends
        self.asked = self.alarms = self.first = self.blocked = 0

    def answer(self, images: Tensor, probabilities: Tensor) -> Checked:
        """Return what the client is told.

        Args:
            images: float32 (n, *shape) in [0, 1].
            probabilities: the target's, float32 (n, classes).

        Raises:
            PluginError: the defence broke its contract; the sentence names it.
        """
        told = self._checked(self._defence.answer(images, probabilities.clone(), self._rng), probabilities)
        if self.ends and told.blocked.any():  # whatever comes behind it was never asked
            last = int(told.blocked.nonzero()[0, 0]) + 1
            told = Checked(told.probabilities, told.alarms[:last], told.blocked[:last])
        if told.alarms.any() and not self.first:
            self.first = self.asked + int(told.alarms.nonzero()[0, 0]) + 1
        self.asked += len(told.alarms)
        self.alarms += int(told.alarms.sum())
        self.blocked += int(told.blocked.sum())
        return told

    def _checked(self, told: object, given: Tensor) -> Checked:
        who, n = f"defence '{self._defence.name}'", len(given)
        if not isinstance(told, Told) or not isinstance(told.probabilities, Tensor):
            raise PluginError(f"{who} answered with {type(told).__name__}; expected Told(probabilities)")
        said = told.probabilities.float()
        fits = said.shape == given.shape and bool((said >= 0).all() & ((said.sum(1) - 1).abs() < _NEAR).all())
        if not fits:  # NaN is neither
            raise PluginError(
                f"{who} told a client {told.probabilities.dtype} of shape {tuple(told.probabilities.shape)}; expected "
                f"probabilities {tuple(given.shape)}, nothing negative, rows that sum to 1"
            )
        return Checked(said.to(given.device), self._mask(told.alarms, n), self._mask(told.blocked, n))

    def _mask(self, mask: object, n: int) -> Tensor:
        if mask is None:
            return torch.zeros(n, dtype=torch.bool)
        if not isinstance(mask, Tensor) or mask.dtype != torch.bool or tuple(mask.shape) != (n,):
            raise PluginError(
                f"defence '{self._defence.name}' marked {n} images with {type(mask).__name__}; expected bool ({n},), or None"
            )
        return mask.cpu()

    @property
    def counts(self) -> dict[str, int]:
        """Its counts, by name."""
        return {name: getattr(self, name) for name in ("asked", "alarms", "first", "blocked")}

    def state_dict(self) -> dict[str, Any]:
        """Return its memory, its random stream and its counts as plain data, for a resumed run."""
        memory = {
            name: value.state_dict() if hasattr(value, "state_dict") else value
            for name, value in vars(self._defence).items()
            if name != "options" and _lasts(value)
        }
        return copy.deepcopy({"memory": memory, "rng": self._rng.get_state(), "counts": self.counts})

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what ``state_dict`` returned."""
        state = copy.deepcopy(state)
        for name, value in state["memory"].items():
            mine: Any = getattr(self._defence, name, None)
            if hasattr(mine, "load_state_dict"):
                mine.load_state_dict(value)
            else:
                setattr(self._defence, name, value.to(mine.device) if isinstance(mine, Tensor) else value)
        self._rng.set_state(state["rng"])
        vars(self).update(state["counts"])


def _lasts(value: object) -> bool:
    return hasattr(value, "state_dict") or isinstance(value, Tensor | int | float | str | None)

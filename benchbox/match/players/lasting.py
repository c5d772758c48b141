"""What of a generator lasts from one round to the next, so that a killed run goes on from its last round."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch

from benchbox.contracts import Generator
from benchbox.match.players.game import PlayerGame


def state_of(generator: Generator, game: PlayerGame) -> dict[str, Any]:
    """Return its attributes that last (modules, optimisers, tensors, numbers, strings) and the random streams."""
    lasting = {
        name: value.state_dict() if hasattr(value, "state_dict") else value
        for name, value in vars(generator).items()
        if name != "options" and _lasts(value)
    }
    return {"method": lasting, "rng": game.rng.get_state(), "globals": _global_state()}


def restore(generator: Generator, game: PlayerGame, state: dict[str, Any]) -> None:
    """Take up what ``state_of`` returned, after ``setup``."""
    for name, value in state["method"].items():
        mine: Any = getattr(generator, name, None)
        if hasattr(mine, "load_state_dict"):
            mine.load_state_dict(value)
            if isinstance(mine, torch.optim.Optimizer):
                _lay_out(mine)
        else:
            setattr(generator, name, value.to(game.device) if isinstance(value, torch.Tensor) else value)
    game.rng.set_state(state["rng"])
    _set_global_state(state["globals"])


def _lasts(value: object) -> bool:
    return hasattr(value, "state_dict") or isinstance(value, torch.Tensor | int | float | str | bool | None)


def _lay_out(optimiser: torch.optim.Optimizer) -> None:
    """Lay an optimiser's tensors out in memory as its weights are.

    Layout does not cross to the referee and back, and torch's fused kernels pair weights and moments by their place in memory:
    with weights that lie channels last they would mix up whose moment is whose, and not say so.
    """
    for weight, moments in optimiser.state.items():
        for name, tensor in moments.items():
            if isinstance(tensor, torch.Tensor) and tensor.shape == weight.shape:
                moments[name] = torch.empty_like(weight, dtype=tensor.dtype, requires_grad=False).copy_(tensor)


def _global_state() -> dict[str, Any]:
    version, words, gauss = random.getstate()
    name, keys, position, has_gauss, cached = np.random.get_state(legacy=True)
    return {
        "torch": torch.get_rng_state(),
        "python": [version, list(words), gauss],
        "numpy": [name, [int(key) for key in keys], int(position), int(has_gauss), float(cached)],
    }


def _set_global_state(state: dict[str, Any]) -> None:
    torch.set_rng_state(state["torch"])
    version, words, gauss = state["python"]
    random.setstate((version, tuple(words), gauss))
    name, keys, position, has_gauss, cached = state["numpy"]
    np.random.set_state((name, np.array(keys, dtype=np.uint32), position, has_gauss, cached))

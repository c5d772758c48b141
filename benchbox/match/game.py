"""The game that a method is given: see ``benchbox.contracts.Game`` for what it may rely on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from benchbox.contracts import Access, Insider, Oracle, Pool, Shape
from benchbox.devices import to_device
from benchbox.images.grid import grid_png
from benchbox.match.training import train_substitute
from benchbox.records import Diagnostic, Picture
from benchbox.seeds import stream_seed
from benchbox.target.answer import in_batches, softmax_in_batches

_GRID = 10  # pictures hold at most 10 x 10 images
_LEVELS = 16  # of a channel: a third of the bytes that 256 take in the store


@dataclass
class Notes:
    """What methods wrote down: diagnostics and pictures."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    pictures: dict[str, Picture] = field(default_factory=dict)


@dataclass(frozen=True)
class LiveGame:
    """A game in play.

    Attributes:
        build: returns a freshly initialised substitute.
        seed: the suite's seed.
        notes: where ``log`` and ``picture`` write.
    """

    access: Access
    oracle: Oracle
    pool: Pool | None
    public: Tensor | None
    budgets: tuple[int, ...]
    shape: Shape
    classes: int
    device: torch.device
    rng: torch.Generator
    insider: Insider | None
    build: Callable[[], nn.Module]
    seed: int
    notes: Notes

    def new_substitute(self) -> nn.Module:
        """Return a fresh substitute, the same weights under one seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(stream_seed(self.seed, "substitute"))
            return to_device(self.build(), self.device)

    def train(self, images: Tensor, answers: Tensor, *, stream: str = "main") -> nn.Module:
        """Train a fresh substitute by the standard recipe."""
        order = torch.Generator().manual_seed(stream_seed(self.seed, f"batch order/{stream}"))
        return train_substitute(self.new_substitute(), images, answers, generator=order, device=self.device)

    def log(self, **values: float) -> None:
        """Record diagnostics at the present number of queries."""
        self.notes.diagnostics += [Diagnostic(self.oracle.spent, name, float(value)) for name, value in values.items()]

    def picture(self, name: str, images: Tensor) -> None:
        """Keep a grid of images as PNG."""
        self.notes.pictures[name] = Picture(name, grid_png(images[: _GRID * _GRID], _GRID, _LEVELS))


class TargetInsider:
    """The target from within, for privileged methods."""

    def __init__(self, network: nn.Module, device: torch.device) -> None:
        self._network, self._device = network, device

    def probabilities(self, images: Tensor) -> Tensor:
        """Return softmax outputs, float32 (n, classes)."""
        return softmax_in_batches(self._network, images, self._device).to(images.device)

    def activations(self, images: Tensor) -> Iterator[Tensor]:
        """Yield ReLU outputs in micro-batches, one flat row per image; maps reduced to their maximum."""
        from benchbox.target.answer import MICRO_BATCH

        for start in range(0, len(images), MICRO_BATCH):
            yield in_batches(self._fired, images[start : start + MICRO_BATCH], self._device)

    def _fired(self, batch: Tensor) -> Tensor:
        fired: list[Tensor] = []

        def keep(_module: nn.Module, _inputs: object, output: Tensor) -> None:
            fired.append(output.flatten(2).amax(2) if output.ndim > 2 else output)

        handles = [m.register_forward_hook(keep) for m in self._network.modules() if isinstance(m, nn.ReLU)]
        try:
            self._network(batch)
        finally:
            for handle in handles:
                handle.remove()
        return torch.cat(fired, 1)

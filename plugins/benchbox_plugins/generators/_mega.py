"""Several generators as one: MEGA's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from math import ceil

import torch
from torch import Tensor, nn

from benchbox_plugins.generators._networks import fresh


class Several(nn.ModuleList):
    """Generators of one kind, each of which makes images of its own share of the noise.

    Args:
        build: makes the network of a number.
        n: how many.
        rng: draws their initial weights.
        device: where they lie.
    """

    def __init__(self, build: Callable[[int], nn.Module], n: int, rng: torch.Generator, device: torch.device) -> None:
        super().__init__(fresh(partial(build, i), rng, device) for i in range(n))

    def owners(self, n: int) -> Tensor:
        """Return which network makes each of ``n`` images, (n,): they take turns."""
        return torch.arange(n) % len(self)

    def batches(self, owner: Tensor, order: Tensor, size: int) -> Iterator[tuple[nn.Module, Tensor]]:
        """Yield networks with rows of theirs, at most ``size``, in the given order, evened out."""
        for i, network in enumerate(self):
            rows = order[owner[order] == i]
            if len(rows):
                yield from ((network, part) for part in rows.tensor_split(ceil(len(rows) / size)))

    @torch.no_grad()
    def images(self, noise: Tensor, owner: Tensor, output: Callable[[Tensor], Tensor], size: int) -> Tensor:
        """Return the image of every row of noise, (n, channels, height, width), made ``size`` at a time."""
        images = noise.new_empty(0)
        for network, rows in self.batches(owner, torch.arange(len(noise)), size):
            part = output(network(noise[rows.to(noise.device)])).float()  # under mixed precision too
            if not len(images):
                images = part.new_empty(len(noise), *part.shape[1:])
            images[rows.to(noise.device)] = part
        return images

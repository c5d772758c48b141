"""A decoder that turns small images into changes of large ones, learnt from the attacker's own images."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from benchbox.contracts import SearchGame

Enlarge = Callable[[Tensor], Tensor]
_STEPS, _BATCH, _WIDTH, _RATE = 1000, 100, 16, 1e-3


def bilinear(size: tuple[int, ...]) -> Enlarge:
    """Return the enlargement (n, channels, side, side) -> (n, channels, *size) by straight lines between the pixels."""
    return lambda small: nn.functional.interpolate(small, size, mode="bilinear", align_corners=True)


def learnt(game: SearchGame, side: int) -> Enlarge:
    """Train a convolutional auto-encoder on the pool, and return its decoder, less what it makes of nothing.

    Args:
        game: grants unlabelled images, which are ``side`` times a power of two high and wide.
        side: of the small image.
    """
    images = game.unlabelled
    halvings, channels = int(math.log2(game.shape[1] // side)), game.shape[0]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(torch.randint(2**31, (), generator=game.rng)))
        encoder = nn.Sequential(*_layers(channels, halvings, nn.MaxPool2d(2)))
        decoder = nn.Sequential(*_layers(channels, halvings, nn.Upsample(scale_factor=2, mode="nearest")))
    parts = nn.ModuleList([encoder, decoder]).to(images.device)
    optimiser = torch.optim.Adam(parts.parameters(), _RATE)
    for _ in range(_STEPS):
        batch = images[torch.randint(len(images), (_BATCH,), generator=game.rng)] - 0.5
        loss = nn.functional.mse_loss(decoder(encoder(batch)), batch)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    parts.requires_grad_(False)
    nothing = decoder(torch.zeros(1, channels, side, side, device=images.device))
    return lambda small: decoder(small) - nothing


def _layers(channels: int, halvings: int, resize: nn.Module) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for level in range(halvings):
        layers += [nn.Conv2d(_WIDTH if level else channels, _WIDTH, 3, padding=1), nn.ReLU(), resize]
    return [*layers, nn.Conv2d(_WIDTH if halvings else channels, channels, 3, padding=1)]

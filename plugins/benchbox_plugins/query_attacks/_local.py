"""What a search learns from the scenario's substitutes: gradients, and examples made on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from benchbox.contracts import SearchGame
from benchbox_plugins.query_attacks._crowd import Crowd

_MOST, _VALUES = 256, 1 << 20  # images of a gradient, and their values: large ones in small batches


def gradient(networks: Sequence[nn.Module], images: Tensor, value: Callable[[Tensor, slice], Tensor]) -> Tensor:
    """Return the gradient of a value a row, summed over networks, with respect to the images, float (n, *shape).

    Args:
        networks: give logits (n, classes).
        images: float (n, *shape).
        value: of the logits of some rows, and which rows they are, (m,).
    """
    parts, size = [], max(1, min(_MOST, _VALUES // images[0].numel())) if len(images) else 1
    for start in range(0, len(images), size):
        part = slice(start, start + size)
        found = torch.zeros_like(images[part])
        for network in networks:
            point = images[part].detach().clone().requires_grad_(True)
            found += torch.autograd.grad(value(network(point), part).sum(), point)[0]
        parts.append(found)
    return torch.cat(parts)


def margins(logits: Tensor, labels: Tensor, goals: Tensor | None) -> Tensor:
    """Return the margin of logits that an attack lowers: the true class's less the best other's, or that's less the goal's."""
    wanted = (labels if goals is None else goals)[:, None]
    own = logits.gather(1, wanted)[:, 0]
    other = logits.scatter(1, wanted, -torch.inf).amax(1)
    return own - other if goals is None else other - own


def margin_of(game: SearchGame, labels: Tensor, rows: Tensor) -> Callable[[Tensor, slice], Tensor]:
    """Return the margin of some rows' logits, as ``gradient`` takes it.

    Args:
        game: the block in play.
        labels: the classes of all its images.
        rows: int64 (m,).
    """
    mine, goals = labels[rows], None if game.goals is None else game.goals[rows]
    return lambda logits, part: margins(logits, mine[part], None if goals is None else goals[part])


def crafted(game: SearchGame, crowd: Crowd, steps: int) -> Tensor:
    """Return examples within the threat that PGD makes on the substitutes, float (n, *shape): the sum of their margins falls.

    From a random start, each step a thirtieth of the radius.
    """
    images = crowd.clean
    rows = torch.arange(len(images), device=images.device)
    noise = (2 * torch.rand(images.shape, generator=game.rng) - 1).to(images)
    now = crowd.project(rows, images + crowd.radius * noise)
    margin = margin_of(game, crowd.labels, rows)
    for _ in range(steps):
        slope = gradient(game.substitutes, now, margin)
        now = crowd.project(rows, now - crowd.stride(slope, crowd.radius / 30))
    return now

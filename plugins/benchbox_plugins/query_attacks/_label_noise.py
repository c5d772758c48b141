"""NES where a target names a class and nothing else: how often small noise fools it stands in for a probability."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from benchbox.contracts import SearchGame
from benchbox_plugins.query_attacks._boundary import distances, starts
from benchbox_plugins.query_attacks._crowd import Crowd, lengths, normal, wide

_TRIES = 4  # candidates a step, each nearer to where it was
_REGROWN = 5
"""Behind a success a ball shrinks by its first shrinking over this at least; published code has such a bound."""


class Noise(NamedTuple):
    """The settings.

    Attributes:
        pairs: mirrored pairs of probes a step.
        sigma: size of the probes' noise.
        copies: noisy copies of each probe, each of which is a query.
        width: of the copies' noise, uniform.
    """

    pairs: int
    sigma: float
    copies: int
    width: float


def walk(game: SearchGame, crowd: Crowd, settings: Noise) -> None:
    """Search from images that fool the target towards the clean ones, in balls that shrink while that lasts."""
    now, found = starts(game, crowd)
    every = torch.arange(len(now), device=now.device)
    reach = distances(game, crowd, every, now)
    shrink = reach / 2
    least = shrink / _REGROWN
    step = (reach / 5).clamp_min(crowd.radius / 5)
    price = 2 * settings.pairs * settings.copies + 1
    while len(rows := (left := crowd.rows(price))[found[left]]):
        for part in crowd.parts(rows, price):
            slope = _slope(game, crowd, part, now[part], settings)
            moved = _approach(game, crowd, part, now, reach, shrink, step[part], slope)
            shrink[moved] = shrink[moved].maximum(least[moved])


def _slope(game: SearchGame, crowd: Crowd, rows: Tensor, now: Tensor, settings: Noise) -> Tensor:
    """Return the direction in which more of the noisy copies fool the target, (m, *shape)."""
    m, (pairs, sigma, copies, width) = len(rows), settings
    noise = normal((m, pairs, *game.shape), game)
    noise = torch.cat([noise, -noise], 1)
    around = width * (2 * torch.rand(m, 2 * pairs, copies, *game.shape, generator=game.rng) - 1).to(now)
    probes = (now[:, None, None] + sigma * noise[:, :, None] + around).clamp(0, 1)
    fools = crowd.fooled(rows, crowd.probe(rows, probes.flatten(1, 2))).view(m, 2 * pairs, copies)
    scores = fools.to(now).mean(2)
    slope: Tensor = torch.einsum("mk,mkchw->mchw", scores - scores.mean(1, keepdim=True), noise)
    return slope


def _approach(
    game: SearchGame,
    crowd: Crowd,
    rows: Tensor,
    now: Tensor,
    reach: Tensor,
    shrink: Tensor,
    step: Tensor,
    slope: Tensor,
) -> Tensor:
    """Move along the slope into a smaller ball; where that does not fool the target, less far into one less small.

    Changes ``now``, ``reach`` and ``shrink``; a step is shortened for this once. Returns the rows that have moved.
    """
    pending = torch.ones(len(rows), dtype=torch.bool, device=rows.device)
    for _ in range(_TRIES):
        mine = (pending & torch.isin(rows, crowd.rows())).nonzero()[:, 0]
        if not len(mine):
            break
        some = rows[mine]
        target = (reach[some] - shrink[some]).clamp_min(crowd.radius)
        tried = _into(game, crowd, some, now[some] + crowd.stride(slope[mine], wide(step[mine])), target)
        fools = crowd.fooled(some, crowd.ask(some, tried))
        now[some[fools]], reach[some[fools]] = tried[fools], target[fools]
        pending[mine[fools]] = False
        shrink[some[~fools]] /= 2
        step[mine[~fools]] /= 2
    return rows[~pending]


def _into(game: SearchGame, crowd: Crowd, rows: Tensor, images: Tensor, reach: Tensor) -> Tensor:
    """Return images moved into balls of their own radii around the clean ones, and into [0, 1]."""
    change = images - crowd.clean[rows]
    if game.threat.norm == "inf":
        change = torch.min(torch.max(change, -wide(reach)), wide(reach))
    else:
        change = change * (wide(reach) / lengths(change).clamp_min(1e-12)).clamp_max(1.0)
    return (crowd.clean[rows] + change).clamp(0, 1)

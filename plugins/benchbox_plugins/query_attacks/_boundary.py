"""What label-only searches share: starts that fool the target, and bisection towards the clean image."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from benchbox.contracts import SearchGame
from benchbox_plugins.query_attacks._crowd import Crowd, lengths, wide

_TRIES = 60  # starting images that an example may ask at most
_MOST_POOL = 2000


def starts(game: SearchGame, crowd: Crowd) -> tuple[Tensor, Tensor]:
    """Return an image for each example that fools the target, and which examples have one: float (n, *shape), bool (n,).

    The pool's images are asked, each once and by one example; what the target answers holds for all of them, so every
    example starts from the nearest that is known to fool the target for it. Without a pool it is uniform noise.
    """
    n, images = len(crowd.clean), crowd.clean
    start, found = images.clone(), torch.zeros(n, dtype=torch.bool, device=images.device)
    asked = torch.empty(0, *game.shape, device=images.device)
    said = torch.empty(0, dtype=torch.int64, device=images.device)
    source = _source(game)
    for turn in range(_TRIES):
        rows = crowd.rows(2)  # one is left for what a start is good for
        rows = rows[~found[rows]]
        if turn * n >= len(source) and game.pool is not None:
            rows = rows[:0]
        if not len(rows):
            break
        fresh = source[turn * n :][: len(rows)] if game.pool is not None else _noise(game, len(rows))
        kept, answers = crowd.answered(rows[: len(fresh)], fresh, "start")
        labels = answers.argmax(-1) if answers.is_floating_point() else answers
        asked, said = torch.cat([asked, fresh[kept]]), torch.cat([said, labels])
        if len(asked):
            _nearest(game, crowd, asked, said, start, found)
    return start, found


def _source(game: SearchGame) -> Tensor:
    if game.pool is None:
        return torch.empty(0, *game.shape, device=game.device)
    order = torch.randperm(len(game.pool), generator=game.rng)[:_MOST_POOL]
    return game.pool.images[order.to(game.device)]


def _noise(game: SearchGame, m: int) -> Tensor:
    return torch.rand(m, *game.shape, generator=game.rng).to(game.device)


def _nearest(game: SearchGame, crowd: Crowd, asked: Tensor, said: Tensor, start: Tensor, found: Tensor) -> None:
    """Give every example the nearest of the asked images that fools the target for it."""
    for rows in torch.split(torch.arange(len(start), device=start.device), 256):
        wanted = crowd.labels[rows] if game.goals is None else game.goals[rows]
        same = said[None, :] == wanted[:, None]
        fools = ~same if game.goals is None else same
        order = 2.0 if game.threat.norm == "2" else torch.inf
        far = torch.cdist(crowd.clean[rows].flatten(1), asked.flatten(1), p=order)
        best = far.masked_fill(~fools, torch.inf).min(1)
        mine = best.values.isfinite()
        start[rows[mine]], found[rows[mine]] = asked[best.indices[mine]], True


def afforded(game: SearchGame, crowd: Crowd, rows: Tensor, wanted: int) -> Iterator[tuple[Tensor, int]]:
    """Yield rows with how many probes they can pay for, up to ``wanted``; a question is left for what the probes are good for.

    Rows that cannot pay for all are taken together by powers of two, so that the poorest does not hold up the others.
    """
    few = (game.remaining(rows) - 1).clamp_max(wanted)
    few = torch.where(few < wanted, 2 ** few.clamp_min(1).float().log2().floor().long(), few)
    for n in sorted(set(few.tolist())):
        for part in crowd.parts(rows[few == n], n):
            yield part, n


def left(crowd: Crowd, found: Tensor) -> Tensor:
    """Return the rows that have a start and can pay for a probe and what it is good for."""
    rows = crowd.rows(2)
    return rows[found[rows]]


def distances(game: SearchGame, crowd: Crowd, rows: Tensor, images: Tensor) -> Tensor:
    """Return how far images lie from their clean ones, in the threat's norm, float (m,)."""
    change = (images - crowd.clean[rows]).flatten(1)
    return change.norm(dim=1) if game.threat.norm == "2" else change.abs().amax(1)


def between(game: SearchGame, crowd: Crowd, rows: Tensor, images: Tensor, share: Tensor) -> Tensor:
    """Return images on the way from the clean ones: blended under L2, cut to a smaller cube under L-infinity."""
    clean = crowd.clean[rows]
    if game.threat.norm == "2":
        return clean + wide(share) * (images - clean)
    reach = wide(share * distances(game, crowd, rows, images))
    return torch.min(torch.max(images, clean - reach), clean + reach)


def bisect(game: SearchGame, crowd: Crowd, rows: Tensor, images: Tensor, steps: int | None) -> Tensor:
    """Return images moved towards their clean ones, as near as they still fool the target, by ``steps`` questions each.

    None is as many as part the way into HopSkipJump's published share of D values, 1 / D^1.5 under L2 and 1 / D^2 under
    L-infinity: probes are about as small, and tell nothing of a boundary that is known less well. float32 resolves no more
    than 18. Rows that are solved or
    out of queries on the way stay as near as they have come.
    """
    if steps is None:
        power = 1.5 if game.threat.norm == "2" else 2
        steps = min(18, math.ceil(power * math.log2(images.shape[1:].numel())))
    low, high = torch.zeros(len(rows), device=images.device), torch.ones(len(rows), device=images.device)
    for _ in range(steps):
        left = torch.isin(rows, crowd.rows()).nonzero()[:, 0]
        if not len(left):
            break
        middle = (low[left] + high[left]) / 2
        tried = between(game, crowd, rows[left], images[left], middle)
        fools = crowd.fooled(rows[left], crowd.ask(rows[left], tried, "bisect"))
        high[left[fools]], low[left[~fools]] = middle[fools], middle[~fools]
    return between(game, crowd, rows, images, high)


def unit(images: Tensor) -> Tensor:
    """Return images (..., channels, height, width) of L2 norm 1."""
    flat = images.flatten(0, -4) if images.ndim > 4 else images
    return (flat / lengths(flat).clamp_min(1e-12)).view_as(images)

"""How far adversarial examples lie from their images, and whether that is within the threat. The referee measures it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from benchbox.contracts.threat import Norm, Threat
from benchbox.errors import PluginError

_ABSOLUTE = 1e-5  # for L-infinity: what clipping in float32 leaves
_RELATIVE = 1e-4  # for L2: its rounding grows with the radius and the number of values
_CHANGED = 1e-6  # a value that moved by less was rounded on the way, as by normalising it and back
_STARTS, _AMONG = 100, 2_000  # images whose distances to one another tell enough
_VALUES = 1 << 26  # of large images fewer
_WORDS = {"inf": "L-infinity", "2": "L2"}


@dataclass(frozen=True)
class Norms:
    """Distances example by example, float64 (n,) on the CPU.

    Attributes:
        linf: largest change of a value, in grey levels of [0, 1].
        l2: root of the sum of squared changes of the whole image.
        l0: how many values changed by more than a millionth; a pixel in colour is three values.
    """

    linf: Tensor
    l2: Tensor
    l0: Tensor


def norms(clean: Tensor, examples: Tensor) -> Norms:
    """Return how far each example lies from its image.

    Args:
        clean: float (n, *shape).
        examples: the same shape; row i was made from row i.
    """
    change = (examples.detach().double() - clean.detach().double()).flatten(1).abs()
    l0 = (change > _CHANGED).sum(1).double()
    # amax of a row with NaN is NaN, which is no distance within anything
    return Norms(change.amax(1).cpu(), change.square().sum(1).sqrt().cpu(), l0.cpu())


def joined(parts: Sequence[Norms]) -> Norms:
    """Return the distances of examples that were measured in several goes."""
    return Norms(*(torch.cat([getattr(part, name) for part in parts]) for name in ("linf", "l2", "l0")))


def summary(found: Norms) -> dict[str, float]:
    """Return ``linf_mean``, ``linf_max``, ``l2_mean``, ``l2_max``, ``l0_mean`` and ``l0_max``; empty without examples."""
    if not len(found.linf):
        return {}
    values: dict[str, float] = {}
    for name in ("linf", "l2", "l0"):
        each: Tensor = getattr(found, name)
        values |= {f"{name}_mean": float(each.mean()), f"{name}_max": float(each.max())}
    return values


def halfway(images: Tensor, labels: Tensor, norm: Norm) -> float:
    """Return the distance from an image to the middle between it and the nearest of another class, the median over images.

    Within that radius most images can be made into what is no more of their class than of another.

    Args:
        images: float (n, *shape); where there are thousands, some of them stand for all.
        labels: int64 (n,).
        norm: of the distance.

    Returns:
        The distance; infinite where there is one class alone.
    """
    most = min(_AMONG, max(_STARTS, _VALUES // images.shape[1:].numel()))
    among = torch.arange(0, len(images), -(-len(images) // most), device=images.device)
    some, flat = slice(None, None, -(-len(among) // _STARTS)), images[among].flatten(1)
    starts = among[some]
    far = torch.cdist(flat[some], flat, p=torch.inf if norm == "inf" else 2.0)
    far[labels[starts, None] == labels[among]] = torch.inf
    return float(far.amin(1).median()) / 2


def check_threat(who: str, threat: Threat, clean: Tensor, examples: Tensor) -> None:
    """Check that every example lies within the threat, give or take rounding: 1e-5 for L-infinity, 1e-4 of the radius for L2.

    Args:
        who: starts the sentence, as ``attack 'pgd'``.
        threat: the ball around each image.
        clean: float (n, *shape).
        examples: the same shape.

    Raises:
        PluginError: some lie outside; one sentence with the norm, the radius, the largest distance, and how many of n.
    """
    check_norms(who, threat, norms(clean, examples))


def check_norms(who: str, threat: Threat, found: Norms) -> None:
    """As ``check_threat``, of distances that are measured already.

    Raises:
        PluginError: some examples lie outside.
    """
    outside = ~within(threat, found)
    if outside.any():
        each = _by_norm(threat, found)
        raise PluginError(
            f"{who} left its threat, {_WORDS[threat.norm]} within {threat.radius:g}: {int(outside.sum())} of {len(each)} "
            f"examples lie outside, the furthest at {float(each[outside].max()):.6g}"
        )


def within(threat: Threat, found: Norms) -> Tensor:
    """Return which examples lie within the threat, bool (n,), give or take rounding as ``check_threat`` does."""
    limit = threat.radius + _ABSOLUTE if threat.norm == "inf" else threat.radius * (1 + _RELATIVE)
    return _by_norm(threat, found) <= limit  # NaN is outside


def _by_norm(threat: Threat, found: Norms) -> Tensor:
    return found.linf if threat.norm == "inf" else found.l2


def check_stated(who: str, threat: Threat, most: float) -> None:
    """Refuse a threat of a stranger's own word that bounds nothing: within it images of other classes can be reached.

    Radii of built-in attacks are options that the suite has set, as the DRMI paper's 128 of 255 grey levels.

    Args:
        who: starts the sentence.
        threat: what the attack states.
        most: the least radius that bounds nothing; see ``halfway``.

    Raises:
        PluginError: it is one; a scenario may state what it likes.
    """
    if threat.radius >= most:
        raise PluginError(
            f"{who} states a threat of radius {threat.radius:g} under norm {threat.norm}, within which most images are halfway "
            f"to one of another class; expected less than {most:.3g}, or a scenario that states its threat"
        )

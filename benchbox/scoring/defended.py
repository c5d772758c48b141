"""What a defence costs: alarms raised by the thief, and what an honest client is told in place of the target's answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from benchbox.contracts import Access
from benchbox.errors import Blocked
from benchbox.records import Measurement
from benchbox.target.meter import MeteredOracle

HONEST = 1000
"""Test images that the honest client asks at most; fewer where there are fewer."""
_REQUEST = 100  # images a request
_BINS = 15  # of confidence, as in Guo et al. 2017


def watched(counts: Mapping[str, int], budget: int, spent: int) -> list[Measurement]:
    """Return what a guard counted of a thief as measurements at a budget point.

    Args:
        counts: ``Guard.counts``; empty where the target stood bare.
        budget, spent: the point.
    """
    if not counts or not counts["asked"]:
        return []
    asked, first = counts["asked"], counts["first"]
    return [
        Measurement("alarms", "", budget, spent, counts["alarms"] / asked, asked),
        Measurement("blocked", "", budget, spent, counts["blocked"] / asked, asked),
        Measurement("first_alarm", "", budget, spent, float(first) if first else None, 1),
    ]


def honest(
    meter: MeteredOracle, bare: Callable[[Tensor, Access], Tensor], images: Tensor, labels: Tensor, budget: int
) -> list[Measurement]:
    """Let one honest client ask test images, in the order in which they come, and measure what it is told.

    An image that is not answered counts as neither right nor unchanged. Once the client is banned it is answered nothing.

    Args:
        meter: a new client's, with a guard.
        bare: the target without a defence.
        images: float32 (n, *shape).
        labels: their true classes, int64 (n,).
        budget: the budget point that the measurements stand at.
    """
    assert meter.guard is not None
    told, kept = _told(meter, images)
    own = bare(images, Access.PROBABILITIES)
    said = told.argmax(1) if told.ndim == 2 else told
    true, answered, n = labels[kept], int(kept.sum()), len(images)

    def measurement(metric: str, value: float | None, of: int = n) -> Measurement:
        return Measurement(metric, "", budget, 0, value, of)

    found = [
        measurement("honest_accuracy", int((said == true).sum()) / n),
        measurement("bare_accuracy", int((own.argmax(1) == labels).sum()) / n),
        measurement("honest_changed", 1 - int((said == own.argmax(1)[kept]).sum()) / n),
        measurement("false_alarms", meter.guard.alarms / max(1, meter.guard.asked), meter.guard.asked),
        measurement("false_first_alarm", float(meter.guard.first) if meter.guard.first else None, 1),
    ]
    if told.ndim == 2:
        found += [
            measurement("honest_calibration", calibration(told, true) if answered else None, answered),
            measurement("bare_calibration", calibration(own, labels)),
            measurement(
                "honest_distance", float((told - own[kept]).abs().sum(1).mean()) / 2 if answered else None, answered
            ),
        ]
    return found


def calibration(probabilities: Tensor, labels: Tensor) -> float:
    """Return the expected calibration error: how far confidence lies from accuracy, in 15 bins, weighted by images."""
    sure, said = probabilities.double().max(1)
    bins = (sure * _BINS).long().clamp_max(_BINS - 1)
    gaps = torch.zeros(_BINS, dtype=torch.float64, device=sure.device).index_add_(
        0, bins, sure - (said == labels).double()
    )
    return float(gaps.abs().sum()) / len(labels)


def _told(meter: MeteredOracle, images: Tensor) -> tuple[Tensor, Tensor]:
    """Return the answers, and which images were answered, bool (n,), on the images' device."""
    answers, kept = [], torch.zeros(len(images), dtype=torch.bool)
    for start in range(0, len(images), _REQUEST):
        part = images[start : start + _REQUEST]
        try:
            served = meter.serve(part)
        except Blocked:
            break
        answers.append(served.answers)
        kept[start : start + _REQUEST] = served.kept
    return torch.cat(answers), kept.to(images.device)

"""From a target's raw answers to logits of the data set's classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchbox.errors import TargetError, described, shown
from benchbox.target.given.record import Reading
from benchbox.target.network import ends_in

_ROUNDED = 0.02  # how far from 1 probabilities that a service rounds may sum
_LEAST = 1e-12  # what a probability of 0 is taken for: its logarithm must be a number
_SURE = 50.0  # a logit of the only class that a label leaves


def told_apart(raw: Any, who: str, dataset: str, classes: int, names: tuple[str, ...]) -> Reading:
    """Return how the answers to some images are read.

    Args:
        raw: what was answered: whole numbers or texts (n,), or a value for each output (n, outputs).
        who: names the target in errors.
        dataset: names the data set in errors.
        classes: how many it has.
        names: what the target calls them, in order; empty where it numbers them alike.

    Raises:
        TargetError: they are no answers about these classes; the sentence says what would be.
    """
    if names and len(names) != classes:
        raise TargetError(f"{who}: --classes names {len(names)} classes, and {dataset} has {classes}")
    values = as_array(raw, who)
    if values.ndim == 1 and values.dtype.kind in "iuUb":
        return Reading(scale="labels", classes=classes, names=names)
    if values.ndim != 2 or values.dtype.kind != "f":
        raise TargetError(
            f"{who} answers {len(values)} images with {values.dtype} of shape {values.shape}; expected a label each, or a "
            f"value for each class, (n, classes)"
        )
    if not names and values.shape[1] != classes:
        raise TargetError(
            f"{who} gives {values.shape[1]} values for an image, and {dataset} has {classes} classes; --classes says, class by "
            f"class, which of its outputs is meant: --classes 0,1,..."
        )
    if any(not name.isdecimal() or int(name) >= values.shape[1] for name in names):
        raise TargetError(
            f"{who} gives {values.shape[1]} values for an image; --classes should name these, 0 to {values.shape[1] - 1}"
        )
    scale = "probabilities" if ends_in(torch.from_numpy(values), _ROUNDED) == "softmax" else "logits"
    return Reading(scale=scale, classes=classes, names=names)


def as_logits(raw: Any, reading: Reading, who: str) -> Tensor:
    """Return float32 (n, classes) whose softmax is what the target says; a label is a certainty.

    Raises:
        TargetError: these are not answers of the kind that it gave to the probe.
    """
    values = as_array(raw, who)
    if reading.scale == "labels":
        return torch.nn.functional.one_hot(_classes(values, reading, who), reading.classes).float() * _SURE
    if values.ndim != 2 or values.dtype.kind != "f":
        raise TargetError(
            f"{who} answers with {values.dtype} of shape {values.shape}, and gave values for each class before"
        )
    columns = [int(name) for name in reading.names] or list(range(reading.classes))
    if values.shape[1] <= max(columns):
        raise TargetError(f"{who} gives {values.shape[1]} values for an image, and gave more before")
    if not np.isfinite(values).all():
        raise TargetError(f"{who} gives values that are no finite numbers")
    chosen = torch.from_numpy(values[:, columns])
    return chosen.clamp_min(_LEAST).log() if reading.scale == "probabilities" else chosen


def as_array(raw: Any, who: str) -> NDArray[Any]:
    """Return answers as an array: float32, int64 or text.

    Raises:
        TargetError: they are none.
    """
    if isinstance(raw, Tensor):
        raw = raw.detach().float().cpu().numpy() if raw.is_floating_point() else raw.detach().cpu().numpy()
    try:
        values = np.asarray(raw)
    except (TypeError, ValueError) as error:
        raise TargetError(f"{who} answers with {type(raw).__name__}, which is no array ({described(error)})") from None
    if values.dtype.kind not in "fiuUb" or not values.ndim:
        raise TargetError(
            f"{who} answers with {type(raw).__name__} of {values.dtype}; expected labels, or values for each class"
        )
    return values.astype(np.float32) if values.dtype.kind == "f" else values


def _classes(values: NDArray[Any], reading: Reading, who: str) -> Tensor:
    if values.ndim != 1 or values.dtype.kind not in "iuUb":
        raise TargetError(f"{who} answers with {values.dtype} of shape {values.shape}, and gave a label each before")
    names = reading.names or tuple(map(str, range(reading.classes)))
    number = {name: i for i, name in enumerate(names)}
    said = [str(int(value)) if values.dtype.kind != "U" else str(value) for value in values]
    unknown = next((label for label in said if label not in number), None)
    if unknown is not None:
        raise TargetError(
            f"{who} says '{shown(unknown)}', which is no class of the data; --classes names its labels in the order of "
            f"the data's classes"
        )
    return torch.tensor([number[label] for label in said], dtype=torch.int64)

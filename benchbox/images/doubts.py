"""What is odd about a data set and still possible: its user is told, and may go on."""

from __future__ import annotations

import numpy as np

from benchbox.contracts import Array
from benchbox.images.images import Images, as_float

_SHARED = 0.1
"""Real data sets hold a few images twice; a tenth of a test part is an accident."""


def doubts(images: Images) -> list[str]:
    """Return what a user should know about a data set before it is played with, a sentence each."""
    found = [_classes(images), _same(images), _twice(images)]
    return [f"data set '{images.name}': {sentence}" for sentence in found if sentence]


def _classes(images: Images) -> str:
    """Say which classes are never scored."""
    missing = np.setdiff1d(np.arange(images.classes), images.y_test)
    if not len(missing):
        return ""
    if len(missing) == 1:
        return f"class {missing[0]} has no test image, and is never scored"
    return (
        f"{len(missing)} of {images.classes} classes, {missing[0]} among them, have no test image, and are never scored"
    )


def _same(images: Images) -> str:
    """Say where a test part holds one image only, many times over."""
    first, count = images.x_test[0], len(images.x_test)
    if count == 1 or not all(np.array_equal(first, image) for image in images.x_test):
        return ""
    return f"all {count} test images are the same; accuracies will say little"


def _twice(images: Images) -> str:
    """Say how many of the test images stand among the training images."""
    x_train, x_test = images.x_train, images.x_test
    if x_train.dtype != x_test.dtype:
        x_train, x_test = as_float(x_train), as_float(x_test)
    learnt = set(map(_hash, x_train))
    shared = sum(_hash(image) in learnt for image in x_test)
    if shared < _SHARED * len(x_test):
        return ""
    return f"{shared} of {len(x_test)} test images also stand among the training images; accuracies will be too high"


def _hash(image: Array) -> int:
    return hash(image.tobytes())

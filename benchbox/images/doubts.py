"""What is odd about a data set and still possible: its user is told, and may go on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchbox.contracts import Array, Images
from benchbox.images.checks import all_same
from benchbox.images.images import ImageSet
from benchbox.images.rows import as_float, in_chunks

_SHARED = 0.1
"""Real data sets hold a few images twice; a tenth of a test part is an accident."""


def doubts(images: ImageSet) -> list[str]:
    """Return what a user should know about a data set before it is played with, a sentence each."""
    found = [_classes(images), _same(images), _twice(images)]
    return [f"data set '{images.name}': {sentence}" for sentence in found if sentence]


def _classes(images: ImageSet) -> str:
    """Say which classes are never scored."""
    missing = np.setdiff1d(np.arange(images.classes), images.test.labels)
    if not len(missing):
        return ""
    if len(missing) == 1:
        return f"class {missing[0]} has no test image, and is never scored"
    return (
        f"{len(missing)} of {images.classes} classes, {missing[0]} among them, have no test image, and are never scored"
    )


def _same(images: ImageSet) -> str:
    """Say where a test part holds one image only, many times over."""
    count = len(images.test)
    if count == 1 or not all_same(images.test):
        return ""
    return f"all {count} test images are the same; accuracies will say little"


def _twice(images: ImageSet) -> str:
    """Say how many of the test images stand among the training images."""
    learnt, scored = _prints(images.train, images.test)
    among = set(learnt)
    shared, count = sum(each in among for each in scored), len(images.test)
    if shared < _SHARED * count:
        return ""
    return f"{shared} of {count} test images also stand among the training images; accuracies will be too high"


def _prints(train: Images, test: Images) -> tuple[Iterator[object], Iterator[object]]:
    """Return a hash an image of both parts: what they know of themselves, else what is read."""
    if train.prints is not None and test.prints is not None:
        return iter(train.prints), iter(test.prints)
    alike = train.rows(np.arange(1)).dtype == test.rows(np.arange(1)).dtype
    return _hashes(train, alike), _hashes(test, alike)


def _hashes(images: Images, as_read: bool) -> Iterator[int]:
    return (hash(_bytes(image, as_read)) for chunk in in_chunks(images) for image in chunk)


def _bytes(image: Array, as_read: bool) -> bytes:
    return (image if as_read else as_float(image)).tobytes()

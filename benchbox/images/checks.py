"""What arrays must be to be played with: shapes, ranges, labels. Each refusal is a sentence that names part and number."""

from __future__ import annotations

import numpy as np

from benchbox.contracts import Array, Images
from benchbox.errors import DataError

MOST_CLASSES = 5000
"""Networks have an output a class, and of every attack a matrix of classes by classes is kept."""
HAIR = 1e-5
"""How far a float image may lie outside [0, 1]: sums of float32 miss by less, a wrong range by much more."""


def checked_images(images: Array, where: str) -> Array:
    """Return images (n, channels, height, width), uint8 or float32 in [0, 1].

    Args:
        images: as they were read.
        where: begins the sentences, as ``data set 'faces', x_train``.

    Raises:
        DataError: the shape, the type or the range is another.
    """
    if 0 in images.shape:
        raise DataError(f"{where}: it holds no images, its shape is {images.shape}")
    if images.ndim == 3:
        images = images[:, None]
    elif images.ndim == 4 and images.shape[-1] in (1, 3) and images.shape[1] not in (1, 3):
        images = images.transpose(0, 3, 1, 2)
    if images.ndim != 4 or images.shape[1] not in (1, 3):
        raise DataError(
            f"{where}: shape {images.shape} is not (n, h, w), (n, h, w, c) or (n, c, h, w) with 1 or 3 channels"
        )
    if images.dtype == np.uint8:
        return _bytes(images, where)
    if not np.issubdtype(images.dtype, np.floating):
        raise DataError(f"{where}: {images.dtype} images; expected uint8 in 0..255 or float in [0, 1]")
    return _floats(images, where)


def _bytes(images: Array, where: str) -> Array:
    if int(images.max()) <= 1:
        raise DataError(
            f"{where}: the uint8 images hold nothing above {int(images.max())} of 255, which is black; "
            f"multiply them by 255, or write them as float in [0, 1]"
        )
    return np.ascontiguousarray(images)


def _floats(images: Array, where: str) -> Array:
    if not np.isfinite(images).all():
        raise DataError(f"{where}: the images hold NaN or infinity")
    low, high = float(images.min()), float(images.max())
    if low < -HAIR or high > 1 + HAIR:
        raise DataError(f"{where}: float images range from {low:g} to {high:g}; expected [0, 1], or uint8 in 0..255")
    if high <= 1 / 255:
        raise DataError(
            f"{where}: float images range from {low:g} to {high:g}, which is black; expected [0, 1]: were they divided by "
            f"255 twice?"
        )
    made = np.ascontiguousarray(images, dtype=np.float32)
    return np.clip(made, np.float32(0), np.float32(1)) if low < 0 or high > 1 else made


def checked_labels(labels: Array, count: int, where: str) -> Array:
    """Return labels int64 (n,), from 0.

    Args:
        labels: as they were read.
        count: how many images there are.
        where: begins the sentences.

    Raises:
        DataError: they are no such labels, or too many classes.
    """
    if labels.ndim != 1 or len(labels) != count:
        raise DataError(f"{where}: {labels.shape} labels for {count} images; expected one whole number an image")
    if not np.issubdtype(labels.dtype, np.integer):
        raise DataError(f"{where}: {labels.dtype} labels; expected integers from 0")
    low, high = int(labels.min()), int(labels.max())
    if low < 0:
        raise DataError(f"{where}: label {low} is negative")
    if high >= MOST_CLASSES:  # asked before the type changes: 2**64 - 1 would turn into -1
        raise DataError(f"{where}: label {high} is beyond the {MOST_CLASSES:,} classes that can be played with")
    return labels.astype(np.int64)


def count_classes(y_train: Array, y_test: Array, name: str) -> int:
    """Return how many classes there are; ``name`` is the data set's.

    Raises:
        DataError: a class has no training image, or there is one only.
    """
    where, named = f"data set '{name}', y_train", np.unique(y_train)
    classes = int(named[-1]) + 1
    if len(named) == 1:
        raise DataError(f"{where}: it names one class only, {named[0]}; a classifier needs two")
    if named[0] > 0 and len(named) == classes - named[0]:
        raise DataError(
            f"{where}: the labels go from {named[0]} to {named[-1]}; expected 0 to n - 1: subtract {named[0]}"
        )
    if len(named) < classes:
        missing = np.setdiff1d(np.arange(classes), named)
        raise DataError(
            f"{where}: the labels go up to {named[-1]}, and {_listed(missing)} without an image; number the classes anew"
        )
    if int(y_test.max()) >= classes:
        raise DataError(f"data set '{name}', y_test: it holds class {int(y_test.max())}, which y_train does not")
    return classes


def _listed(missing: Array) -> str:
    if len(missing) == 1:
        return f"class {missing[0]} is"
    return f"{len(missing)} classes, {missing[0]} among them, are"


def check_parts(train: Images, test: Images, name: str) -> None:
    """Hold the parts against each other; ``name`` is the data set's.

    Raises:
        DataError: their images are of two shapes, or there is nothing to learn or to score.
    """
    if train.shape != test.shape:
        raise DataError(f"data set '{name}', x_test: it holds {test.shape} images, x_train {train.shape}")
    if all_same(train):
        raise DataError(f"data set '{name}', x_train: all {len(train)} images are the same; nothing can be learnt")
    if _equal(train, test):
        raise DataError(
            f"data set '{name}', x_test: its {len(test)} images are those of x_train; a test needs images that nobody "
            f"learnt from"
        )


def all_same(images: Images) -> bool:
    """Whether all images of a part are one; it is read until another is found."""
    if images.prints is not None:
        return len(set(images.prints)) == 1
    first = images.rows(np.arange(1))[0]
    return all(np.array_equal(first, images.rows(np.array([row]))[0]) for row in range(1, len(images)))


def _equal(train: Images, test: Images) -> bool:
    if train.prints is not None and test.prints is not None:
        return list(train.prints) == list(test.prints)
    if len(train) != len(test):
        return False
    rows = (np.array([row]) for row in range(len(train)))
    return all(
        one.dtype == two.dtype and np.array_equal(one, two)
        for one, two in ((train.rows(r), test.rows(r)) for r in rows)
    )

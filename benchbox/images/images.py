"""A loaded data set: float images in [0, 1], NCHW, with the hash of its content. Imports no torch."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchbox.contracts import Array, Arrays, Dataset, Shape
from benchbox.images.checks import check_parts, checked_images, checked_labels, count_classes


@dataclass(frozen=True)
class Images:
    """A checked data set.

    Attributes:
        name: the data set as it was written (``mnist``, ``npz:faces.npz``).
        x_train, x_test: float32 or uint8 as read, (n, channels, height, width); ``as_float`` maps either to [0, 1].
        y_train, y_test: int64 (n,), classes from 0.
        classes: how many classes the training labels name.
        digest: sha256 over shapes, types and bytes of the content, hex.
    """

    name: str
    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array
    classes: int
    digest: str

    @property
    def shape(self) -> Shape:
        """(channels, height, width) of an image."""
        channels, height, width = self.x_train.shape[1:]
        return int(channels), int(height), int(width)


def as_float(images: Array) -> Array:
    """Return float32 images in [0, 1]; uint8 counts 255 as 1."""
    if images.dtype == np.uint8:
        return images.astype(np.float32) / np.float32(255)
    return images.astype(np.float32, copy=False)


def load_images(dataset: Dataset, name: str, root: Path | None, *, download: bool = False) -> Images:
    """Load, check and hash a data set, anew at every call: a file may have been rewritten since the last.

    Args:
        dataset: reads the arrays.
        name: the data set as it was written.
        root: the user's data folder.
        download: whether the user asked for downloads.

    Raises:
        DataError: the data is missing, malformed, out of range or without labels.
    """
    return checked(plain(dataset.load(root, download=download)), name)


def checked(read: Arrays, name: str) -> Images:
    """Check and hash arrays.

    Raises:
        DataError: they are malformed, out of range or without labels.
    """
    where = f"data set '{name}'"
    x_train = checked_images(read.x_train, f"{where}, x_train")
    x_test = checked_images(read.x_test, f"{where}, x_test")
    y_train = checked_labels(read.y_train, len(x_train), f"{where}, y_train")
    y_test = checked_labels(read.y_test, len(x_test), f"{where}, y_test")
    classes = count_classes(y_train, y_test, name)
    check_parts(x_train, x_test, name)
    digest = _digest((read.x_train, read.y_train, read.x_test, read.y_test))
    return Images(name, x_train, y_train, x_test, y_test, classes, digest)


def plain(arrays: Arrays) -> Arrays:
    """Return what a plugin loaded as arrays of numpy's own: what is hashed is what is played with, whatever it says."""
    parts = (arrays.x_train, arrays.y_train, arrays.x_test, arrays.y_test)
    return Arrays(*(np.ascontiguousarray(part) for part in parts))


def _digest(arrays: tuple[Array, ...]) -> str:
    total = hashlib.sha256()
    for array in arrays:
        total.update(f"{array.dtype.str}{array.shape}".encode())
        total.update(array.data)
    return total.hexdigest()


__all__ = ["Arrays", "Images", "as_float", "checked", "load_images", "plain"]

"""A loaded data set: float images in [0, 1], NCHW, with the hash of its content. Imports no torch."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from benchbox.contracts import Array, Arrays, Dataset, Shape
from benchbox.errors import DataError


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
    """Load, check and hash a data set; a second call in one process with the same arguments returns the same object.

    Raises:
        DataError: the data is missing, malformed, out of range or without labels.
    """
    return _load(dataset.name, dataset.version, dataset.options, _Box(dataset), name, root, download)


class _Box:
    """Carries the plugin through the cache; only its class is part of the key."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Box) and type(other.dataset) is type(self.dataset)

    def __hash__(self) -> int:
        return hash(type(self.dataset))


@lru_cache(maxsize=2)
def _load(
    plugin: str, version: int, options: object, box: _Box, name: str, root: Path | None, download: bool
) -> Images:
    dataset = box.dataset
    read = _plain(dataset.load(root, download=download))
    x_train, x_test = _images(read.x_train, name, "x_train"), _images(read.x_test, name, "x_test")
    y_train, y_test = _labels(read.y_train, x_train, name, "y_train"), _labels(read.y_test, x_test, name, "y_test")
    if x_train.shape[1:] != x_test.shape[1:]:
        raise DataError(f"data set '{name}': x_train holds {x_train.shape[1:]} images, x_test {x_test.shape[1:]}")
    classes = int(y_train.max()) + 1
    if classes < 2:
        raise DataError(f"data set '{name}': y_train names one class only; a classifier needs two")
    if int(y_test.max()) >= classes:
        raise DataError(f"data set '{name}': y_test holds class {int(y_test.max())}, which y_train does not")
    digest = _digest((read.x_train, read.y_train, read.x_test, read.y_test))
    return Images(name, x_train, y_train, x_test, y_test, classes, digest)


def _plain(arrays: Arrays) -> Arrays:
    """Return what a plugin loaded as arrays of numpy's own: what is hashed is what is played with, whatever it says."""
    parts = (arrays.x_train, arrays.y_train, arrays.x_test, arrays.y_test)
    return Arrays(*(np.ascontiguousarray(part) for part in parts))


def _images(images: Array, name: str, part: str) -> Array:
    where = f"data set '{name}', {part}"
    if images.ndim == 3:
        images = images[:, None]
    elif images.ndim == 4 and images.shape[-1] in (1, 3) and images.shape[1] not in (1, 3):
        images = images.transpose(0, 3, 1, 2)
    if images.ndim != 4 or images.shape[1] not in (1, 3) or 0 in images.shape:
        raise DataError(
            f"{where}: shape {images.shape} is not (n, h, w), (n, h, w, c) or (n, c, h, w) with 1 or 3 channels"
        )
    if images.dtype == np.uint8:
        return np.ascontiguousarray(images)
    if not np.issubdtype(images.dtype, np.floating):
        raise DataError(f"{where}: {images.dtype} images; expected uint8 in 0..255 or float in [0, 1]")
    if not np.isfinite(images).all():
        raise DataError(f"{where}: the images hold NaN or infinity")
    low, high = float(images.min()), float(images.max())
    if low < 0 or high > 1:
        raise DataError(f"{where}: float images range from {low:g} to {high:g}; expected [0, 1], or uint8 in 0..255")
    return np.ascontiguousarray(images, dtype=np.float32)


def _labels(labels: Array, images: Array, name: str, part: str) -> Array:
    where = f"data set '{name}', {part}"
    if labels.ndim != 1 or len(labels) != len(images):
        raise DataError(f"{where}: {labels.shape} labels for {len(images)} images")
    if not np.issubdtype(labels.dtype, np.integer):
        raise DataError(f"{where}: {labels.dtype} labels; expected integers from 0")
    if int(labels.min()) < 0:
        raise DataError(f"{where}: label {int(labels.min())} is negative")
    return labels.astype(np.int64)


def _digest(arrays: tuple[Array, ...]) -> str:
    total = hashlib.sha256()
    for array in arrays:
        total.update(f"{array.dtype.str}{array.shape}".encode())
        total.update(array.data)
    return total.hexdigest()


__all__ = ["Arrays", "Images", "as_float", "load_images"]

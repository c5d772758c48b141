"""A loaded data set: labelled images in fixed parts, with the hash of its content. Imports no torch."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchbox.contracts import Array, Arrays, Dataset, Images, Shape, Splits
from benchbox.errors import DataError
from benchbox.images.checks import MOST_CLASSES, check_parts, checked_images, checked_labels, count_classes
from benchbox.images.rows import ArrayImages, CheckedImages, as_float, digest_of


@dataclass(frozen=True)
class ImageSet:
    """A checked data set.

    Attributes:
        name: the data set as it was written (``mnist``, ``npz:faces.npz``).
        train, test: its parts: (channels, height, width) images, uint8 or float32 as read; ``as_float`` maps either to [0, 1].
        classes: how many classes there are.
        digest: sha256, hex: of arrays, over shapes, types and bytes; of what is read by rows, over its digests.
    """

    name: str
    train: Images
    test: Images
    classes: int
    digest: str

    @property
    def shape(self) -> Shape:
        """(channels, height, width) of an image."""
        return self.train.shape


def load_images(dataset: Dataset, name: str, root: Path | None, *, download: bool = False) -> ImageSet:
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


def checked(read: Arrays | Splits, name: str) -> ImageSet:
    """Check and hash what was read.

    Raises:
        DataError: it is malformed, out of range or without labels.
    """
    where = f"data set '{name}'"
    if isinstance(read, Splits):
        return _by_rows(read, name)
    x_train = checked_images(read.x_train, f"{where}, x_train")
    x_test = checked_images(read.x_test, f"{where}, x_test")
    y_train = checked_labels(read.y_train, len(x_train), f"{where}, y_train")
    y_test = checked_labels(read.y_test, len(x_test), f"{where}, y_test")
    classes = count_classes(y_train, y_test, name)
    train, test = ArrayImages(x_train, y_train), ArrayImages(x_test, y_test)
    check_parts(train, test, name)
    digest = digest_of(read.x_train, read.y_train, read.x_test, read.y_test)
    return ImageSet(name, train, test, classes, digest)


def _by_rows(read: Splits, name: str) -> ImageSet:
    where = f"data set '{name}'"
    parts = []
    for part, images in {"train": read.train, "test": read.test}.items():
        if not len(images):
            raise DataError(f"{where}, {part}: it holds no images")
        labels = checked_labels(np.asarray(images.labels), len(images), f"{where}, {part}")
        parts.append(images if isinstance(images, ArrayImages) else CheckedImages(images, labels, f"{where}, {part}"))
    train, test = parts
    classes = read.classes
    if classes is None:
        classes = count_classes(train.labels, test.labels, name)
    elif not max(train.labels.max(), test.labels.max()) < classes <= MOST_CLASSES:
        raise DataError(
            f"{where}: it says {classes} classes; expected more than its largest label, up to {MOST_CLASSES:,}"
        )
    check_parts(train, test, name)
    total = hashlib.sha256(f"by rows {classes}".encode())
    for images in parts:
        total.update(f"{len(images)} {images.shape} {images.digest} {digest_of(images.labels)}".encode())
    return ImageSet(name, train, test, classes, total.hexdigest())


def plain(read: Arrays | Splits) -> Arrays | Splits:
    """Return what a plugin loaded with arrays of numpy's own: what is hashed is what is played with, whatever it says.

    An array that is mapped from a file stays mapped.
    """
    if isinstance(read, Splits):
        return read
    return Arrays(*(np.ascontiguousarray(part) for part in (read.x_train, read.y_train, read.x_test, read.y_test)))


__all__ = ["Array", "Arrays", "ImageSet", "as_float", "checked", "load_images", "plain"]

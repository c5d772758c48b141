"""Images by rows: arrays, in memory or mapped from a file, and what a plugin reads itself, checked as it is read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property
from math import prod

import numpy as np

from benchbox.contracts import Array, Images
from benchbox.errors import DataError
from benchbox.images.checks import HAIR

HELD = 640 << 20
"""Bytes, as float32, up to which images are held in memory; sets beyond are read by rows. CIFAR-10 takes 586 MiB."""
LOADED = 4 << 30
"""The same of arrays that lie in memory anyway: as bytes they take a quarter of it."""
CHUNK = 256
"""Images read at once, where all are."""


class ArrayImages(Images):
    """Images of a checked array.

    Args:
        array: (n, channels, height, width), uint8 or float32.
        labels: int64 (n,).
        digest: of sets that were hashed otherwise, their own; by default that of the array's and the labels' bytes.
    """

    def __init__(self, array: Array, labels: Array, digest: str | None = None) -> None:
        self.array, self.labels, self._digest = array, labels, digest
        channels, height, width = array.shape[1:]
        self.shape = int(channels), int(height), int(width)

    @cached_property
    def digest(self) -> str:  # type: ignore[override]  # computed once, at the first use
        """sha256 over shapes, types and bytes."""
        return self._digest or digest_of(self.array, self.labels)

    def rows(self, indices: Array) -> Array:
        """Return images; see ``benchbox.contracts.Images.rows``."""
        return np.asarray(self.array[indices])


class CheckedImages(Images):
    """Images that a plugin reads: each row is checked when it is read.

    Args:
        images: the plugin's.
        labels: its labels, checked.
        where: begins the sentences, as ``data set 'faces', train``.

    Raises:
        DataError: the shape is none of an image's, or the digest none.
    """

    def __init__(self, images: Images, labels: Array, where: str) -> None:
        shape = tuple(images.shape)
        if len(shape) != 3 or shape[0] not in (1, 3) or min(shape) < 1:
            raise DataError(f"{where}: shape {shape} is not (channels, height, width) with 1 or 3 channels")
        if len(images.digest) != 64:
            raise DataError(f"{where}: its digest '{images.digest:.20}' is no sha256 in hex")
        self._images, self.labels, self._where = images, labels, where
        self.shape = int(shape[0]), int(shape[1]), int(shape[2])
        self.digest, self.prints = images.digest, images.prints

    def rows(self, indices: Array) -> Array:
        """Return images; see ``benchbox.contracts.Images.rows``."""
        found = self._images.rows(indices)
        if found.shape != (len(indices), *self.shape) or found.dtype not in (np.uint8, np.float32):
            wanted = f"uint8 or float32 of shape {(len(indices), *self.shape)}"
            raise DataError(f"{self._where}: it read {found.dtype} of shape {found.shape}; expected {wanted}")
        if found.dtype == np.float32 and len(found):
            low, high = float(found.min()), float(found.max())
            if not (low >= -HAIR and high <= 1 + HAIR):  # so that NaN is refused, too
                raise DataError(f"{self._where}: float images range from {low:g} to {high:g}; expected [0, 1]")
            found = found.clip(0, 1)
        return found


def as_float(images: Array) -> Array:
    """Return float32 images in [0, 1]; uint8 counts 255 as 1."""
    if images.dtype == np.uint8:
        return images.astype(np.float32) / np.float32(255)
    return images.astype(np.float32, copy=False)


def everything(images: Images) -> Array:
    """Return all images in one array: those of a set that memory holds."""
    return images.array if isinstance(images, ArrayImages) else images.rows(np.arange(len(images)))


def in_chunks(images: Images, size: int = CHUNK) -> Iterator[Array]:
    """Yield all images, so many at a time."""
    for start in range(0, len(images), size):
        yield images.rows(np.arange(start, min(start + size, len(images))))


def too_large(count: int, images: Images) -> bool:
    """Whether so many of the images are more than is held in memory."""
    loaded = isinstance(images, ArrayImages) and not _mapped(images.array)
    return 4 * count * prod(images.shape) > (LOADED if loaded else HELD)


def _mapped(array: object) -> bool:
    """Whether an array, or what it is a view of, is mapped from a file."""
    return isinstance(array, np.memmap) or (isinstance(array, np.ndarray) and _mapped(array.base))


def digest_of(*arrays: Array) -> str:
    """Return sha256 over shapes, types and bytes, hex."""
    total = hashlib.sha256()
    for array in arrays:
        whole = np.ascontiguousarray(array)
        total.update(f"{whole.dtype.str}{whole.shape}".encode())
        total.update(whole.data)
    return total.hexdigest()

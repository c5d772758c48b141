"""Reading idx files, packed or not: the header first, then as many bytes as it announces."""

from __future__ import annotations

import gzip
import hashlib
import math
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchbox.contracts import Array, DataError
from benchbox_plugins.datasets._files import check_size, sized

_MAGIC = b"\0\0\x08"  # two zero bytes, and 8 for uint8
_GZIP_BEST = 1032  # deflate cannot do better


def read_idx(path: Path, dataset: str, image: Sequence[int], md5: str) -> Array:
    """Read the idx format: magic bytes, the number of axes, their sizes (big-endian int32), the values.

    Args:
        path: the file; ``.gz`` is unpacked in memory.
        dataset: for the sentences.
        image: the shape of one entry: (28, 28) of images, () of labels.
        md5: what a packed file's md5 sum must be.

    Raises:
        DataError: it is not that, or not whole.
    """
    packed = path.suffix == ".gz"
    try:
        if packed and _md5(path) != md5:
            raise _Damaged("its md5 sum is not the published one")
        with gzip.open(path) if packed else path.open("rb") as stream:
            head = stream.read(4 + 4 * (1 + len(image)))
            shape = _shape(head, image)
            expected, size = len(head) + math.prod(shape), path.stat().st_size
            if size * (_GZIP_BEST if packed else 1) < expected:
                raise _Damaged(f"its header announces {sized(expected)}, and it is of {sized(size)}")
            check_size(expected, size, path, dataset)
            values = stream.read(math.prod(shape))
            more = len(stream.read(1))
    except (OSError, EOFError, zlib.error, _Damaged) as error:
        raise DataError(
            f"data set '{dataset}': the file {path} is truncated or damaged ({error}); delete it and copy it again, or add "
            f"--download"
        ) from None
    if len(values) != math.prod(shape) or more:
        raise DataError(
            f"data set '{dataset}': the file {path} is truncated or damaged (it holds {'more' if more else 'fewer'} bytes "
            f"than its header announces, {expected}); delete it and copy it again, or add --download"
        )
    return np.frombuffer(values, np.uint8).reshape(shape)


class _Damaged(Exception):  # noqa: N818 - never leaves this file
    """Why a file is not what it should be."""


def _shape(head: bytes, image: Sequence[int]) -> tuple[int, ...]:
    """Return the sizes of the axes.

    Raises:
        _Damaged: they are not those of such entries.
    """
    axes = 1 + len(image)
    if len(head) < 4 + 4 or head[:3] != _MAGIC:
        raise _Damaged("it is not an idx file of bytes")
    if head[3] != axes:
        raise _Damaged(f"its header announces {head[3]} axes; {axes} are expected")
    if len(head) != 4 + 4 * axes:
        raise _Damaged("it ends within its header")
    shape = tuple(int(size) for size in np.frombuffer(head[4:], ">i4"))
    if shape[0] < 1 or shape[1:] != tuple(image):
        entry = "x".join(["n", *map(str, image)])
        raise _Damaged(f"its header announces {'x'.join(map(str, shape))} values; {entry} are expected")
    return shape


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()

"""A data set's images in a file of ours, as they travel between machines: what was read, byte for byte. Imports no torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchbox.contracts import Array, Arrays, Images, Splits
from benchbox.errors import DataError
from benchbox.images.rows import ArrayImages, everything, too_large

_PARTS = ("x_train", "y_train", "x_test", "y_test")
_TOLD = "told"


def write_kept(path: Path, read: Arrays | Splits, name: str) -> None:
    """Write what a data set loaded; ``read_kept`` returns the same bytes.

    Raises:
        DataError: it is read by rows, and too large to send.
    """
    if isinstance(read, Splits):
        arrays = [*_whole(read.train, name), *_whole(read.test, name)]
        told = {_TOLD: np.array([read.train.digest, read.test.digest, str(read.classes or "")])}
    else:
        arrays, told = [getattr(read, part) for part in _PARTS], {}
    content: dict[str, Any] = {**dict(zip(_PARTS, arrays, strict=True)), **told}
    with path.open("wb") as file:
        np.savez(file, **content)


def read_kept(path: Path) -> Arrays | Splits:
    """Read what ``write_kept`` wrote; nothing in it is run.

    Raises:
        DataError: the file is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as found:
            x_train, y_train, x_test, y_test = (found[part] for part in _PARTS)
            if _TOLD not in found:
                return Arrays(x_train, y_train, x_test, y_test)
            train, test, classes = map(str, found[_TOLD])
        parts = ArrayImages(x_train, y_train, train), ArrayImages(x_test, y_test, test)
        return Splits(*parts, int(classes) if classes else None)
    except Exception as error:  # a damaged archive fails in many ways
        raise DataError(f"the kept images in {path} cannot be read ({type(error).__name__}); delete the file") from None


def _whole(images: Images, name: str) -> tuple[Array, Array]:
    if too_large(len(images), images):
        raise DataError(
            f"data set '{name}' holds {len(images):,} images of {'x'.join(map(str, images.shape))}, too much to "
            f"send to another machine: lay it in the data folder (BENCHBOX_DATA) of each"
        )
    return everything(images), np.asarray(images.labels, np.int64)

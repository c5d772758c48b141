"""A data set's arrays in a file of ours, as they travel between machines: what was read, byte for byte. Imports no torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchbox.contracts import Arrays
from benchbox.errors import DataError

_PARTS = ("x_train", "y_train", "x_test", "y_test")


def write_arrays(path: Path, arrays: Arrays) -> None:
    """Write arrays of numpy's own types; ``read_arrays`` returns the same bytes."""
    with path.open("wb") as file:
        np.savez(file, **{part: getattr(arrays, part) for part in _PARTS})


def read_arrays(path: Path) -> Arrays:
    """Read what ``write_arrays`` wrote; nothing in it is run.

    Raises:
        DataError: the file is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as found:
            return Arrays(*(found[part] for part in _PARTS))
    except Exception as error:  # a damaged archive fails in many ways
        raise DataError(f"the kept images in {path} cannot be read ({type(error).__name__}); delete the file") from None

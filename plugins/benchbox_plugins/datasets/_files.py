"""What the data sets share: where the folder is, and errors that say what to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchbox.contracts import Array, DataError


def need(path: Path, dataset: str, *, can_download: bool = True) -> Path:
    """Return ``path`` where it is a file.

    Raises:
        DataError: it is missing; the sentence says what to set.
    """
    if path.is_file():
        return path
    way = ", or add --download" if can_download else ""
    raise DataError(
        f"data set '{dataset}': there is no file {path}; set --data-dir or BENCHBOX_DATA to the folder that holds it{way}"
    )


def need_root(root: Path | None, dataset: str, holds: str) -> Path:
    """Return the data folder.

    Raises:
        DataError: none is set, or it does not exist.
    """
    if root is None:
        raise DataError(
            f"data set '{dataset}' needs a data folder: set --data-dir or BENCHBOX_DATA to the folder that holds {holds} "
            f"(with --download it is filled), or use 'digits', which needs none"
        )
    if not root.is_dir():
        raise DataError(f"data set '{dataset}': the data folder {root} does not exist")
    return root


def resized(images: Array, side: int = 28) -> Array:
    """Return uint8 images (n, side, side) from uint8 (n, h, w): Pillow's bilinear filter, the same on every machine."""
    from PIL import Image

    frames = [Image.fromarray(image).resize((side, side), Image.Resampling.BILINEAR) for image in images]
    return np.stack([np.asarray(frame) for frame in frames])

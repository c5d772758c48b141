"""What the data sets share: where the folder is, and errors that say what to do."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from benchbox.contracts import Array, DataError

_ENOUGH = 64 << 20
_DENSEST = 200


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


def need_root(root: Path | None, dataset: str, *holds: str) -> Path:
    """Return the data folder.

    Args:
        root: what the user gave.
        dataset: for the sentences.
        holds: what lies in a data folder, as ``MNIST/raw``; the first that there is will do.

    Raises:
        DataError: none is set, it does not exist, or it is a file or a folder within the data folder.
    """
    held = " or ".join(holds)
    if root is None:
        raise DataError(
            f"data set '{dataset}' needs a data folder: set --data-dir or BENCHBOX_DATA to the folder that holds {held} "
            f"(with --download it is filled), or use 'digits', which needs none"
        )
    if root.exists() and not root.is_dir():
        raise DataError(f"data set '{dataset}': the data folder {root} is a file; give the folder that holds {held}")
    if not root.is_dir():
        raise DataError(
            f"data set '{dataset}': the data folder {root} does not exist; make it (--download fills it), or give the folder "
            f"that holds {held}"
        )
    for name in holds:
        outer = _outer(root.resolve(), name)
        if outer is not None:
            raise DataError(
                f"data set '{dataset}': {root} lies within a data folder; set --data-dir or BENCHBOX_DATA to {outer}, which "
                f"holds {name}"
            )
    return root


def _outer(root: Path, name: str) -> Path | None:
    """Return the data folder where ``root`` is ``<data folder>/MNIST/raw``, or ``<data folder>/MNIST``."""
    parts = Path(name).parts
    if (root / name).exists():
        return None
    for depth in range(len(parts), 0, -1):
        if root.parts[-depth:] == parts[:depth]:
            outer = root.parents[depth - 1]
            if (outer / name).exists():
                return outer
    return None


def check_size(unpacked: int, packed: int, path: Path, dataset: str) -> None:
    """Hold a file's headers against what it holds and what there is, before memory is taken.

    Args:
        unpacked: bytes that its headers announce.
        packed: bytes of the file.
        path: the file.
        dataset: for the sentences.

    Raises:
        DataError: it would unpack to more than this machine's memory, or to hundreds of times its size.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else unpacked
    if unpacked > _ENOUGH and unpacked > _DENSEST * packed:
        raise DataError(
            f"data set '{dataset}': the {sized(packed)} of {path} would unpack to {sized(unpacked)}, which no images do"
        )
    if unpacked > memory:
        raise DataError(
            f"data set '{dataset}': {path} would take {sized(unpacked)} of memory; this machine has {sized(memory)}"
        )


def sized(count: int) -> str:
    """Return a number of bytes in words, as ``3.2 GB``."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB", "GB", "TB", "PB"):
        if amount < 1000 or unit == "PB":
            break
        amount /= 1000
    return f"{count} bytes" if unit == "bytes" else f"{amount:.3g} {unit}"


def check_ten(labels: Array, path: Path, dataset: str) -> Array:
    """Return the labels of a data set of ten classes.

    Raises:
        DataError: one is beyond 9.
    """
    if labels.dtype.kind in "iu" and labels.size and int(labels.max()) > 9:
        raise DataError(f"data set '{dataset}': {path} holds label {int(labels.max())}; its classes are 0 to 9")
    return labels


def resized(images: Array, side: int = 28) -> Array:
    """Return uint8 images (n, side, side) from uint8 (n, h, w): Pillow's bilinear filter, the same on every machine."""
    from PIL import Image

    frames = [Image.fromarray(image).resize((side, side), Image.Resampling.BILINEAR) for image in images]
    return np.stack([np.asarray(frame) for frame in frames])

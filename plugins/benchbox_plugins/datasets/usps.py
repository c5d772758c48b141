"""USPS."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np

from benchbox.contracts import Array, Arrays, DataError, Dataset
from benchbox_plugins.datasets._archive import read_npz
from benchbox_plugins.datasets._files import check_ten, need, need_root, resized

_BOX, _SIDE = 20, 28


class Usps(Dataset):
    """USPS: 9,298 digits from envelopes, 16x16 grey, at 28x28.

    Hull, A database for handwritten text recognition research, 1994; 7,291 training and 2,007 test images. Reads
    ``usps/usps.npz`` of the data folder (float images in [0, 1]); ``--download`` makes it through
    ``torchvision.datasets.USPS``. USPS's digits fill their frame and MNIST's do not, so they are prepared as MNIST's were, to
    be an attacker's pool for a target that learnt MNIST: rounded to uint8, enlarged to 20x20 by Pillow's bilinear filter,
    and laid into 28x28 with their centre of mass in the middle.
    """

    name: ClassVar[str] = "usps"

    def load(self, root: Path | None, *, download: bool) -> Arrays:
        """Read and prepare the images; see ``benchbox.contracts.Dataset.load``."""
        root = need_root(root, self.name, "usps/usps.npz")
        path = root / "usps" / "usps.npz"
        if download and not path.is_file():
            _download(path)
        arrays = read_npz(need(path, self.name), self.name)
        x_train, x_test = (_as_mnist(_checked(part, path)) for part in (arrays.x_train, arrays.x_test))
        y_train, y_test = (check_ten(part, path, self.name) for part in (arrays.y_train, arrays.y_test))
        return Arrays(x_train, y_train, x_test, y_test)


def _checked(images: Array, path: Path) -> Array:
    """Return the images.

    Raises:
        DataError: they are not those that this data set prepares; bytes would turn over in silence.
    """
    shape, floats = images.shape, images.dtype.kind == "f"
    if len(shape) != 3 or 0 in shape or not floats or not (images.min() >= 0 and images.max() <= 1):
        raise DataError(
            f"data set 'usps': {path} holds {images.dtype} {shape}; expected float images (n, 16, 16) in [0, 1]"
        )
    return images


def _as_mnist(images: Array) -> Array:
    """Return images (n, 28, 28) uint8 of digits in a box of 20x20, their centre of mass in the middle."""
    boxes = resized(np.rint(images * 255).astype(np.uint8), _BOX)
    weights, line = boxes.astype(np.int64), np.arange(_BOX)
    total = np.maximum(weights.sum((1, 2)), 1)
    # whole numbers throughout, so that every machine rounds a centre to the same pixel
    tops, lefts = (
        ((_SIDE // 2 * total - weights.sum(other) @ line) // total).clip(0, _SIDE - _BOX) for other in (2, 1)
    )
    frames = np.zeros((len(boxes), _SIDE, _SIDE), np.uint8)
    for frame, box, top, left in zip(frames, boxes, tops, lefts, strict=True):
        frame[top : top + _BOX, left : left + _BOX] = box
    return frames


def _download(path: Path) -> None:
    from torchvision.datasets import USPS

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        train, test = (USPS(str(path.parent), train=part, download=True) for part in (True, False))
        x_train, x_test = (np.asarray(part.data, np.float32) / np.float32(255) for part in (train, test))
        y_train, y_test = (np.asarray(part.targets, np.int64) for part in (train, test))
        np.savez_compressed(path, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    except (OSError, RuntimeError) as error:
        reason = str(error).strip().replace("\n", " ")
        raise DataError(f"data set 'usps' could not be downloaded to {path.parent}: {reason}") from None

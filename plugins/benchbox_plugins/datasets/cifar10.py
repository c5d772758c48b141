"""CIFAR-10."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np

from benchbox.contracts import Array, Arrays, DataError, Dataset
from benchbox_plugins.datasets._archive import read_arrays, read_npz
from benchbox_plugins.datasets._files import check_ten, need, need_root

_SIDE, _PER_ROW = 32, 100


class Cifar10(Dataset):
    """CIFAR-10: 60,000 small photographs, 32x32 colour.

    Krizhevsky, Learning multiple layers of features from tiny images, 2009; 50,000 training and 10,000 test images. Reads,
    in this order: ``cifar10/cifar10.npz`` (uint8, NHWC); the lossless sheets ``cifar10/*.webp`` with ``labels.npz``, of
    which 73 training and 20 test images are decoded JPEGs and so not bit-exact: say so beside any figure;
    ``cifar-10-batches-py``, which ``--download`` fetches through ``torchvision.datasets.CIFAR10``.
    """

    name: ClassVar[str] = "cifar10"

    def load(self, root: Path | None, *, download: bool) -> Arrays:
        """Read the images in whichever form is there; see ``benchbox.contracts.Dataset.load``."""
        root = need_root(root, self.name, "cifar10", "cifar-10-batches-py")
        packed = root / "cifar10" / "cifar10.npz"
        if packed.is_file():
            arrays = read_npz(packed, self.name)
            check_ten(arrays.y_train, packed, self.name)
            check_ten(arrays.y_test, packed, self.name)
            return arrays
        if (root / "cifar10" / "labels.npz").is_file():
            return _sheets(root / "cifar10")
        if download or (root / "cifar-10-batches-py").is_dir():
            return _torchvision(root, download)
        raise DataError(
            f"data set 'cifar10': {root} holds neither cifar10/ nor cifar-10-batches-py/; set --data-dir or BENCHBOX_DATA to "
            f"the folder that does, or add --download"
        )


def _sheets(folder: Path) -> Arrays:
    path = folder / "labels.npz"
    y_train, y_test = (check_ten(y, path, "cifar10") for y in read_arrays(path, "cifar10", ("y_train", "y_test")))
    x_train = np.concatenate([_unpack(folder / f"train_{i}.webp") for i in range(5)])
    return Arrays(x_train, y_train, _unpack(folder / "test_0.webp"), y_test)


def _unpack(sheet: Path) -> Array:
    """Cut one sheet of 100 images a row into uint8 (n, 32, 32, 3)."""
    from PIL import Image

    try:
        with Image.open(need(sheet, "cifar10", can_download=False)) as opened:
            if opened.width != _PER_ROW * _SIDE or opened.height % _SIDE:
                raise OSError(
                    f"it is of {opened.width}x{opened.height} pixels; expected {_PER_ROW * _SIDE}x(n * {_SIDE})"
                )
            grid = np.asarray(opened.convert("RGB"))
    except (OSError, Image.DecompressionBombError) as error:
        raise DataError(
            f"data set 'cifar10': the file {sheet} is truncated or damaged ({error}); copy it again"
        ) from None
    rows = grid.reshape(-1, _SIDE, _PER_ROW, _SIDE, 3)
    return rows.transpose(0, 2, 1, 3, 4).reshape(-1, _SIDE, _SIDE, 3)


def _torchvision(root: Path, download: bool) -> Arrays:
    from torchvision.datasets import CIFAR10

    try:
        train, test = (CIFAR10(str(root), train=part, download=download) for part in (True, False))
    except (OSError, RuntimeError) as error:
        reason = str(error).strip().replace("\n", " ")
        raise DataError(f"data set 'cifar10' could not be read from {root / 'cifar-10-batches-py'}: {reason}") from None
    return Arrays(train.data, np.asarray(train.targets), test.data, np.asarray(test.targets))

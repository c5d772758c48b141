"""scikit-learn's digits: the default data set."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import numpy as np

from benchbox.contracts import Array, Arrays, DataError, Dataset
from benchbox_plugins.datasets._files import resized

_TEST = 397
_SPLIT_SEED = 1797


class Digits(Dataset):
    """scikit-learn's 1,797 handwritten digits, at 28x28; needs no file.

    The 8x8 images with 17 grey levels that ``sklearn.datasets.load_digits`` returns (Alpaydin and Kaynak, Optical
    recognition of handwritten digits, UCI 1998), scaled to uint8 and enlarged by Pillow's bilinear filter. The split is
    fixed and stratified: 1,400 training images, 397 test images.
    """

    name: ClassVar[str] = "digits"

    def load(self, root: Path | None, *, download: bool) -> Arrays:
        """Read the images from the installed scikit-learn; see ``benchbox.contracts.Dataset.load``."""
        table = np.loadtxt(_packaged(), delimiter=",")
        labels = table[:, -1].astype(np.int64)
        images = resized(np.rint(table[:, :-1] * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8))
        test = _test_rows(labels)
        return Arrays(images[~test], labels[~test], images[test], labels[test])


def _packaged() -> Path:
    """Return scikit-learn's own file, without importing scikit-learn: that costs more than all else a listing does."""
    spec = find_spec("sklearn")
    path = Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz" if spec and spec.origin else None
    if path is None or not path.is_file():
        raise DataError(
            "data set 'digits': the installed scikit-learn has no datasets/data/digits.csv.gz; reinstall it"
        )
    return path


def _test_rows(labels: Array) -> Array:
    """Return which rows are test images: spread evenly over the classes' rows in a fixed random order, bool (n,)."""
    shuffled = np.random.Generator(np.random.PCG64(_SPLIT_SEED)).permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    spread = np.arange(_TEST) * len(labels) // _TEST
    test = np.zeros(len(labels), dtype=bool)
    test[by_class[spread]] = True
    return test

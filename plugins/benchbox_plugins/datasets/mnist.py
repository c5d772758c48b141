"""MNIST and Fashion-MNIST, in torchvision's layout."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from benchbox.contracts import Array, Arrays, DataError, Dataset
from benchbox_plugins.datasets._files import check_ten, need, need_root
from benchbox_plugins.datasets._idx import read_idx

_PARTS = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
_IMAGE = (28, 28)


class _Idx(Dataset):
    """Reads what torchvision's class of the same layout reads, and asks that class for downloads.

    The files are read here, because torchvision unpacks beside them, which a read-only folder forbids, and because hashing
    a data set must not wait for torch.
    """

    folder: ClassVar[str]
    md5: ClassVar[Mapping[str, str]]

    def load(self, root: Path | None, *, download: bool) -> Arrays:
        """Read the four files of ``ROOT/<folder>/raw``; see ``benchbox.contracts.Dataset.load``."""
        root = need_root(root, self.name, f"{self.folder}/raw")
        raw = root / self.folder / "raw"
        if download and not all(_source(raw, part) for part in _PARTS):
            self._download(root)
        x_train, y_train, x_test, y_test = (self._read(raw, part) for part in _PARTS)
        return Arrays(x_train, y_train, x_test, y_test)

    def _read(self, raw: Path, part: str) -> Array:
        path = _source(raw, part)
        if path is None and _source(raw.parents[1], part):
            raise DataError(f"data set '{self.name}': the files lie in {raw.parents[1]} itself; move them to {raw}")
        path = path or need(raw / f"{part}.gz", self.name)
        labels = "labels" in part
        array = read_idx(path, self.name, () if labels else _IMAGE, self.md5[part])
        return check_ten(array, path, self.name) if labels else array

    def _download(self, root: Path) -> None:
        import torchvision.datasets

        try:
            getattr(torchvision.datasets, self.folder)(str(root), download=True)
        except (OSError, RuntimeError) as error:
            reason = str(error).strip().replace("\n", " ")
            raise DataError(f"data set '{self.name}' could not be downloaded to {root}: {reason}") from None


class Mnist(_Idx):
    """MNIST: 70,000 handwritten digits, 28x28 grey.

    LeCun et al., 1998; 60,000 training and 10,000 test images. Reads ``MNIST/raw`` of the data folder, packed or unpacked,
    as ``torchvision.datasets.MNIST`` lays it out (``train-images.idx3-ubyte`` will do too); packed files are checked against
    torchvision's md5 sums.
    """

    name: ClassVar[str] = "mnist"
    folder: ClassVar[str] = "MNIST"
    md5: ClassVar[Mapping[str, str]] = {
        "train-images-idx3-ubyte": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "train-labels-idx1-ubyte": "d53e105ee54ea40749a09fcbcd1e9432",
        "t10k-images-idx3-ubyte": "9fb629c4189551a2d022fa330f9573f3",
        "t10k-labels-idx1-ubyte": "ec29112dd5afa0611ce80d1b7f02629c",
    }


class FashionMnist(_Idx):
    """Fashion-MNIST: 70,000 garments, 28x28 grey.

    Xiao et al., arXiv 1708.07747; 60,000 training and 10,000 test images. Reads ``FashionMNIST/raw`` of the data folder, as
    ``mnist`` does.
    """

    name: ClassVar[str] = "fashion-mnist"
    folder: ClassVar[str] = "FashionMNIST"
    md5: ClassVar[Mapping[str, str]] = {
        "train-images-idx3-ubyte": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "train-labels-idx1-ubyte": "25c81989df183df01b3e8a0aad5dffbe",
        "t10k-images-idx3-ubyte": "bef4ecab320f06d8554ea6380940ec79",
        "t10k-labels-idx1-ubyte": "bb300cfdad3c16e7a12a480ee83cd310",
    }


def _source(raw: Path, part: str) -> Path | None:
    """Return the packed file, or the unpacked one where only that is left; archives write ``train-images.idx3-ubyte`` too."""
    names = (part, part.replace("-idx", ".idx"))
    paths = (raw / f"{name}{packed}" for name in names for packed in (".gz", ""))
    return next((path for path in paths if path.is_file()), None)

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest
from benchbox_plugins.datasets.mnist import Mnist

PARTS = {
    "train-images-idx3-ubyte": (30, 28, 28),
    "train-labels-idx1-ubyte": (30,),
    "t10k-images-idx3-ubyte": (20, 28, 28),
    "t10k-labels-idx1-ubyte": (20,),
}


def idx(array: np.ndarray) -> bytes:
    return b"\0\0\x08" + bytes([array.ndim]) + np.array(array.shape, ">i4").tobytes() + array.tobytes()


@pytest.fixture
def mnist_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with packed files of MNIST's form and random content, whose md5 sums the plugin expects."""
    rng, raw, sums = np.random.default_rng(0), tmp_path / "data" / "MNIST" / "raw", {}
    raw.mkdir(parents=True)
    for name, shape in PARTS.items():
        content = rng.integers(0, 10, shape, dtype=np.uint8)
        packed = gzip.compress(idx(content))
        (raw / f"{name}.gz").write_bytes(packed)
        sums[name] = hashlib.md5(packed).hexdigest()
    monkeypatch.setattr(Mnist, "md5", sums)
    return tmp_path / "data"

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from benchbox_plugins.datasets.mnist import FashionMnist, Mnist

from benchbox.contracts import DataError


def test_it_reads_what_torchvision_reads(mnist_root: Path) -> None:
    from torchvision.datasets import MNIST

    arrays = Mnist().load(mnist_root, download=False)
    raw = mnist_root / "MNIST" / "raw"
    for path in list(raw.glob("*.gz")):
        (raw / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
    for train, x, y in ((True, arrays.x_train, arrays.y_train), (False, arrays.x_test, arrays.y_test)):
        theirs = MNIST(str(mnist_root), train=train)
        np.testing.assert_array_equal(x, theirs.data.numpy())
        np.testing.assert_array_equal(y, theirs.targets.numpy())


def test_the_data_folder_is_left_as_it_was(mnist_root: Path) -> None:
    folder = mnist_root / "MNIST" / "raw"
    before = sorted(folder.iterdir())
    folder.chmod(0o555)
    try:
        Mnist().load(mnist_root, download=False)
    finally:
        folder.chmod(0o755)
    assert sorted(folder.iterdir()) == before


def test_unpacked_files_alone_will_do(mnist_root: Path) -> None:
    packed = Mnist().load(mnist_root, download=False)
    for path in list((mnist_root / "MNIST" / "raw").glob("*.gz")):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    np.testing.assert_array_equal(Mnist().load(mnist_root, download=False).x_test, packed.x_test)


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "unpacked"])
def test_a_truncated_file_is_named(mnist_root: Path, packed: bool) -> None:
    path = mnist_root / "MNIST" / "raw" / "t10k-images-idx3-ubyte.gz"
    content = path.read_bytes()
    if packed:
        path.write_bytes(content[:-9])
    else:
        path.unlink()
        path = path.with_suffix("")
        path.write_bytes(gzip.decompress(content)[:-9])
    with pytest.raises(DataError, match=f"'mnist': the file {path} is truncated or damaged .*copy it again"):
        Mnist().load(mnist_root, download=False)


def test_a_web_page_instead_of_a_file_is_named(mnist_root: Path) -> None:
    path = mnist_root / "MNIST" / "raw" / "train-labels-idx1-ubyte"
    path.with_suffix(".gz").unlink()
    path.write_text("<html>404</html>")
    with pytest.raises(DataError, match="not an idx file"):
        Mnist().load(mnist_root, download=False)


def test_a_missing_file_says_what_to_set(mnist_root: Path, tmp_path: Path) -> None:
    (mnist_root / "MNIST" / "raw" / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match=r"train-labels-idx1-ubyte.gz; set --data-dir or BENCHBOX_DATA .*--download"):
        Mnist().load(mnist_root, download=False)
    with pytest.raises(DataError, match=r"FashionMNIST.raw .*--download"):
        FashionMnist().load(None, download=False)
    with pytest.raises(DataError, match="does not exist"):
        Mnist().load(tmp_path / "nowhere", download=True)


def test_only_download_downloads(mnist_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def refused(root: str, download: bool) -> None:
        calls.append(root)
        raise RuntimeError("no\nnetwork")

    monkeypatch.setattr("torchvision.datasets.MNIST", refused)
    Mnist().load(mnist_root, download=True)
    assert not calls, "everything is there"
    (mnist_root / "MNIST" / "raw" / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match=r"could not be downloaded to .*: no network"):
        Mnist().load(mnist_root, download=True)
    assert calls == [str(mnist_root)]

from __future__ import annotations

import gzip
import hashlib
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


def head(*axes: int) -> bytes:
    """Return what an idx file of bytes begins with."""
    return b"\0\0\x08" + bytes([len(axes)]) + np.array(axes, ">i4").tobytes()


def unpacked(root: Path, part: str, content: bytes) -> Path:
    """Put a file in the place of a packed one."""
    path = root / "MNIST" / "raw" / part
    (path.parent / f"{part}.gz").unlink()
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "unpacked"])
def test_names_with_a_dot_will_do(mnist_root: Path, packed: bool) -> None:
    arrays, raw = Mnist().load(mnist_root, download=False), mnist_root / "MNIST" / "raw"
    for path in list(raw.iterdir()):
        name = path.stem.replace("-idx", ".idx")
        if packed:
            path.rename(raw / f"{name}.gz")
        else:
            (raw / name).write_bytes(gzip.decompress(path.read_bytes()))
            path.unlink()
    np.testing.assert_array_equal(Mnist().load(mnist_root, download=False).x_test, arrays.x_test)


def test_labels_beyond_nine_are_named(mnist_root: Path) -> None:
    path = unpacked(mnist_root, "t10k-labels-idx1-ubyte", head(20) + bytes(range(11)) + bytes(9))
    with pytest.raises(DataError, match=rf"'mnist': {path} holds label 10; its classes are 0 to 9"):
        Mnist().load(mnist_root, download=False)


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ((20, 784), "announces 2 axes; 3 are expected"),
        ((20, 28, 28, 1), "announces 4 axes; 3 are expected"),
        ((28, 20, 28), "announces 28x20x28 values; nx28x28 are expected"),
        ((20, 14, 56), "announces 20x14x56 values"),
        ((0, 28, 28), "announces 0x28x28 values"),
        ((-20, 28, 28), "announces -20x28x28 values"),
        ((2**31 - 1, 28, 28), "header announces 1.68 TB, and it is of 15.7 kB"),
        ((21, 28, 28), "header announces 16.5 kB, and it is of 15.7 kB"),
        ((19, 28, 28), "more bytes than its header announces"),
    ],
)
def test_axes_that_lie_are_refused(mnist_root: Path, axes: tuple[int, ...], said: str) -> None:
    path = unpacked(mnist_root, "t10k-images-idx3-ubyte", head(*axes) + bytes(20 * 784))
    with pytest.raises(DataError, match=rf"the file {path} is truncated or damaged \(.*{said}"):
        Mnist().load(mnist_root, download=False)


def test_a_packed_file_that_announces_more_than_it_can_hold_is_refused(
    mnist_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = mnist_root / "MNIST" / "raw" / "t10k-images-idx3-ubyte.gz"
    packed = gzip.compress(head(2**31 - 1, 28, 28) + bytes(10**6))
    path.write_bytes(packed)
    monkeypatch.setattr(Mnist, "md5", {**Mnist.md5, path.stem: hashlib.md5(packed).hexdigest()})
    with pytest.raises(DataError, match=r"its header announces 1.68 TB, and it is of"):
        Mnist().load(mnist_root, download=False)


@pytest.mark.parametrize("inner", ["MNIST", "MNIST/raw"])
def test_a_folder_within_the_data_folder_names_the_data_folder(mnist_root: Path, inner: str) -> None:
    with pytest.raises(DataError, match=f"set --data-dir or BENCHBOX_DATA to {mnist_root}, which holds MNIST/raw"):
        Mnist().load(mnist_root / inner, download=False)


def test_files_that_lie_in_the_data_folder_itself_are_sent_where_they_belong(mnist_root: Path, tmp_path: Path) -> None:
    flat = (mnist_root / "MNIST" / "raw").rename(tmp_path / "flat")
    with pytest.raises(DataError, match=f"the files lie in {flat} itself; move them to {flat}/MNIST/raw"):
        Mnist().load(flat, download=False)


def test_a_file_is_no_data_folder(mnist_root: Path) -> None:
    file = mnist_root / "MNIST" / "raw" / "t10k-images-idx3-ubyte.gz"
    with pytest.raises(DataError, match=f"the data folder {file} is a file; give the folder that holds MNIST/raw"):
        Mnist().load(file, download=False)

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from benchbox_plugins.datasets.cifar10 import Cifar10
from benchbox_plugins.datasets.digits import Digits
from benchbox_plugins.datasets.usps import Usps
from PIL import Image
from scipy.ndimage import center_of_mass

from benchbox.contracts import DataError, Dataset
from benchbox.images import load_images
from benchbox.registry import Catalogue, create_spec


def test_digits_are_scikit_learns_in_fixed_parts() -> None:
    from sklearn.datasets import load_digits

    arrays = Digits().load(None, download=False)
    assert arrays.x_train.shape == (1400, 28, 28)
    assert arrays.x_test.shape == (397, 28, 28)
    assert arrays.x_train.dtype == np.uint8
    labels = np.concatenate([arrays.y_train, arrays.y_test])
    np.testing.assert_array_equal(np.bincount(labels), np.bincount(load_digits().target))
    assert np.bincount(arrays.y_test).min() >= 39, "the test part is stratified"
    np.testing.assert_array_equal(Digits().load(None, download=False).x_test, arrays.x_test)


def test_digits_need_neither_torch_nor_scikit_learn_imported() -> None:
    code = (
        "import sys; from benchbox_plugins.datasets.digits import Digits; Digits().load(None, download=False); "
        "sys.exit(bool({'torch', 'sklearn', 'scipy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_usps_is_prepared_as_mnist_was(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images, labels = rng.random((12, 16, 16), dtype=np.float32), np.arange(12) % 10
    (tmp_path / "usps").mkdir()
    np.savez(tmp_path / "usps" / "usps.npz", x_train=images, y_train=labels, x_test=images[:4], y_test=labels[:4])
    arrays = Usps().load(tmp_path, download=False)
    assert arrays.x_train.shape == (12, 28, 28)
    assert arrays.x_train.dtype == np.uint8
    np.testing.assert_allclose(arrays.x_train.mean() / 255, images.mean() * 20**2 / 28**2, atol=0.02)
    offset = np.zeros((16, 16), np.float32)
    offset[6:12, 7:12] = 1
    np.savez(tmp_path / "usps" / "usps.npz", x_train=[offset], y_train=[1], x_test=[offset * 0], y_test=[0])
    arrays = Usps().load(tmp_path, download=False)
    np.testing.assert_allclose(center_of_mass(arrays.x_train[0]), (13.5, 13.5), atol=0.6)
    assert arrays.x_test.shape == (1, 28, 28)
    with pytest.raises(DataError, match=r"usps.npz .*--download"):
        Usps().load(None, download=False)


def test_usps_takes_its_own_form_only(tmp_path: Path) -> None:
    images, labels = np.linspace(0, 1, 12 * 256, dtype=np.float32).reshape(12, 16, 16), np.arange(12) % 10
    path = tmp_path / "usps" / "usps.npz"
    path.parent.mkdir()

    def load(**changes: object) -> None:
        parts = {"x_train": images, "y_train": labels, "x_test": images[:4], "y_test": labels[:4], **changes}
        np.savez(path, **parts)  # type: ignore[arg-type]
        Usps().load(tmp_path, download=False)

    load()
    with pytest.raises(DataError, match=r"usps.npz holds label 10; its classes are 0 to 9"):
        load(y_train=labels + 1)
    for wrong in ((images * 255).astype(np.uint8), images * 2 - 1, images[:, 0], images * np.nan):
        with pytest.raises(DataError, match=r"usps.npz holds .*; expected float images \(n, 16, 16\) in \[0, 1\]"):
            load(x_train=wrong)
    with pytest.raises(DataError, match=rf"set --data-dir or BENCHBOX_DATA to {tmp_path}, which holds usps/usps.npz"):
        Usps().load(tmp_path / "usps", download=False)


def test_cifar10_is_cut_from_sheets(tmp_path: Path) -> None:
    folder = tmp_path / "cifar10"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name in (*(f"train_{i}" for i in range(5)), "test_0"):
        sheet = rng.integers(0, 256, (64, 3200, 3), dtype=np.uint8)
        Image.fromarray(sheet).save(folder / f"{name}.webp", lossless=True)
    y_train, y_test = np.arange(1000) % 10, np.arange(200) % 10
    np.savez(folder / "labels.npz", y_train=y_train, y_test=y_test)
    arrays = Cifar10().load(tmp_path, download=False)
    assert arrays.x_train.shape == (1000, 32, 32, 3)
    np.testing.assert_array_equal(arrays.x_test[101], sheet[32:, 32:64])
    np.savez(folder / "labels.npz", y_train=y_train, y_test=y_test + 1)
    with pytest.raises(DataError, match=r"labels.npz holds label 10; its classes are 0 to 9"):
        Cifar10().load(tmp_path, download=False)
    np.savez(folder / "labels.npz", y_train=y_train)
    with pytest.raises(DataError, match=r"labels.npz has no array y_test"):
        Cifar10().load(tmp_path, download=False)
    np.savez(folder / "labels.npz", y_train=y_train, y_test=y_test)
    Image.new("RGB", (3200, 65)).save(folder / "test_0.webp", lossless=True)
    with pytest.raises(DataError, match=r"test_0.webp is truncated or damaged \(it is of 3200x65 pixels"):
        Cifar10().load(tmp_path, download=False)
    (folder / "train_3.webp").write_bytes((folder / "train_3.webp").read_bytes()[:1000])
    with pytest.raises(DataError, match=r"train_3.webp is truncated or damaged"):
        Cifar10().load(tmp_path, download=False)


def test_cifar10_reads_one_archive_and_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds neither cifar10/ nor cifar-10-batches-py/; .*--download"):
        Cifar10().load(tmp_path, download=False)
    images, labels = np.zeros((10, 32, 32, 3), np.uint8), np.arange(10)
    (tmp_path / "cifar10").mkdir()
    np.savez(tmp_path / "cifar10" / "cifar10.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    assert Cifar10().load(tmp_path, download=False).x_test.shape == (10, 32, 32, 3)


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist", "usps", "cifar10"])
def test_without_a_data_folder_the_error_says_what_to_set(name: str) -> None:
    dataset = create_spec(Catalogue.discover(), "dataset", name)
    assert isinstance(dataset, Dataset)
    with pytest.raises(DataError, match=rf"'{name}' needs a data folder: set --data-dir or BENCHBOX_DATA .*'digits'"):
        dataset.load(None, download=True)


DIGESTS = {
    "digits": "36d2728670db540e5a34c21a2efa2719d19e05678e0cd3f94ac0705e26933ed6",
    "mnist": "52cd6c10ae77107af32269dd9d10ca19c1b749e83235a0c75e2f0729ebeaf141",
    "fashion-mnist": "51bad0352284eacba9865b8317af0b9281dae4f52f7f667217f2ee65f7069790",
    "usps": "22241e0ed644191ace3877546e348f2f69c1163e939a1774d50cba86f5422278",
    "cifar10": "79c78df5e97413c6e69ad92fb8ed117b797d8454e6ea35841ea070a65bf18b89",
}


@pytest.mark.parametrize("name", DIGESTS)
def test_the_hashes_under_which_results_are_stored_stay(name: str) -> None:
    folder = os.environ.get("BENCHBOX_DATA")
    if name != "digits" and not folder:
        pytest.skip("BENCHBOX_DATA names no folder with the files")
    dataset = create_spec(Catalogue.discover(), "dataset", name)
    assert isinstance(dataset, Dataset)
    assert load_images(dataset, name, Path(folder) if folder else None).digest == DIGESTS[name]

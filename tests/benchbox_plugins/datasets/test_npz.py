from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchbox_plugins.datasets.npz import Npz

from benchbox.contracts import DataError
from benchbox.images import load_images
from benchbox.registry import Catalogue, create_spec

LABELS = np.arange(8) % 4
PARTS = {
    "grey uint8": np.arange(8 * 36, dtype=np.uint8).reshape(8, 6, 6),
    "grey float": np.linspace(0, 1, 8 * 36, dtype=np.float64).reshape(8, 6, 6),
    "colour uint8": np.zeros((8, 6, 6, 3), np.uint8),
    "colour float": np.ones((8, 3, 6, 6), np.float32),
}


def write(path: Path, images: np.ndarray = PARTS["grey uint8"], **changes: np.ndarray) -> Path:
    np.savez(path, **{"x_train": images, "y_train": LABELS, "x_test": images[:2], "y_test": LABELS[:2], **changes})
    return path


def dataset(path: Path | str) -> Npz:
    found = create_spec(Catalogue.discover(), "dataset", f"npz:{path}")
    assert isinstance(found, Npz)
    return found


@pytest.mark.parametrize("form", PARTS)
def test_grey_and_colour_bytes_and_floats_are_read(tmp_path: Path, form: str) -> None:
    path = write(tmp_path / f"{form}.npz", PARTS[form])
    images = load_images(dataset(path), f"npz:{path}", None)
    assert images.shape == ((1 if form.startswith("grey") else 3), 6, 6)
    assert images.classes == 4
    assert images.x_train.dtype == (np.uint8 if form.endswith("uint8") else np.float32)


def test_a_relative_path_is_looked_up_in_the_data_folder(tmp_path: Path) -> None:
    write(tmp_path / "faces.npz")
    assert len(dataset("faces.npz").load(tmp_path, download=False).x_train) == 8


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no file .*faces\.npz; write npz:PATH"):
        dataset("faces.npz").load(tmp_path, download=False)


def test_missing_arrays_are_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "half.npz", x_train=PARTS["grey uint8"], labels=LABELS)
    with pytest.raises(DataError, match="no array y_train and no x_test and no y_test; it holds x_train, labels"):
        dataset(tmp_path / "half.npz").load(None, download=False)


def test_python_objects_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "objects.npz", y_train=np.array([{}] * 8, dtype=object))
    with pytest.raises(DataError, match=r"cannot be read as an \.npz of plain arrays"):
        dataset(path).load(None, download=False)


@pytest.mark.parametrize("kind", ["truncated", "text", "npy"])
def test_what_is_no_archive_is_refused(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / "broken.npz")
    if kind == "truncated":
        path.write_bytes(path.read_bytes()[:-200])
    elif kind == "text":
        path.write_text("<html>")
    else:
        np.save(tmp_path / "one.npy", LABELS)
        (tmp_path / "one.npy").replace(path)
    with pytest.raises(DataError, match=r"broken\.npz cannot be read"):
        dataset(path).load(None, download=False)

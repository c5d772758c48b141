"""A folder of images as a data set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchbox_plugins.datasets.folder import Folder
from PIL import Image

from benchbox.contracts import DataError
from benchbox.images import load_images


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three grey images of cats and of dogs to learn from, one of each to test."""
    level = 10
    for part, count in {"train": 3, "test": 1}.items():
        for name in ("dog", "cat"):
            (tmp_path / part / name).mkdir(parents=True)
            for i in range(count):
                level += 20
                Image.new("L", (8, 6), level).save(tmp_path / part / name / f"{i}.png")
    return tmp_path


def read(folder: Path) -> Folder:
    return Folder(Folder.Options(path=str(folder)))


def test_classes_are_folders_in_alphabetical_order(folder: Path) -> None:
    (folder / "train" / "notes.txt").write_text("no class")
    (folder / "train" / "cat" / "notes.txt").write_text("no image")
    images = load_images(read(folder), "folder:x", None)
    assert (images.shape, images.classes) == ((1, 6, 8), 2)
    assert images.y_train.tolist() == [0, 0, 0, 1, 1, 1]
    assert [int(image.mean()) for image in images.x_train] == [90, 110, 130, 30, 50, 70]
    assert images.y_test.tolist() == [0, 1]


def test_one_colour_image_makes_all_colour(folder: Path) -> None:
    Image.new("RGB", (8, 6), (255, 0, 0)).save(folder / "train" / "dog" / "9.png")
    images = load_images(read(folder), "folder:x", None)
    assert images.shape == (3, 6, 8)
    assert images.x_train[-1, :, 0, 0].tolist() == [255, 0, 0]


def test_a_relative_path_may_lie_in_the_data_folder(folder: Path) -> None:
    found = Folder(Folder.Options(path=folder.name)).load(folder.parent, download=False)
    assert np.asarray(found.y_test).tolist() == [0, 1]


def test_what_is_no_such_folder_is_one_sentence(folder: Path) -> None:
    (folder / "test" / "fox").mkdir()
    with pytest.raises(DataError, match="fox is a class that train does not have"):
        read(folder).load(None, download=False)
    (folder / "test" / "fox").rmdir()
    Image.new("L", (9, 6)).save(folder / "test" / "cat" / "wide.png")
    with pytest.raises(DataError, match=r"wide\.png has 9x6 pixels, and .*0\.png 8x6; expected one size"):
        read(folder).load(None, download=False)
    (folder / "test" / "cat" / "wide.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"wide\.png cannot be read as an image"):
        read(folder).load(None, download=False)
    with pytest.raises(
        DataError, match=r"there is no folder .*train; it should hold a folder of images for each class"
    ):
        read(folder / "nowhere").load(None, download=False)

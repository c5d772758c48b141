"""ImageNet's layout, made on the spot, and the sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchbox_plugins.datasets.imagenet import Imagenet, ImagenetSample, numbers
from PIL import Image

from benchbox.contracts import DataError
from benchbox.images import load_images
from benchbox.images.rows import everything

CLASSES = ("n01440764", "n03127925", "n15075141")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path / "home"))


def fill(folder: Path, count: int, first: int) -> None:
    """Write so many images of each class, numbered as ImageNet's."""
    rng = np.random.default_rng(first)
    for name in CLASSES:
        (folder / name).mkdir(parents=True)
        for number in range(first, first + count):
            noise = rng.integers(0, 256, (12, 15, 3), dtype=np.uint8)
            Image.fromarray(noise).save(folder / name / f"ILSVRC2012_val_{number:08}.JPEG")
        first += count


@pytest.fixture
def root(tmp_path: Path) -> Path:
    fill(tmp_path / "data" / "val", 4, 1)
    fill(tmp_path / "data" / "train", 2, 101)
    return tmp_path / "data"


def read(**options: object) -> Imagenet:
    return Imagenet(Imagenet.Options(**{"resize": 8, "crop": 6, **options}))


def test_classes_have_torchvisions_numbers_however_many_are_there(root: Path) -> None:
    images = load_images(read(), "imagenet", root)
    assert (images.classes, images.shape) == (1000, (3, 6, 6))
    assert sorted({*images.train.labels, *images.test.labels}) == [0, 519, 999]
    assert (len(images.train), len(images.test)) == (10, 2)
    assert list(numbers())[519] == "n03127925"


def test_training_images_may_be_those_of_train_and_then_all_of_val_are_tested_on(root: Path) -> None:
    images = load_images(read(pool="train"), "imagenet", root)
    assert (len(images.train), len(images.test)) == (6, 12)
    (root / "val").rename(root / "elsewhere")
    with pytest.raises(DataError, match=r"there is no folder .*val; it should hold a folder for each class"):
        load_images(read(pool="train"), "imagenet", root)


@pytest.mark.parametrize(
    "lines",
    [
        "ILSVRC2012_val_00000002\nILSVRC2012_val_00000009\n",
        "# mine\n\nn01440764/ILSVRC2012_val_00000002.JPEG\nn15075141/ILSVRC2012_val_00000009.JPEG",
        "ImageId,TrueLabel\nILSVRC2012_val_00000009.png,999\nILSVRC2012_val_00000002.png,1",
    ],
    ids=["bare", "with classes", "table"],
)
def test_ids_name_the_images_to_test_on(root: Path, lines: str) -> None:
    (root / "ids.txt").write_text(lines)
    images = load_images(read(ids="ids.txt"), "imagenet", root)
    assert images.test.labels.tolist() == [0, 999]
    assert len(images.train) == 10
    names = [file.name[-12:] for file in read(ids="ids.txt").load(root, download=False).test._files]  # type: ignore[attr-defined]
    assert names == ["0000002.JPEG", "0000009.JPEG"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("ILSVRC2012_val_00000002\nnowhere.png\n", "line 2, names 'nowhere.png', which is no image in"),
        ("ILSVRC2012_val_00000002\nILSVRC2012_val_00000002.JPEG", "line 2, names 'ILSVRC2012_val_00000002.JPEG' again"),
        ("# none\n", "names no image"),
        ("\n".join(f"ILSVRC2012_val_{i:08}" for i in range(1, 13)), "names all images of val, which leaves no pool"),
    ],
)
def test_ids_that_are_none_are_one_sentence(root: Path, lines: str, said: str) -> None:
    (root / "ids.txt").write_text(lines)
    with pytest.raises(DataError, match=said):
        read(ids="ids.txt").load(root, download=False)
    with pytest.raises(DataError, match=r"there is no file missing\.txt; ids is a file with the id of an image a line"):
        read(ids="missing.txt").load(root, download=False)


def test_a_folder_that_is_no_class_is_named(root: Path) -> None:
    (root / "val" / "tench").mkdir()
    with pytest.raises(DataError, match="tench is none of ImageNet's 1,000 classes"):
        read().load(root, download=False)


def test_the_sample_is_parted_whatever_classes_it_has(tmp_path: Path) -> None:
    fill(tmp_path / "imagenet-sample", 4, 1)
    sample = ImagenetSample(ImagenetSample.Options(resize=8, crop=6))
    images = load_images(sample, "imagenet-sample", tmp_path)
    assert (images.classes, len(images.train), len(images.test)) == (1000, 2, 10)
    assert everything(images.test).shape == (10, 3, 6, 6)

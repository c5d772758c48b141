from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchbox.contracts import Arrays, Dataset
from benchbox.errors import BudgetError, DataError
from benchbox.images import ImageSet, doubts, load_images, pool_rows
from benchbox.images.pool import target_rows
from benchbox.images.rows import as_float, everything

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (6, 5, 4), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 0, 1, 2])


class Toy(Dataset):
    """A toy."""

    name = "toy"

    def __init__(self, **arrays: object) -> None:
        super().__init__()
        parts = {"x_train": GREY, "y_train": LABELS, "x_test": GREY[:3], "y_test": LABELS[:3], **arrays}
        self.arrays = Arrays(**parts)  # type: ignore[arg-type]

    def load(self, root: Path | None, *, download: bool) -> Arrays:
        return self.arrays


def load(**arrays: object) -> ImageSet:
    return load_images(Toy(**arrays), "toy", None)


@pytest.mark.parametrize(
    ("images", "shape"),
    [
        (GREY, (1, 5, 4)),
        (GREY[..., None], (1, 5, 4)),
        (np.repeat(GREY[..., None], 3, 3), (3, 5, 4)),
        (np.repeat(GREY[:, None], 3, 1), (3, 5, 4)),
    ],
    ids=["nhw", "nhw1", "nhw3", "n3hw"],
)
def test_images_become_channels_first(images: np.ndarray, shape: tuple[int, ...]) -> None:
    loaded = load(x_train=images, x_test=images[:3])
    assert loaded.shape == shape
    assert loaded.classes == 3
    np.testing.assert_array_equal(everything(loaded.train)[:, 0], GREY)


def test_grey_levels_and_floats_mean_the_same() -> None:
    levels, floats = load(), load(x_train=as_float(GREY), x_test=as_float(GREY[:3]))
    np.testing.assert_array_equal(as_float(everything(levels.train)), everything(floats.train))
    assert as_float(everything(levels.train)).dtype == np.float32
    assert levels.digest != floats.digest


@pytest.mark.parametrize("part", ["x_train", "y_train", "x_test", "y_test"])
def test_the_digest_names_the_content(part: str) -> None:
    changed = {"x_train": GREY, "y_train": LABELS, "x_test": GREY[:3], "y_test": LABELS[:3]}[part].copy()
    changed.flat[0] += 1
    assert load(**{part: changed}).digest != load().digest == load().digest


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"x_train": np.full((6, 5, 4), 1.5)}, r"range from 1.5 to 1.5; expected \[0, 1\]"),
        ({"x_train": np.full((6, 5, 4), np.nan)}, "NaN"),
        ({"x_train": GREY.astype(np.int64)}, "int64 images"),
        ({"x_train": GREY[:, 0]}, "shape"),
        ({"x_train": GREY[:0]}, r"holds no images, its shape is \(0,"),
        ({"x_train": (GREY > 127).astype(np.uint8)}, "x_train: the uint8 images hold nothing above 1 of 255"),
        ({"x_test": GREY[:3] * 0}, "x_test: the uint8 images hold nothing above 0 of 255"),
        ({"x_train": as_float(GREY) / 255}, "divided by 255 twice"),
        ({"x_train": GREY * 0 + 9}, "all 6 images are the same"),
        ({"x_test": GREY, "y_test": LABELS}, "x_test: its 6 images are those of x_train"),
        ({"x_test": GREY[:3, :4]}, "x_test"),
        ({"y_train": LABELS[:5]}, "5,.* labels for 6 images"),
        ({"y_train": LABELS * 0.5}, "float64 labels"),
        ({"y_train": LABELS - 1}, "negative"),
        ({"y_train": LABELS * 0}, "one class only"),
        ({"y_train": LABELS + 1}, "y_train: the labels go from 1 to 3; expected 0 to n - 1: subtract 1"),
        ({"y_train": LABELS * 2}, "the labels go up to 4, and 2 classes, 1 among them, are without an image"),
        ({"y_train": np.array([0, 1, 3, 0, 1, 3])}, "class 2 is without an image"),
        ({"y_test": np.array([0, 1, 7])}, "class 7"),
        ({"y_test": np.array([0, 1, 10**12])}, "y_test: label 1000000000000 is beyond the 5,000 classes"),
        ({"y_train": LABELS.astype(np.uint64) - 1}, "y_train: label 18446744073709551615 is beyond"),
        ({"y_train": LABELS + (2**63 - 3)}, "label 9223372036854775807 is beyond"),
        ({"y_train": np.eye(6, dtype=int)}, "expected one whole number an image"),
    ],
)
def test_a_malformed_data_set_is_refused(arrays: dict[str, object], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        load(**arrays)


def test_a_million_classes_are_refused_by_their_number() -> None:
    labels = np.arange(10**6)
    images = np.broadcast_to(RNG.integers(0, 256, (1, 2), dtype=np.uint8), (10**6, 1, 2))
    with pytest.raises(DataError, match="label 999999 is beyond the 5,000 classes that can be played with"):
        load(x_train=images, y_train=labels, x_test=images[:3], y_test=labels[:3])


def test_floats_a_hair_outside_are_clipped_and_hashed_as_they_were_read() -> None:
    images = as_float(GREY).copy()
    exact = load(x_train=images).digest
    images.flat[:2] = -3e-8, 1 + 9e-6
    loaded = load(x_train=images)
    assert (everything(loaded.train).min(), everything(loaded.train).max()) == (0, 1)
    assert loaded.digest != exact, "the hash is that of the file's arrays"
    images.flat[0] = -2e-5
    with pytest.raises(DataError, match="range from -2e-05"):
        load(x_train=images)


def test_what_is_odd_and_possible_is_told() -> None:
    new = RNG.integers(0, 256, (30, 5, 4), dtype=np.uint8)
    assert doubts(load(x_test=new, y_test=np.arange(30) % 3)) == []
    assert doubts(load(x_test=np.concatenate([GREY[:3], new[3:]]), y_test=np.arange(30) % 2)) == [
        "data set 'toy': class 2 has no test image, and is never scored",
        "data set 'toy': 3 of 30 test images also stand among the training images; accuracies will be too high",
    ]
    assert "all 30 test images are the same" in doubts(load(x_test=0 * new + 7, y_test=np.arange(30) % 3))[0]
    half = load(x_train=as_float(GREY), x_test=GREY[::2], y_test=np.zeros(3, int))
    assert "2 of 3 classes, 1 among them, have no test image" in doubts(half)[0]
    assert "3 of 3 test images" in doubts(half)[1]


def test_pools_are_nested_and_disjoint_from_the_targets_images() -> None:
    for draw in (0, 3):
        small, large = (pool_rows(size, 1000, draw=draw, where="here") for size in (60, 600))
        np.testing.assert_array_equal(small, large[:60])
        rest = target_rows(600, 1000, draw=draw, where="here")
        assert sorted([*large, *rest]) == list(range(1000))
    assert len(target_rows(0, 1000, draw=3, where="here")) == 1000


def test_each_draw_is_another_pool_and_the_first_is_as_ever() -> None:
    first, second = (pool_rows(60, 1000, draw=draw, where="here") for draw in (0, 1))
    assert len({*first} & {*second}) < 20
    assert first[:3].tolist() == [830, 88, 552]


def test_a_pool_larger_than_the_data_is_refused() -> None:
    with pytest.raises(BudgetError, match=r"here: a pool of 11 .* the 10 "):
        pool_rows(11, 10, draw=0, where="here")


def test_the_hash_is_that_of_the_arrays_that_are_played_with_whatever_the_plugin_says() -> None:
    class Flattering(np.ndarray[Any, Any]):
        """Says that it is all zeros when it is asked for its bytes."""

        @property
        def data(self) -> memoryview:
            return memoryview(bytes(self.nbytes))

        def tobytes(self, *_: object) -> bytes:
            return bytes(self.nbytes)

    class Renamed(Toy):
        def content(self, arrays: Arrays) -> tuple[object, ...]:
            return (GREY * 0,)

    honest, other = load(), load(x_test=GREY[3:])
    assert load(x_train=GREY.view(Flattering)).digest == honest.digest
    assert other.digest != honest.digest
    assert load_images(Renamed(), "toy renamed", None).digest == honest.digest

"""Sets that a plugin reads by rows: checked as they are read, hashed by what the plugin says, sent where they are small."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchbox.contracts import Array, Arrays, Dataset, Images, Splits
from benchbox.errors import DataError
from benchbox.images import ImageSet, doubts, load_images, rows
from benchbox.images.facts import ImageFacts
from benchbox.images.images import checked
from benchbox.images.kept import read_kept, write_kept
from benchbox.images.row_tensor import RowTensor, as_read, as_tensor
from benchbox.images.rows import everything, too_large

FILES = np.random.default_rng(0).integers(0, 256, (40, 3, 6, 5), dtype=np.uint8)
LABELS = np.arange(40) % 4


class Read(Images):
    """Images of an array, read by rows as those of a folder are."""

    def __init__(self, array: Array, labels: Array, digest: str = "a" * 64) -> None:
        self.array, self.labels, self.digest = array, labels, digest
        self.shape = array.shape[1:]
        self.asked: list[list[int]] = []

    def rows(self, indices: Array) -> Array:
        self.asked.append(indices.tolist())
        found: Array = self.array[indices]
        return found


class ByRows(Dataset):
    """A toy."""

    name = "by-rows"

    def __init__(self, train: Images, test: Images, classes: int | None = None) -> None:
        super().__init__()
        self.splits = Splits(train, test, classes)

    def load(self, root: Path | None, *, download: bool) -> Splits:
        return self.splits


def load(**changes: Any) -> ImageSet:
    given = {"train": Read(FILES[:30], LABELS[:30]), "test": Read(FILES[30:], LABELS[30:], "b" * 64), **changes}
    return load_images(ByRows(**given), "mine", None)


def test_a_set_is_planned_without_reading_it() -> None:
    train = Read(FILES[:30], LABELS[:30])
    facts = ImageFacts.of(load(train=train))
    assert (facts.shape, facts.classes, facts.n_train, facts.n_test) == ((3, 6, 5), 4, 30, 10)
    assert sum(map(len, train.asked)) < 5
    assert load().digest != load(train=Read(FILES[:30], LABELS[:30], "c" * 64)).digest
    assert load().digest != load(train=Read(FILES[:30], (LABELS[:30] + 1) % 4)).digest


def test_what_arrays_are_taken_for_is_what_rows_are_taken_for() -> None:
    arrays = checked(Arrays(FILES[:30], LABELS[:30], FILES[30:], LABELS[30:]), "mine")
    by_rows, some = load(), np.array([3, 1, 29])
    for one, other in ((arrays.train, by_rows.train), (arrays.test, by_rows.test)):
        np.testing.assert_array_equal(everything(one), everything(other))
    assert torch.equal(as_read(arrays.train, some), as_read(by_rows.train, some))


def test_beyond_what_memory_holds_a_tensor_reads_when_it_is_indexed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "HELD", 20 * 90 * 4)
    train, cpu, some = Read(FILES[:30], LABELS[:30]), torch.device("cpu"), np.arange(29, 4, -1)
    images = load(train=train)
    train.asked.clear()
    whole, part, few = (as_tensor(images.train, cpu, which) for which in (None, some, some[:20]))
    assert [type(each) is RowTensor for each in (whole, part, few)] == [True, True, False]
    assert train.asked == [some[:20].tolist()]
    assert torch.equal(part[torch.tensor([0, 2])], whole[torch.tensor([29, 27])])
    assert torch.equal(whole[:1], torch.from_numpy(FILES[:1]).float() / 255)
    assert isinstance(as_read(images.train, some), RowTensor)


def test_a_mapped_file_stays_mapped_and_is_read_by_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "train.npy", FILES[:30])
    mapped = np.load(tmp_path / "train.npy", mmap_mode="r")

    class Mapped(Dataset):
        """A toy."""

        name = "mapped"

        def load(self, root: Path | None, *, download: bool) -> Arrays:
            return Arrays(mapped, LABELS[:30], FILES[30:], LABELS[30:])

    images = load_images(Mapped(), "mapped", None)
    monkeypatch.setattr(rows, "HELD", 1000)
    assert (too_large(30, images.train), too_large(10, images.test)) == (True, False)
    assert np.shares_memory(everything(images.train), mapped)
    assert images.digest == checked(Arrays(FILES[:30], LABELS[:30], FILES[30:], LABELS[30:]), "mine").digest


def test_classes_may_be_stated_where_not_all_are_shown() -> None:
    assert load(classes=1000).classes == 1000
    with pytest.raises(DataError, match="it says 3 classes; expected more than its largest label, up to 5,000"):
        load(classes=3)
    with pytest.raises(DataError, match="class 1 is without an image"):
        load(train=Read(FILES[:2], np.array([0, 2])))


@pytest.mark.parametrize(
    ("train", "said"),
    [
        (Read(FILES[:30, :2], LABELS[:30]), r"train: shape \(2, 6, 5\) is not \(channels, height, width\)"),
        (Read(FILES[:30], LABELS[:30], "mine"), "train: its digest 'mine' is no sha256 in hex"),
        (Read(FILES[:0], LABELS[:0]), "train: it holds no images"),
        (Read(FILES[:30], LABELS[:30] / 2), "train: float64 labels; expected integers from 0"),
        (Read(FILES[:30, :, :5], LABELS[:30]), r"x_test: it holds \(3, 6, 5\) images, x_train \(3, 5, 5\)"),
        (Read(FILES[:1].repeat(30, 0), LABELS[:30]), "all 30 images are the same"),
        (Read(FILES[:30].astype(np.int64), LABELS[:30]), "train: it read int64 of shape"),
        (Read(FILES[:30].astype(np.float32), LABELS[:30]), r"train: float images range from .*; expected \[0, 1\]"),
        (Read(np.full((30, 3, 6, 5), np.nan, np.float32), LABELS[:30]), "train: float images range from nan to nan"),
    ],
)
def test_what_is_no_set_of_images_is_one_sentence(train: Images, said: str) -> None:
    with pytest.raises(DataError, match=f"data set 'mine', (x_train: )?{said}"):
        load(train=train)


def test_test_images_that_were_learnt_from_are_told_by_their_prints() -> None:
    train, test = Read(FILES[:30], LABELS[:30]), Read(FILES[26:36], LABELS[26:36], "b" * 64)
    said = "data set 'mine': 4 of 10 test images also stand among the training images; accuracies will be too high"
    assert doubts(load(train=train, test=test)) == [said]
    train.prints, test.prints = list(map(str, range(30))), list(map(str, range(26, 36)))
    images = load(train=train, test=test)
    train.asked.clear()
    assert doubts(images) == [said]
    assert train.asked == []


def test_small_ones_travel_under_their_own_hash_and_large_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = ByRows(Read(FILES[:30], LABELS[:30]), Read(FILES[30:], LABELS[30:], "b" * 64), 7)
    write_kept(tmp_path / "kept.npz", images.splits, "mine")
    came = checked(read_kept(tmp_path / "kept.npz"), "mine")
    assert (came.digest, came.classes) == (load_images(images, "mine", None).digest, 7)
    np.testing.assert_array_equal(everything(came.test), FILES[30:])
    monkeypatch.setattr(rows, "HELD", 1000)
    with pytest.raises(
        DataError, match="data set 'mine' holds 30 images of 3x6x5, too much to send to another machine"
    ):
        write_kept(tmp_path / "kept.npz", images.splits, "mine")

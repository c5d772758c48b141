"""Data sets on which settings are chosen: nothing of the test images is in them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from benchbox_plugins.datasets.digits import Digits
from PIL import Image

from benchbox.contracts import Arrays, DataError, Dataset, Splits
from benchbox.registry import Catalogue, create_spec


def read_any(text: str) -> Arrays | Splits:
    plugin = create_spec(Catalogue.discover(), "dataset", text)
    assert isinstance(plugin, Dataset)
    return plugin.load(None, download=False)


def read(text: str) -> Arrays:
    loaded = read_any(text)
    assert isinstance(loaded, Arrays)
    return loaded


def rows(images: np.ndarray) -> list[bytes]:
    return [image.tobytes() for image in images]


def test_it_is_the_training_images_parted_with_every_class_in_both() -> None:
    whole, held = Digits().load(None, download=False), read("held-out:digits")
    assert (len(held.x_test), len(held.x_train)) == (233, 1167)
    assert sorted(rows(held.x_train) + rows(held.x_test)) == sorted(rows(whole.x_train))
    shares = np.bincount(held.y_test) / np.bincount(whole.y_train)
    assert np.abs(shares - 1 / 6).max() < 0.01
    labels = dict(zip(rows(whole.x_train), whole.y_train.tolist(), strict=True))
    assert [labels[row] for row in rows(held.x_test)] == held.y_test.tolist()


def test_it_takes_files_too(tmp_path: Path) -> None:
    labels = np.arange(24) % 2
    images = np.arange(24, dtype=np.uint8).repeat(4).reshape(24, 2, 2)
    np.savez(tmp_path / "a,b.npz", x_train=images, y_train=labels, x_test=images + 100, y_test=labels)
    held = read(f"held-out:npz:{tmp_path / 'a,b.npz'}")
    assert (len(held.y_train), sorted(held.y_test.tolist())) == (20, [0, 0, 1, 1])
    assert held.x_test.max() < 24


def test_a_set_that_is_read_by_rows_is_parted_by_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path / "home"))
    for number in range(24):
        path = tmp_path / "faces" / "train" / "ab"[number % 2] / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (4, 4), number).save(path)
    shutil.copytree(tmp_path / "faces" / "train", tmp_path / "faces" / "test")
    held = read_any(f"held-out:folder:{tmp_path / 'faces'}")
    assert isinstance(held, Splits)
    seen = [images.rows(np.arange(len(images)))[:, 0, 0, 0].tolist() for images in (held.train, held.test)]
    assert (len(seen[0]), sorted(seen[0] + seen[1])) == (20, list(range(24)))
    assert [value % 2 for value in seen[1]] == held.test.labels.tolist()
    assert len({held.train.digest, held.test.digest}) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("held-out:mist", "'mist' is not a data set of benchbox; expected one of digits, mnist"),
        ("held-out:held-out:digits", "'held-out:digits' is not a data set"),
        ("held-out:npz", "should be written held-out:npz:PATH"),
        ("held-out:digits:x", "should be written held-out:digits"),
    ],
)
def test_what_it_cannot_read_is_one_sentence(text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read(text)

"""A folder of images as a data set."""

from __future__ import annotations

import io
import os
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from benchbox_plugins.datasets import _manifest
from benchbox_plugins.datasets._classes import held_out
from benchbox_plugins.datasets._manifest import Known
from benchbox_plugins.datasets._photographs import Listed
from benchbox_plugins.datasets.folder import Folder
from PIL import Image

from benchbox.contracts import DataError
from benchbox.images import load_images
from benchbox.images.rows import everything


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path / "home"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three grey images of cats and of dogs to learn from, one of each to test."""
    level, tmp_path = 10, tmp_path / "data"
    for part, count in {"train": 3, "test": 1}.items():
        for name in ("dog", "cat"):
            (tmp_path / part / name).mkdir(parents=True)
            for i in range(count):
                level += 20
                Image.new("L", (8, 6), level).save(tmp_path / part / name / f"{i}.png")
    return tmp_path


def read(folder: Path, **options: object) -> Folder:
    return Folder(Folder.Options(path=str(folder), **options))


def test_classes_are_folders_in_alphabetical_order(folder: Path) -> None:
    (folder / "train" / "notes.txt").write_text("no class")
    (folder / "train" / "cat" / "notes.txt").write_text("no image")
    images = load_images(read(folder), "folder:x", None)
    assert (images.shape, images.classes) == ((1, 6, 8), 2)
    assert images.train.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert [int(image.mean()) for image in everything(images.train)] == [90, 110, 130, 30, 50, 70]
    assert images.test.labels.tolist() == [0, 1]


def test_grey_and_colour_are_not_mixed_unasked(folder: Path) -> None:
    Image.new("RGB", (8, 6), (255, 0, 0)).save(folder / "train" / "dog" / "9.png")
    with pytest.raises(DataError, match=r"0\.png is grey, and .*9\.png has colour; say what all shall be: colour=rgb"):
        read(folder).load(None, download=False)
    images = load_images(read(folder, colour="rgb"), "folder:x", None)
    assert images.shape == (3, 6, 8)
    assert everything(images.train)[-1, :, 0, 0].tolist() == [255, 0, 0]
    assert load_images(read(folder, colour="grey"), "folder:x", None).shape == (1, 6, 8)


def test_a_relative_path_may_lie_in_the_data_folder(folder: Path) -> None:
    found = Folder(Folder.Options(path=folder.name)).load(folder.parent, download=False)
    assert np.asarray(found.test.labels).tolist() == [0, 1]


@pytest.mark.parametrize("name", ["val", "test"])
def test_the_test_part_may_be_called_val(folder: Path, name: str) -> None:
    (folder / "test").rename(folder / name)
    assert len(load_images(read(folder), "folder:x", None).test) == 2


def test_without_a_test_part_some_of_each_class_are_held_out_whatever_they_are_called(folder: Path) -> None:
    (folder / "test").rename(folder.parent / f"{folder.name}-away")
    (folder / "train").rename(folder / "once")
    for path in (folder / "once").iterdir():
        path.rename(folder / path.name)
    (folder / "once").rmdir()
    images = load_images(read(folder), "folder:x", None)
    assert (len(images.train), images.test.labels.tolist()) == (4, [0, 1])
    held = {image.tobytes() for image in everything(images.test)}
    for path in list(folder.glob("*/*.png")):
        path.rename(path.with_name(f"{255 - int(path.stem)}.png"))
    assert {image.tobytes() for image in everything(load_images(read(folder), "folder:x", None).test)} == held
    for path in list((folder / "cat").iterdir())[1:]:
        path.unlink()
    with pytest.raises(DataError, match=r"cat holds one image; expected two, since one is kept for tests"):
        read(folder).load(None, download=False)


def test_what_stands_twice_is_held_out_together() -> None:
    files = [Listed(f"{i}.png", 0) for i in range(6)]
    known = [Known(sha256, 1, 1, True) for sha256 in ("b", "a", "a", "c", "a", "d")]
    train, test = held_out(files, known, 0.2)
    assert [file.name for file in test] == ["1.png", "2.png", "4.png"]
    assert len(train) == 3


def test_the_shorter_side_is_resized_and_the_centre_cropped_as_torchvision_does(folder: Path) -> None:
    from torchvision.transforms import CenterCrop, Resize

    rng = np.random.default_rng(0)
    for part in ("train", "test"):
        for path in (folder / part).glob("*/*.png"):
            size = (int(rng.integers(9, 40)), int(rng.integers(9, 40)), 3)
            Image.fromarray(rng.integers(0, 256, size, dtype=np.uint8)).save(path)
    images = load_images(read(folder, resize=8, crop=7), "folder:x", None)
    assert images.shape == (3, 7, 7)
    for path, image in zip(sorted((folder / "test").glob("*/*.png")), everything(images.test), strict=True):
        expected = CenterCrop(7)(Resize(8)(Image.open(path)))
        np.testing.assert_array_equal(image.transpose(1, 2, 0), np.asarray(expected))
    assert load_images(read(folder, resize=8, crop=6), "folder:x", None).digest != images.digest


def test_a_second_look_reads_no_file_that_did_not_change(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_images(read(folder), "folder:x", None).digest
    looked: list[str] = []
    look = _manifest._looked_at
    monkeypatch.setattr(_manifest, "_looked_at", lambda path, name: looked.append(path.name) or look(path, name))
    assert read(folder).load(None, download=False)
    assert looked == []
    Image.new("L", (8, 6), 255).save(folder / "train" / "cat" / "1.png")
    assert load_images(read(folder), "folder:x", None).digest != first
    assert looked == ["1.png"]


def test_a_cache_that_is_damaged_or_cannot_be_written_is_done_without(folder: Path, tmp_path: Path) -> None:
    first = load_images(read(folder), "folder:x", None).digest
    [kept] = (Path(os.environ["BENCHBOX_HOME"]) / "cache" / "folders").iterdir()
    kept.write_text('{"form": 1, "files": {"train/cat/0.png": 3}}')
    assert load_images(read(folder), "folder:x", None).digest == first
    kept.unlink()
    kept.parent.rmdir()
    kept.parent.write_text("a file in its place")
    assert load_images(read(folder), "folder:x", None).digest == first


def test_a_file_that_changes_under_way_is_not_played_with(folder: Path) -> None:
    images = load_images(read(folder), "folder:x", None)
    Image.new("L", (8, 6), 1).save(folder / "test" / "cat" / "0.png")
    with pytest.raises(DataError, match=r"0\.png changed since it was looked at"):
        everything(images.test)
    (folder / "test" / "cat" / "0.png").unlink()
    with pytest.raises(DataError, match=r"0\.png cannot be read: No such file"):
        everything(images.test)


def bomb() -> bytes:
    """A PNG whose header announces 60,000 x 60,000 pixels."""
    chunks = (b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0), b"IDAT", b"IEND")
    packed = (struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def encoded(form: str) -> bytes:
    file = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (6, 8), dtype=np.uint8)
    Image.fromarray(noise).save(file, format=form)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no image", r"cannot be read as an image \(of no form that Pillow knows\)"),
        (b"", "cannot be read as an image"),
        (encoded("PNG")[:-20], "is truncated: its PNG data have no end"),
        (encoded("JPEG")[:-9], "is truncated: its JPEG data have no end"),
        (bomb(), "announces over 89,478,485 pixels: a decompression bomb"),
    ],
    ids=["no image", "empty", "truncated png", "truncated jpeg", "bomb"],
)
def test_a_file_that_is_no_whole_image_is_named_in_one_sentence(folder: Path, content: bytes, said: str) -> None:
    path = folder / "train" / "dog" / "1.png"
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"data set 'folder': {re.escape(str(path))} {said}"):
        read(folder).load(None, download=False)


def test_damage_behind_a_whole_header_is_found_when_the_image_is_read(folder: Path) -> None:
    path = folder / "test" / "cat" / "0.png"
    content = bytearray(encoded("PNG"))
    content[50:60] = bytes(10)
    path.write_bytes(content)
    images = load_images(read(folder), "folder:x", None)
    with pytest.raises(DataError, match=r"0\.png is truncated or damaged"):
        everything(images.test)


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
    with pytest.raises(DataError, match=r"there is no folder .*nowhere; it should hold a folder of images for each"):
        read(folder / "nowhere").load(None, download=False)


def test_folders_that_are_no_classes_are_one_sentence(folder: Path) -> None:
    (folder / "train" / "ant").mkdir()
    with pytest.raises(DataError, match=r"train.ant holds no image \(\.png, .*\); remove it, or fill it"):
        read(folder).load(None, download=False)
    (folder / "train" / "ant").rmdir()
    empty = folder / "empty"
    empty.mkdir()
    with pytest.raises(DataError, match="empty holds no folder; expected a folder of images for each class"):
        read(empty).load(None, download=False)
    (empty / "cat").mkdir()
    with pytest.raises(DataError, match="empty holds one class, 'cat'; a classifier needs two"):
        read(empty).load(None, download=False)
    with pytest.raises(DataError, match=r"0\.png has 8x6 pixels, too few to cut 7 from; add resize=7"):
        read(folder, crop=7).load(None, download=False)

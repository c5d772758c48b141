from __future__ import annotations

import io
import pickle
import resource
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from benchbox_plugins.datasets.npz import Npz

from benchbox.contracts import DataError
from benchbox.images import load_images
from benchbox.images.rows import everything
from benchbox.registry import Catalogue, create_spec

LABELS = np.arange(8) % 4
PARTS = {
    "grey uint8": np.arange(8 * 36, dtype=np.uint8).reshape(8, 6, 6),
    "grey float": np.linspace(0, 1, 8 * 36, dtype=np.float64).reshape(8, 6, 6),
    "colour uint8": np.arange(8 * 108, dtype=np.uint16).astype(np.uint8).reshape(8, 6, 6, 3),
    "colour float": np.linspace(0, 1, 8 * 108, dtype=np.float32).reshape(8, 3, 6, 6),
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
    assert everything(images.train).dtype == (np.uint8 if form.endswith("uint8") else np.float32)


def test_a_relative_path_is_looked_up_in_the_data_folder(tmp_path: Path) -> None:
    write(tmp_path / "faces.npz")
    assert len(dataset("faces.npz").load(tmp_path, download=False).x_train) == 8


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no file faces\.npz$"):
        dataset("faces.npz").load(tmp_path, download=False)
    with pytest.raises(DataError, match=r"there is no file faces; write npz:PATH"):
        dataset("faces").load(tmp_path, download=False)


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    (tmp_path / "faces.npz").touch()
    with pytest.raises(DataError, match=r"faces\.npz is empty$"):
        dataset("faces.npz").load(tmp_path, download=False)


def test_missing_arrays_are_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "half.npz", x_train=PARTS["grey uint8"], labels=LABELS)
    with pytest.raises(DataError, match="no array y_train and no x_test and no y_test; it holds x_train, labels"):
        dataset(tmp_path / "half.npz").load(None, download=False)


def test_python_objects_are_refused_without_the_advice_to_trust_them(tmp_path: Path) -> None:
    path = write(tmp_path / "objects.npz", y_train=np.array([{}] * 8, dtype=object))
    with pytest.raises(DataError, match=r"array y_train holds Python objects, .*; save plain numbers") as error:
        dataset(path).load(None, download=False)
    assert "allow_pickle" not in str(error.value)


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("truncated", "File is not a zip file"),
        ("text", "File is not a zip file"),
        ("npy", "it is one array, a .npy file; write all four with numpy.savez"),
        ("pickle", "File is not a zip file"),
        ("locked", "password"),
        ("no header", "array x_train has no header that can be read"),
        ("cut", "array x_train announces"),
    ],
)
def test_what_is_no_archive_is_refused_without_the_advice_to_trust_it(tmp_path: Path, kind: str, why: str) -> None:
    path = write(tmp_path / "broken.npz")
    content = path.read_bytes()
    if kind == "truncated":
        path.write_bytes(content[:-200])
    elif kind == "text":
        path.write_text("<html>")
    elif kind == "pickle":
        path.write_bytes(pickle.dumps({"x_train": 1}))
    elif kind == "npy":
        np.save(tmp_path / "one.npy", LABELS)
        (tmp_path / "one.npy").replace(path)
    elif kind == "locked":  # the flag that says so, in the directory and before the first array
        directory = content.index(b"PK\x01\x02")
        path.write_bytes(content[:6] + b"\x01" + content[7 : directory + 8] + b"\x01" + content[directory + 9 :])
    else:
        array = io.BytesIO()
        np.save(array, PARTS["grey uint8"])
        cut = array.getvalue()[: 20 if kind == "no header" else -9]
        rewrite(path, {"x_train": cut})
    with pytest.raises(DataError, match=rf"broken\.npz cannot be read as an \.npz of plain arrays: .*{why}") as error:
        dataset(path).load(None, download=False)
    assert "allow_pickle" not in str(error.value)


def rewrite(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> None:
    """Write an archive anew with some members' bytes replaced."""
    with zipfile.ZipFile(path) as archive:
        whole = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in {**whole, **{f"{key}.npy": value for key, value in members.items()}}.items():
            archive.writestr(name, content)


def header(shape: tuple[int, ...], dtype: str = "|u1") -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": dtype, "fortran_order": False, "shape": shape})
    return stream.getvalue()


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((1 << 40, 28, 28), r"array x_train announces \(1099511627776, 28, 28\) of uint8, 862 TB, and holds"),
        ((-8, -36), r"array x_train announces \(-8, -36\)"),
        ((10**30, 1, 1), "array x_train announces"),
    ],
)
def test_a_header_that_lies_is_refused_before_memory_is_taken(
    tmp_path: Path, shape: tuple[int, ...], said: str
) -> None:
    path = write(tmp_path / "liar.npz")
    rewrite(path, {"x_train": header(shape) + bytes(288)})
    with limited_memory(), pytest.raises(DataError, match=said):
        dataset(path).load(None, download=False)


def test_a_small_file_that_unpacks_to_hundreds_of_megabytes_is_refused_by_both_sizes(tmp_path: Path) -> None:
    path = write(tmp_path / "bomb.npz")
    rewrite(path, {"x_train": header((200_000, 28, 28)) + bytes(200_000 * 784)})
    assert path.stat().st_size < 200_000
    with (
        limited_memory(),
        pytest.raises(DataError, match=r"kB of .*bomb\.npz would unpack to 157 MB, which no images do"),
    ):
        dataset(path).load(None, download=False)


def test_a_directory_that_announces_gigabytes_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "liar.npz")
    content = path.read_bytes()
    size = content.index(b"PK\x01\x02") + 24
    path.write_bytes(content[:size] + b"\xf0\xff\xff\xff" + content[size + 4 :])
    with limited_memory(), pytest.raises(DataError, match=r"liar\.npz would unpack to 4\.29 GB, which no images do"):
        dataset(path).load(None, download=False)


def test_more_than_the_machines_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "large.npz")
    monkeypatch.setattr("os.sysconf", lambda name: 16)
    with pytest.raises(DataError, match=r"large\.npz would take \d+ bytes of memory; this machine has 256 bytes"):
        dataset(path).load(None, download=False)


def test_a_packing_without_a_bound_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "packed.npz")
    rewrite(path, {}, zipfile.ZIP_BZIP2)
    with pytest.raises(DataError, match="array x_train is packed in a way that numpy does not use"):
        dataset(path).load(None, download=False)


@contextmanager
def limited_memory(room: int = 64 << 20) -> Iterator[None]:
    """Let this process take no more than so many bytes beside what it has."""
    if not Path("/proc/self/statm").exists():  # the sentence is tested elsewhere too
        yield
        return
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (taken + room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def test_a_file_that_is_rewritten_is_read_anew(tmp_path: Path) -> None:
    path = write(tmp_path / "faces.npz")
    before = load_images(dataset(path), f"npz:{path}", None)
    write(path, PARTS["grey uint8"] ^ 1)
    after = load_images(dataset(path), f"npz:{path}", None)
    assert (everything(before.train)[0, 0, 0, 0], everything(after.train)[0, 0, 0, 0]) == (0, 1)
    assert before.digest != after.digest


def test_home_is_written_as_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path / "faces.npz")
    assert len(dataset("~/faces.npz").load(None, download=False).x_train) == 8
    with pytest.raises(DataError, match=r"there is no file ~nobody-of-that-name/faces.npz"):
        dataset("~nobody-of-that-name/faces.npz").load(None, download=False)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"is a folder; write npz:PATH with the path of an .npz file"):
        dataset(tmp_path).load(None, download=False)

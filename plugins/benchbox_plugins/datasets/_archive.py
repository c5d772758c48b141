"""Reading ``.npz`` files of anybody's: sizes are read from their headers before memory is taken for what they announce."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchbox.contracts import Array, Arrays, DataError
from benchbox_plugins.datasets._files import check_size, sized

_KEYS = ("x_train", "y_train", "x_test", "y_test")
_HEADER = 16384  # numpy writes 128 bytes for a plain array
_STRANGE = (ValueError, TypeError, KeyError, OverflowError, SyntaxError, RecursionError, MemoryError)


def read_npz(path: Path, dataset: str) -> Arrays:
    """Read the four arrays of an ``.npz`` file.

    Raises:
        DataError: the file is damaged, lacks an array, holds Python objects, or lies about its size.
    """
    return Arrays(*read_arrays(path, dataset, _KEYS))


def read_arrays(path: Path, dataset: str, keys: Sequence[str]) -> list[Array]:
    """Read arrays of an ``.npz`` file by name.

    Raises:
        DataError: as ``read_npz`` raises it.
    """
    with _sentences(path, dataset), path.open("rb") as file, zipfile.ZipFile(file) as archive:
        members = {name.removesuffix(".npy"): name for name in archive.namelist() if name.endswith(".npy")}
        missing = [key for key in keys if key not in members]
        if missing:
            raise DataError(
                f"data set '{dataset}': {path} has no array {' and no '.join(missing)}; "
                f"it holds {', '.join(members) or 'nothing'}, and needs {', '.join(keys)}"
            )
        infos = [archive.getinfo(members[key]) for key in keys]
        check_size(sum(info.file_size for info in infos), path.stat().st_size, path, dataset)
        for key, info in zip(keys, infos, strict=True):
            _check(archive, info, f"array {key}")
        return [_array(archive, info, f"array {key}") for key, info in zip(keys, infos, strict=True)]


def _check(archive: zipfile.ZipFile, info: zipfile.ZipInfo, what: str) -> None:
    """Hold an array's own header against the size of what is behind it.

    Raises:
        ValueError: they differ, or it is no plain array; the message says which.
    """
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others unpack without a bound
        raise ValueError(f"{what} is packed in a way that numpy does not use")
    with archive.open(info) as stream:
        head = io.BytesIO(stream.read(_HEADER))
    try:
        read = np.lib.format.read_magic(head)
        header = np.lib.format.read_array_header_1_0 if read == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = header(head)
        announced = math.prod(shape) * dtype.itemsize
    except _STRANGE:
        raise ValueError(f"{what} has no header that can be read") from None
    if dtype.hasobject:
        raise ValueError(f"{what} holds Python objects, whose reading would run the file's code; save plain numbers")
    if announced != info.file_size - head.tell() or min(shape, default=0) < 0:
        raise ValueError(f"{what} announces {shape} of {dtype}, {sized(announced)}, and holds {sized(info.file_size)}")


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo, what: str) -> Array:
    with archive.open(info) as stream:
        try:
            found: Array = np.lib.format.read_array(stream, allow_pickle=False)
        except _STRANGE:  # numpy's own words would advise to trust the file
            raise ValueError(f"{what} is truncated or damaged") from None
    return found


@contextmanager
def _sentences(path: Path, dataset: str) -> Iterator[None]:
    """Turn what reading may raise into a sentence.

    Raises:
        DataError: in place of it.
    """
    try:
        yield
    except (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        why = "it is one array, a .npy file; write all four with numpy.savez" if _is_npy(path) else str(error)
        raise DataError(f"data set '{dataset}': {path} cannot be read as an .npz of plain arrays: {why}") from None


def _is_npy(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(6) == b"\x93NUMPY"
    except OSError:
        return False

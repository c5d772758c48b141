"""Anybody's images."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from benchbox.contracts import Arrays, DataError, Dataset, Options

_KEYS = ("x_train", "y_train", "x_test", "y_test")


class NpzOptions(Options):
    """Options of ``npz``."""

    path: Annotated[str, Field(min_length=1, description="the .npz file")]


class Npz(Dataset):
    """Anybody's images: an .npz file with x_train, y_train, x_test and y_test.

    Written ``npz:PATH``; a relative path is looked up in the current folder, then in the data folder. Images are uint8 in
    0..255 or float in [0, 1], grey (n, h, w) or colour (n, h, w, 3) or (n, 3, h, w); labels are integers from 0. Arrays
    of Python objects are refused, since reading them would run the file's code.
    """

    name: ClassVar[str] = "npz"
    Options = NpzOptions
    argument: ClassVar[str | None] = "path"

    def load(self, root: Path | None, *, download: bool) -> Arrays:
        """Read the file; see ``benchbox.contracts.Dataset.load``."""
        path = Path(self.options.path).expanduser()
        if root is not None and not path.is_file() and (root / path).is_file():
            path = root / path
        if not path.is_file():
            raise DataError(f"data set 'npz': there is no file {path}; write npz:PATH with the path of an .npz file")
        return read_npz(path, "npz")


def read_npz(path: Path, dataset: str) -> Arrays:
    """Read the four arrays of an ``.npz`` file.

    Raises:
        DataError: the file is damaged, lacks an array, or holds Python objects.
    """
    try:
        with path.open("rb") as stream:
            file = np.load(stream, allow_pickle=False)
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise ValueError("it holds one array and is no .npz archive")
            missing = [key for key in _KEYS if key not in file.files]
            if missing:
                raise DataError(
                    f"data set '{dataset}': {path} has no array {' and no '.join(missing)}; "
                    f"it holds {', '.join(file.files) or 'nothing'}, and needs {', '.join(_KEYS)}"
                )
            return Arrays(*(file[key] for key in _KEYS))
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"data set '{dataset}': {path} cannot be read as an .npz of plain arrays: {error}") from None

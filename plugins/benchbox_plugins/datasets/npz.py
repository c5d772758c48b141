"""Anybody's images."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from benchbox.contracts import Arrays, DataError, Dataset, Options
from benchbox_plugins.datasets._archive import read_npz


class NpzOptions(Options):
    """Options of ``npz``."""

    path: Annotated[str, Field(min_length=1, description="the .npz file")]


class Npz(Dataset):
    r"""Anybody's images: an .npz file with x_train, y_train, x_test and y_test.

    Written ``npz:PATH``; a relative path is looked up in the current folder, then in the data folder, and ``~`` is your home.
    A comma in PATH is written with a backslash on the command line (``--dataset 'npz:a\,b.npz'``), since commas separate data
    sets there; in a suite file it stands for itself. Images are uint8 in 0..255 or float in [0, 1], grey (n, h, w) or colour
    (n, h, w, 3) or (n, 3, h, w); floats within 1e-5 of [0, 1] are clipped. Labels are integers from 0, and every class has a
    training image. Arrays of Python objects are refused, since reading them would run the file's code, and so are files
    that unpack to hundreds of times their size or to more than the machine's memory.
    """

    name: ClassVar[str] = "npz"
    Options = NpzOptions
    argument: ClassVar[str | None] = "path"

    def load(self, root: Path | None, *, download: bool) -> Arrays:
        """Read the file; see ``benchbox.contracts.Dataset.load``."""
        path = _expanded(self.options.path)
        if root is not None and not path.is_file() and (root / path).is_file():
            path = root / path
        if path.is_dir():
            raise DataError(f"data set 'npz': {path} is a folder; write npz:PATH with the path of an .npz file")
        if not path.is_file():
            how = "" if path.suffix == ".npz" else "; write npz:PATH with the path of an .npz file"
            raise DataError(f"data set 'npz': there is no file {path}{how}")
        if not path.stat().st_size:
            raise DataError(f"data set 'npz': {path} is empty")
        return read_npz(path, "npz")


def _expanded(text: str) -> Path:
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        raise DataError(
            f"data set 'npz': this locale cannot write the path {text}; set PYTHONUTF8=1, or a locale with UTF-8"
        ) from None
    except ValueError:
        pass  # left to is_file, which says no
    try:
        return Path(text).expanduser()
    except RuntimeError:  # '~nobody', where there is no such user
        return Path(text)

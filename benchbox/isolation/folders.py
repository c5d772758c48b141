"""A folder for what strangers write, and its removal: they may nest folders deeper than any path is long, and close them."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path


@contextmanager
def passing_folder(prefix: str) -> Iterator[Path]:
    """Make a folder for temporary files, which is gone afterwards with all that is in it."""
    folder = Path(tempfile.mkdtemp(prefix=prefix)).resolve()
    try:
        yield folder
    finally:
        remove(folder)


def remove(folder: Path) -> None:
    """Remove a folder with all in it, as far as the system lets us. Nobody may write into it any more.

    ``shutil.rmtree`` goes down step by step, and fails a thousand steps down. Here what lies within an inner folder is moved up
    before that folder goes, so that nothing is ever deeper than two steps.
    """
    with suppress(OSError):
        folder.chmod(0o700)
        top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            _empty(top)
        finally:
            os.close(top)
        folder.rmdir()


def _empty(top: int) -> None:
    new = uuid.uuid4().hex  # names that are not taken there
    names = (f"{new}-{number}" for number in count())
    while folders := _without_files(top):
        for folder in folders:
            inner = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
            try:
                for deeper in _without_files(inner):
                    os.rename(deeper, next(names), src_dir_fd=inner, dst_dir_fd=top)
            finally:
                os.close(inner)
            os.rmdir(folder, dir_fd=top)


def _without_files(folder: int) -> list[str]:
    """Remove the files of an open folder; return the names of the folders in it, and open these to their owner again."""
    with os.scandir(folder) as found:
        entries = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in found]
    for name, is_folder in entries:
        if is_folder:
            os.chmod(name, 0o700, dir_fd=folder)
        else:
            os.unlink(name, dir_fd=folder)
    return [name for name, is_folder in entries if is_folder]

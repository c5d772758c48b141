"""A folder of small images, a folder a class."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from benchbox.contracts import Array, Arrays, DataError, Dataset, Options
from benchbox_plugins.datasets._files import check_size

_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".webp")


class FolderOptions(Options):
    """Options of ``folder``."""

    path: Annotated[str, Field(min_length=1, description="the folder")]


class Folder(Dataset):
    """A folder of images: ``train`` and ``test`` in it, a folder a class in each.

    Written ``folder:PATH``; a relative path is looked up in the current folder, then in the data folder, and ``~`` is your
    home. Classes are numbered by the names of the folders in ``train``, in alphabetical order. Images are PNG, JPEG, BMP or
    WebP, all of one size; where every one of them is grey they stay grey, else all become colour. They are read whole into
    memory, so it is meant for small ones.
    """

    name: ClassVar[str] = "folder"
    Options = FolderOptions
    argument: ClassVar[str | None] = "path"

    def load(self, root: Path | None, *, download: bool) -> Arrays:
        """Read the images; see ``benchbox.contracts.Dataset.load``."""
        folder = Path(self.options.path).expanduser()
        if root is not None and not folder.is_dir() and (root / folder).is_dir():
            folder = root / folder
        parts = [folder / part for part in ("train", "test")]
        for part in parts:
            if not part.is_dir():
                raise DataError(
                    f"data set 'folder': there is no folder {part}; it should hold a folder of images for each class"
                )
        classes = sorted(path.name for path in parts[0].iterdir() if path.is_dir())
        number = {name: i for i, name in enumerate(classes)}
        files = [_listed(part, number) for part in parts]
        mode, size = _form([path for part in files for path, _ in part])
        x_train, x_test = (_read([path for path, _ in part], mode, size) for part in files)
        y_train, y_test = (np.array([label for _, label in part], dtype=np.int64) for part in files)
        return Arrays(x_train, y_train, x_test, y_test)


def _listed(part: Path, number: dict[str, int]) -> list[tuple[Path, int]]:
    """Return a part's images with their classes, in an order that no file system decides.

    Raises:
        DataError: it has a class that ``train`` has not, or no image.
    """
    found: list[tuple[Path, int]] = []
    for folder in sorted(path for path in part.iterdir() if path.is_dir()):
        if folder.name not in number:
            raise DataError(f"data set 'folder': {folder} is a class that train does not have")
        found += [(path, number[folder.name]) for path in sorted(folder.iterdir()) if path.suffix.lower() in _SUFFIXES]
    if not found:
        raise DataError(f"data set 'folder': {part} holds no image in a folder of a class ({', '.join(_SUFFIXES)})")
    return found


def _form(paths: list[Path]) -> tuple[str, tuple[int, int]]:
    """Return the mode and the size, (width, height), of all images, from their headers.

    Raises:
        DataError: one cannot be read, or is of another size than the first.
    """
    from PIL import Image

    grey, size = True, None
    for path in paths:
        try:
            with Image.open(path) as image:
                grey, here = grey and image.mode in ("1", "L"), image.size
        except (OSError, ValueError) as error:
            raise DataError(f"data set 'folder': {path} cannot be read as an image ({error})") from None
        size = size or here
        if here != size:
            raise DataError(
                f"data set 'folder': {path} has {here[0]}x{here[1]} pixels, and {paths[0]} {size[0]}x{size[1]}; "
                f"expected one size"
            )
    assert size is not None
    unpacked = len(paths) * size[0] * size[1] * (1 if grey else 3)
    check_size(unpacked, sum(path.stat().st_size for path in paths), paths[0], "folder")
    return ("L" if grey else "RGB"), size


def _read(paths: list[Path], mode: str, size: tuple[int, int]) -> Array:
    from PIL import Image

    images = np.empty((len(paths), size[1], size[0]) + ((3,) if mode == "RGB" else ()), dtype=np.uint8)
    for i, path in enumerate(paths):
        try:
            with Image.open(path) as image:
                images[i] = np.asarray(image.convert(mode))
        except (OSError, ValueError) as error:
            raise DataError(f"data set 'folder': {path} cannot be read as an image ({error})") from None
    return images

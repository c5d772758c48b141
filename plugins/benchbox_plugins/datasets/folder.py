"""A folder of images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from benchbox.contracts import DataError, Dataset, Splits
from benchbox_plugins.datasets._classes import class_folders, held_out, images_of
from benchbox_plugins.datasets._manifest import known_files
from benchbox_plugins.datasets._photographs import Listed, PhotographOptions, photographs

_TRAIN, _TEST = ("train",), ("test", "val")


class FolderOptions(PhotographOptions):
    """Options of ``folder``."""

    path: Annotated[str, Field(min_length=1, description="the folder")]
    held_out: float = Field(
        default=0.2, gt=0, lt=1, description="the share of each class to test on, where there is no test part"
    )


class Folder(Dataset):
    """A folder of images, with a folder a class in it.

    Written ``folder:PATH``; a relative path is looked up in the current folder, then in the data folder, and ``~`` is your
    home. PATH holds ``train`` and ``test`` (or ``val``), each with a folder a class, or the classes themselves: then a fifth of
    each class (``held_out``) is kept for tests, drawn by the hashes of the files. Classes are numbered by the names of their
    folders, in alphabetical order. Images are PNG, JPEG, BMP or WebP. They come as they are, where all are of one size and
    all grey or all in colour; else ``folder[path=PATH,resize=256,crop=224,colour=rgb]`` says what becomes of them: the shorter
    side, the square in the centre, the colour.

    Images are decoded when they are asked for, so a folder may be larger than memory. The data set's hash is that of the files'
    hashes and of these options; it is kept in the cache, and a file is looked at again when its size or its time changes.
    """

    name: ClassVar[str] = "folder"
    Options = FolderOptions
    argument: ClassVar[str | None] = "path"

    def load(self, root: Path | None, *, download: bool) -> Splits:
        """List the images, and see that each is one; see ``benchbox.contracts.Dataset.load``."""
        folder = Path(self.options.path).expanduser()
        if root is not None and not folder.is_dir() and (root / folder).is_dir():
            folder = root / folder
        if not folder.is_dir():
            raise DataError(
                f"data set 'folder': there is no folder {folder}; it should hold a folder of images for each class"
            )
        train, test = (next((part for part in parts if (folder / part).is_dir()), None) for parts in (_TRAIN, _TEST))
        first = train or test or ""
        names = class_folders(folder / first, self.name)
        if len(names) < 2:
            raise DataError(
                f"data set 'folder': {folder / first} holds one class, '{names[0]}'; a classifier needs two"
            )
        classes = {name: number for number, name in enumerate(names)}
        files = images_of(folder, first, classes, self.name)
        if train and test:
            parts = files, images_of(folder, test, classes, self.name)
        else:
            parts = self._parted(folder, files, len(names))
        x_train, x_test = photographs(folder, parts, self.options, self.name)
        return Splits(x_train, x_test)

    def _parted(self, folder: Path, files: list[Listed], classes: int) -> tuple[list[Listed], list[Listed]]:
        """Hold out some of each class."""
        known = known_files(folder, [file.name for file in files], self.name)
        train: list[Listed] = []
        test: list[Listed] = []
        for label in range(classes):
            rows = [row for row, file in enumerate(files) if file.label == label]
            if len(rows) < 2:
                within = folder / Path(files[rows[0]].name).parent
                raise DataError(
                    f"data set 'folder': {within} holds one image; expected two, since one is kept for tests"
                )
            some = held_out([files[row] for row in rows], [known[row] for row in rows], self.options.held_out)
            train, test = train + some[0], test + some[1]
        return train, test

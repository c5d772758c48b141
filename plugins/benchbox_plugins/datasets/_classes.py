"""Folders of classes: which images lie in them, and which of them are held out where nobody has parted them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchbox.contracts import DataError
from benchbox_plugins.datasets._manifest import Known
from benchbox_plugins.datasets._photographs import Listed

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".webp")


def class_folders(folder: Path, dataset: str) -> list[str]:
    """Return the names of the folders in a folder, sorted; hidden ones are none.

    Raises:
        DataError: there is none.
    """
    found = sorted(entry.name for entry in _entries(folder, dataset) if entry.is_dir() and entry.name[0] != ".")
    if not found:
        raise DataError(f"data set '{dataset}': {folder} holds no folder; expected a folder of images for each class")
    return found


def images_of(
    folder: Path,
    part: str,
    classes: Mapping[str, int],
    dataset: str,
    stranger: str = "a class that train does not have",
) -> list[Listed]:
    """Return the images of a part, class by class, in an order that no file system decides.

    Args:
        folder: the data set's.
        part: the part's folder within it; empty where it has none.
        classes: the number of each class.
        dataset: for the sentences.
        stranger: what a folder is that is no class.

    Raises:
        DataError: a folder is no class, or holds no image.
    """
    found = []
    for name in class_folders(folder / part, dataset):
        within = os.path.join(part, name)  # noqa: PTH118 - a million Paths take a gigabyte
        if name not in classes:
            raise DataError(f"data set '{dataset}': {folder / within} is {stranger}")
        files = sorted(entry.name for entry in _entries(folder / within, dataset) if _is_image(entry))
        if not files:
            raise DataError(
                f"data set '{dataset}': {folder / within} holds no image ({', '.join(SUFFIXES)}); remove it, or fill it"
            )
        found += [Listed(os.path.join(within, file), classes[name]) for file in files]  # noqa: PTH118
    return found


def held_out(files: Sequence[Listed], known: Sequence[Known], share: float) -> tuple[list[Listed], list[Listed]]:
    """Part files into those to learn from and those to test on: a share of each, drawn by the hashes of their contents.

    So nobody chooses, a file's name decides nothing, and what stands twice stands on one side.

    Args:
        files: of one class.
        known: what is known of each.
        share: how many are held out; at least one, and one is left.
    """
    order = sorted(range(len(files)), key=lambda i: (known[i].sha256, i))
    cut = min(max(1, round(share * len(files))), len(files) - 1)
    while 0 < cut < len(files) - 1 and known[order[cut - 1]].sha256 == known[order[cut]].sha256:
        cut += 1
    test = set(order[:cut])
    return [file for i, file in enumerate(files) if i not in test], [file for i, file in enumerate(files) if i in test]


def _is_image(entry: os.DirEntry[str]) -> bool:
    return entry.name[0] != "." and entry.name.lower().endswith(SUFFIXES) and entry.is_file()


def _entries(folder: Path, dataset: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError as error:
        raise DataError(f"data set '{dataset}': the folder {folder} cannot be read: {error.strerror}") from None

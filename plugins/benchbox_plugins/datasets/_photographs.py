"""Images in files, decoded when they are asked for: as they are, or resized and cropped."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field

from benchbox.contracts import Array, DataError, Images, Options
from benchbox_plugins.datasets._manifest import Known, known_files

if TYPE_CHECKING:
    from PIL import Image

Filter = Literal["bilinear", "bicubic", "lanczos"]
Side = Annotated[int, Field(ge=1, le=4096)]


class PhotographOptions(Options):
    """How image files become images of one form."""

    resize: Side | None = Field(
        default=None, description="the shorter side in pixels, before the crop; the other keeps the proportions"
    )
    crop: Side | None = Field(default=None, description="the side of the square that is cut from the centre, in pixels")
    filter: Filter = Field(default="bilinear", description="Pillow's filter for resizing")
    colour: Literal["auto", "grey", "rgb"] = Field(
        default="auto", description="what images become; ``auto`` is what all of them are"
    )


class Listed(NamedTuple):
    """A file of an image.

    Attributes:
        name: its path within the folder.
        label: the number of its class.
    """

    name: str
    label: int


class Photographs(Images):
    """Images of a folder.

    A file is held against its hash whenever it is read, so that what is played with is what was hashed.

    Args:
        folder: that they lie in.
        files: which, in order.
        known: what is known of each.
        options: what becomes of them.
        mode: ``L`` or ``RGB``.
        size: (width, height) that all come to.
        dataset: for the sentences.
    """

    def __init__(
        self,
        folder: Path,
        files: Sequence[Listed],
        known: Sequence[Known],
        options: PhotographOptions,
        mode: str,
        size: tuple[int, int],
        dataset: str,
    ) -> None:
        self._folder, self._files, self._options, self._mode, self._dataset = folder, files, options, mode, dataset
        self.shape = (1 if mode == "L" else 3), size[1], size[0]
        self.labels = np.array([file.label for file in files], dtype=np.int64)
        self._hashes = [each.sha256 for each in known]
        self.prints = self._hashes
        made = {"resize": options.resize, "crop": options.crop, "filter": options.filter, "mode": mode}
        self.digest = hashlib.sha256(json.dumps([made, self._hashes], sort_keys=True).encode()).hexdigest()

    def rows(self, indices: Array) -> Array:
        """Return images, uint8; see ``benchbox.contracts.Images.rows``."""
        made = np.empty((len(indices), *self.shape), dtype=np.uint8)
        for i, row in enumerate(np.asarray(indices).tolist()):
            image = self._decoded(row)
            made[i] = image[None] if image.ndim == 2 else image.transpose(2, 0, 1)
        return made

    def _decoded(self, row: int) -> Array:
        from PIL import Image

        path = self._folder / self._files[row].name
        said = f"data set '{self._dataset}': {path}"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise DataError(f"{said} cannot be read: {error.strerror}") from None
        if hashlib.sha256(content).hexdigest() != self._hashes[row]:
            raise DataError(f"{said} changed since it was looked at; run it again")
        try:
            with Image.open(io.BytesIO(content)) as image:
                return np.asarray(_fitted(image.convert(self._mode), self._options))
        except Exception as error:  # Pillow's readers fail in many ways
            raise DataError(f"{said} is truncated or damaged ({error}); copy it again, or remove it") from None


def photographs(
    folder: Path, parts: Sequence[Sequence[Listed]], options: PhotographOptions, dataset: str
) -> list[Photographs]:
    """Return parts of a folder as images of one form.

    Raises:
        DataError: a file is no whole image, or they do not come to one form.
    """
    every = [file for part in parts for file in part]
    known = known_files(folder, [file.name for file in every], dataset)
    mode = _mode(folder, every, known, options.colour, dataset)
    size = _size(folder, every, known, options, dataset)
    found, start = [], 0
    for part in parts:
        some = known[start : start + len(part)]
        found.append(Photographs(folder, part, some, options, mode, size, dataset))
        start += len(part)
    return found


def _mode(folder: Path, files: Sequence[Listed], known: Sequence[Known], colour: str, dataset: str) -> str:
    if colour != "auto":
        return "L" if colour == "grey" else "RGB"
    grey = [each.grey for each in known]
    if any(grey) and not all(grey):
        one, other = files[grey.index(True)].name, files[grey.index(False)].name
        raise DataError(
            f"data set '{dataset}': {folder / one} is grey, and {other} has colour; say what all shall be: colour=rgb or "
            f"colour=grey"
        )
    return "L" if all(grey) else "RGB"


def _size(
    folder: Path, files: Sequence[Listed], known: Sequence[Known], options: PhotographOptions, dataset: str
) -> tuple[int, int]:
    """Return the width and the height that all come to."""
    sizes = [_resized((each.width, each.height), options.resize) for each in known]
    crop, wide, high = options.crop, *sizes[0]
    for file, (width, height) in zip(files, sizes, strict=True):
        said = f"data set '{dataset}': {folder / file.name} has {width}x{height} pixels"
        if crop and min(width, height) < crop:
            raise DataError(f"{said}, too few to cut {crop} from; add resize={crop}")
        if not crop and (width, height) != (wide, high):
            raise DataError(
                f"{said}, and {folder / files[0].name} {wide}x{high}; expected one size: add "
                f"resize=256,crop=224, or other numbers"
            )
    return (crop, crop) if crop else (wide, high)


def _resized(size: tuple[int, int], shorter: int | None) -> tuple[int, int]:
    """Return a size whose shorter side is as wanted; the longer is rounded down, as torchvision does."""
    if shorter is None:
        return size
    width, height = size
    return (shorter, shorter * height // width) if width <= height else (shorter * width // height, shorter)


def _fitted(image: Image.Image, options: PhotographOptions) -> Image.Image:
    from PIL import Image

    size = _resized(image.size, options.resize)
    if size != image.size:
        image = image.resize(size, Image.Resampling[options.filter.upper()])
    if options.crop:
        left, top = (round((side - options.crop) / 2) for side in image.size)  # as torchvision's CenterCrop
        image = image.crop((left, top, left + options.crop, top + options.crop))
    return image

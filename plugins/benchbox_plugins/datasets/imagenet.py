"""ImageNet, and a sample of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import ClassVar, Literal

from pydantic import Field

from benchbox.contracts import DataError, Dataset, Splits
from benchbox_plugins.datasets._classes import held_out, images_of
from benchbox_plugins.datasets._files import need_root
from benchbox_plugins.datasets._manifest import known_files
from benchbox_plugins.datasets._photographs import Listed, PhotographOptions, Side, photographs

_IDS = Path(__file__).with_name("imagenet_classes.txt")
_STRANGER = "none of ImageNet's 1,000 classes"
_HEADINGS = ("imageid", "image_id", "id", "filename", "image")


class ImagenetOptions(PhotographOptions):
    """Options of ``imagenet``."""

    resize: Side | None = Field(default=256, description="the shorter side in pixels, before the crop")
    crop: Side | None = Field(default=224, description="the side of the square that is cut from the centre, in pixels")
    colour: Literal["auto", "grey", "rgb"] = Field(default="rgb", description="what images become; some are grey")
    ids: str = Field(default="", description="a file that names the validation images to test on, one a line")
    pool: Literal["val", "train"] = Field(
        default="val", description="where training images come from: the rest of val, or train"
    )
    held_out: float = Field(
        default=0.2, gt=0, lt=1, description="the share of val to test on, without ``ids`` and train"
    )


class Imagenet(Dataset):
    """ImageNet (ILSVRC 2012): 1,000 classes of photographs, as your data folder holds them.

    Russakovsky et al., ImageNet large scale visual recognition challenge, 2015. Reads torchvision's layout, ``val/nXXXXXXXX``
    and ``train/nXXXXXXXX`` with ``.JPEG`` files in them, of the data folder or of ``imagenet`` in it; nothing is downloaded,
    since the images are given to who signs for them. Classes have torchvision's numbers, 0 to 999, however many are there.

    Tests are on the validation images that ``ids`` names, a file of yours with an id a line (``ILSVRC2012_val_00000293``, with
    or without its class and its ending; of a table in CSV the first column), such as RobustBench's 5,000 or the 1,000 of NIPS
    2017. Without ``ids``, on all of them where ``pool=train``, else on a fifth of them, drawn by the files' hashes. Training
    images, from which pools are drawn, are the validation images that are not tested on, which no published network has
    learnt from, or those of ``train``.

    Images are resized to 256 and cropped to 224 as torchvision's networks expect; Inception-v3 takes ``resize=342,crop=299``.
    """

    name: ClassVar[str] = "imagenet"
    Options = ImagenetOptions

    def load(self, root: Path | None, *, download: bool) -> Splits:
        """List the images; see ``benchbox.contracts.Dataset.load``."""
        folder = need_root(root, self.name, "val", "imagenet/val")
        folder = folder / "imagenet" if (folder / "imagenet" / "val").is_dir() else folder
        if not (folder / "val").is_dir():
            raise DataError(
                f"data set 'imagenet': there is no folder {folder / 'val'}; it should hold a folder for each class, nXXXXXXXX"
            )
        classes = numbers()
        val = images_of(folder, "val", classes, self.name, _STRANGER)
        if self.options.ids:
            rest, test = _named(val, _found(self.options.ids, root), folder)
        elif self.options.pool == "train":
            rest, test = [], val
        else:
            rest, test = held_out(
                val, known_files(folder, [file.name for file in val], self.name), self.options.held_out
            )
        train = images_of(folder, "train", classes, self.name, _STRANGER) if self.options.pool == "train" else rest
        if not train:
            raise DataError(
                "data set 'imagenet': ids names all images of val, which leaves no pool; add pool=train, or name fewer"
            )
        x_train, x_test = photographs(folder, (train, test), self.options, self.name)
        return Splits(x_train, x_test, len(classes))


class SampleOptions(PhotographOptions):
    """Options of ``imagenet-sample``."""

    resize: Side | None = Field(default=256, description="the shorter side in pixels, before the crop")
    crop: Side | None = Field(default=224, description="the side of the square that is cut from the centre, in pixels")
    colour: Literal["auto", "grey", "rgb"] = Field(default="rgb", description="what images become")
    held_out: float = Field(default=0.8, gt=0, lt=1, description="the share of the images to test on")


class ImagenetSample(Dataset):
    """A few images of ImageNet, to try what is meant for all of it.

    Reads ``imagenet-sample/nXXXXXXXX`` of the data folder, images of any ImageNet classes in folders of their names. Classes
    have torchvision's numbers, 0 to 999. Four fifths of the images are to test on, drawn by the files' hashes; the others are
    the attacker's. With an image a class that says whether a run works, and nothing on how well.
    """

    name: ClassVar[str] = "imagenet-sample"
    Options = SampleOptions

    def load(self, root: Path | None, *, download: bool) -> Splits:
        """List the images; see ``benchbox.contracts.Dataset.load``."""
        folder = need_root(root, self.name, self.name) / self.name
        classes = numbers()
        files = images_of(folder, "", classes, self.name, _STRANGER)
        if len(files) < 2:
            raise DataError(
                f"data set '{self.name}': {folder} holds one image; expected two, since some are to test on"
            )
        parts = held_out(files, known_files(folder, [file.name for file in files], self.name), self.options.held_out)
        train, test = photographs(folder, parts, self.options, self.name)
        return Splits(train, test, len(classes))


def numbers() -> dict[str, int]:
    """Return the number of each class by its WordNet id: alphabetical order, which is torchvision's."""
    return {name: number for number, name in enumerate(_IDS.read_text(encoding="ascii").split())}


def _found(text: str, root: Path | None) -> Path:
    path = Path(text).expanduser()
    if root is not None and not path.is_file() and (root / path).is_file():
        path = root / path
    if not path.is_file():
        raise DataError(f"data set 'imagenet': there is no file {path}; ids is a file with the id of an image a line")
    return path


def _named(val: Sequence[Listed], ids: Path, folder: Path) -> tuple[list[Listed], list[Listed]]:
    """Return the validation images that a file does not name, and those that it does."""
    places = {PurePath(file.name).stem: row for row, file in enumerate(val)}
    chosen: dict[int, int] = {}
    try:
        lines = ids.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"data set 'imagenet': the ids in {ids} cannot be read ({error})") from None
    for number, line in enumerate(lines, start=1):
        word = re.split(r"[,;\s]", line.strip(), maxsplit=1)[0].strip("\"'")
        if not word or word[0] == "#" or (number == 1 and word.lower() in _HEADINGS):
            continue
        row = places.get(PurePath(word).stem)
        if row is None:
            raise DataError(
                f"data set 'imagenet': {ids}, line {number}, names '{word[:80]}', which is no image in {folder / 'val'}"
            )
        if row in chosen:
            raise DataError(
                f"data set 'imagenet': {ids}, line {number}, names '{word[:80]}' again, as line {chosen[row]} does"
            )
        chosen[row] = number
    if not chosen:
        raise DataError(f"data set 'imagenet': {ids} names no image")
    return [file for row, file in enumerate(val) if row not in chosen], [val[row] for row in sorted(chosen)]

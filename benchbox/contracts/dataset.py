"""Data sets: real images and labels, in fixed parts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from benchbox.contracts.model import Shape
from benchbox.contracts.plugin import Plugin

if TYPE_CHECKING:
    from numpy.typing import NDArray

Array: TypeAlias = "NDArray[Any]"
"""A numpy array. Written as a string: a listing of plugins would wait a tenth of a second for numpy."""


@dataclass(frozen=True)
class Arrays:
    """Images and labels as they were read.

    Attributes:
        x_train: training images, (n, h, w), (n, h, w, c) with c in {1, 3}, or (n, c, h, w); uint8 in 0..255, or float in
            [0, 1]. The target learns from them, and the attacker's pool is drawn from them (``PoolRule``).
        y_train: their classes, (n,), integers from 0.
        x_test: held-out test images, same form. Only the core's scoring sees them.
        y_test: their classes.
    """

    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array


class Images(ABC):
    """Labelled images that are read by rows: what a set is that no memory holds, such as a folder of photographs.

    Reading the same row twice gives the same bytes. Every row that is read is checked as ``Arrays`` are.

    Attributes:
        shape: (channels, height, width) of an image, with 1 or 3 channels.
        labels: their classes, (n,), integers from 0.
        digest: sha256, hex, over all that decides the content: results are stored under it, and nobody reads the whole to
            see whether it is true.
        prints: a hash of each image, where that is known: what stands twice is then told without reading.
    """

    shape: Shape
    labels: Array
    digest: str
    prints: Sequence[str] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @abstractmethod
    def rows(self, indices: Array) -> Array:
        """Return images, (m, channels, height, width), uint8 in 0..255 or float32 in [0, 1].

        Args:
            indices: which, integers (m,) from 0, in this order.

        Raises:
            DataError: a file is missing, changed or damaged; the sentence names it.
        """


@dataclass(frozen=True)
class Splits:
    """A data set that is read by rows.

    Attributes:
        train: training images; the target learns from them, and the attacker's pool is drawn from them.
        test: held-out test images. Only the core's scoring sees them.
        classes: how many classes the labels are of, where the training images need not show each; None counts them.
    """

    train: Images
    test: Images
    classes: int | None = None


class Dataset(Plugin):
    """A source of labelled images.

    A subclass writes ``load``. It imports what it needs inside that method and returns numpy arrays, so that hashing a
    data set needs no torch. The core checks shapes, ranges and labels, and hashes the very arrays that it plays with. A set
    that is larger than memory is returned as ``Splits``, and read by rows.
    """

    kind: ClassVar[str] = "dataset"

    @abstractmethod
    def load(self, root: Path | None, *, download: bool) -> Arrays | Splits:
        """Read the images, or make ready to read them.

        Args:
            root: the user's data folder (``--data-dir`` or ``BENCHBOX_DATA``), or None. It may be read-only.
            download: whether the user asked for downloads; without it nothing may be fetched.

        Raises:
            DataError: a file is missing, truncated or malformed; the sentence names it and says what to do.
        """

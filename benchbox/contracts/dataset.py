"""Data sets: real images and labels, in fixed parts."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

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


class Dataset(Plugin):
    """A source of labelled images.

    A subclass writes ``load``. It imports what it needs inside that method and returns numpy arrays, so that hashing a
    data set needs no torch. The core checks shapes, ranges and labels, and hashes the very arrays that it plays with.
    """

    kind: ClassVar[str] = "dataset"

    @abstractmethod
    def load(self, root: Path | None, *, download: bool) -> Arrays:
        """Read the images.

        Args:
            root: the user's data folder (``--data-dir`` or ``BENCHBOX_DATA``), or None. It may be read-only.
            download: whether the user asked for downloads; without it nothing may be fetched.

        Raises:
            DataError: a file is missing, truncated or malformed; the sentence names it and says what to do.
        """

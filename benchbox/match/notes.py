"""What contestants wrote down, checked: diagnostics and pictures."""

from __future__ import annotations

import math
import re

from benchbox.errors import PluginError
from benchbox.images.grid import GRID, grid_png
from benchbox.isolation.output import clean
from benchbox.match.messages import Note, Show
from benchbox.records import Diagnostic, Picture

MOST_NOTES, MOST_NAMES, MOST_PICTURES = 1_000_000, 1_000, 64
"""More than that no method has use for, and a store would suffer from."""

_MOST_PIXELS, _MOST_SIDE = 1 << 26, 4096  # of one kept grid: a hundred images of 3 x 448 x 448
_CORE_PICTURES, _CORE_NOTES = "attack/", re.compile(r"chosen|class_\d+")

_LEVELS = 16  # of a channel: a third of the bytes that 256 take in the store


class Notes:
    """The diagnostics and pictures of one cell.

    Attributes:
        diagnostics: numbers at a number of queries.
        pictures: the last of each name.
    """

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.pictures: dict[str, Picture] = {}
        self._names: set[str] = set()

    def note(self, who: str, spent: int, note: Note) -> None:
        """Write numbers down.

        Raises:
            PluginError: under the core's own words, or too many.
        """
        for name in filter(_CORE_NOTES.fullmatch, note.values):
            raise PluginError(f"{who} wrote down '{name}', which is the core's own word")
        # A loss that is no number any more is nothing to draw, and no JSON
        self.diagnostics += [Diagnostic(spent, name, v) for name, v in note.values.items() if math.isfinite(v)]
        self._names.update(note.values)
        if len(self._names) > MOST_NAMES:
            raise PluginError(f"{who} wrote down numbers under over {MOST_NAMES} names; expected a few curves")
        if len(self.diagnostics) > MOST_NOTES:
            raise PluginError(f"{who} wrote down over {MOST_NOTES} numbers; expected a few a round")

    def show(self, who: str, show: Show) -> None:
        """Keep a grid of images.

        Raises:
            PluginError: they are none, too large or too many, or the name is the core's own.
        """
        images = show.images
        if show.name.startswith(_CORE_PICTURES):
            raise PluginError(f"{who} kept a picture '{clean(show.name, 60)}', a name of the core's own")
        fits = images.is_floating_point() and images.ndim == 4 and 0 < images.numel() <= _MOST_PIXELS
        if not fits or max(images.shape[2:]) > _MOST_SIDE:
            raise PluginError(
                f"{who} kept a picture of {images.dtype} of shape {tuple(images.shape)}; expected float images "
                f"(n, channels, height, width), with sides up to {_MOST_SIDE}"
            )
        if len(self.pictures.keys() | {show.name}) > MOST_PICTURES:
            raise PluginError(f"{who} kept over {MOST_PICTURES} pictures; expected a few, by name")
        self.pictures[show.name] = Picture(show.name, grid_png(images[: GRID * GRID].nan_to_num(), GRID, _LEVELS))

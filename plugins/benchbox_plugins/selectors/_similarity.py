"""How much two images of a pool tell of each other, as the options of ``drmi`` define it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
import torch

from benchbox_plugins.selectors._luma import luma
from benchbox_plugins.selectors._mutual_information import Floats, Integers, MutualInformation
from benchbox_plugins.selectors._sketch import MOST_PIXELS, Sketch, sketch

if TYPE_CHECKING:
    from torch import Tensor

_CHUNK, _VALUES = 4096, 1 << 25  # images at once, of large ones fewer
_BLANK = 1e-6


class _Rows(Protocol):
    entropy: Floats

    def row(self, image: int, among: Integers) -> Floats: ...


class Similarity:
    """Rows of mutual information over a pool, on the CPU or on the GPU where the images are.

    Args:
        images: float (n, channels, height, width) in [0, 1].
        bins: grey levels, a power of two up to 256.
        colour: how colour images count: one grey image, or the mean over the channels.
        normalise: whether to divide by the geometric mean of the two entropies.

    Attributes:
        entropy: of each image, nats, float64 (n,).
    """

    def __init__(
        self,
        images: Tensor,
        bins: int,
        colour: Literal["grey", "channels"] = "grey",
        normalise: Literal["none", "sqrt-entropy"] = "none",
    ) -> None:
        planes = range(images.shape[1]) if colour == "channels" else (None,)
        self._planes = [_rows(grey_levels(images, bins, plane), bins) for plane in planes]
        self.entropy: Floats = np.mean([plane.entropy for plane in self._planes], axis=0)
        self._normalise = normalise == "sqrt-entropy"

    def sketched(self) -> tuple[Sketch, Floats] | None:
        """Return the images' sketch, and weights: similarity is mutual information times those of both images, (n,).

        None where there are rows alone: on a GPU, over several channels, of images with very many pixels; and when
        a blank image's entropy, 0 but for rounding, is to be divided by.
        """
        [plane, *others] = self._planes
        if others or not isinstance(plane, MutualInformation) or plane.levels.shape[1] > MOST_PIXELS:
            return None
        if not self._normalise:
            return sketch(plane.levels), np.ones(len(plane.levels))
        return None if self.entropy.min() < _BLANK else (sketch(plane.levels), 1 / np.sqrt(self.entropy))

    def row(self, image: int, among: Integers) -> Floats:
        """Return the similarity of one image to each of ``among``, float64 (len(among),), 0 or more."""
        row = self._planes[0].row(image, among)
        for plane in self._planes[1:]:
            row += plane.row(image, among)
        row /= len(self._planes)
        if self._normalise:
            scale = np.sqrt(self.entropy[image] * self.entropy[among])
            row = np.divide(row, scale, out=np.zeros_like(row), where=scale > 0)
        return row


def grey_levels(images: Tensor, bins: int, channel: int | None = None) -> Tensor:
    """Return the level of each pixel, uint8 (n, height * width) in 0..bins-1, of one channel or of the grey image."""
    levels = torch.empty(len(images), images.shape[2:].numel(), dtype=torch.uint8, device=images.device)
    step = min(_CHUNK, max(1, _VALUES // images.shape[1:].numel()))
    for first in range(0, len(images), step):
        chunk = images[first : first + step]
        if channel is not None:
            plane = chunk[:, channel]
        elif chunk.shape[1] == 1:
            plane = chunk[:, 0]
        else:
            plane = luma(chunk)
        of_256 = (plane.flatten(1) * 255).round().to(torch.uint8)
        levels[first : first + step] = of_256 >> (8 - (bins - 1).bit_length())
    return levels


def _rows(levels: Tensor, bins: int) -> _Rows:
    if levels.device.type == "cpu":
        return MutualInformation(levels.numpy())
    from benchbox_plugins.selectors._mutual_information_torch import TorchMutualInformation

    return TorchMutualInformation(levels, bins)

"""Grids of images: what a reader sees, and how few bytes it takes."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from benchbox.images.grid import grid_png


@pytest.mark.parametrize(
    ("shape", "size", "mode"),
    [
        ((12, 1, 28, 28), (6 * 29 + 1, 2 * 29 + 1), "P"),
        ((8, 3, 32, 32), (6 * 33 + 1, 2 * 33 + 1), "RGB"),
        ((12, 2, 8, 8), (6 * 9 + 1, 2 * 9 + 1), "P"),
        ((6, 3, 224, 100), (6 * 26 + 1, 57 + 1), "RGB"),
    ],
)
def test_images_of_any_shape_make_a_picture(shape: tuple[int, ...], size: tuple[int, int], mode: str) -> None:
    picture = Image.open(io.BytesIO(grid_png(torch.rand(shape), 6, 8)))
    assert (picture.size, picture.mode) == (size, mode)


def test_grey_levels_are_even_and_noise_takes_half_a_byte_a_pixel() -> None:
    png = grid_png(torch.linspace(0, 1, 16).reshape(1, 1, 4, 4), 1, 16)
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("L"))[1:5, 1:5]
    assert pixels.ravel().tolist() == [17 * step for step in range(16)]
    assert len(grid_png(torch.rand(12, 1, 28, 28), 6, 16)) < 6000

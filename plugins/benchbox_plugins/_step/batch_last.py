"""Convolutions of few images, laid out batch last: (channels, height, width, images) in memory.

oneDNN's kernels want channels in sixteens, and ten images do not pay for a call's price. With the batch last, an image shifted
by a pixel is a contiguous run of all images, so that im2col and its inverse are a few long copies, and matrix products do the
rest. Each function is handed ``do``, which calls what follows now, and again with the same tensors at every later step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Do = Callable[..., Tensor]


def empty_batch_last(like: Tensor) -> Tensor:
    """Return an empty tensor of the shape (n, c, h, w) of ``like`` that lies batch last."""
    n, *rest = like.shape
    return like.new_empty(*rest, n).movedim(-1, 0)


def is_batch_last(x: Tensor) -> bool:
    """Say whether x, (n, c, h, w), lies batch last."""
    return x.ndim == 4 and x.movedim(0, -1).is_contiguous()


@dataclass(frozen=True)
class Shifted:
    """Maps shifted along their rows by each column of a kernel, in which every window of them is a view.

    Shifts along their columns are offsets: all kernel positions laid out would need as many times the memory as the kernel has
    rows, and fall out of the cache.

    Attributes:
        maps: (channels, kernel columns, height, width of the output, n).
        kernels: the kernel by its rows, (rows, outputs, channels x columns).
    """

    maps: Tensor
    kernels: Tensor

    def row(self, row: int) -> Tensor:
        """Return the windows that a kernel's row meets, (channels x columns, pixels of the output x n)."""
        _, _, height, width, n = self.maps.shape
        pixels = (height - len(self.kernels) + 1) * width * n
        return self.maps.flatten(0, 1).flatten(1).narrow(1, row * width * n, pixels)


def convolve(do: Do, x: Tensor, weight: Tensor, bias: Tensor | None, padding: list[int]) -> tuple[Tensor, Shifted]:
    """Return the convolution of stride 1 of x, batch last, and what its backward pass needs of x.

    Args:
        do: see above.
        x: images (n, channels, height, width).
        weight: (outputs, channels, rows, columns).
        bias: (outputs,), or None.
        padding: zeros around, (above and below, left and right).
    """
    outputs, channels, rows, columns = weight.shape
    padded = _padded(do, x, padding)
    _, height, width, n = padded.shape
    size = (channels, columns, height, width - columns + 1, n)
    plane, line = height * width * n, width * n
    kernels = weight.new_empty(rows, outputs, channels, columns)
    do(kernels.copy_, weight.permute(2, 0, 1, 3))
    shifted = Shifted(x.new_empty(size), kernels.flatten(2))
    do(shifted.maps.copy_, padded.as_strided(size, (plane, n, line, n, 1), padded.storage_offset()))
    out = x.new_empty(outputs, height - rows + 1, width - columns + 1, n)
    total = out.flatten(1)
    if bias is None:
        do(torch.mm, shifted.kernels[0], shifted.row(0), out=total)
    else:
        do(torch.addmm, bias[:, None], shifted.kernels[0], shifted.row(0), out=total)
    for row in range(1, rows):
        do(total.addmm_, shifted.kernels[row], shifted.row(row))
    return out.movedim(-1, 0), shifted


def gradients(
    do: Do, gradient: Tensor, weight: Tensor, shifted: Shifted, padding: list[int], wanted: list[bool]
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Return the gradients by x, weight and bias of a convolution, None for what is not wanted."""
    g = gradient.movedim(0, -1)
    if not g.is_contiguous():
        g = do(torch.empty_like(g, memory_format=torch.contiguous_format).copy_, g)
    by_x, by_weight, by_bias = wanted
    return (
        _by_x(do, g, shifted, padding) if by_x else None,
        _by_weight(do, g, weight, shifted) if by_weight else None,
        do(torch.sum, g.flatten(1), 1, out=weight.new_empty(len(weight))) if by_bias else None,
    )


def _padded(do: Do, x: Tensor, padding: list[int]) -> Tensor:
    above, left = padding
    maps = x.movedim(0, -1)
    if not above and not left and maps.is_contiguous():
        return maps
    channels, height, width, n = maps.shape
    padded = x.new_zeros(channels, height + 2 * above, width + 2 * left, n)
    do(padded[:, above : above + height, left : left + width].copy_, maps)
    return padded


def _by_weight(do: Do, g: Tensor, weight: Tensor, shifted: Shifted) -> Tensor:
    outputs, channels, rows, columns = weight.shape
    first, step = shifted.row(0), shifted.row(1).storage_offset() if rows > 1 else 0
    windows = first.as_strided((rows, *first.shape), (step, *first.stride()))
    slopes = g.flatten(1).expand(rows, -1, -1)
    if outputs % 16 == 0:  # a product that is as wide as the processor's registers is up to twice as fast
        turned = weight.new_empty(rows, channels, columns, outputs)
        do(torch.bmm, windows, slopes.transpose(1, 2), out=turned.flatten(1, 2))
        by_row = turned.movedim(3, 1)
    else:
        by_row = weight.new_empty(rows, outputs, channels, columns)
        do(torch.bmm, slopes, windows.transpose(1, 2), out=by_row.flatten(2))
    return do(torch.empty_like(weight).copy_, by_row.permute(1, 2, 0, 3))


def _by_x(do: Do, g: Tensor, shifted: Shifted, padding: list[int]) -> Tensor:
    by_shifted = Shifted(torch.empty_like(shifted.maps), shifted.kernels)
    channels, columns, height, width, n = by_shifted.maps.shape
    do(by_shifted.maps.zero_)
    for row, kernel in enumerate(shifted.kernels):
        do(by_shifted.row(row).addmm_, kernel.t(), g.flatten(1))
    by_padded = g.new_empty(channels, height, width + columns - 1, n)
    do(by_padded.zero_)
    for column in range(columns):
        do(by_padded[:, :, column : column + width].add_, by_shifted.maps[:, column])
    above, left = padding
    inside = by_padded[:, above : height - above, left : by_padded.shape[2] - left]
    return inside.movedim(-1, 0)

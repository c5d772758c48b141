"""Generator networks, and initial weights drawn from a stream of one's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import ceil, prod, sqrt

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchbox.contracts import Shape


class UpConv(nn.Conv2d):
    """Nearest-neighbour upsampling by 2 and a 3x3 convolution (padding 1), as one transposed convolution.

    Four of the nine products that make an upsampled pixel share their factor; summing the kernel first leaves 4 of 9
    multiplications. The result is the same but for rounding.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, inputs, h, w) to (n, outputs, 2h, 2w)."""
        kernel = F.pad(self.weight.flip(2, 3).transpose(0, 1), (1, 1, 1, 1))
        kernel = kernel[..., :-1] + kernel[..., 1:]
        kernel = kernel[..., :-1, :] + kernel[..., 1:, :]
        return F.conv_transpose2d(x, kernel, self.bias, stride=2, padding=1)


class UpGenerator(nn.Module):
    """A generator of upsampling convolutions; with two of them that of DFME and MAZE.

    Linear, BN, as often as wanted (up x2, conv, BN, LeakyReLU 0.2), conv, BN. Images whose sides are no
    multiple of what the upsamplings make are cut from the next larger ones.

    Args:
        z: length of a noise vector.
        shape: (channels, height, width) of an image.
        widths: channels after the linear layer and after every upsampling convolution.
        affine: whether the last batch norm learns a scale and a shift: MAZE's does, DFME's does not.
        last: whether there is a last batch norm: IDEAL's and QEDG's generators end in the convolution.
    """

    def __init__(
        self, z: int, shape: Shape, widths: Sequence[int] = (64, 64, 32), *, affine: bool = False, last: bool = True
    ) -> None:
        super().__init__()
        channels, self.height, self.width = shape
        times = 2 ** (len(widths) - 1)
        self.low = (widths[0], ceil(self.height / times), ceil(self.width / times))
        self.linear = nn.Linear(z, prod(self.low))
        steps: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            steps += [UpConv(inputs, outputs), nn.BatchNorm2d(outputs), nn.LeakyReLU(0.2)]
        steps.append(nn.Conv2d(widths[-1], channels, 3, padding=1))
        if last:
            steps.append(nn.BatchNorm2d(channels, affine=affine))
        self.maps = nn.Sequential(nn.BatchNorm2d(widths[0]), *steps)

    def forward(self, z: Tensor) -> Tensor:
        """Map noise (n, z) to what stands before the output function, (n, channels, height, width)."""
        raw: Tensor = self.maps(self.linear(z).view(-1, *self.low))
        return raw[..., : self.height, : self.width]


def coarse_generator(z: int, shape: Shape, depth: int, width: int) -> UpGenerator:
    """Return DFME's kind of generator with ``depth`` upsamplings, fewer where it would start below 2x2.

    One that starts at 7x7, as DFME's does on 28x28 images, makes textures; one that starts at 2x2 makes shapes.
    """
    depth = min(depth, max(1, (min(shape[1:]) - 1).bit_length() - 1))
    return UpGenerator(z, shape, (*[width] * depth, max(2, width // 2)))


class SmallGenerator(nn.Sequential):
    """The generator of MEGA's authors for 28x28 images (TandemGAN code): 5x4x4, two transposed convolutions, a 6x6."""

    def __init__(self, z: int, channels: int) -> None:
        super().__init__(
            nn.Linear(z, 5 * 4 * 4),
            nn.Unflatten(1, (5, 4, 4)),
            nn.ConvTranspose2d(5, 10, 5),
            nn.BatchNorm2d(10),
            nn.LeakyReLU(),
            nn.ConvTranspose2d(10, 10, 5, stride=4),
            nn.BatchNorm2d(10),
            nn.LeakyReLU(),
            nn.Conv2d(10, channels, 6),
            nn.BatchNorm2d(channels),
        )


def authors_generator(z: int, shape: Shape) -> nn.Module:
    """Return the network that MEGA's authors use for images of this shape: theirs for 28x28, DFME's for others."""
    return SmallGenerator(z, shape[0]) if shape[1:] == (28, 28) else UpGenerator(z, shape, (128, 128, 64))


def fresh(build: Callable[[], nn.Module], rng: torch.Generator, device: torch.device) -> nn.Module:
    """Build a network with PyTorch's usual initial weights, drawn from ``rng`` and not from the global generators."""
    with torch.device("meta"):
        network = build()
    network = redrawn(network.to_empty(device="cpu"), rng)
    return network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def redrawn(network: nn.Module, rng: torch.Generator) -> nn.Module:
    """Draw the weights of linear layers and convolutions anew, as PyTorch does, and reset batch norms; return the network."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_parameters()
        elif isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            _uniform(module, rng)
    return network


def _uniform(layer: nn.Linear | nn.Conv2d | nn.ConvTranspose2d, rng: torch.Generator) -> None:
    nn.init.kaiming_uniform_(layer.weight, a=sqrt(5), generator=rng)
    if layer.bias is not None:
        bound = 1 / sqrt(layer.weight[0].numel())
        nn.init.uniform_(layer.bias, -bound, bound, generator=rng)


@torch.no_grad()
def positive(network: nn.Module) -> None:
    """Clip the convolutions' weights at 0, as the authors' later code does with a fresh generator."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            module.weight.clamp_(min=0)


@torch.no_grad()
def normal(network: nn.Module, rng: torch.Generator, spread: float = 0.02) -> nn.Module:
    """Draw all weights anew from N(0, ``spread``), those of batch norms from N(1, ``spread``), and set the biases to 0.

    As IDEAL's and QEDG's authors do. Every batch norm of the network must have weights.
    """
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d | nn.BatchNorm2d):
            mean = 1.0 if isinstance(module, nn.BatchNorm2d) else 0.0
            nn.init.normal_(module.weight, mean, spread, generator=rng)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network

"""The generator of DaST: a branch for each class, and a tail that they share."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from benchbox.contracts import Shape


class DastGenerator(nn.Module):
    """One label-controlled branch for each class in front of shared convolutions; a sigmoid at the end.

    A branch: conv 3x3, then transposed convolutions (4, stride 2, padding 1), each with BN and LeakyReLU 0.2, from 1x1 to
    the least power of two that holds the image. The tail: 3x3 convolutions 2w, 4w (without padding, which takes 32x32 to
    28x28; padded for images of 32x32), 2w, w, w/2, C, C. No biases.

    Args:
        width: the branches' channels (the published 128), at least 4.
        shape: (channels, height, width) of an image; other sizes are cut from the middle.
        classes: how many branches.
    """

    def __init__(self, width: int, shape: Shape, classes: int) -> None:
        super().__init__()
        self.z = width
        channels, self.height, self.width = shape
        doublings = max(2, (max(shape[1:]) - 1).bit_length())
        padding = 0 if 2**doublings - 4 >= max(shape[1:]) else 1
        self.branches = nn.ModuleList(_branch(width, doublings) for _ in range(classes))
        self.tail = nn.Sequential(
            *_block(nn.Conv2d(width, 2 * width, 3, padding=padding, bias=False)),
            *_block(nn.Conv2d(2 * width, 4 * width, 3, padding=padding, bias=False)),
            *_block(nn.Conv2d(4 * width, 2 * width, 3, padding=1, bias=False)),
            *_block(nn.Conv2d(2 * width, width, 3, padding=1, bias=False)),
            *_block(nn.Conv2d(width, width // 2, 3, padding=1, bias=False)),
            *_block(nn.Conv2d(width // 2, channels, 3, padding=1, bias=False)),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
        )

    def forward(self, noise: Tensor) -> Tensor:
        """Map noise (classes, n, z) to images in [0, 1], (classes * n, channels, height, width), class by class.

        The tail sees one branch after the other, so that its batch norms take the statistics of a class and not of all.
        """
        pairs = zip(self.branches, noise, strict=True)
        images = torch.sigmoid(torch.cat([self.tail(branch(z.view(-1, self.z, 1, 1))) for branch, z in pairs]))
        top, left = (images.shape[2] - self.height) // 2, (images.shape[3] - self.width) // 2
        return images[..., top : top + self.height, left : left + self.width]


def _branch(width: int, doublings: int) -> nn.Sequential:
    layers = _block(nn.Conv2d(width, width, 3, padding=1, bias=False))
    for _ in range(doublings):
        layers += _block(nn.ConvTranspose2d(width, width, 4, stride=2, padding=1, bias=False))
    return nn.Sequential(*layers)


def _block(layer: nn.Conv2d | nn.ConvTranspose2d) -> list[nn.Module]:
    return [layer, nn.BatchNorm2d(layer.out_channels), nn.LeakyReLU(0.2, inplace=True)]


@torch.no_grad()
def dcgan_weights(network: nn.Module, rng: torch.Generator) -> None:
    """Draw convolution weights from N(0, 0.02) and batch norms' scales from N(1, 0.02): the authors' tail."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0.0, 0.02, generator=rng)
        elif isinstance(module, nn.BatchNorm2d) and module.weight is not None:
            nn.init.normal_(module.weight, 1.0, 0.02, generator=rng)

"""The ResNet that its authors made for CIFAR-10."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn
from torch.nn.functional import pad

from benchbox.contracts import Model, Shape

_WIDTHS, _DEPTH = (16, 32, 64), 3


class ResNet20(Model):
    """ResNet-20 for images of 32x32: 0.27 million weights, 16, 32 and 64 maps.

    He et al., Deep residual learning for image recognition, CVPR 2016, section 4.2: a 3x3 convolution, three stages of three
    blocks, shortcuts without weights (option A: every second pixel, and zeros for the new maps), mean over each map.
    """

    name: ClassVar[str] = "resnet20"

    def build(self, shape: Shape, classes: int) -> nn.Module:
        """Return the network with random weights, He et al.'s initialisation; see ``benchbox.contracts.Model.build``."""
        layers: list[nn.Module] = [
            nn.Conv2d(shape[0], _WIDTHS[0], 3, padding=1, bias=False),
            nn.BatchNorm2d(_WIDTHS[0]),
            nn.ReLU(),
        ]
        before = _WIDTHS[0]
        for width in _WIDTHS:
            for _ in range(_DEPTH):
                layers.append(_Block(before, width))
                before = width
        network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes))
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        return network


class _Block(nn.Module):
    """Two convolutions beside a shortcut; the first halves the image where there are more maps than before."""

    def __init__(self, before: int, width: int) -> None:
        super().__init__()
        self.new = width - before
        self.first = nn.Conv2d(before, width, 3, stride=2 if self.new else 1, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(width)
        self.second = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(width)
        self.first_relu, self.second_relu = nn.ReLU(), nn.ReLU()  # modules, so that trace sees what they give

    def forward(self, x: Tensor) -> Tensor:
        """Return the maps, (n, width, height, width) or half as high and wide."""
        inner = self.first_relu(self.first_norm(self.first(x)))
        if self.new:
            x = pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.new // 2, self.new - self.new // 2))
        maps: Tensor = self.second_relu(x + self.second_norm(self.second(inner)))
        return maps

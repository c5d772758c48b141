"""The network of the EfficientNet-Lite family as a torch module. Imported inside ``build`` only, since it imports torch."""

from __future__ import annotations

from math import ceil

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, linear, pad, relu6
from torch.nn.utils.fusion import fuse_conv_bn_eval

_STAGES = (  # expansion, kernel, stride, maps, blocks
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
_STEM, _HEAD = 32, 1280


class Lite(nn.Module):
    """EfficientNet without squeeze-and-excitation, with ReLU6, for images in [0, 1] of any size.

    Args:
        width, depth: by how much the maps of a stage, and its blocks, are multiplied; the ends of the network are as they are.
        size: side of the images that it was trained on; others are brought to it.
        classes: how many it tells apart.
    """

    def __init__(self, width: float, depth: float, size: int, classes: int) -> None:
        super().__init__()
        self.size = size
        stem = _Conv(3, _STEM, 3, 2)
        blocks: list[nn.Module] = []
        inputs = _STEM
        for i, (expansion, kernel, stride, maps, repeats) in enumerate(_STAGES):
            outputs = _maps(maps * width)
            # the first and the last stage are not made deeper
            for j in range(repeats if i in (0, len(_STAGES) - 1) else ceil(repeats * depth)):
                blocks.append(_Block(inputs, outputs, expansion, kernel, 1 if j else stride))
                inputs = outputs
        self.features = nn.Sequential(stem, *blocks, _Conv(inputs, _HEAD, 1))
        self.classifier = nn.Linear(_HEAD, classes)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (n, classes) of images (n, 3, height, width) in [0, 1]."""
        if images.shape[2:] != (self.size, self.size):
            images = interpolate(images, (self.size, self.size), mode="bicubic", align_corners=False, antialias=True)
        found: Tensor = self.classifier(self.features(2 * images - 1).mean((2, 3)))
        return found

    def folded(self) -> Lite:
        """Fold every normalisation into the convolution before it, and return the network: it answers the same, faster."""
        self.eval()
        for part in self.modules():
            if isinstance(part, _Conv):
                part.fold()
        return self


class _Conv(nn.Module):
    """Convolution and normalisation, and ReLU6 where it is ``active``; padded as TensorFlow's ``SAME``."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, *, active: bool = True
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, groups=groups, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01)
        self._kernel, self._stride, self._active = kernel, stride, active
        if stride == 1:  # both sides alike: the convolution pads by itself
            self.conv.padding = (kernel // 2, kernel // 2)

    def forward(self, maps: Tensor) -> Tensor:
        if self._stride > 1:
            (top, bottom), (left, right) = (self._margins(side) for side in maps.shape[2:])
            maps = pad(maps, (left, right, top, bottom))
        maps = self.norm(self._pointwise(maps) if self._kernel == 1 else self.conv(maps))
        return relu6(maps) if self._active else maps

    def _pointwise(self, maps: Tensor) -> Tensor:
        # on one thread torch takes a slow convolution for kernels of one pixel: gradients would take half as long again
        return linear(maps.permute(0, 2, 3, 1), self.conv.weight[:, :, 0, 0], self.conv.bias).permute(0, 3, 1, 2)

    def fold(self) -> None:
        """Fold the normalisation into the convolution."""
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv, self.norm = fuse_conv_bn_eval(self.conv, self.norm), nn.Identity()

    def _margins(self, side: int) -> tuple[int, int]:
        """Return the zeros before and behind: what is odd of them lies behind."""
        lacking = max((ceil(side / self._stride) - 1) * self._stride + self._kernel - side, 0)
        return lacking // 2, lacking - lacking // 2


class _Block(nn.Module):
    """An inverted residual: a wide convolution by channel between two of one pixel."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        wide = inputs * expansion
        parts = [_Conv(inputs, wide, 1)] if expansion > 1 else []
        parts += [_Conv(wide, wide, kernel, stride, wide), _Conv(wide, outputs, 1, active=False)]
        self.path = nn.Sequential(*parts)
        self._skips = stride == 1 and inputs == outputs

    def forward(self, maps: Tensor) -> Tensor:
        found: Tensor = self.path(maps)
        return maps + found if self._skips else found


def _maps(wanted: float) -> int:
    """Return a number of maps as a multiple of 8, the nearest that is not less than nine tenths of it."""
    near = max(8, int(wanted + 4) // 8 * 8)
    return near + 8 if near < 0.9 * wanted else near


def ready(width: float, depth: float, size: int, weights: dict[str, Tensor]) -> Lite:
    """Return the network with published weights, in their order, folded and in eval mode.

    Raises:
        ValueError, RuntimeError: they are those of another network.
    """
    *_, head = weights.values()
    with torch.device("meta"):
        network = Lite(width, depth, size, len(head))
    network.load_state_dict(dict(zip(network.state_dict(), weights.values(), strict=True)), assign=True)
    return network.folded()

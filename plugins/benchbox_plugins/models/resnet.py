"""torchvision's ResNets, for grey and colour images, small and large."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from benchbox.contracts import Model, Shape

if TYPE_CHECKING:
    from torch import nn

_SMALL = 64  # below this side the ImageNet stem, which shrinks an image fourfold, leaves too little


class _ResNet(Model):
    depth: ClassVar[int]

    def build(self, shape: Shape, classes: int) -> nn.Module:
        """Return the network with random weights; see ``benchbox.contracts.Model.build``."""
        from torch import nn
        from torchvision.models import get_model

        network: nn.Module = get_model(f"resnet{self.depth}", weights=None, num_classes=classes)
        small = min(shape[1:]) < _SMALL
        if small:
            network.conv1 = nn.Conv2d(shape[0], 64, 3, padding=1, bias=False)
            network.maxpool = nn.Identity()
        elif shape[0] != 3:
            network.conv1 = nn.Conv2d(shape[0], 64, 7, stride=2, padding=3, bias=False)
        return network


class ResNet18(_ResNet):
    """torchvision's ResNet-18, untrained.

    He et al., Deep residual learning for image recognition, CVPR 2016. The stem takes as many channels as the images
    have; below 64 pixels it is one 3x3 convolution without pooling, as is usual on CIFAR-10.
    """

    name: ClassVar[str] = "resnet18"
    depth: ClassVar[int] = 18


class ResNet34(_ResNet):
    """torchvision's ResNet-34, untrained.

    Stem and source as for ``resnet18``.
    """

    name: ClassVar[str] = "resnet34"
    depth: ClassVar[int] = 34


class ResNet50(_ResNet):
    """torchvision's ResNet-50, untrained.

    Stem and source as for ``resnet18``.
    """

    name: ClassVar[str] = "resnet50"
    depth: ClassVar[int] = 50


class ResNet101(_ResNet):
    """torchvision's ResNet-101, untrained.

    Stem and source as for ``resnet18``.
    """

    name: ClassVar[str] = "resnet101"
    depth: ClassVar[int] = 101


class ResNet152(_ResNet):
    """torchvision's ResNet-152, untrained.

    Stem and source as for ``resnet18``.
    """

    name: ClassVar[str] = "resnet152"
    depth: ClassVar[int] = 152

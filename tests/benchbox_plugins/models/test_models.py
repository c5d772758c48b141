from __future__ import annotations

import pytest
import torch

from benchbox.contracts import Model, PluginError, Shape
from benchbox.errors import UnknownNameError
from benchbox.registry import Catalogue, create_spec

GREY, COLOUR = (1, 28, 28), (3, 32, 32)


def build(name: str, shape: Shape, classes: int = 10) -> torch.nn.Module:
    model = create_spec(Catalogue.discover(), "model", name)
    assert isinstance(model, Model)
    return model.build(shape, classes)


@pytest.mark.parametrize("shape", [GREY, COLOUR], ids=["grey", "colour"])
@pytest.mark.parametrize("name", ["lenet5", "c3f2", "dnn5", "conv3", "conv4", "resnet18"])
def test_images_become_logits(name: str, shape: Shape) -> None:
    network = build(name, shape, classes=7).eval()
    logits = network(torch.rand(2, *shape))
    assert logits.shape == (2, 7)
    assert not torch.allclose(logits.sum(1), torch.ones(2)), "logits, no softmax"


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("lenet5", 61_706), ("c3f2", 241_546), ("dnn5", 575_050), ("conv3", 153_630), ("conv4", 101_180)],
)
def test_layers_are_those_of_the_papers(name: str, parameters: int) -> None:
    assert sum(p.numel() for p in build(name, GREY).parameters()) == parameters


def test_resnet20_has_the_weights_of_the_papers_table() -> None:
    network = build("resnet20", COLOUR)
    assert sum(p.numel() for p in network.parameters()) == 269_722  # 0.27 M
    assert network(torch.rand(2, *COLOUR)).shape == (2, 10)
    assert build("resnet20", GREY, classes=3)(torch.rand(2, *GREY)).shape == (2, 3)


def test_initial_weights_come_from_the_seeded_global_state() -> None:
    weights = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        weights.append(torch.cat([p.flatten() for p in build("lenet5", GREY).parameters()]))
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@pytest.mark.parametrize("name", ["lenet5", "c3f2", "conv3", "conv4"])
def test_images_too_small_for_the_layers_are_refused(name: str) -> None:
    with pytest.raises(PluginError, match=f"model '{name}' cannot take images of shape .* 'dnn5'"):
        build(name, (1, 5, 5))


def test_resnet_keeps_its_stem_for_large_images() -> None:
    assert build("resnet18", (1, 64, 64)).conv1.kernel_size == (7, 7)
    assert build("resnet18", GREY).conv1.kernel_size == (3, 3)


def test_every_listed_model_can_be_imported() -> None:
    catalogue = Catalogue.discover()
    names = [entry.name for entry in catalogue.entries("model")]
    assert {"resnet34", "resnet50", "resnet101", "resnet152"} < set(names)
    for name in names:
        assert create_spec(catalogue, "model", "torchvision:resnet18" if name == "torchvision" else name)


@pytest.mark.parametrize("name", ["torchvision:squeezenet1_1", "torchvision:googlenet"])
def test_torchvisions_classifiers_give_logits_whatever_heads_they_have(name: str) -> None:
    network = build(name, (3, 64, 64), classes=7)
    images = torch.rand(2, 3, 64, 64)
    assert network.train()(images).shape == network.eval()(images).shape == (2, 7)
    assert not [key for key in network.state_dict() if key.startswith("input_")], "published weights would not fit"


def test_inception_v3_takes_published_weights_and_scales_its_inputs_as_they_expect() -> None:
    from torchvision.models import inception_v3

    network = build("inception-v3", (3, 75, 75), classes=5).eval()
    plain = inception_v3(weights=None, num_classes=5, init_weights=False, transform_input=False).eval()
    plain.load_state_dict(network.state_dict())
    images = torch.rand(2, 3, 75, 75)
    torch.testing.assert_close(network(images), plain(images * 2 - 1), atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize(
    ("name", "shape", "said"),
    [
        (
            "torchvision:resnet151",
            (3, 64, 64),
            "there is no torchvision architecture 'resnet151'; did you mean 'resnet152'",
        ),
        ("torchvision:squeezenet1_1", (1, 64, 64), "takes colour images, and these have 1 channel; add colour=rgb"),
        ("inception-v3", (3, 32, 32), r"cannot take images of shape \(3, 32, 32\); most take 224 pixels a side"),
        ("torchvision:vit_b_16", (3, 64, 64), "architecture vit_b_16 cannot take images of shape"),
    ],
)
def test_what_an_architecture_cannot_be_is_one_sentence(name: str, shape: Shape, said: str) -> None:
    with pytest.raises((PluginError, UnknownNameError), match=said):
        build(name, shape)

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from zoo_samples import Lines

from benchbox.errors import NotApplicable, PluginError
from benchbox.images import ImageSet
from benchbox.registry import Catalogue
from benchbox.target.zoo import TargetSpec, Zoo

SQUASHED = """
from math import prod
from benchbox.contracts import Model


class Squashed(Model):
    name = "squashed"

    def build(self, shape, classes):
        from torch import nn

        return nn.Sequential(nn.Flatten(), nn.Linear(prod(shape), classes), nn.Softmax(1))
"""


BROUGHT = """
from math import prod
from benchbox.contracts import Model


class Brought(Model):
    name = "brought"

    def build(self, shape, classes):
        import torch
        from torch import nn

        network = nn.Sequential(nn.Flatten(), nn.Linear(prod(shape), classes))
        kept = torch.linspace(-1, 1, prod(shape) * classes).reshape(classes, -1)
        network.load_state_dict({"1.weight": kept, "1.bias": torch.zeros(classes)})
        return network
"""

REMOTE = """
from benchbox.contracts import Model


class Remote(Model):
    name = "remote"

    def build(self, shape, classes):
        from torch import nn

        return nn.Sequential(nn.Flatten(), nn.AdaptiveAvgPool1d(classes))
"""


def _zoo(folder: Path, model: str, recipes_of: Catalogue | None = None) -> Zoo:
    """Return a zoo that knows the model of a plugin file, and another catalogue's recipes."""
    path = folder / "model.py"
    path.write_text(model)
    catalogue = Catalogue.discover([path])
    if recipes_of:
        catalogue.target_folders = recipes_of.target_folders
    return Zoo(catalogue, folder / "zoo", "cpu")


@pytest.mark.parametrize("way", ["ensure", "check"])
def test_images_that_the_model_cannot_take_are_no_target(
    way: str, zoo: Zoo, spec: TargetSpec, images: ImageSet, said: Lines
) -> None:
    order = spec.model_copy(update={"model": "conv4"})
    with pytest.raises(NotApplicable, match=r"model 'conv4' cannot take images of shape \(1, 6, 6\)"):
        zoo.ensure(order, images, said) if way == "ensure" else zoo.check(order, images)
    assert not said
    zoo.check(spec, images)


@pytest.mark.parametrize("way", ["ensure", "check"])
def test_a_network_that_ends_in_a_softmax_is_no_target(
    way: str, tmp_path: Path, spec: TargetSpec, images: ImageSet, said: Lines
) -> None:
    zoo = _zoo(tmp_path, SQUASHED)
    order = spec.model_copy(update={"model": "squashed"})
    with pytest.raises(PluginError, match=r"^model 'squashed' builds a network that ends in a softmax"):
        zoo.ensure(order, images, said) if way == "ensure" else zoo.check(order, images)
    assert not said.trainings
    assert not list((tmp_path / "zoo").glob("*.safetensors"))


@pytest.mark.parametrize("way", ["ensure", "check"])
def test_a_model_that_brings_trained_weights_is_no_recipe_s(
    way: str, tmp_path: Path, spec: TargetSpec, images: ImageSet, said: Lines
) -> None:
    zoo = _zoo(tmp_path, BROUGHT)
    order = spec.model_copy(update={"model": "brought"})
    with pytest.raises(
        PluginError, match=r"^model 'brought' builds the same weights under every seed.*--target WEIGHTS"
    ):
        zoo.ensure(order, images, said) if way == "ensure" else zoo.check(order, images)
    assert not said.trainings


@pytest.mark.parametrize("recipe", ["standard", "ready"])
def test_a_network_without_weights_is_no_recipe_s(
    recipe: str, tmp_path: Path, spec: TargetSpec, images: ImageSet, catalogue: Catalogue, said: Lines
) -> None:
    zoo = _zoo(tmp_path, REMOTE, catalogue)
    with pytest.raises(
        PluginError, match=r"^model 'remote' builds a network without weights.*--target MODULE:FUNCTION"
    ):
        zoo.ensure(spec.model_copy(update={"model": "remote", "recipe": recipe}), images, said)
    assert not said.trainings


def test_a_recipe_without_epochs_takes_a_model_that_brings_trained_weights_as_it_is(
    tmp_path: Path, spec: TargetSpec, images: ImageSet, catalogue: Catalogue, said: Lines
) -> None:
    zoo = _zoo(tmp_path, BROUGHT, catalogue)
    order = spec.model_copy(update={"model": "brought", "recipe": "ready"})
    record = zoo.ensure(order, images, said)
    assert not said.trainings
    assert torch.equal(zoo.load(record).state_dict()["1.weight"].flatten(), torch.linspace(-1, 1, 72))
    with pytest.raises(PluginError, match="model 'dnn5' brings no trained weights, and this recipe has 0 epochs"):
        zoo.ensure(spec.model_copy(update={"recipe": "ready"}), images, said)

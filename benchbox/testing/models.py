"""Rules about models: networks that the core can train, copy, keep and move."""

from __future__ import annotations

import copy
from contextlib import suppress
from typing import TYPE_CHECKING

from benchbox.contracts import Model, PluginError, Shape
from benchbox.testing.rule import Failed, Skipped, Subject, rule

if TYPE_CHECKING:
    from torch import nn

SHAPES: tuple[Shape, ...] = ((1, 28, 28), (3, 32, 32))
_CLASSES = 7
_SEED = 20211113  # no number that an author would seed with


def _built(subject: Subject, shape: Shape) -> nn.Module:
    model = subject.plugin()
    assert isinstance(model, Model)
    return model.build(shape, _CLASSES)


def _fresh(subject: Subject, shape: Shape, seed: int) -> nn.Module:
    from benchbox.testing.toys import surroundings

    with surroundings(seed):
        return _built(subject, shape)


def _network(subject: Subject, shape: Shape) -> nn.Module:
    """Return a copy of a network that is built once: the large ones take seconds."""
    if shape not in subject.kept:
        subject.kept[shape] = _fresh(subject, shape, _SEED)
    return copy.deepcopy(subject.kept[shape])  # type: ignore[no-any-return]


def _first(subject: Subject) -> tuple[Shape, nn.Module]:
    """Return the first shape that it takes and a network for it."""
    for shape in SHAPES:
        try:
            return shape, _network(subject, shape)
        except PluginError:
            continue
    raise Skipped("it takes neither 28x28 grey nor 32x32 colour images")


@rule(
    "model",
    expects="logits (n, classes), finite, for one image as for many; or a PluginError for a shape it cannot take",
)
def gives_logits(subject: Subject) -> None:
    """In eval mode, on grey and on colour images. The core makes probabilities of logits itself."""
    import torch

    from benchbox.target.network import ends_in

    first, _ = _first(subject)
    networks = [(first, _fresh(subject, first, _SEED + 1))]
    for shape in SHAPES:
        with suppress(PluginError):
            networks.append((shape, _network(subject, shape)))
    found = []
    for shape, network in networks:
        for n in (1, 3):
            logits = network.eval()(torch.rand(n, *shape))
            if tuple(logits.shape) != (n, _CLASSES) or not torch.isfinite(logits).all():
                raise Failed(f"gives {tuple(logits.shape)} for {n} images of shape {shape} and {_CLASSES} classes")
            found.append(logits)
    values = torch.cat(found)
    if end := ends_in(values):
        raise Failed(f"ends in a {end}")
    if bool((values >= 0).all()) and bool((values > 0).any()):  # by chance, once in thousands of networks of two seeds
        raise Failed("gives no value below 0 under any seed, as what ends in a sigmoid or a ReLU")


@rule("model", expects="initial weights from torch's global state, which the core seeds: one seed, one network")
def weights_come_from_the_seed(subject: Subject) -> None:
    """Paired seeds: all methods start from the same substitute, and another seed gives another."""
    import torch

    from benchbox.seeds import seeding_noticed
    from benchbox.testing.toys import surroundings

    shape, network = _first(subject)
    with surroundings(_SEED), seeding_noticed() as seeded:
        same = list(_built(subject, shape).parameters())
    if seeded:
        raise Failed(f"seeds the global generator of {seeded[0]} when it builds a network")
    first, other = list(network.parameters()), list(_fresh(subject, shape, _SEED + 1).parameters())
    if any(not torch.equal(a, b) for a, b in zip(first, same, strict=True)):
        raise Failed("builds two different networks under one seed")
    if all(torch.equal(a, b) for a, b in zip(first, other, strict=True)):
        raise Failed("builds the same network under two seeds")


@rule("model", expects="a gradient for every weight that wants one")
def every_weight_learns(subject: Subject) -> None:
    """A weight that no gradient reaches is a layer that was left out."""
    import torch

    shape, network = _first(subject)
    loss = torch.nn.functional.cross_entropy(network.train()(torch.rand(4, *shape)), torch.tensor([0, 1, 2, 3]))
    torch.autograd.backward(loss)
    for name, weight in network.named_parameters():
        if weight.requires_grad and weight.grad is None:
            raise Failed(f"has a weight that learns nothing, {name}")


@rule("model", expects="weights that safetensors keeps, and the same answers from a copy that loads them")
def weights_can_be_kept(subject: Subject) -> None:
    """Targets are kept as safetensors; the core copies substitutes."""
    import torch
    from safetensors.torch import load, save

    shape, network = _first(subject)
    images = torch.rand(2, *shape)
    try:
        kept = load(save({name: tensor.contiguous() for name, tensor in network.state_dict().items()}))
    except (RuntimeError, ValueError) as error:
        raise Failed(f"has weights that cannot be kept ({str(error).splitlines()[0]})") from error
    other = _network(subject, shape)
    with torch.no_grad():
        for weight in other.parameters():
            weight.zero_()
    other.load_state_dict(kept)
    for copied in (copy.deepcopy(network), other):
        if not torch.equal(copied.eval()(images), network.eval()(images)):
            raise Failed("answers otherwise after its weights were copied")


@rule("model", expects="tensors on the device of the images")
def runs_on_any_device(subject: Subject) -> None:
    """Runs on torch's meta device, where a tensor that ``forward`` makes on the CPU has no place."""
    import torch

    from benchbox.testing.toys import OneDevice

    shape, network = _first(subject)
    network.to("meta").eval()
    try:
        with OneDevice():  # type: ignore[no-untyped-call]
            network(torch.zeros(2, *shape, device="meta"))
    except (RuntimeError, NotImplementedError) as error:
        raise Failed(f"cannot be moved to another device ({str(error).splitlines()[0]})") from error

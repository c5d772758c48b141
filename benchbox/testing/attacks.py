"""Rules about attacks: examples within bounds, made on a substitute that is left as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchbox.contracts import Attack
from benchbox.testing.rule import Failed, Subject, rule

if TYPE_CHECKING:
    from torch import Tensor, nn


_GREY = {"inf": 0.5, "2": 0.5 * (3 * 224 * 224) ** 0.5}
"""By norm, from where every image reaches grey; an L2 radius that does on small images may be sound on those of 3x224x224."""


def _examples(subject: Subject, *, n: int = 12, targeted: bool = False, network: nn.Module | None = None) -> Tensor:
    """Return what the core takes of an attack on n toy images."""
    from benchbox.testing.arena import examples
    from benchbox.testing.toys import CLASSES, surroundings, toy_images, toy_substitute

    attack = subject.plugin()
    assert isinstance(attack, Attack)
    images, labels = toy_images(n, 2)
    aims = (labels + 1) % CLASSES if targeted else labels
    with surroundings(3):
        return examples(attack, network or toy_substitute(), images, images.clone(), aims, targeted=targeted)


def _loss(examples: Tensor, labels: Tensor) -> float:
    import torch

    from benchbox.testing.toys import toy_substitute

    return float(torch.nn.functional.cross_entropy(toy_substitute()(examples), labels).detach())


@rule(
    "attack", expects="images of the same shape in [0, 1], without NaN and within its threat, for one image as for many"
)
def makes_valid_examples(subject: Subject) -> None:
    """Shape, range, NaN, distance and a threat that bounds nothing are refused by the referee, untargeted and targeted."""
    from benchbox.scoring.distances import check_stated

    attack = subject.plugin()
    assert isinstance(attack, Attack)
    if not subject.row.builtin:
        check_stated(subject.who, attack.threat(), _GREY[attack.threat().norm])
    for n in (1, 12):
        for targeted in (False, True)[: 1 + attack.targeted]:
            _examples(subject, n=n, targeted=targeted)


@rule("attack", expects="a higher loss of the true class, or with goals a lower loss of the goal")
def moves_the_loss_its_way(subject: Subject) -> None:
    """An attack with its sign wrong makes valid examples all the same."""
    from benchbox.testing.toys import CLASSES, toy_images

    images, labels = toy_images(12, 2)
    goals = (labels + 1) % CLASSES
    if not _loss(_examples(subject), labels) > _loss(images, labels):
        raise Failed("did not raise the substitute's loss on the toy images")
    attack = subject.plugin()
    assert isinstance(attack, Attack)
    if attack.targeted and not _loss(_examples(subject, targeted=True), goals) < _loss(images, goals):
        raise Failed("did not bring the toy images nearer to their goals")


@rule("attack", expects="the same examples from the same state of the global generators")
def repeats_under_one_state(subject: Subject) -> None:
    """The core seeds the global generators before every attack."""
    import torch

    if not torch.equal(_examples(subject), _examples(subject)):
        raise Failed("made other examples in the same situation")


@rule("attack", expects="weights, mode, requires_grad and gradients of the substitute as they were")
def leaves_the_substitute_alone(subject: Subject) -> None:
    """The same substitute is attacked again, and scored."""
    import torch

    from benchbox.testing.toys import toy_substitute

    network, before = toy_substitute(), toy_substitute().state_dict()
    wanted = [parameter.requires_grad for parameter in network.parameters()]
    _examples(subject, network=network)
    if any(not torch.equal(before[name], tensor) for name, tensor in network.state_dict().items()):
        raise Failed("changed the substitute's weights")
    if network.training or wanted != [parameter.requires_grad for parameter in network.parameters()]:
        raise Failed("left the substitute in another mode")


@rule("attack", expects="new tensors; the clean images are attacked again")
def leaves_the_images_alone(subject: Subject) -> None:
    """Working in place changes the clean images of the next attack."""
    import torch

    from benchbox.testing.arena import examples
    from benchbox.testing.toys import surroundings, toy_images, toy_substitute

    attack = subject.plugin()
    assert isinstance(attack, Attack)
    images, labels = toy_images(12, 2)
    given, aims = images.clone(), labels.clone()
    with surroundings(3):
        examples(attack, toy_substitute(), images, given, aims, targeted=False)
    if not torch.equal(given, images) or not torch.equal(aims, labels):
        raise Failed("changed the images or labels that it was given")

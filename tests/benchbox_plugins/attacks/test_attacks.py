"""Each attack does to a trained network what its name promises."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from attack_samples import accuracy, attack
from benchbox_plugins.attacks import _art
from benchbox_plugins.models.lenet5 import LeNet5
from torch import Tensor, nn

from benchbox.contracts import Threat
from benchbox.errors import BenchboxError, OptionError
from benchbox.seeds import reseed


@pytest.mark.parametrize(
    ("text", "radius"),
    [
        ("fgsm", 0.26),
        ("bim", 0.10),
        ("pgd", 0.25),
        ("pgd[random_start=false]", 0.10),
        ("pgd[profile=drmi-untargeted]", 0.30),
        ("bim[profile=dast-mnist]", 0.25),
        ("fgsm[eps=0.05]", 0.05),
    ],
)
def test_it_fools_the_network_within_its_radius(
    text: str, radius: float, trained: tuple[nn.Module, Tensor, Tensor]
) -> None:
    net, images, labels = trained
    reseed(1)
    examples = attack(text).perturb(net, images, labels, classes=4, targeted=False)
    assert examples.shape == images.shape
    assert float(examples.min()) >= 0
    assert float(examples.max()) <= 1
    assert float((examples - images).abs().max()) <= radius + 1e-5
    assert accuracy(net, examples, labels) < 0.8


@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize("text", ["fgsm", "bim", "pgd", "pgd[norm=2,eps=2,step=0.5]", "mi-fgsm"])
def test_examples_are_arts_to_the_last_bit(text: str, targeted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    net, images = LeNet5().build((1, 28, 28), 10).eval(), torch.rand(130, 1, 28, 28).round(decimals=1)
    labels, perturb, made = torch.arange(130) % 10, _art.perturb, []
    for alone in (True, False):
        monkeypatch.setattr(_art, "perturb", lambda *given, alone=alone, **_: perturb(*given, gradients_alone=alone))
        reseed(1)
        made.append(attack(text).perturb(net, images, labels, classes=10, targeted=targeted))
    assert torch.equal(*made)


@pytest.mark.parametrize("text", ["fgsm[eps=0.3]", "bim[profile=dast-mnist]", "pgd[profile=drmi-targeted]"])
def test_targeted_it_reaches_its_goal(text: str, trained: tuple[nn.Module, Tensor, Tensor]) -> None:
    net, images, labels = trained
    goal = torch.full_like(labels, 2)
    reseed(1)
    examples = attack(text).perturb(net, images, goal, classes=4, targeted=True)
    assert accuracy(net, examples, goal) > accuracy(net, images, goal) + 0.3


def test_pgd_starts_at_random_and_the_core_decides_where(trained: tuple[nn.Module, Tensor, Tensor]) -> None:
    net, images, labels = trained
    made = []
    for seed in (1, 1, 2):
        reseed(seed)
        made.append(attack("pgd").perturb(net, images, labels, classes=4, targeted=False))
    assert torch.equal(made[0], made[1])
    assert not torch.equal(made[0], made[2])


def test_the_drmi_profiles_take_foolboxs_default_steps_of_their_norm() -> None:
    for profile, norm, share, steps in (("targeted", "inf", 0.01 / 0.3, 40), ("imagenet", "2", 0.025, 50)):
        options: Any = attack(f"pgd[profile=drmi-{profile}]").options
        assert (options.norm, options.steps, options.random_start) == (norm, steps, True)
        assert options.step == pytest.approx(share * options.eps)


def test_an_l2_ball_is_measured_in_l2(trained: tuple[nn.Module, Tensor, Tensor]) -> None:
    net, images, labels = trained
    examples = attack("pgd[eps=0.5,step=0.1,steps=20,norm=2]").perturb(net, images, labels, classes=4, targeted=False)
    assert float((examples - images).flatten(1).norm(dim=1).max()) <= 0.5 + 1e-4


def test_a_radius_is_written_as_a_fraction_where_that_is_what_it_is() -> None:
    assert attack("fgsm[eps=8/255]").threat() == Threat("inf", 8 / 255)
    assert attack("pgd[eps=8/255,step=2/255]").options == attack("pgd[profile=cifar10-8]").options.model_copy(
        update={"steps": 5}
    )
    assert attack("fgsm[eps=8,norm=2]").threat() == Threat("2", 8.0)


@pytest.mark.parametrize("name", ["fgsm", "bim", "pgd"])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("eps=8", "for 8 of 255 grey levels write eps=8/255"),
        ("eps=inf", "eps"),
        ("eps=nan", "should be greater than 0, not 'nan'"),
        ("eps=0", "should be greater than 0, not '0'"),
        ("eps=8/0", "divides by 0"),
        ("eps=1_0", "should be a number in digits, not '1_0'"),
        ("targeted=true", "attack 'NAME' has no option 'targeted', since that is the scenario's: write goal = "),
        ("images=5", "--images"),
        ("seed=3", "--seeds"),
        ("epsilon=0.1", "did you mean 'eps'?"),
    ],
)
def test_an_option_that_cannot_be_is_refused_with_the_reason(name: str, options: str, said: str) -> None:
    with pytest.raises(BenchboxError) as error:
        attack(f"{name}[{options}]")
    assert said.replace("NAME", name) in str(error.value)
    assert str(error.value).isprintable()


def test_no_step_reaches_beyond_all_images_either() -> None:
    with pytest.raises(OptionError, match="write step=2/255"):
        attack("pgd[step=2]")
    with pytest.raises(OptionError, match="finite"):
        attack("pgd[eps=inf,norm=2]")

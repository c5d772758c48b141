"""The momentum family, APGD, C&W, DeepFool and the adapters: each does what sets it apart."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from attack_samples import accuracy, attack
from digits_suite import digits_suite
from torch import Tensor, nn

from benchbox.contracts import Attack, Threat
from benchbox.errors import BenchboxError
from benchbox.seeds import reseed

Trained = tuple[nn.Module, Tensor, Tensor]
MOMENTUM = ("mi-fgsm", "ni-fgsm", "si-fgsm", "ti-fgsm[kernel=1]", "di-fgsm", "vmi-fgsm[neighbours=3]")


@pytest.mark.parametrize(
    "text",
    [*MOMENTUM, "apgd[steps=20]", "apgd[steps=20,loss=dlr]", "art", "art[attack=AutoProjectedGradientDescent,steps=5]"],
)
def test_it_fools_the_network_within_its_radius(text: str, trained: Trained) -> None:
    net, images, labels = trained
    reseed(1)
    made = attack(text)
    examples = made.perturb(net, images, labels, classes=4, targeted=False)
    assert float((examples - images).abs().max()) <= made.threat().radius + 1e-5
    assert accuracy(net, examples, labels) < 0.2
    goals = torch.full_like(labels, 2)
    reseed(1)
    reached = made.perturb(net, images, goals, classes=4, targeted=True)
    assert accuracy(net, reached, goals) > 0.9


@pytest.mark.parametrize("text", ["cw[steps=30,weights=2]", "deepfool"])
def test_the_smallest_changes_are_small_and_brought_back_into_the_ball(text: str, trained: Trained) -> None:
    net, images, labels = trained
    for eps, fooled in ((1.5, 0.9), (0.01, 0.0)):
        made = held(text, eps)
        examples = made.perturb(net, images, labels, classes=4, targeted=False)
        lengths = (examples - images).flatten(1).norm(dim=1)
        assert made.threat() == Threat("2", eps)
        assert float(lengths.max()) <= eps + 1e-5
        assert accuracy(net, examples, labels) <= 1 - fooled
    # a step of the same reach that looks for no smallest change goes farther
    far = attack("pgd[eps=1.5,step=0.5,steps=5,norm=2]").perturb(net, images, labels, classes=4, targeted=False)
    near = held(text, 1.5).perturb(net, images, labels, classes=4, targeted=False)
    assert float((near - images).norm()) < 0.8 * float((far - images).norm())


def held(text: str, eps: float) -> Attack:
    """Return the attack with that radius."""
    return attack(f"{text[:-1]},eps={eps}]" if text.endswith("]") else f"{text}[eps={eps}]")


def test_momentum_keeps_a_direction_that_one_gradient_would_leave() -> None:
    from benchbox_plugins.attacks._momentum import Momentum

    class Turning(Momentum):
        name, version = "turning", 1

        def step_gradient(self, gradient: Any, examples: Tensor, gathered: Tensor, state: dict[str, Any]) -> Tensor:
            state["step"] = state.get("step", 0) + 1
            return torch.ones_like(examples) * (3 if state["step"] == 1 else -1)

    images, labels = torch.full((2, 1, 2, 2), 0.5), torch.zeros(2, dtype=torch.long)
    ends = {}
    for decay in (0.0, 2.0):
        made = Turning(Turning.Options(eps=0.3, steps=3, decay=decay))
        ends[decay] = made.perturb(nn.Flatten(), images, labels, classes=4, targeted=False)
    assert torch.allclose(ends[0.0], images - 0.1)
    assert torch.allclose(ends[2.0], images + 0.3)


def test_a_gradient_that_vanishes_moves_nothing_and_makes_no_nan() -> None:
    flat = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))
    nn.init.zeros_(flat[1].weight)
    images, labels = torch.rand(3, 1, 2, 2), torch.zeros(3, dtype=torch.long)
    for text in ("mi-fgsm", "ni-fgsm", "vmi-fgsm", "ti-fgsm", "di-fgsm", "si-fgsm"):
        assert torch.equal(attack(text).perturb(flat, images, labels, classes=3, targeted=False), images)


@pytest.mark.parametrize("text", ["mi-fgsm", "ni-fgsm"])
def test_where_the_substitute_is_sure_beyond_float32_there_is_a_gradient_still(text: str, trained: Trained) -> None:
    net, images, labels = trained

    class Sure(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return 1e4 * net(x)

    examples = attack(text).perturb(Sure(), images, labels, classes=4, targeted=False)
    assert accuracy(net, examples, labels) < 0.2


def test_smoothing_makes_neighbours_move_alike(trained: Trained) -> None:
    net, images, labels = trained

    def steps(text: str) -> Tensor:
        change = attack(text).perturb(net, images, labels, classes=4, targeted=False) - images
        return (change[..., 1:].sign() == change[..., :-1].sign()).float().mean()

    assert float(steps("ti-fgsm[kernel=5,steps=1]")) > float(steps("ni-fgsm[steps=1]")) + 0.2


def test_apgd_ends_at_the_highest_loss_of_its_way_and_beats_fixed_steps() -> None:
    """A loss with a narrow hill: a fixed step jumps over it, halved steps climb it."""

    class Hill(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            height = -((x.flatten(1) - 0.5237).abs().sum(dim=1, keepdim=True))
            return torch.cat([torch.zeros_like(height), 20 * height], dim=1)

    images, labels = torch.full((1, 1, 1, 1), 0.4), torch.zeros(1, dtype=torch.long)
    reseed(0)
    best = attack("apgd[eps=0.3,steps=40]").perturb(Hill(), images, labels, classes=2, targeted=False)
    steps = attack("pgd[eps=0.3,step=0.1,steps=40,random_start=false]")
    fixed = steps.perturb(Hill(), images, labels, classes=2, targeted=False)
    assert abs(float(best) - 0.5237) < 0.01 < abs(float(fixed) - 0.5237)


def test_apgd_climbs_by_either_loss_with_two_classes() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    nn.init.zeros_(net[1].bias)
    with torch.no_grad():
        net[1].weight.copy_(torch.tensor([[1.0] * 4, [-1.0] * 4]))
    images, labels = torch.full((3, 1, 2, 2), 0.5), torch.zeros(3, dtype=torch.long)
    for loss in ("ce", "dlr"):
        reseed(0)
        made = attack(f"apgd[eps=0.2,steps=10,loss={loss}]").perturb(net, images, labels, classes=2, targeted=False)
        torch.testing.assert_close(made, images - 0.2)


def test_apgd_looks_at_its_step_ever_sooner() -> None:
    from benchbox_plugins.attacks.apgd import _checkpoints

    assert sorted(_checkpoints(100)) == [22, 41, 57, 70, 80, 87, 93, 99]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("art[attack=DepFool]", "ART has no attack class 'DepFool'; did you mean 'DeepFool'?"),
        ("art[attack=DeepFool,step=0.1]", "ART's DeepFool has no step (eps_step)"),
        ("art[eps=8]", "write eps=8/255"),
        ("mi-fgsm[eps=8]", "write eps=8/255"),
        ("apgd[loss=margin]", "'ce' or 'dlr'"),
        ("ti-fgsm[kernel=4]", "should be odd, so that the window has a middle; 3 and 5 are"),
    ],
)
def test_what_cannot_be_is_one_sentence(text: str, said: str) -> None:
    with pytest.raises(BenchboxError) as error:
        attack(text)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_any_class_of_art_is_played_and_held_to_the_ball(trained: Trained) -> None:
    net, images, labels = trained
    made = attack("art[attack=NewtonFool,norm=2,eps=0.2,steps=20]")
    assert not made.targeted
    examples = made.perturb(net, images[:20], labels[:20], classes=4, targeted=False)
    assert float((examples - images[:20]).flatten(1).norm(dim=1).max()) <= 0.2 + 1e-5


def test_an_attack_without_goals_is_refused_where_a_scenario_has_one(tmp_path: Path) -> None:
    import benchbox

    suite = tmp_path / "mine.toml"
    suite.write_text(digits_suite("random", attacks='[{ use = "deepfool", goal = "class:1" }]'))
    with pytest.raises(
        BenchboxError, match="attack 'deepfool' makes examples of any other class; its goal cannot be 'class:1'"
    ):
        benchbox.plan(str(suite), train=False)


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module that has what the adapter asks of torchattacks, as its release 3.5.1 writes it."""
    made: Any = ModuleType("torchattacks")
    made.attack = ModuleType("torchattacks.attack")

    class Base:
        def set_mode_targeted_by_label(self, quiet: bool = False) -> None:
            self.sign = -1

    class Leap(Base):
        """One step beyond the ball, after it has set torch's seed."""

        def __init__(self, model: nn.Module, eps: float = 0.1, steps: int = 1) -> None:
            self.model, self.eps, self.sign = model, eps, 1

        def __call__(self, x: Tensor, y: Tensor) -> Tensor:
            torch.manual_seed(0)
            at = x.clone().requires_grad_(True)
            (gradient,) = torch.autograd.grad(nn.functional.cross_entropy(self.model(at), y, reduction="sum"), at)
            return x + self.sign * 9 * self.eps * gradient.sign()

    made.attack.Attack, made.Leap = Base, Leap
    monkeypatch.setitem(sys.modules, "torchattacks", made)
    return made


def test_torchattacks_is_held_to_the_ball_and_to_its_own_seed(stand_in: ModuleType, trained: Trained) -> None:
    net, images, labels = trained
    made = attack("torchattacks[attack=Leap,eps=0.2,steps=3]")
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    examples = made.perturb(net, images, labels, classes=4, targeted=False)
    assert torch.equal(torch.rand(1), expected)
    assert float((examples - images).abs().max()) <= 0.2 + 1e-6
    assert accuracy(net, examples, labels) < 0.5
    goals = torch.full_like(labels, 2)
    reached = made.perturb(net, images, goals, classes=4, targeted=True)
    assert accuracy(net, reached, goals) > 0.5
    with pytest.raises(ValueError, match=r"torchattacks's Leap has no step \(alpha\)"):
        attack("torchattacks[attack=Leap,step=0.1]").perturb(net, images, labels, classes=4, targeted=False)
    with pytest.raises(ValueError, match="torchattacks has no attack class 'Leep'; did you mean 'Leap'"):
        attack("torchattacks[attack=Leep]").perturb(net, images, labels, classes=4, targeted=False)


def test_without_torchattacks_a_sentence_says_what_brings_it(monkeypatch: pytest.MonkeyPatch, trained: Trained) -> None:
    monkeypatch.setitem(sys.modules, "torchattacks", None)
    net, images, labels = trained
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'benchbox-attacks\[torchattacks\]' brings it"):
        attack("torchattacks").perturb(net, images, labels, classes=4, targeted=False)

"""The scorer on a target and substitutes whose answers are known."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from benchbox.contracts import Access, Attack, PluginError
from benchbox.contracts.threat import Threat
from benchbox.scoring.attacking import Assault, AttackTask, aims
from benchbox.scoring.scorer import Scorer
from benchbox.target.answer import Answerer
from benchbox.target.meter import MeteredOracle

CPU = torch.device("cpu")
SHAPE = (1, 2, 2)
LABELS = torch.tensor([0, 1, 2, 3, 0, 1, 2, 3])


class FirstPixel(nn.Module):
    """Says the class that the first pixel holds in quarters, plus a shift."""

    def __init__(self, shift: int = 0) -> None:
        super().__init__()
        self.shift = shift

    def forward(self, images: Tensor) -> Tensor:
        said = ((images[:, 0, 0, 0] * 4).floor().long() + self.shift) % 4
        return nn.functional.one_hot(said, 4).float() * 9


def images() -> Tensor:
    made = torch.zeros(8, *SHAPE)
    made[:, 0, 0, 0] = (LABELS + 0.5) / 4
    return made


class Near(Attack):
    """An attack that may go anywhere."""

    name = "near"

    def threat(self) -> Threat:
        return Threat("inf", 1.0)


class Paint(Near):
    """Writes one grey level into the first pixel."""

    name = "paint"

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def perturb(self, substitute: nn.Module, images: Tensor, labels: Tensor, *, classes: int, targeted: bool) -> Tensor:
        made = images.clone()
        made[:, 0, 0, 0] = self.value
        return made


def scorer(*attacks: AttackTask, last: int = 10) -> Scorer:
    oracle = MeteredOracle(Answerer(FirstPixel(), CPU), Access.LABEL, 10**6, SHAPE, "scoring")
    return Scorer(images(), LABELS, 4, oracle, attacks, assail, last)


def assail(task: AttackTask, substitute: nn.Module, assault: Assault) -> None:
    """Let an attack play here: its task holds it."""
    examples: Tensor | None = None
    while (dealt := assault.exchange(examples)) is not None:
        examples = task.contestant.perturb(substitute, *dealt, classes=4, targeted=task.targeted)


def task(attack: Attack, goal: str, *success: str, at: str = "every", threat: Threat | None = None) -> AttackTask:
    label, who = f"{attack.name} {goal}", f"attack '{attack.name}'"
    return AttackTask(attack, who, label, goal, success, at, torch.arange(8), 1, threat or attack.threat())


def test_accuracy_fidelity_and_confusion_of_a_substitute_that_is_off_by_one() -> None:
    right, wrong = scorer().score(FirstPixel(), 10, 9), scorer().score(FirstPixel(shift=1), 10, 9)
    assert [(m.metric, m.value, m.n, m.spent) for m in right.measurements[:2]] == [
        ("accuracy", 1.0, 8, 9),
        ("fidelity", 1.0, 8, 9),
    ]
    assert [m.value for m in wrong.measurements[:2]] == [0.0, 0.0]
    assert wrong.confusions[0].matrix == ((0, 2, 0, 0), (0, 0, 2, 0), (0, 0, 0, 2), (2, 0, 0, 0))


def test_a_substitute_is_scored_as_it_answers_and_not_as_it_learns() -> None:
    class Learning(FirstPixel):
        """Is off by one while it learns, as where a layer drops values."""

        def forward(self, images: Tensor) -> Tensor:
            self.shift = int(self.training)
            return super().forward(images)

    network = Learning().train()
    assert [m.value for m in scorer().score(network, 10, 9).measurements[:2]] == [1.0, 1.0]
    assert not network.training


def test_the_test_loss_is_the_mean_cross_entropy_with_the_true_classes() -> None:
    network = FirstPixel(shift=1)
    loss = scorer().score(network, 10, 9).measurements[2]
    expected = torch.nn.functional.cross_entropy(network(images()), LABELS)
    assert (loss.metric, loss.n) == ("test_loss", 8)
    assert loss.value == pytest.approx(float(expected), rel=1e-6)


def test_a_confusion_matrix_is_kept_of_every_attack_that_ran_and_of_the_last_substitute() -> None:
    scoring = scorer(task(Paint(0.3), "untargeted", "asr_untargeted"))
    scores = [made(FirstPixel(), at, at) for at in (5, 10) for made in (scoring.score, scoring.attack)]
    kept = [(c.attack, c.budget) for each in scores for c in each.confusions]
    assert kept == [("paint untargeted", 5), ("", 10), ("paint untargeted", 10)]


def test_an_attack_is_judged_by_the_target_and_by_its_definitions() -> None:
    scores = scorer(task(Paint(0.3), "untargeted", "asr_untargeted")).attack(FirstPixel(), 10, 10)
    values = {m.metric: (m.value, m.n) for m in scores.measurements if m.attack}
    assert values["asr_untargeted"] == (0.75, 8)  # the two images of class 1 keep their class
    assert values["seconds_per_example"][0] > 0
    assert [c.attack for c in scores.confusions] == ["paint untargeted"]


def test_of_a_targeted_attack_the_examples_that_fool_the_substitute_are_in_the_matrix() -> None:
    class Still(Near):
        """Leaves the images alone."""

        name = "still"

        def perturb(
            self, substitute: nn.Module, images: Tensor, labels: Tensor, *, classes: int, targeted: bool
        ) -> Tensor:
            return images.clone()

    (found,) = scorer(task(Still(), "class:1", "drmi_hit")).attack(FirstPixel(), 10, 10).confusions
    assert found.matrix == ((0,) * 4, (0, 2, 0, 0), (0,) * 4, (0,) * 4)


def test_how_far_examples_lie_is_measured_beside_their_success() -> None:
    scores = scorer(task(Paint(1.0), "untargeted", "asr_untargeted")).attack(FirstPixel(), 10, 10)
    found = {m.metric: (m.value, m.n) for m in scores.measurements if m.attack == "paint untargeted"}
    assert found["linf_max"] == (0.875, 8)  # the images of class 0 start at an eighth
    assert found["l2_mean"] == (0.5, 8)
    assert found["l0_mean"] == (1.0, 8)


def test_an_example_outside_the_scenarios_threat_ends_the_cell_by_the_attacks_name() -> None:
    inside, outside = (task(Paint(1.0), "untargeted", threat=Threat("inf", radius)) for radius in (0.875, 0.6))
    scorer(inside).attack(FirstPixel(), 10, 10)
    with pytest.raises(PluginError, match=r"attack 'paint' left its threat, .* 0.6: 4 of 8 examples"):
        scorer(outside).attack(FirstPixel(), 10, 10)


def test_the_first_examples_of_each_attack_are_kept_as_a_picture_at_the_last_budget() -> None:
    scoring = scorer(task(Paint(1.0), "untargeted", "asr_untargeted"))
    assert scoring.attack(FirstPixel(), 5, 5).pictures == []
    (picture,) = scoring.attack(FirstPixel(), 10, 10).pictures
    assert picture.name == "attack/paint untargeted"
    pixels = np.asarray(Image.open(io.BytesIO(picture.png)).convert("L"))
    assert pixels.shape == (2 * 3 + 1, 6 * 3 + 1)  # six images and what became of them, 2 x 2, a line between
    assert [round(grey / 255 * 7) for grey in pixels[1, 1::3]] == [1, 3, 4, 6, 1, 3]
    assert set(pixels[4, 1::3]) == {255}


def test_attacks_at_the_last_point_wait_for_it() -> None:
    scoring = scorer(task(Paint(0.3), "class:1", "asr_targeted", at="last"))
    assert scoring.attack(FirstPixel(), 5, 5).measurements == []
    assert "asr_targeted" in {m.metric for m in scoring.attack(FirstPixel(), 10, 10).measurements}


def test_others_aims_every_image_at_every_class_but_its_own() -> None:
    rows, goals = aims("others", torch.tensor([1, 4]), LABELS, 4)
    assert rows.tolist() == [1, 1, 1, 4, 4, 4]
    assert goals is not None
    assert goals.tolist() == [0, 2, 3, 1, 2, 3]


class Ran(nn.Module):
    """A substitute whose weights have run away."""

    def forward(self, images: Tensor) -> Tensor:
        return torch.full((len(images), 4), float("nan"))


def test_a_loss_beyond_all_numbers_is_none() -> None:
    loss = scorer().score(Ran(), 10, 9).measurements[2]
    assert (loss.metric, loss.value, loss.n) == ("test_loss", None, 8)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda x: x * float("nan"), "NaN"),
        (lambda x: x + 3.0, "from 3"),
        (lambda x: x[:, :, :1], r"expected images of shape \(8, 1, 2, 2\)"),
        (lambda x: x.numpy(), "ndarray"),
    ],
)
def test_examples_that_break_the_contract_are_refused_by_the_attacks_name(
    make: Callable[[Tensor], object], said: str
) -> None:
    class Broken(Near):
        """Returns what it must not."""

        name = "broken"

        def perturb(
            self, substitute: nn.Module, images: Tensor, labels: Tensor, *, classes: int, targeted: bool
        ) -> Tensor:
            return make(images)  # type: ignore[return-value]

    with pytest.raises(PluginError, match=said) as error:
        scorer(task(Broken(), "untargeted", "asr_untargeted")).attack(FirstPixel(), 10, 10)
    assert "attack 'broken'" in str(error.value)


def test_of_a_hundred_classes_the_five_likeliest_are_counted_too() -> None:
    class Ranks(nn.Module):
        """Ranks the classes above the one that the first pixel holds, so that the true one comes after so many others."""

        def forward(self, images: Tensor) -> Tensor:
            first = (images[:, 0, 0, 0] * 100).round().long()
            return -((torch.arange(100)[None] - first[:, None] + ahead[: len(first), None]) % 100).float()

    ahead = torch.zeros(128, dtype=torch.long)
    ahead[:8] = torch.tensor([0, 1, 4, 5, 0, 99, 3, 50])
    shown = torch.zeros(8, *SHAPE)
    shown[:, 0, 0, 0] = LABELS / 100
    oracle = MeteredOracle(Answerer(FirstPixel(), CPU), Access.LABEL, 10**6, SHAPE, "scoring")
    found = Scorer(shown, LABELS, 100, oracle, [], assail, 10).score(Ranks(), 10, 10).measurements
    values = {each.metric: each.value for each in found}
    assert (values["accuracy"], values["top5_accuracy"]) == (2 / 8, 5 / 8)
    assert "top5_accuracy" not in {m.metric for m in scorer().score(FirstPixel(), 10, 10).measurements}

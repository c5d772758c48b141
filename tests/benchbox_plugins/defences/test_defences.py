"""What the built-in defences tell a client, and when they raise an alarm."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from benchbox_plugins.defences.blacklight import Blacklight
from benchbox_plugins.defences.gaussian import Gaussian
from benchbox_plugins.defences.mad import Mad
from benchbox_plugins.defences.misinformation import Misinformation
from benchbox_plugins.defences.modelguard_s import ModelGuardS
from benchbox_plugins.defences.modelguard_w import ModelGuardW
from benchbox_plugins.defences.neighbours import Neighbours
from benchbox_plugins.defences.prada import Prada
from benchbox_plugins.defences.reverse_sigmoid import ReverseSigmoid
from benchbox_plugins.defences.rounding import Rounding
from benchbox_plugins.defences.top_k import TopK
from scipy.optimize import linprog
from torch import Tensor

from benchbox.contracts import Defence, Told
from benchbox.images.rows import ArrayImages
from benchbox.match.owner import TargetOwner
from benchbox.testing.toys import toy_images

SAID = torch.tensor([[0.93, 0.04, 0.02, 0.01], [0.34, 0.33, 0.32, 0.01], [0.26, 0.25, 0.25, 0.24]])
BLANK = torch.zeros(3, 1, 8, 8)
SHAPE = (1, 8, 8)


def made(kind: type[Defence], classes: int = 4, **options: Any) -> Defence:
    """Return a defence that was prepared on the toy images."""
    defence = kind(kind.Options(**options))
    images, labels = toy_images(400, 1)
    torch.manual_seed(0)
    rng = torch.Generator().manual_seed(0)
    defence.prepare(TargetOwner(SHAPE, classes, torch.device("cpu"), rng, ArrayImages(images.numpy(), labels.numpy())))
    return defence


def told(defence: Defence, images: Tensor = BLANK, said: Tensor = SAID) -> Told:
    return defence.answer(images, said, torch.Generator().manual_seed(1))


def alarms(defence: Defence, images: Tensor, said: Tensor | None = None) -> list[bool]:
    found = told(defence, images, torch.eye(4)[torch.zeros(len(images), dtype=torch.long)] if said is None else said)
    assert found.alarms is not None
    return list(found.alarms.tolist())


def test_rounding_and_top_k_leave_what_they_say_scaled_to_one() -> None:
    rounded = told(made(Rounding)).probabilities
    torch.testing.assert_close(rounded[1], torch.tensor([1 / 3, 1 / 3, 1 / 3, 0]))
    torch.testing.assert_close(told(made(TopK, k=2)).probabilities[1], torch.tensor([34 / 67, 33 / 67, 0, 0]))


def test_reverse_sigmoid_is_the_published_formula() -> None:
    beta, gamma = 0.2, 0.3
    p = SAID[0].double().numpy()
    bent = p - beta * (1 / (1 + np.exp(-gamma * np.log(p / (1 - p)))) - 0.5)
    found = told(made(ReverseSigmoid, beta=beta, gamma=gamma)).probabilities[0]
    np.testing.assert_allclose(found.numpy(), bent / bent.sum(), rtol=1e-5)


@pytest.mark.parametrize("kind", [Gaussian, Mad, ModelGuardW, ModelGuardS])
def test_an_answer_stays_within_its_ball(kind: type[Defence]) -> None:
    said = torch.rand((40, 4), generator=torch.Generator().manual_seed(2)).softmax(1)
    defence = made(kind, radius=0.2)
    found = told(defence, torch.zeros(40, 1, 8, 8), said).probabilities
    assert float((found - said).abs().sum(1).max()) <= 0.2 + 1e-5
    assert float((found - said).abs().sum(1).max()) > 0.1
    if kind is not Gaussian:
        assert torch.equal(found.argmax(1), said.argmax(1))


def test_gaussian_noise_is_fresh_unless_it_hangs_on_the_image() -> None:
    same = SAID[:1].expand(2, 4)
    fresh, fixed = (told(made(Gaussian, repeats=repeats), BLANK[:2], same).probabilities for repeats in (False, True))
    assert not torch.equal(fresh[0], fresh[1])
    assert torch.equal(fixed[0], fixed[1])


def test_mad_turns_the_gradient_farther_than_any_mixture_of_two_classes() -> None:
    defence = made(Mad, radius=2.0, keeps_label=False)
    assert isinstance(defence, Mad)
    found = told(defence).probabilities
    assert sorted(found.sum(1).tolist()) == pytest.approx([1, 1, 1])
    assert ((found > 0.99).sum(1) == 1).all()
    many = told(made(Mad, classes=12), BLANK[:1], torch.full((1, 12), 0.9 / 11).scatter(1, torch.tensor([[3]]), 0.1))
    assert int(many.probabilities.argmax()) == 3


@pytest.mark.parametrize("radius", [0.1, 0.5, 1.0, 2.0])
def test_modelguard_w_solves_its_linear_programme(radius: float) -> None:
    rng = np.random.default_rng(3)
    for drawn in rng.dirichlet(np.full(6, 0.4), 12):
        p = np.sort(np.clip(drawn, 1e-4, None))[::-1] / np.clip(drawn, 1e-4, None).sum()
        if p[0] - p[1] < 1e-3:
            continue
        found = told(made(ModelGuardW, classes=6, radius=radius), BLANK[:1], torch.tensor(p[None]).float())
        y = found.probabilities[0].double().numpy()
        # y = p + up - down, with up and down at least 0
        cost = np.concatenate([np.log(p), -np.log(p)])
        ahead = np.array([[float(i == j) - float(i == 0) for i in range(6)] for j in range(1, 6)])
        limits = np.vstack([np.ones(12), np.hstack([ahead, -ahead]), np.hstack([-np.eye(6), np.eye(6)])])
        most = np.concatenate([[radius], p[0] - p[1:] - 1e-4, p])
        best = linprog(cost, limits, most, np.concatenate([np.ones(6), -np.ones(6)])[None], [0.0])
        assert best.success
        assert np.log(p) @ (y - p) == pytest.approx(best.fun, abs=1e-4)


def test_modelguard_s_repeats_the_first_answer_that_lies_near_within_a_class() -> None:
    said = torch.tensor([[0.9, 0.1, 0, 0], [0.7, 0.3, 0, 0], [0.3, 0.7, 0, 0], [0.5, 0.1, 0.4, 0]])
    found = told(made(ModelGuardS, radius=0.5), torch.zeros(4, 1, 8, 8), said).probabilities
    assert torch.equal(found, said[[0, 0, 2, 3]])


def test_misinformation_leaves_sure_answers_alone_and_is_wrong_about_others() -> None:
    images, labels = toy_images(80, 5)
    sure, unsure = torch.eye(4)[labels], torch.full((80, 4), 0.25)
    defence = made(Misinformation, tau=0.5, epochs=20)
    assert torch.equal(told(defence, images, sure).probabilities, sure)
    wrong = told(defence, images, unsure).probabilities.argmax(1) != labels
    assert float(wrong.float().mean()) > 0.9


def test_prada_is_quiet_about_natural_images_and_not_about_steps_from_a_few() -> None:
    rng = torch.Generator().manual_seed(4)
    natural = (0.5 + 0.2 * torch.randn((400, 1, 8, 8), generator=rng)).clamp(0, 1)
    steps = natural[torch.arange(400) % 10] + 0.002 * torch.randn((400, 1, 8, 8), generator=rng)
    stepped = torch.cat([natural[:150], steps])
    assert not any(alarms(made(Prada), natural))
    raised = alarms(made(Prada), stepped)
    assert not any(raised[:150])
    assert sum(raised[150:]) > 100


def test_prada_blocks_only_where_it_is_told_to() -> None:
    assert told(made(Prada, blocks=False), BLANK).blocked is None
    assert told(made(Prada), BLANK).blocked is not None


def test_blacklight_knows_a_near_duplicate_and_no_other_image() -> None:
    rng = torch.Generator().manual_seed(5)
    images = torch.rand((20, 1, 8, 8), generator=rng)
    near = images[:1].clone()
    near[0, 0, 0, 0] = 1 - near[0, 0, 0, 0]
    assert alarms(made(Blacklight), torch.cat([images, near])) == [False] * 20 + [True]


def test_blacklight_knows_an_image_that_has_few_hashes() -> None:
    tiny = torch.rand((2, 1, 5, 5), generator=torch.Generator().manual_seed(5))  # six windows of 20 values
    defence = Blacklight(Blacklight.Options())
    rng = torch.Generator().manual_seed(0)
    defence.prepare(
        TargetOwner((1, 5, 5), 4, torch.device("cpu"), rng, ArrayImages(tiny.numpy(), np.zeros(2, np.int64)))
    )
    assert alarms(defence, torch.cat([tiny, tiny])) == [False, False, True, True]


def test_neighbours_raises_an_alarm_where_queries_crowd_and_forgets_them() -> None:
    images, _ = toy_images(60, 6)
    crowd = images[:1].repeat(12, 1, 1, 1)
    defence = made(Neighbours, k=5, images=200, index=200, epochs=2)
    assert not any(alarms(defence, images[:30]))
    raised = alarms(defence, crowd)
    first = raised.index(True)
    assert first <= 5
    assert not any(raised[first + 1 : first + 5]), "the memory was cleared"

"""One attack on one substitute: what is dealt, what is taken, and by whose clock."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from benchbox.contracts.threat import Threat
from benchbox.errors import PluginError
from benchbox.scoring import attacking
from benchbox.scoring.attacking import Assault, AttackTask, checked_examples

CLASSES = 3
IMAGES = torch.linspace(0, 1, 10)[:, None, None, None].expand(-1, 1, 2, 2).contiguous()
LABELS = torch.arange(10) % CLASSES


class Thirds(nn.Module):
    """Says the third in which an image's mean lies."""

    def forward(self, images: Tensor) -> Tensor:
        said = (images.flatten(1).mean(1) * 2.999).long()
        return nn.functional.one_hot(said, CLASSES).float()


def assault(goal: str = "untargeted", rows: Tensor | None = None, threat: Threat | None = None) -> Assault:
    rows = torch.arange(10) if rows is None else rows
    task = AttackTask(None, "attack 'hit'", "hit", goal, (), "last", rows, 0, threat or Threat("inf", 0.1))
    asked = Thirds()
    return Assault(
        task, Thirds(), CLASSES, IMAGES, LABELS, LABELS.numpy(), lambda images: asked(images).argmax(1).numpy()
    )


@pytest.fixture
def chunk(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(attacking, "_CHUNK", 4)
    return 4


def test_images_come_in_chunks_with_their_labels_and_each_is_judged_once(chunk: int) -> None:
    game, dealt, examples = assault(), [], None
    while (given := game.exchange(examples)) is not None:
        dealt.append(given)
        examples = (given[0] + 0.05).clamp(0, 1)
    assert [len(images) for images, _ in dealt] == [4, 4, 2]
    assert torch.equal(torch.cat([images for images, _ in dealt]), IMAGES)
    assert torch.equal(torch.cat([labels for _, labels in dealt]), LABELS)
    found = game.attacked()
    moved = (IMAGES + 0.05).clamp(0, 1)
    assert np.array_equal(found.outcome.target, Thirds()(moved).argmax(1).numpy())
    assert np.array_equal(found.outcome.substitute, found.outcome.target)
    assert torch.equal(found.examples, moved[:chunk])
    assert found.distances["linf_max"] == pytest.approx(0.05)
    assert game.exchange(examples) is None, "what comes after the end changes nothing"
    assert np.array_equal(game.attacked().outcome.target, found.outcome.target)


def test_a_targeted_attack_is_told_its_goals(chunk: int) -> None:
    game = assault("others", torch.tensor([3, 4]))
    images, goals = game.exchange(None)  # type: ignore[misc]
    assert goals.tolist() == [1, 2, 0, 2]  # the true classes are 0 and 1
    assert torch.equal(images, IMAGES[[3, 3, 4, 4]])
    assert game.exchange(images) is None
    outcome = game.attacked().outcome
    assert outcome.goal is not None
    assert (outcome.goal.tolist(), outcome.true.tolist()) == ([1, 2, 0, 2], [0, 0, 1, 1])


def test_goals_come_chunk_by_chunk_and_clean_answers_are_those_to_the_rows_that_are_attacked(chunk: int) -> None:
    game, goals, examples = assault("others", torch.tensor([3, 4, 8])), [], None
    while (given := game.exchange(examples)) is not None:
        examples = given[0]
        goals += given[1].tolist()
    assert goals == [1, 2, 0, 2, 0, 1]
    assert game.attacked().outcome.clean.tolist() == [0, 0, 1, 1, 2, 2]


def test_what_is_sent_before_anything_was_dealt_counts_for_nothing() -> None:
    game = assault()
    first = game.exchange(torch.full((10, 1, 2, 2), math.nan))
    assert first is not None
    assert len(first[0]) == 10


@pytest.mark.parametrize("chunks", [0, 1])
def test_an_attack_that_ends_early_is_refused(chunk: int, chunks: int) -> None:
    game, examples = assault(), None
    for _ in range(chunks + 1):
        examples = game.exchange(examples)[0]  # type: ignore[index]
    with pytest.raises(PluginError, match=f"attack 'hit' ended after {4 * chunks} of 10 images"):
        game.attacked()


@pytest.mark.parametrize(
    ("threat", "step", "said"),
    [
        (Threat("inf", 0.1), 0.1 + 5e-6, None),
        (
            Threat("inf", 0.1),
            0.1 + 5e-5,
            r"L-infinity within 0.1: \d+ of 10 examples lie outside, the furthest at 0.10005",
        ),
        (Threat("2", 0.2), 0.1, None),
        (Threat("2", 0.2), 0.1001, r"L2 within 0.2: \d+ of 10"),
    ],
)
def test_the_threat_is_enforced_on_what_the_target_is_asked(threat: Threat, step: float, said: str | None) -> None:
    game = assault(threat=threat)
    images, _ = game.exchange(None)  # type: ignore[misc]
    if said is None:
        assert game.exchange((images + step).clamp(0, 1)) is None
        return
    with pytest.raises(PluginError, match=f"attack 'hit' left its threat, {said}"):
        game.exchange((images + step).clamp(0, 1))


def test_time_is_the_referees_own(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    now = [100.0]
    monkeypatch.setattr(attacking.time, "perf_counter", lambda: now[0])
    game, examples = assault(), None
    while (given := game.exchange(examples)) is not None:
        examples = given[0]
        now[0] += 2.0
    assert game.attacked().seconds == 6.0


@pytest.mark.parametrize(
    ("examples", "said"),
    [
        (None, "returned NoneType; expected images of shape"),
        (IMAGES.numpy(), "returned ndarray"),
        (IMAGES[:9], r"returned \(9, 1, 2, 2\); expected images of shape \(10, 1, 2, 2\)"),
        (IMAGES[0], r"returned \(1, 2, 2\)"),
        (IMAGES * math.nan, "with NaN"),
        (IMAGES / 0, "with NaN|from 0 to inf"),
        (IMAGES + 0.001, "from 0.001 to 1.001"),
        (IMAGES - 0.001, "from -0.001 to"),
        ((IMAGES * 255).byte(), "from 0 to 255"),
    ],
)
def test_examples_are_images_or_refused(examples: Any, said: str) -> None:
    with pytest.raises(PluginError, match=f"^attack 'hit' returned .*{said.removeprefix('returned ')}"):
        checked_examples("attack 'hit'", IMAGES, examples)


def test_rounding_beyond_the_unit_range_is_clipped_and_other_precision_is_taken() -> None:
    found = checked_examples("attack 'hit'", IMAGES, (IMAGES * (1 + 8e-6)).double().requires_grad_())
    assert found.dtype == torch.float32
    assert found.max() == 1
    assert not found.requires_grad

"""What an auto-encoder learns of the attacker's images, and where there can be none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from benchbox_plugins.query_attacks._codec import bilinear, learnt
from benchbox_plugins.query_attacks.autozoom import Autozoom
from benchbox_plugins.query_attacks.ge import Ge, GeOptions
from torch import Tensor

from benchbox.contracts import Access, Grant, NotApplicable
from benchbox.testing.arena import House, play


def striped(n: int) -> Tensor:
    """Return images whose rows are light or dark, which bilinear enlargement cannot give back."""
    rows = torch.randint(2, (n, 1, 8, 1), generator=torch.Generator().manual_seed(1)).float()
    return (0.2 + 0.6 * rows).expand(n, 1, 8, 8).contiguous()


def game(images: Tensor, shape: tuple[int, int, int] = (1, 8, 8)) -> Any:
    return SimpleNamespace(unlabelled=images, shape=shape, rng=torch.Generator().manual_seed(3))


def made(**options: Any) -> Autozoom:
    return Autozoom(Autozoom.Options(**options))


def misfit(enlarge: Any, wanted: Tensor) -> float:
    """How far from the wanted changes the nearest ones lie that small images can stand for, as a share."""
    small = torch.zeros(len(wanted), 1, 4, 4, requires_grad=True)
    optimiser = torch.optim.Adam([small], 0.1)
    for _ in range(150):
        optimiser.zero_grad()
        loss = (enlarge(small) - wanted).square().mean()
        loss.backward()
        optimiser.step()
    return float(loss.detach() / wanted.square().mean())


def test_the_decoder_reaches_changes_like_the_attackers_images_and_makes_nothing_of_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("benchbox_plugins.query_attacks._codec._STEPS", 300)
    enlarge = learnt(game(striped(200)), 4)
    torch.testing.assert_close(enlarge(torch.zeros(2, 1, 4, 4)), torch.zeros(2, 1, 8, 8), atol=1e-6, rtol=0)
    wanted = striped(20) - 0.5
    assert misfit(enlarge, wanted) < 0.75 * misfit(bilinear((8, 8)), wanted)


def test_it_is_learnt_anew_in_the_same_way_and_leaves_torchs_generator_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchbox_plugins.query_attacks._codec._STEPS", 20)
    small = torch.ones(1, 1, 4, 4)
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    first = learnt(game(striped(50)), 4)(small)
    assert torch.equal(torch.rand(1), expected)
    assert torch.equal(learnt(game(striped(50)), 4)(small), first)


@pytest.mark.parametrize(
    ("shape", "options", "said"),
    [
        ((1, 8, 8), {"side": 3}, "halves the image until side 3, which no halving of 8x8 gives"),
        ((1, 8, 6), {}, "which no halving of 8x6 gives"),
    ],
)
def test_where_there_can_be_none_is_one_sentence(shape: Any, options: Any, said: str) -> None:
    made(**options).applicable(game(striped(5), shape))
    with pytest.raises(NotApplicable, match=said):
        made(decoder="auto-encoder", **options).applicable(game(striped(5), shape))


def test_images_that_are_all_alike_have_no_components() -> None:
    attack, alike = Ge(GeOptions(pca=5)), striped(1).expand(3, 1, 8, 8)
    attack.applicable(game(striped(5)))
    with pytest.raises(NotApplicable, match="the attacker's images are all alike"):
        attack.applicable(game(alike))


def test_what_learns_of_the_attackers_images_says_so() -> None:
    wants = [set(plugin.wants()) for plugin in (made(), made(decoder="auto-encoder"), Ge(), Ge(GeOptions(pca=5)))]
    assert wants == [set(), {Grant.UNLABELLED}, set(), {Grant.UNLABELLED}]


def test_who_cannot_pay_for_another_step_asks_no_image_twice() -> None:
    found = play(made(probes=5), House(budgets=(9,), access=Access.PROBABILITIES)).result.searches
    assert found is not None
    assert max(found.asked) == 7, "the image, five probes, and what the step led to"

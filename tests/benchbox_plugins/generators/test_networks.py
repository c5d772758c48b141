"""Generator networks, and the small tools that all generators use."""

from __future__ import annotations

import pytest
import torch
from benchbox_plugins.generators._black_box import logits_of
from benchbox_plugins.generators._dast import DastGenerator
from benchbox_plugins.generators._networks import UpConv, UpGenerator, coarse_generator, fresh, normal
from benchbox_plugins.generators._training import balanced, room
from generator_games import MakeGame
from torch import nn
from torch.nn import functional as F

from benchbox.contracts import Shape

SHAPES = [(1, 28, 28), (3, 32, 32), (1, 8, 8), (3, 30, 17)]


@pytest.mark.parametrize("shape", SHAPES)
def test_generators_make_images_of_any_shape(shape: Shape) -> None:
    assert UpGenerator(5, shape, (4, 4, 2))(torch.randn(3, 5)).shape == (3, *shape)
    images = DastGenerator(4, shape, 10)(torch.randn(10, 2, 4))
    assert images.shape == (20, *shape)
    assert images.min() >= 0
    assert images.max() <= 1


def test_mazes_generator_learns_a_last_scale_and_shift_and_dfmes_does_not() -> None:
    assert UpGenerator(5, (1, 8, 8), (4, 4, 2)).maps[-1].affine is False
    assert UpGenerator(5, (1, 8, 8), (4, 4, 2), affine=True).maps[-1].affine is True


def test_a_generator_without_a_last_batch_norm_ends_in_its_convolution() -> None:
    network = UpGenerator(5, (3, 30, 17), (4, 4, 2), last=False)
    assert isinstance(network.maps[-1], nn.Conv2d)
    assert network(torch.randn(3, 5)).shape == (3, 3, 30, 17)


def test_dasts_branches_go_through_the_tail_one_by_one() -> None:
    """Batch statistics are those of a class: what the other branches make changes nothing."""
    network = DastGenerator(4, (1, 28, 28), 3)
    noise = torch.randn(3, 5, 4)
    images = network(noise).view(3, 5, 1, 28, 28)
    alone = torch.sigmoid(network.tail(network.branches[1](noise[1].view(-1, 4, 1, 1))))
    torch.testing.assert_close(images[1], alone)
    noise[0] *= 9
    torch.testing.assert_close(network(noise).view(3, 5, 1, 28, 28)[1], images[1])


@pytest.mark.parametrize(
    ("side", "depth", "low"), [(28, 2, 7), (28, 4, 2), (28, 9, 2), (8, 4, 2), (17, 4, 2), (3, 3, 2)]
)
def test_a_coarse_generator_starts_no_smaller_than_two_by_two(side: int, depth: int, low: int) -> None:
    network = coarse_generator(5, (1, side, side), depth, 4)
    assert network.low == (4, low, low)
    assert network(torch.randn(1, 5)).shape == (1, 1, side, side)


def test_an_upsampling_convolution_is_what_it_replaces() -> None:
    torch.manual_seed(0)
    layer, images = UpConv(3, 5), torch.randn(2, 3, 7, 4)
    plain = nn.Conv2d(3, 5, 3, padding=1)
    plain.load_state_dict(layer.state_dict())
    torch.testing.assert_close(layer(images), plain(F.interpolate(images, scale_factor=2)))


def test_fresh_weights_come_from_the_given_stream_alone() -> None:
    before = torch.get_rng_state()
    made = [
        fresh(lambda: UpGenerator(5, (1, 8, 8)), torch.Generator().manual_seed(s), torch.device("cpu"))
        for s in (1, 1, 2)
    ]
    assert torch.equal(before, torch.get_rng_state())
    first, same, other = (network.linear.weight for network in made)
    assert torch.equal(first, same)
    assert not torch.equal(first, other)
    assert 0.2 < float(first.detach().std()) < 0.3  # PyTorch's own: uniform within 1/sqrt(5), std 0.258


def test_normal_weights_lie_around_zero_and_those_of_batch_norms_around_one() -> None:
    network = normal(UpGenerator(50, (1, 8, 8), (64, 64, 32), last=False), torch.Generator().manual_seed(0))
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.BatchNorm2d):
            mean = 1 if isinstance(module, nn.BatchNorm2d) else 0
            assert float(module.weight.detach().mean()) == pytest.approx(mean, abs=0.01)
            assert float(module.weight.detach().std()) == pytest.approx(0.02, rel=0.35)
            assert module.bias is not None
            assert not module.bias.any()


def test_balance_keeps_the_first_of_each_class() -> None:
    assert balanced(torch.tensor([1, 1, 0, 1, 2, 0, 1]), 2, 3).tolist() == [0, 1, 2, 4, 5]
    assert balanced(torch.tensor([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]), 1, 2).tolist() == [0, 2]


def test_logits_are_recovered_up_to_their_mean() -> None:
    logits = torch.tensor([[3.0, -1.0, 0.5], [0.0, 0.0, 9.0]])
    torch.testing.assert_close(logits_of(logits.softmax(1)), logits - logits.mean(1, keepdim=True), atol=1e-3, rtol=0)
    assert torch.isfinite(logits_of(torch.tensor([[1.0, 0.0]]))).all()


def test_room_reaches_to_the_next_budget_point_that_has_enough(game: MakeGame) -> None:
    table = game((10, 15, 40)).game
    table.oracle.query(torch.rand(8, 1, 8, 8))
    assert (room(table), room(table, 5), room(table, 20), room(table, 33)) == (2, 7, 32, 0)

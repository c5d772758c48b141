"""MEGA's parts: which network makes which image, what the memory holds and deals."""

from __future__ import annotations

import torch
from benchbox_plugins.generators._mega import Several
from benchbox_plugins.generators._memory import Beside, Memory
from torch import nn

CPU = torch.device("cpu")


def rng() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def test_every_image_is_made_by_the_network_that_owns_its_noise() -> None:
    several = Several(lambda _: nn.Linear(4, 2), 3, rng(), CPU)
    noise = torch.randn(10, 4, generator=rng())
    owner = several.owners(10)
    images = several.images(noise, owner, torch.sigmoid, 2)
    assert owner.bincount().tolist() == [4, 3, 3]
    for row in range(10):
        torch.testing.assert_close(images[row], several[int(owner[row])](noise[row]).sigmoid())


def test_networks_start_from_different_weights() -> None:
    one, other = Several(lambda _: nn.Linear(4, 2), 2, rng(), CPU)
    assert not torch.equal(one.weight, other.weight)


def test_batches_cover_every_row_once_and_stay_within_their_size() -> None:
    several = Several(lambda _: nn.Linear(4, 2), 3, rng(), CPU)
    owner = torch.tensor([0, 0, 0, 0, 0, 2, 2, 0, 2, 2])
    order = torch.randperm(10, generator=rng())
    parts = list(several.batches(owner, order, 4))
    assert sorted(torch.cat([rows for _, rows in parts]).tolist()) == list(range(10))
    assert [len(rows) for _, rows in parts] == [3, 3, 4]
    assert all(network is several[int(owner[row])] for network, rows in parts for row in rows)


def images(*values: float) -> torch.Tensor:
    return torch.tensor(values).view(-1, 1, 1, 1)


def test_the_oldest_images_make_way() -> None:
    memory = Memory(3)
    memory.add(images(0.0, 0.2), torch.tensor([0, 1]))
    memory.add(images(0.4, 1.7), torch.tensor([2, 3]))
    rows = memory.draw(200, rng())
    answers = memory.answers(rows)
    assert len(memory) == 3
    assert set(answers.tolist()) == {1, 2, 3}
    torch.testing.assert_close(
        memory.images(rows).flatten(), torch.tensor([0.2, 0.4, 1.0])[answers - 1]
    )  # beyond [0, 1]: clipped
    memory.add(images(0.1, 0.1, 0.1, 0.1), torch.tensor([4, 5, 6, 7]))
    assert set(memory.answers(memory.draw(200, rng())).tolist()) == {5, 6, 7}


def test_a_memory_of_none_keeps_none() -> None:
    memory = Memory(0)
    memory.add(images(0.0, 0.2), torch.tensor([0, 1]))
    assert len(memory) == 0


def test_draws_are_even_over_the_classes_but_for_very_rare_ones() -> None:
    memory = Memory(10_000)
    memory.add(torch.zeros(1000, 1, 1, 1), torch.tensor([0] * 899 + [1] * 100 + [2]))
    common, rare, single = memory.answers(memory.draw(21_000, rng())).bincount().tolist()
    assert abs(common / rare - 1) < 0.05
    assert 700 < single < 1300  # an image in a thousand counts as one in a hundred: a tenth of a class


def test_probabilities_are_kept_as_they_were_given() -> None:
    memory = Memory(5)
    given = torch.tensor([[0.2, 0.8], [0.9, 0.1]])
    memory.add(images(0.0, 1.0), given)
    rows = memory.draw(20, rng())
    assert torch.equal(memory.answers(rows), given[memory.images(rows).flatten().long()])


def test_a_batch_of_own_and_replayed_images_is_that_of_both_sets_in_one() -> None:
    memory = Memory(5)
    memory.add(images(0.0, 0.2, 0.4), torch.tensor([0, 1, 2]))
    rows = torch.tensor([2, 0, 2, 1])
    both = Beside(images(0.6, 0.8), memory, rows)
    order = torch.tensor([5, 0, 3, 1, 4, 2])
    assert len(both) == 6
    torch.testing.assert_close(both[order], torch.cat([images(0.6, 0.8), memory.images(rows)])[order])

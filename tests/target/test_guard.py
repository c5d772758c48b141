"""A defence at work for one client: whose memory it is, what is counted, and what is held against its contract."""

from __future__ import annotations

import pickle

import pytest
import torch
from torch import Tensor

from benchbox.contracts import Defence, PluginError, Told
from benchbox.target.guard import Guard

SHAPE = (1, 2, 2)


class Watch(Defence):
    """Raises an alarm at chosen places, blocks at others, and adds noise to what it says."""

    name = "watch"

    def __init__(self, alarms: tuple[int, ...] = (), blocks: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.asked, self._alarms, self._blocks = 0, torch.tensor(alarms), torch.tensor(blocks)

    def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
        places = self.asked + torch.arange(1, len(images) + 1)
        self.asked += len(images)
        noise = torch.rand(len(images), generator=rng)[:, None]
        said = (1 - noise) * probabilities + noise / probabilities.shape[1]
        return Told(said, torch.isin(places, self._alarms), torch.isin(places, self._blocks))


def ask(guard: Guard, n: int) -> Tensor:
    return guard.answer(torch.zeros(n, *SHAPE), torch.tensor([[0.75, 0.25]]).repeat(n, 1)).probabilities


def test_the_first_alarm_is_the_first_of_all_requests_and_counted_from_the_clients_first_image() -> None:
    guard = Guard(Watch(alarms=(5, 6, 9), blocks=(6,)), 0)
    for n in (3, 4, 4):
        ask(guard, n)
    assert guard.counts == {"asked": 11, "alarms": 3, "first": 5, "blocked": 1}


def test_what_comes_behind_the_block_that_ends_the_game_was_not_asked() -> None:
    guard = Guard(Watch(alarms=(2, 4), blocks=(3, 5)), 0, ends=True)
    ask(guard, 6)
    assert guard.counts == {"asked": 3, "alarms": 1, "first": 2, "blocked": 1}


def test_another_client_is_met_with_no_memory_of_the_first() -> None:
    defence = Watch(alarms=(1,))
    for _ in range(2):
        guard = Guard(defence, 0)
        ask(guard, 2)
        assert guard.counts["alarms"] == 1
    assert defence.asked == 0


def test_chance_is_the_clients_own() -> None:
    first, same, other = (ask(Guard(Watch(), seed), 4) for seed in (1, 1, 2))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_a_killed_clients_memory_chance_and_counts_go_on() -> None:
    whole, before, after = (Guard(Watch(alarms=(2, 7)), 3) for _ in range(3))
    ask(whole, 4)
    ask(before, 4)
    after.load_state_dict(pickle.loads(pickle.dumps(before.state_dict())))
    assert torch.equal(ask(after, 4), ask(whole, 4))
    assert after.counts == whole.counts == {"asked": 8, "alarms": 2, "first": 2, "blocked": 0}


def test_what_a_defence_does_to_its_probabilities_is_not_done_to_the_targets() -> None:
    class Spoils(Defence):
        """Changes what it is given in place, though it must not."""

        name = "spoils"

        def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
            return Told(probabilities.copy_(probabilities.flip(1)))

    own = torch.tensor([[0.75, 0.25]])
    told = Guard(Spoils(), 0).answer(torch.zeros(1, *SHAPE), own)
    assert told.probabilities.tolist() == [[0.25, 0.75]]
    assert own.tolist() == [[0.75, 0.25]], "scores count by it"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (torch.tensor([[0.5, 0.5]]), "answered with Tensor"),
        (Told(torch.tensor([[1.5, -0.5]])), "nothing negative"),
        (Told(torch.tensor([[0.5, 0.4]])), "rows that sum to 1"),
        (Told(torch.tensor([[0.5, float("nan")]])), "told a client"),
        (Told(torch.tensor([[1.0]])), "told a client"),
        (Told(torch.tensor([[0.5, 0.5]]), alarms=torch.tensor([1])), "marked 1 images with Tensor"),
        (Told(torch.tensor([[0.5, 0.5]]), blocked=torch.tensor([True, False])), "marked 1 images with Tensor"),
    ],
)
def test_what_a_defence_may_not_tell_is_refused_by_its_name(told: object, said: str) -> None:
    class Says(Defence):
        """Says something else."""

        name = "says"

        def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
            return told  # type: ignore[return-value]

    with pytest.raises(PluginError, match=f"^defence 'says' .*{said}"):
        ask(Guard(Says(), 0), 1)

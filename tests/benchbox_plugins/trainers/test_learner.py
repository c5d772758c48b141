"""A network in training: what a guess about images leaves behind."""

from __future__ import annotations

import torch
from benchbox_plugins.trainers._learner import Learner
from torch import nn


def test_guesses_follow_the_batch_and_move_no_running_mean() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Linear(6, 3))
    learner, images = Learner(network, 0.01), torch.rand(20, 1, 2, 2)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    guess = learner.guess(images)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert not torch.equal(learner.guess(3 * images[:10]), guess[:10])
    learner.learn(images, torch.zeros(20, dtype=torch.int64))
    assert not torch.equal(network.state_dict()["2.running_mean"], before["2.running_mean"])

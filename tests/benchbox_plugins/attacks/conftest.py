"""A small trained network to attack."""

from __future__ import annotations

import pytest
import torch
from attack_samples import accuracy
from torch import Tensor, nn


@pytest.fixture(scope="session")
def trained() -> tuple[nn.Module, Tensor, Tensor]:
    """A small classifier of four near blobs, with images and labels that it gets right."""
    generator = torch.Generator().manual_seed(0)
    centres = 0.4 + 0.2 * torch.rand(4, 1, 5, 5, generator=generator)
    labels = torch.arange(4).repeat(50)
    images = (centres[labels] + 0.01 * torch.randn(200, 1, 5, 5, generator=generator)).clamp(0, 1)
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(25, 32), nn.ReLU(), nn.Linear(32, 4))
    optimiser = torch.optim.Adam(net.parameters(), 1e-2)
    for _ in range(200):
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(images), labels).backward()
        optimiser.step()
    assert accuracy(net, images, labels) == 1.0
    return net.eval(), images, labels

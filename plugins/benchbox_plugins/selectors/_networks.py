"""What a selector reads off a network on the attacker's side: probabilities, features, active neurons."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from benchbox.contracts import Game, NotApplicable
from benchbox_plugins._features import reading_features

_BATCH = 512


def train_proxy(game: Game, images: int) -> nn.Module:
    """Train a substitute on the attacker's own labels of a random part of the pool; it costs no query."""
    assert game.pool is not None
    rows = torch.randperm(len(game.pool), generator=game.rng)[:images].to(game.pool.images.device)
    return game.train(game.pool.images[rows], game.pool.labels[rows], stream="proxy")


def encoded(game: Game) -> Tensor:
    """Return the features that the scenario's trainer prepared, float32 (pool, d).

    Raises:
        NotApplicable: it prepares none.
    """
    if game.features is None:
        raise NotApplicable("the scenario's trainer prepares no features of the pool; one that does is poisson")
    return game.features


@torch.no_grad()
def probabilities(network: nn.Module, images: Tensor) -> Tensor:
    """Return softmax outputs, float32 (n, classes)."""
    return torch.cat([network(batch).softmax(1) for batch in torch.split(images, _BATCH)])


@torch.no_grad()
def features(network: nn.Module, images: Tensor) -> Tensor:
    """Return what the last dense layer reads, float32 (n, features).

    Raises:
        NotApplicable: the network has no dense layer.
    """
    with reading_features(network) as read:
        return torch.cat([read(batch) for batch in torch.split(images, _BATCH)])


@torch.no_grad()
def activations(network: nn.Module, images: Tensor) -> Iterator[Tensor]:
    """Yield ReLU outputs, a row per image and a value per neuron or channel, as ``Insider.activations`` does.

    Raises:
        NotApplicable: the network has no ReLU module.
    """
    relus = [module for module in network.modules() if isinstance(module, nn.ReLU)]
    if not relus:
        raise NotApplicable("the substitute has no ReLU (nn.ReLU) whose neurons could be traced")
    kept: list[Tensor] = []

    def keep(_module: nn.Module, _inputs: object, output: Tensor) -> None:
        kept.append(output.flatten(2).amax(2) if output.ndim > 2 else output.clone())

    handles = [relu.register_forward_hook(keep) for relu in relus]
    try:
        for batch in torch.split(images, _BATCH):
            kept.clear()
            network(batch)
            yield torch.cat(kept, 1)
    finally:
        for handle in handles:
            handle.remove()

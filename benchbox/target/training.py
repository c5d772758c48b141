"""Training a target by its recipe, the same weights under the same seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import TYPE_CHECKING, Any

from benchbox.target.recipe import Recipe
from benchbox.target.unfinished import Unfinished

if TYPE_CHECKING:
    from pathlib import Path

    import torch
    from torch import Tensor, nn

THREADS = 1
"""Threads of a training on the CPU: another number adds in another order, and gives other weights."""


def train_target(
    build: Callable[[], nn.Module],
    images: Tensor,
    labels: Tensor,
    recipe: Recipe,
    *,
    seed: int,
    device: torch.device,
    state: Path | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> nn.Module:
    """Train a target from scratch.

    Args:
        build: returns the untrained network, drawing its weights from torch's global state.
        images: uint8 (n, channels, height, width) in 0..255, or float32 in [0, 1].
        labels: int64 (n,).
        recipe: how to train.
        seed: of the initial weights, the batch order and the augmentation. The global generators are left as they were.
        device: where to train.
        state: the file that holds the training's state behind its last epoch; one that was killed goes on from there.
        report: is given a line per epoch, or per several where there are more than ten.

    Returns:
        The network of the last epoch, in eval mode, on ``device``. On one machine type, the same bytes every time.
    """
    import torch
    from torch import autograd
    from torch.nn.functional import cross_entropy

    with torch.random.fork_rng(), _threads(THREADS):
        torch.manual_seed(seed)
        reduced = recipe.precision == "bf16"
        layout = torch.channels_last if reduced else torch.preserve_format
        network = build().to(device).train()
        if reduced:
            network.to(memory_format=torch.channels_last)
        order = torch.Generator().manual_seed(seed)
        optimizer, schedule = _optimizer(network, recipe, len(images))
        sides = torch.rand(len(images), generator=order) < 0.5 if recipe.flip else torch.zeros(len(images)).bool()
        passes = recipe.passes(len(images))
        unfinished = Unfinished(state, {"network": network, "optimizer": optimizer, "schedule": schedule}, order)
        for epoch in range(unfinished.restore(report), passes):
            total, mirror = 0.0, sides ^ (recipe.flip and epoch % 2 == 1)
            for rows in torch.randperm(len(images), generator=order).tensor_split(recipe.batches(len(images))):
                x = augmented(_floats(images[rows]), recipe.shift, mirror[rows], order)
                x = x.to(device, memory_format=layout)
                with torch.autocast(device.type, torch.bfloat16, enabled=reduced):
                    logits = network(x)
                loss = cross_entropy(logits.float(), labels[rows].to(device))
                optimizer.zero_grad(set_to_none=True)
                autograd.backward(loss)
                optimizer.step()
                schedule.step()
                total += float(loss.detach()) * len(rows)
            unfinished.keep(epoch + 1)
            if (epoch + 1) % ceil(passes / 10) == 0 or epoch + 1 == passes:
                report(f"epoch {epoch + 1} of {passes}: loss {total / len(images):.4f}")
    return network.eval()


def augmented(images: Tensor, shift: int, mirror: Tensor, generator: torch.Generator) -> Tensor:
    """Return float images (n, channels, height, width), moved by up to ``shift`` pixels, mirrored where ``mirror`` is true."""
    import torch

    if shift:
        images = _shifted(images, shift, generator)
    return torch.where(mirror[:, None, None, None], images.flip(3), images) if mirror.any() else images


def _shifted(images: Tensor, most: int, generator: torch.Generator) -> Tensor:
    import torch
    from torch.nn.functional import pad

    n, channels, height, width = images.shape
    wide = pad(images, (most, most, most, most))
    down, right = torch.randint(0, 2 * most + 1, (2, n, 1), generator=generator)
    rows = (down + torch.arange(height))[:, None, :, None].expand(n, channels, height, wide.shape[3])
    columns = (right + torch.arange(width))[:, None, None, :].expand(n, channels, height, width)
    return wide.gather(2, rows).gather(3, columns)


def _floats(images: Tensor) -> Tensor:
    import torch

    return images.float() / 255 if images.dtype == torch.uint8 else images


def _optimizer(network: nn.Module, recipe: Recipe, n: int) -> tuple[torch.optim.Optimizer, Any]:
    from torch import optim

    parameters = list(network.parameters())
    optimizer: optim.Optimizer
    if recipe.optimizer == "adam":
        optimizer = optim.AdamW(parameters, lr=recipe.lr, weight_decay=recipe.weight_decay, fused=True)
    else:
        optimizer = optim.SGD(
            parameters,
            lr=recipe.lr,
            momentum=recipe.momentum,
            weight_decay=recipe.weight_decay,
            nesterov=recipe.momentum > 0,
        )
    steps = recipe.passes(n) * recipe.batches(n)
    if recipe.schedule == "cosine":
        return optimizer, optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    return optimizer, optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)


@contextmanager
def _threads(number: int) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)

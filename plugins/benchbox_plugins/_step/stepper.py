"""One training step after another, each as cheap as a small network allows."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, autograd, nn
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer

from benchbox_plugins._step.batch_last import empty_batch_last
from benchbox_plugins._step.pooled import pooled_first
from benchbox_plugins._step.recording import Look, Recording

Loss = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class _Recorded:
    """A step that was recorded: the tensors that hold its batch and its loss, and whether the step before it was alike."""

    recording: Recording
    images: Tensor
    answers: Tensor
    loss: Tensor
    replayable: bool


class Stepper:
    """Trains a network, a batch a call, as the plain loop does: forward pass, loss, backward pass, the optimiser's step.

    A step of a small network on a CPU is mostly calls: of autograd, of allocators, of kernels made for large layers. So the
    first three steps of each size of batch are written down while they are made; if the second and third are the same, the
    later ones replay them (``Recording``), with convolutions for few images. Results are the plain loop's but for rounding,
    and the very same where nothing has convolutions of stride 1, or something is drawn, as by dropout. The plain loop itself
    runs on other devices, under autocast, with networks of large convolutions, and where Python decides on a step's way:
    by numbers that it reads from tensors, by ``random``, or by attributes of the network's modules that a step changed.
    (What else changes from step to step outside tensors, a replay cannot know.)

    While this is used the network stays in training mode and its weights the same tensors. An optimiser that computes with
    Python's numbers, such as Adam without ``fused=True``, or whose settings change, is not replayed.

    Args:
        network: any; gives logits.
        optimizer: of the network's weights.
        loss: of logits and answers, a mean over the batch.
    """

    def __init__(self, network: nn.Module, optimizer: Optimizer, loss: Loss = cross_entropy) -> None:
        self._network, self._optimizer, self._loss = pooled_first(network), optimizer, loss
        self._weights = [p for group in optimizer.param_groups for p in group["params"] if p.requires_grad]
        self._one = torch.ones((), device=self._weights[0].device)
        self._batch_last: dict[object, bool] = {}  # how to record what size of batch; made by its first step
        self._recorded: dict[object, _Recorded] = {}
        self._first_settings = self._settings()
        self._plain = any(p.device.type != "cpu" for p in self._weights)

    def __call__(self, images: Tensor, answers: Tensor) -> Tensor:
        """Make one step.

        Args:
            images: float32 (n, *shape).
            answers: what the loss takes: classes, int64 (n,), or probabilities, float (n, classes).

        Returns:
            The batch's loss before the step, a number.
        """
        self._plain |= self._settings() != self._first_settings or torch.is_autocast_enabled("cpu")
        if self._plain:
            self._recorded.clear()
            return self._step(images, answers)
        key = images.shape, images.dtype, answers.shape, answers.dtype
        last = self._recorded.get(key)
        if last is None or not last.replayable:
            return (
                self._record(key, images, answers, last)
                if key in self._batch_last
                else self._look(key, images, answers)
            )
        last.images.copy_(images)
        last.answers.copy_(answers)
        last.recording.replay()
        return last.loss.clone()

    def _look(self, key: object, images: Tensor, answers: Tensor) -> Tensor:
        before = _python_state(self._network)
        with Look() as look:
            loss = self._step(images, answers)
        self._plain = not look.small or not look.repeatable or before != _python_state(self._network)
        if not self._batch_last:
            _count_together(self._optimizer)
        self._batch_last[key] = look.suited and look.convolutions > 0 and not look.random
        return loss

    def _record(self, key: object, images: Tensor, answers: Tensor, last: _Recorded | None) -> Tensor:
        batch_last = self._batch_last[key]
        x = (empty_batch_last if batch_last else torch.empty_like)(images).copy_(images)
        y = answers.clone()
        with Recording(x, y, batch_last=batch_last) as recording:
            loss = self._step(x, y)
        alike = last is not None and last.recording.script == recording.script
        self._recorded[key] = _Recorded(recording, x, y, loss, alike)
        self._plain = last is not None and not alike
        if alike:
            recording.forget()
        return loss.clone()

    def _settings(self) -> list[dict[str, object]]:
        groups = self._optimizer.param_groups
        return [{name: value for name, value in group.items() if name != "params"} for group in groups]

    def _step(self, images: Tensor, answers: Tensor) -> Tensor:
        loss = self._loss(self._network(images), answers)
        slopes = autograd.grad(loss, self._weights, self._one, allow_unused=True)
        for weight, slope in zip(self._weights, slopes, strict=True):
            # Fused optimisers pair weights and slopes by their place in memory.
            fits = slope is None or slope.stride() == weight.stride()
            weight.grad = slope if fits else torch.empty_like(weight).copy_(slope)
        self._optimizer.step()
        for weight in self._weights:
            weight.grad = None
        return loss.detach()


def _count_together(optimizer: Optimizer) -> None:
    """Put an optimiser's counters of steps, a tensor for each weight, one behind the other: one addition counts them all."""
    states = [state for state in optimizer.state.values() if isinstance(state.get("step"), Tensor)]
    if states and all(state["step"].ndim == 0 for state in states):
        for state, counter in zip(states, torch.stack([state["step"] for state in states]).unbind(), strict=True):
            state["step"] = counter


def _python_state(network: nn.Module) -> object:
    """Return what a step may change that no tensor holds."""
    plain = bool | int | float | str
    numbers = [{k: v for k, v in vars(m).items() if isinstance(v, plain)} for m in network.modules()]
    return numbers, random.getstate()

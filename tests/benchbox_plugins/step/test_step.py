"""Training steps that are recorded and replayed, against the plain loop."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from benchbox_plugins._step import Stepper, pooled_first
from benchbox_plugins._step.batch_last import convolve, gradients
from benchbox_plugins.models.convs import Conv3, Conv4
from benchbox_plugins.models.dnn5 import DNN5
from benchbox_plugins.models.lenet5 import LeNet5
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

Batches = Sequence[tuple[Tensor, Tensor]]
MakeOptimiser = Callable[[nn.Module], torch.optim.Optimizer]
GREY, CLASSES = (1, 28, 28), 10


class Residual(nn.Module):
    """A stranger's network: one layer used twice, two paths, a functional call, a weight that nothing uses."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, (3, 2), padding=(1, 0), bias=False)
        self.again = nn.Conv2d(4, 4, 3, padding=1)
        self.head = nn.Linear(4 * 7 * 5, CLASSES)
        self.unused = nn.Linear(2, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.tanh(self.first(x))
        x = x + self.again(torch.relu(self.again(x)))
        logits: Tensor = self.head(x.flatten(1))
        return logits


NETWORKS: dict[str, tuple[Callable[[], nn.Module], tuple[int, int, int]]] = {
    "lenet5": (lambda: LeNet5().build(GREY, CLASSES), GREY),
    "conv3 of colour": (lambda: Conv3().build((3, 32, 20), CLASSES), (3, 32, 20)),
    "conv4": (lambda: Conv4().build(GREY, CLASSES), GREY),
    "odd sides": (
        lambda: nn.Sequential(
            nn.Conv2d(2, 16, (2, 3), padding=(0, 2), bias=False),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2, padding=1),
            nn.Conv2d(16, 5, 1),
            nn.Flatten(),
            nn.Linear(5 * 4 * 6, CLASSES),
        ),
        (2, 8, 9),
    ),
    "residual": (Residual, (3, 7, 6)),
}
EXACT: dict[str, tuple[Callable[[], nn.Module], tuple[int, int, int]]] = {
    "dnn5": (lambda: DNN5().build((1, 8, 8), CLASSES), (1, 8, 8)),
    "batch norm": (
        lambda: nn.Sequential(
            nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, CLASSES)
        ),
        (1, 8, 8),
    ),
    "dropout": (lambda: nn.Sequential(LeNet5().build(GREY, 20), nn.Dropout(0.3), nn.Linear(20, CLASSES)), GREY),
    "strides and groups": (
        lambda: nn.Sequential(
            nn.Conv2d(2, 4, 3, stride=2, groups=2), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(36, CLASSES)
        ),
        (2, 8, 8),
    ),
}


def batches(shape: tuple[int, ...], count: int = 10, sizes: Sequence[int] = (10, 9), soft: bool = False) -> Batches:
    torch.manual_seed(3)
    made = []
    for step in range(count):
        images = torch.rand(sizes[step % len(sizes)], *shape).round(decimals=1)  # equal pixels: poolings have ties
        images[:, :, :3] = 0
        answers = torch.randint(CLASSES, (len(images),))
        made.append((images, torch.softmax(torch.randn(len(images), CLASSES), 1) if soft else answers))
    return made


def sgd(network: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.5)


def adam(network: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)


def plainly(network: nn.Module, optimiser: torch.optim.Optimizer, given: Batches) -> list[float]:
    losses = []
    for images, answers in given:
        optimiser.zero_grad()
        loss = cross_entropy(network(images), answers)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.append(loss.item())
    return losses


def both(network: nn.Module, make: MakeOptimiser, given: Batches) -> tuple[nn.Module, nn.Module, int]:
    """Return a network that was trained plainly, its twin that was trained here, and how often the twin's forward ran."""
    twin = copy.deepcopy(network).train()
    torch.manual_seed(5)
    wanted = plainly(network.train(), make(network), given)
    forwards = 0

    def count(*_: object) -> None:
        nonlocal forwards
        forwards += 1

    list(twin.modules())[-1].register_forward_hook(count)
    stepper = Stepper(twin, make(twin))
    torch.manual_seed(5)
    losses = [stepper(*batch) for batch in given]
    assert [loss.item() for loss in losses] == pytest.approx(wanted, rel=1e-3)
    return network, twin, forwards


@pytest.mark.parametrize("name", [*NETWORKS, *EXACT])
def test_pooling_before_relu_changes_no_bit(name: str) -> None:
    build, shape = (NETWORKS | EXACT)[name]
    torch.manual_seed(0)
    network = build().to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    found = []
    for each in (network, pooled_first(network)):
        for images, answers in batches(shape, 2, (64, 7)):
            images.requires_grad_(True)
            logits = each(images)
            slopes = torch.autograd.grad(
                cross_entropy(logits, answers), [images, *network.parameters()], allow_unused=True
            )
            found.append([logits, *(slope for slope in slopes if slope is not None)])
    for plain, pooled in zip(found[:2], found[2:], strict=True):
        assert all(map(torch.equal, plain, pooled))


@pytest.mark.parametrize(
    ("shape", "kernel", "padding"),
    [
        ((10, 1, 9, 9), (6, 5, 5), [2, 2]),
        ((3, 6, 8, 7), (16, 3, 2), [0, 1]),
        ((9, 4, 5, 6), (5, 1, 1), [0, 0]),
        ((1, 2, 4, 4), (3, 4, 4), [0, 0]),
    ],
)
@pytest.mark.parametrize("channels_last", [False, True])
def test_convolutions_batch_last_are_the_librarys(
    shape: tuple[int, ...], kernel: tuple[int, int, int], padding: list[int], channels_last: bool
) -> None:
    torch.manual_seed(0)
    form = torch.channels_last if channels_last else torch.contiguous_format
    x = torch.randn(shape, requires_grad=True)
    weight = torch.randn(kernel[0], shape[1], *kernel[1:]).to(memory_format=form).requires_grad_()
    bias = torch.randn(kernel[0], requires_grad=True)
    wanted = torch.conv2d(x, weight, bias, padding=padding)
    slope = torch.randn_like(wanted)
    slopes = torch.autograd.grad(wanted, (x, weight, bias), slope)
    with torch.no_grad():
        out, shifted = convolve(do, x, weight, bias, padding)
        torch.testing.assert_close(out, wanted, rtol=1e-4, atol=1e-5)
        got = gradients(do, slope, weight, shifted, padding, [True, True, True])
    for mine, theirs in zip(got, slopes, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-4)
    assert got[1] is not None
    assert got[1].stride() == weight.stride()


def do(function: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
    return function(*args, **kwargs)


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("soft", [False, True], ids=["classes", "probabilities"])
@pytest.mark.parametrize("name", NETWORKS)
def test_replayed_steps_train_as_the_plain_loop_but_for_rounding(name: str, soft: bool, channels_last: bool) -> None:
    make, shape = NETWORKS[name]
    torch.manual_seed(0)
    network = make().to(memory_format=torch.channels_last if channels_last else torch.contiguous_format)  # type: ignore[call-overload]
    plain, ours, _ = both(network, sgd, batches(shape, soft=soft))
    for wanted, got in zip(plain.parameters(), ours.parameters(), strict=True):
        torch.testing.assert_close(got, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["lenet5", "odd sides"])
def test_adam_goes_on_counting_its_steps(name: str) -> None:
    make, shape = NETWORKS[name]
    torch.manual_seed(0)
    plain, ours, forwards = both(make(), adam, batches(shape, 16))
    assert forwards == 6, "three recorded steps of each of two sizes; the others are replayed"
    for wanted, got in zip(plain.parameters(), ours.parameters(), strict=True):
        torch.testing.assert_close(got, wanted, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", EXACT)
def test_what_has_no_convolution_for_us_gives_the_very_same_numbers(name: str) -> None:
    make, shape = EXACT[name]
    torch.manual_seed(0)
    plain, ours, forwards = both(make(), adam, batches(shape, 12))
    assert forwards == 6
    for wanted, got in zip(plain.state_dict().values(), ours.state_dict().values(), strict=True):
        assert torch.equal(got, wanted)


class Reads(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * 2 if x.sum().item() > 240 else x


class Draws(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * 2 if random.random() < 0.3 else x


class Counts(nn.Module):
    seen = 0

    def forward(self, x: Tensor) -> Tensor:
        self.seen += 1
        return x if self.seen < 5 else -x


class Holds(nn.Module):
    """Makes a tensor that no operation made."""

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.tensor([float(len(x))])


@pytest.mark.parametrize("layer", [Reads, Draws, Counts, Holds])
def test_a_network_whose_python_decides_on_each_step_is_trained_plainly(layer: type[nn.Module]) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(layer(), nn.Flatten(), nn.Linear(64, CLASSES))
    state = random.getstate()
    twin = copy.deepcopy(network)
    random.seed(1)
    given = batches((1, 8, 8), sizes=[10])
    plainly(network, adam(network), given)
    random.seed(1)
    stepper = Stepper(twin, adam(twin))
    for batch in given:
        stepper(*batch)
    random.setstate(state)
    for wanted, got in zip(network.parameters(), twin.parameters(), strict=True):
        assert torch.equal(got, wanted)


def test_a_learning_rate_that_falls_is_followed() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, CLASSES))
    twin = copy.deepcopy(network)
    given = batches((1, 8, 8), sizes=[10])
    slow, fast = adam(network), adam(twin)
    stepper = Stepper(twin, fast)
    for step, batch in enumerate(given):
        for group in (*slow.param_groups, *fast.param_groups):
            group["lr"] = 1e-3 if step < 6 else 1e-4
        plainly(network, slow, [batch])
        stepper(*batch)
    for wanted, got in zip(network.parameters(), twin.parameters(), strict=True):
        assert torch.equal(got, wanted)


def test_an_optimiser_that_counts_in_python_is_not_replayed() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, CLASSES))
    make: MakeOptimiser = lambda network: torch.optim.Adam(network.parameters(), foreach=False)  # noqa: E731
    plain, ours, forwards = both(network, make, batches((1, 8, 8), 8, sizes=[10]))
    assert forwards == 8
    for wanted, got in zip(plain.parameters(), ours.parameters(), strict=True):
        assert torch.equal(got, wanted)


def test_frozen_weights_stay_and_losses_do_not_change_afterwards() -> None:
    torch.manual_seed(0)
    network = LeNet5().build(GREY, CLASSES)
    frozen = next(network.parameters()).requires_grad_(False)
    before = frozen.clone()
    stepper = Stepper(network, adam(network))
    losses = [stepper(*batch) for batch in batches(GREY, 6, sizes=[10])]
    assert torch.equal(frozen, before)
    assert len({loss.item() for loss in losses}) == 6
    assert all(weight.grad is None for weight in network.parameters())


def test_precision_of_ones_own_is_left_to_the_plain_loop() -> None:
    torch.manual_seed(0)
    network = LeNet5().build(GREY, CLASSES)
    twin = copy.deepcopy(network)
    given = batches(GREY, 6, sizes=[10])
    with torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
        wanted = plainly(network, adam(network), given)
        stepper = Stepper(twin, adam(twin))
        assert [stepper(*batch).item() for batch in given] == wanted

"""Training steps of small networks on a CPU: ``benchbox_plugins._step`` against the plain loop.

    python benchmarks/speed/step_speed.py [--only lenet5]

Each row trains networks from the same first weights on the same batches of the digits, in turn by the plain loop, which is
what ``train_substitute`` did before, and here. Recording is counted, too. Seconds are this thread's processor time; a ratio is
taken between neighbours, which other programs disturb alike, and the median of all is printed. The last column says how far
apart the networks are: their losses on images that were not used.
"""

from __future__ import annotations

import argparse
import copy
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    model: str
    batch: int
    updates: int
    bound: float


CASES = (
    Case("lenet5", 10, 225, 0.5),
    Case("lenet5", 10, 1800, 0.5),
    Case("lenet5", 32, 225, 0.7),
    Case("lenet5", 64, 100, 0.8),
    Case("conv3", 10, 225, 0.85),
    Case("conv4", 10, 225, 0.85),
    Case("dnn5", 10, 225, 0.8),
    Case("conv3", 16, 100, 0.9),
    Case("conv3", 64, 30, 1.05),
    Case("c3f2", 10, 60, 1.05),
)


def plainly(network: Any, optimiser: Any, batches: list[Any]) -> None:
    import torch
    from torch.nn.functional import cross_entropy

    for images, answers in batches:
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(cross_entropy(network(images), answers))
        optimiser.step()


def ours(network: Any, optimiser: Any, batches: list[Any]) -> None:
    from benchbox_plugins._step import Stepper

    step = Stepper(network, optimiser)
    for images, answers in batches:
        step(images, answers)


def seconds(train: Callable[[Any, Any, list[Any]], None], network: Any, batches: list[Any]) -> float:
    import torch

    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)
    began = time.thread_time()
    train(network.train(), optimiser, batches)
    return time.thread_time() - began


def row(case: Case, images: Any, labels: Any, repeats: int) -> str:
    import torch
    from torch.nn.functional import cross_entropy

    from benchbox.registry import Catalogue, create_spec

    model: Any = create_spec(Catalogue.discover(), "model", case.model)
    torch.manual_seed(0)
    first = model.build((1, 28, 28), 10).to(memory_format=torch.channels_last)
    rows = [torch.randperm(1000)[: case.batch] for _ in range(case.updates)]
    batches = [(images[of].contiguous(memory_format=torch.channels_last), labels[of]) for of in rows]
    taken: dict[Any, list[float]] = {plainly: [], ours: []}
    losses = {}
    for train, times in repeats * list(taken.items()):
        network = copy.deepcopy(first)
        times.append(seconds(train, network, batches))
        with torch.no_grad():
            losses[train] = cross_entropy(network(images[1000:]), labels[1000:]).item()
    ratio = statistics.median(b / a for a, b in zip(taken[plainly], taken[ours], strict=True))
    milliseconds = [1e3 * statistics.median(taken[train]) / case.updates for train in (plainly, ours)]
    steps = " | ".join(f"{value:.2f}" for value in milliseconds)
    apart = f"{losses[plainly]:.4f}, {losses[ours]:.4f}"
    return f"| {case.model} | {case.batch} | {case.updates:,} | {steps} | {ratio:.2f} | {case.bound:g} | {apart} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="cases whose text, such as 'lenet5 10', contains this")
    parser.add_argument("--repeats", type=int, default=5, help="how often each loop trains")
    arguments = parser.parse_args()
    import torch

    from benchbox.isolation.memory import keep_freed_memory
    from benchbox.registry import Catalogue, create_spec

    keep_freed_memory()  # as the processes that train do
    torch.set_num_threads(1)
    digits: Any = create_spec(Catalogue.discover(), "dataset", "digits")
    arrays = digits.load(None, download=False)
    images, labels = torch.from_numpy(arrays.x_train).float()[:, None] / 255, torch.from_numpy(arrays.y_train)
    torch.optim.Adam([torch.zeros(1)])  # the first optimiser of a process imports torch's compiler: a second, once
    print("| network | batch | updates | ms a step, plainly | here | ratio | at most | losses |\n|" + "---|" * 8)
    for case in CASES:
        if arguments.only in f"{case.model} {case.batch}":
            print(row(case, images, labels, arguments.repeats), flush=True)


if __name__ == "__main__":
    main()

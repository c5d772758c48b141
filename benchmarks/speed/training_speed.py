"""Training throughput: images a second that one thread learns from, by precision and layout.

    python benchmarks/speed/training_speed.py [--model resnet20] [--batch 128]

Each row takes steps of SGD with Nesterov's momentum on random images of CIFAR-10's shape, as the recipe ``photographs`` does.
The ways take turns, so that other programs disturb all alike. Seconds are this thread's processor time; the median of the
turns is printed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

SHAPE, CLASSES = (3, 32, 32), 10
WAYS = (("float32", "contiguous"), ("float32", "channels last"), ("bf16", "channels last"))


class Way:
    """A network, and how it learns."""

    def __init__(self, model: str, precision: str, layout: str, batch: int) -> None:
        import torch

        from benchbox.registry import Catalogue, create_spec

        torch.manual_seed(0)
        plugin: Any = create_spec(Catalogue.discover(), "model", model)
        form = torch.channels_last if layout == "channels last" else torch.contiguous_format
        self.network = plugin.build(SHAPE, CLASSES).train().to(memory_format=form)
        self.images = torch.rand(batch, *SHAPE).contiguous(memory_format=form)
        self.labels = torch.randint(CLASSES, (batch,))
        self.optimizer = torch.optim.SGD(
            self.network.parameters(), lr=0.2, momentum=0.9, weight_decay=5e-4, nesterov=True
        )
        self.reduced = precision == "bf16"

    def seconds(self, steps: int) -> float:
        """Return how long one step takes, the mean of some."""
        import torch
        from torch.nn.functional import cross_entropy

        began = time.thread_time()
        for _ in range(steps):
            with torch.autocast("cpu", torch.bfloat16, enabled=self.reduced):
                logits = self.network(self.images)
            self.optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(cross_entropy(logits.float(), self.labels))
            self.optimizer.step()
        return (time.thread_time() - began) / steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="resnet20", help="a model plugin that takes images of 32x32")
    parser.add_argument("--batch", type=int, default=128, help="images a step")
    parser.add_argument("--steps", type=int, default=4, help="steps a turn")
    parser.add_argument("--turns", type=int, default=5, help="turns of each way")
    arguments = parser.parse_args()
    import torch

    from benchbox.isolation.memory import keep_freed_memory

    keep_freed_memory()  # as the processes that train do
    torch.set_num_threads(1)
    ways = {names: Way(arguments.model, *names, arguments.batch) for names in WAYS}
    for way in ways.values():
        way.seconds(1)
    turns = [{names: way.seconds(arguments.steps) for names, way in ways.items()} for _ in range(arguments.turns)]
    capability = torch.backends.cpu.get_cpu_capability()
    print(f"{arguments.model}, batch {arguments.batch}, one thread, torch {torch.__version__}, {capability}\n")
    print("| precision | layout | images a second | beside float32 contiguous |\n|---|---|---|---|")
    for precision, layout in WAYS:
        rate = arguments.batch / statistics.median(turn[precision, layout] for turn in turns)
        ratio = statistics.median(turn[WAYS[0]] / turn[precision, layout] for turn in turns)
        print(f"| {precision} | {layout} | {rate:,.0f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()

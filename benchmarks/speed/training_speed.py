"""Training throughput: images a second that a process learns from, by threads, precision and layout.

    python benchmarks/speed/training_speed.py [--model resnet20] [--batch 128] [--threads 1 2]

Each row takes steps of SGD with Nesterov's momentum on random images of CIFAR-10's shape, as the recipe ``photographs`` does.
The ways take turns, so that other programs disturb all alike; the median of the turns is printed. Seconds are those of a
clock on the wall, which other programs lengthen: the machine should be quiet. bf16 has rows where the processor has it;
elsewhere it is computed by other instructions, many times slower.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

SHAPE, CLASSES = (3, 32, 32), 10
WAYS = (("float32", "contiguous"), ("float32", "channels last"), ("bf16", "channels last"))
BF16 = ("avx512_bf16", "amx_bf16", "bf16")
"""What /proc/cpuinfo calls instructions that multiply bfloat16, on x86 and on Arm."""


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

    def seconds(self, steps: int, threads: int) -> float:
        """Return how long one step takes, the mean of some, on so many threads."""
        import torch
        from torch.nn.functional import cross_entropy

        torch.set_num_threads(threads)
        began = time.perf_counter()
        for _ in range(steps):
            with torch.autocast("cpu", torch.bfloat16, enabled=self.reduced):
                logits = self.network(self.images)
            self.optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(cross_entropy(logits.float(), self.labels))
            self.optimizer.step()
        return (time.perf_counter() - began) / steps


def has_bf16() -> bool:
    """Whether this processor multiplies bfloat16 by instructions of its own; False where Linux does not say."""
    known = Path("/proc/cpuinfo")
    return known.is_file() and not set(BF16).isdisjoint(known.read_text(encoding="utf-8").split())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="resnet20", help="a model plugin that takes images of 32x32")
    parser.add_argument("--batch", type=int, default=128, help="images a step")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="threads of the process, a row each")
    parser.add_argument("--steps", type=int, default=4, help="steps a turn")
    parser.add_argument("--turns", type=int, default=5, help="turns of each way")
    arguments = parser.parse_args()
    import torch

    from benchbox.isolation.memory import keep_freed_memory

    keep_freed_memory()  # as the processes that train do
    networks = {
        names: Way(arguments.model, *names, arguments.batch) for names in WAYS if names[0] != "bf16" or has_bf16()
    }
    ways = [(threads, *names) for threads in arguments.threads for names in networks]
    turns = []
    for turn in range(arguments.turns + 1):
        seconds = {way: networks[way[1:]].seconds(arguments.steps if turn else 1, way[0]) for way in ways}
        turns += [seconds] * bool(turn)  # the first warms up
    capability = torch.backends.cpu.get_cpu_capability()
    print(f"{arguments.model}, batch {arguments.batch}, torch {torch.__version__}, {capability}\n")
    print("| threads | precision | layout | images a second | beside the first |\n|---|---|---|---|---|")
    for way in ways:
        rate = arguments.batch / statistics.median(turn[way] for turn in turns)
        ratio = statistics.median(turn[ways[0]] / turn[way] for turn in turns)
        print(f"| {' | '.join(map(str, way))} | {rate:,.0f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()

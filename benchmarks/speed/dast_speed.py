"""``dast[profile=published]`` beside the loop of its authors, written with PyTorch alone.

    python benchmarks/speed/dast_speed.py [--batch 20]

Both play the same number of iterations against the pinned MNIST target with 4 convolutions, in turn, with networks of the same
layers; ours has the metered oracle, the notes and the pictures besides. An image costs the published generator about 5 GFLOP:
20 images instead of the 500 of an iteration show the same ratio in a minute. Seconds are this thread's processor time, networks
built anew each time.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

from generator_speed import Case, Passes, new_game

WIDTH, CLASSES, SHAPE = 128, 10, (1, 28, 28)


def ours(catalogue: Any, case: Case) -> None:
    from benchbox.match.training import train_substitute

    from benchbox.match.players.link import DirectLink
    from benchbox.match.players.play import play
    from benchbox.registry import create_spec

    method: Any = create_spec(catalogue, "generator", case.spec)
    brief, desk = new_game(catalogue, Passes(), case, None)
    play(method, lambda: substitute(catalogue), train_substitute, brief, DirectLink(desk))


def substitute(catalogue: Any) -> Any:
    from benchbox.registry import create_spec

    model: Any = create_spec(catalogue, "model", "conv3")
    return model.build(SHAPE, CLASSES)


def authors(catalogue: Any, target: Any, iterations: int, batch: int) -> None:
    """Play DaST as its paper and code have it: the substitute is fitted to a batch, then the generator moved against it."""
    import torch
    from benchbox_plugins.generators._dast import DastGenerator, dcgan_weights
    from torch.nn.functional import cross_entropy, mse_loss

    generator, copy, alpha = DastGenerator(WIDTH, SHAPE, CLASSES), substitute(catalogue), 0.2
    dcgan_weights(generator.get_submodule("tail"), torch.Generator().manual_seed(0))
    steps = [torch.optim.Adam(net.parameters(), lr=1e-4, betas=(0.5, 0.999)) for net in (copy, generator)]
    branches = torch.arange(CLASSES).repeat_interleave(batch // CLASSES)
    for _ in range(iterations):
        images = generator(torch.randn(CLASSES, batch // CLASSES, WIDTH))
        with torch.no_grad():
            answers = target(images).softmax(1)

        def loss(logits: Any, answers: Any = answers) -> Any:
            return cross_entropy(logits, answers.argmax(1)) + mse_loss(logits.softmax(1), answers)

        copy.zero_grad()
        loss(copy(images.detach())).backward()
        steps[0].step()
        generator.zero_grad()
        logits = copy(images)
        control = cross_entropy(logits, branches)
        torch.autograd.backward(torch.exp(-loss(logits)) + alpha * control)
        steps[1].step()
        alpha = control.item() if control.item() <= 0.1 else alpha


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=20, help="images an iteration")
    parser.add_argument("--iterations", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    import torch

    from benchbox.isolation.memory import keep_freed_memory
    from benchbox.registry import Catalogue
    from benchbox.target.zoo import Zoo

    keep_freed_memory()  # as the processes that play do
    torch.set_num_threads(1)
    torch.optim.Adam([torch.zeros(1)])  # the first optimiser of a process imports torch's compiler: a second, once
    catalogue = Catalogue.discover()
    case = Case(f"dast[profile=published,batch={arguments.batch}]", arguments.batch * arguments.iterations)
    zoo = Zoo(catalogue, Path.home() / ".cache", device="cpu")
    target = zoo.load(next(record for record in zoo.records() if record.name == "mnist/conv4")).eval()
    taken: dict[str, list[float]] = {"authors": [], "ours": []}
    for _ in range(arguments.repeats):
        for name, play in (
            ("authors", lambda: authors(catalogue, target, arguments.iterations, arguments.batch)),
            ("ours", lambda: ours(catalogue, case)),
        ):
            began = time.thread_time()
            play()
            taken[name].append(time.thread_time() - began)
    ratio = statistics.median(b / a for a, b in zip(taken["authors"], taken["ours"], strict=True))
    seconds = " | ".join(f"{statistics.median(each):.1f}" for each in taken.values())
    print("| generator | queries | s of the authors' loop | s here | ratio | at most |\n|---|---|---|---|---|---|")
    print(f"| {case.spec} | {case.budget} | {seconds} | {ratio:.2f} | 1 |")


if __name__ == "__main__":
    main()

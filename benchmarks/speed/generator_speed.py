"""Time and memory of the generators: MEGA's budget, and every method against the bare loop of its own networks.

    python benchmarks/speed/generator_speed.py [--data-dir ../shared/data] [--only mega]

Each method plays once against the pinned MNIST target with 4 convolutions while every forward pass, backward pass and
optimiser step is written down; then the same passes, of the same networks with batches of the same sizes, are repeated on
images of noise by a loop that does nothing else. What the method took beyond that is its overhead: drawing noise, losses,
moving images, metering, diagnostics, pictures. Both run in a process of their own with ``--threads`` threads (1, as workers
run). Seconds are those of the processor, which other programs disturb least. JBDA, PRADA and Knockoff ask images of the data
set; without ``--data-dir`` they are noise.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KINDS = ("generator", "substitute", "target", "backward", "step")


@dataclass(frozen=True)
class Case:
    spec: str
    budget: int
    access: str = "probabilities"
    seconds: float | None = None
    overhead: float | None = 10


CASES = (
    Case("mega", 340_000, "label", seconds=1200, overhead=None),
    Case("mega[profile=authors]", 340_000, "label", seconds=1200, overhead=None),
    Case("dast", 10_000),
    Case("dfme", 17_920),
    Case("maze", 19_200),
    Case("noise", 40_000),
    Case("knockoff", 10_000),
    Case("jbda", 9_600),
    Case("prada", 9_600),
)


@dataclass
class Pass:
    """A forward pass of a network in a mode, a backward pass (``network`` is None), or an optimiser's step."""

    kind: str
    network: Any = None
    shape: tuple[int, ...] = ()
    grad: bool = False
    training: bool = False
    to_input: bool = False
    frozen: bool = False
    optimiser: Any = None


@dataclass
class Passes:
    """Writes down what is called while a method plays, in order."""

    rows: list[Pass] = field(default_factory=list)
    oracle_seconds: float = 0.0

    def watch(self, kind: str, network: Any) -> Any:
        """Write down the forward passes of a network."""
        import torch

        def before(module: Any, arguments: tuple[Any, ...]) -> None:
            x = arguments[0]
            own = next(module.parameters()).requires_grad
            grad = torch.is_grad_enabled()
            self.rows.append(Pass(kind, module, tuple(x.shape), grad, module.training, x.requires_grad, not own))

        network.register_forward_pre_hook(before)
        return network

    def watch_training(self) -> None:
        """Write down the backward passes and optimiser steps of this process."""
        import torch
        from torch.optim.optimizer import register_optimizer_step_pre_hook

        for name in ("backward", "grad"):
            setattr(torch.autograd, name, self._noted(getattr(torch.autograd, name)))
        register_optimizer_step_pre_hook(lambda optimiser, *_: self.rows.append(Pass("step", optimiser=optimiser)))

    def _noted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **options: Any) -> Any:
            self.rows.append(Pass("backward"))
            return function(*arguments, **options)

        return called


def repeat(rows: list[Pass]) -> dict[str, float]:
    """Run passes and nothing else; return processor seconds by kind.

    A network whose input carried a gradient is fed what the generator last gave, where that fits: so a generator is moved
    through a substitute, as it was.
    """
    import torch

    def image(shape: tuple[int, ...]) -> Any:
        x = torch.rand(shape)
        return x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x

    noise = {shape: image(shape) for shape in {row.shape for row in rows if row.network}}
    seconds = dict.fromkeys(KINDS, 0.0)
    made = invented = None  # the outputs that the next backward pass, and the next chained network, start from
    for row in rows:
        x = noise.get(row.shape)
        if row.network:
            row.network.train(row.training)
            row.network.requires_grad_(not row.frozen)
            if row.to_input:
                fits = invented is not None and invented.shape == row.shape
                x, invented = (invented, None) if fits else (noise[row.shape].detach().requires_grad_(True), invented)
        began = time.process_time()
        if row.network:
            with torch.set_grad_enabled(row.grad):
                output = row.network(x)
            if output.requires_grad:
                made = output
                invented = output if row.kind == "generator" else invented
        elif row.kind == "backward":
            made.backward(torch.ones_like(made))
        else:
            row.optimiser.step()
            row.optimiser.zero_grad()
        seconds[row.kind] += time.process_time() - began
    return seconds


@dataclass
class Figures:
    """What one case took: processor seconds, and the most memory of its process, in GiB."""

    seconds: float
    bare: dict[str, float]
    oracle: float
    gibibytes: float


def measure(case: Case, data_dir: Path | None) -> Figures:
    import benchbox_plugins.generators._networks as networks
    import torch

    from benchbox.isolation.memory import keep_freed_memory
    from benchbox.match.players.link import DirectLink
    from benchbox.match.players.play import play
    from benchbox.registry import Catalogue, create_spec

    keep_freed_memory()
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    torch.manual_seed(0)
    torch.optim.SGD([torch.zeros(1)])  # the first optimiser of a process imports torch's compiler: a second, once
    passes, real_fresh = Passes(), networks.fresh
    networks.fresh = lambda *arguments: passes.watch("generator", real_fresh(*arguments))
    passes.watch_training()
    catalogue = Catalogue.discover()
    brief, desk = new_game(catalogue, passes, case, data_dir)
    method: Any = create_spec(catalogue, "generator", case.spec)
    conv3: Any = create_spec(catalogue, "model", "conv3")
    query = desk.meter.query

    def timed(*arguments: Any, **options: Any) -> Any:
        began = time.process_time()
        try:
            return query(*arguments, **options)
        finally:
            passes.oracle_seconds += time.process_time() - began

    desk.meter.query = timed

    def build() -> Any:
        return passes.watch("substitute", conv3.build(brief.shape, brief.classes))

    began = time.process_time()
    play(lambda ref: method, build, brief, DirectLink(desk))
    seconds = time.process_time() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    rows, passes.rows = passes.rows, []
    return Figures(seconds, repeat(rows), passes.oracle_seconds, memory)


def new_game(catalogue: Any, passes: Passes, case: Case, data_dir: Path | None) -> tuple[Any, Any]:
    """Return the brief and the referee's desk of a game on MNIST whose target is watched; offers are not scored."""
    import torch

    from benchbox.contracts import Access
    from benchbox.devices import to_device
    from benchbox.match.desks import GeneratorDesk
    from benchbox.match.notes import Notes
    from benchbox.match.players.brief import Brief
    from benchbox.registry import create_spec
    from benchbox.suites import PluginRef
    from benchbox.target.answer import Answerer
    from benchbox.target.meter import MeteredOracle
    from benchbox.target.zoo import Zoo

    cpu, shape = torch.device("cpu"), (1, 28, 28)
    zoo = Zoo(catalogue, Path.home() / ".cache", device="cpu")
    record = next(record for record in zoo.records() if record.name == "mnist/conv4")
    target = to_device(zoo.load(record), cpu)
    if data_dir is None:
        images = torch.rand(10_000, *shape)
    else:
        arrays: Any = create_spec(catalogue, "dataset", "mnist").load(data_dir, download=False)
        images = torch.from_numpy(arrays.x_train[:10_000, None]).float() / 255
    access = Access(case.access)
    meter = MeteredOracle(Answerer(passes.watch("target", target), cpu), access, case.budget, shape, "speed")
    brief = Brief(
        contestant=PluginRef(kind="generator", name=case.spec, version=1, spec=case.spec, options={}),
        trainer=None,
        model=PluginRef(kind="model", name="conv3", version=1, spec="conv3", options={}),
        access=access,
        budgets=(case.budget,),
        budget=case.budget,
        shape=shape,
        classes=10,
        device="cpu",
        precision="float32",
        seed=0,
        stream=0,
        pool=images,
        public=images.flip(3),
    )
    return brief, GeneratorDesk(meter, Notes(), None, lambda offer: {}, lambda state: None)


def line(case: Case, figures: Figures) -> str:
    bare = sum(figures.bare.values())
    over = f"{100 * (figures.seconds / bare - 1):+.1f} %"
    limits = "; ".join(
        text
        for text, given in (
            (f"{case.seconds} s", case.seconds),
            (f"{case.overhead} %", case.overhead),
        )
        if given
    )
    where = ", ".join(f"{kind} {100 * seconds / bare:.0f} %" for kind, seconds in figures.bare.items() if seconds)
    return (
        f"| {case.spec} | {case.budget:,} | {figures.seconds:.1f} | {bare:.1f} | {over} | {limits} | "
        f"{100 * figures.oracle / figures.seconds:.0f} % | {figures.gibibytes:.2f} | {where} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("BENCHBOX_DATA"), help="holds MNIST/raw")
    parser.add_argument("--threads", type=int, default=1, help="threads of each process")
    parser.add_argument("--only", default="", help="cases whose text contains this")
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(arguments.threads)
    cases = [case for case in CASES if arguments.only in case.spec]
    if not cases:
        parser.error("no generator left; --only is part of a name")
    print(
        "| generator | queries | seconds | bare loop | over it | at most | oracle | GiB | where the bare loop's time goes |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for case in cases:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            print(line(case, pool.apply(measure, (case, arguments.data_dir))), flush=True)


if __name__ == "__main__":
    main()

"""Cells that only sleep: the real thing, but for the time that they take."""

from __future__ import annotations

from pathlib import Path

NAPPING = '''
import time

from pydantic import Field

from benchbox.contracts import Options, Selector


class NappingOptions(Options):
    seconds: float = Field(default=0.0, description="how long it sleeps")


class Napping(Selector):
    """Sleeps, then takes the first images."""

    name = "napping"
    Options = NappingOptions

    def select(self, game, k):
        import torch

        print("good night")
        time.sleep(self.options.seconds)
        return torch.arange(k)
'''
SUITE = """
title = "Naps"
datasets = ["digits"]
seeds = {seeds}

[[scenario]]
name = "naps"
plays = "selector"
target = {{ model = "lenet5", seed = 0 }}
substitute = "lenet5"
trainer = "standard[updates=1,epochs=1]"
access = "label"
pool = {{ labels = true }}
budgets = [10]
methods = [{methods}]
"""


def naps(folder: Path, *methods: str, seeds: int = 1) -> list[str]:
    """Write the selector ``napping`` and a suite of its naps, and return the options of ``benchbox run`` that name them."""
    (folder / "napping.py").write_text(NAPPING)
    quoted = ", ".join(f'"{method}"' for method in methods)
    (folder / "naps.toml").write_text(SUITE.format(seeds=seeds, methods=quoted))
    return ["--suite", "naps.toml", "--plugin", "napping.py", "--device", "cpu"]

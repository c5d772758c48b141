"""What the tests of clusters share: a real one, and cells that only sleep."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from dask_cluster import Cluster, cluster

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
target = {{ model = "lenet5" }}
substitute = "lenet5"
trainer = "standard[updates=1,epochs=1]"
access = "label"
pool = {{ labels = true }}
budgets = [10]
methods = [{methods}]
"""


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler and three workers, each with a folder of its own, over TCP."""
    patch = pytest.MonkeyPatch()
    patch.delenv("BENCHBOX_DATA", raising=False)
    with cluster(tmp_path_factory.mktemp("cluster")) as made:
        yield made
    patch.undo()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The coordinator's own folder and home, with the plugin file ``napping.py``."""
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("BENCHBOX_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "napping.py").write_text(NAPPING)
    return tmp_path


def naps(folder: Path, *methods: str, seeds: int = 1) -> list[str]:
    """Write a suite of naps, and return the options that name it."""
    quoted = ", ".join(f'"{method}"' for method in methods)
    (folder / "naps.toml").write_text(SUITE.format(seeds=seeds, methods=quoted))
    return ["--suite", "naps.toml", "--plugin", "napping.py", "--device", "cpu"]


def environment_without(*names: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in names}

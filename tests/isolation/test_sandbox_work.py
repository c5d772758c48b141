"""In a sandbox: what a contestant needs still works."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import tempfile
import time
from typing import Any

import numpy as np
import pytest
import torch

from benchbox.isolation.sandbox import walls


def test_torch_and_numpy_compute(inside: Any) -> None:
    def tried() -> list[float]:
        network = torch.nn.Conv2d(1, 4, 3)
        network(torch.ones(2, 1, 8, 8)).sum().backward()
        return [float((torch.ones(64, 64) @ torch.ones(64, 64)).sum()), float(np.ones((64, 64)).sum())]

    assert inside(tried) == [64.0**3, 64.0**2]


def test_what_was_not_imported_before_can_be(inside: Any) -> None:
    def tried() -> Any:
        sys.modules.pop("tabulate", None)  # another test of this process may have imported it
        import tabulate

        return tabulate.tabulate([["x"]], tablefmt="plain")

    assert inside(tried) == "x"


def test_numba_compiles(inside: Any) -> None:
    def tried() -> int:
        import numba

        return int(numba.njit(lambda x: x + 1)(1))

    assert inside(tried) == 2


def test_programs_and_processes_can_be_started(inside: Any) -> None:
    def tried() -> Any:
        said = subprocess.run([sys.executable, "-c", "print(2)"], capture_output=True, text=True).stdout
        context = multiprocessing.get_context("fork")
        queue = context.SimpleQueue()
        child = context.Process(target=queue.put, args=(3,))
        child.start()
        child.join()
        with tempfile.TemporaryFile() as file:
            return said, queue.get(), file.write(b"x")

    assert inside(tried) == ["2\n", 3, 1]


def test_how_long_it_takes_is_printed(inside: Any, capsys: pytest.CaptureFixture[str]) -> None:
    around = walls()
    start = time.perf_counter()
    inside(lambda: 0, readable=around.readable, hidden=around.hidden)
    with capsys.disabled():
        sys.stdout.write(f"[fork, enter and leave with torch: {time.perf_counter() - start:.3f} s] ")

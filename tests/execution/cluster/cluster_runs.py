"""Runs of ``benchbox run --cluster`` in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Run = subprocess.Popen[str]


@contextmanager
def started(folder: Path, *options: str, verbose: bool = False, **environment: str) -> Iterator[Run]:
    """Start a run that prints JSON; whatever becomes of the test, it is ended."""
    command = [sys.executable, "-m", "benchbox", *["--verbose"] * verbose, "run", *options, "--json"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command,
        cwd=folder,
        stdout=pipe,
        stderr=pipe,
        text=True,
        start_new_session=True,
        env={**os.environ, **environment},
    ) as run:
        try:
            yield run
        finally:
            run.kill()


def ended(run: Run) -> tuple[int, list[dict[str, Any]], str]:
    """Wait for a run, and return its exit code, its events and what it said besides."""
    out, err = run.communicate(timeout=300)
    return run.returncode, [json.loads(line) for line in out.splitlines()], err


def played(folder: Path, *options: str, verbose: bool = False) -> tuple[int, list[dict[str, Any]], str]:
    with started(folder, *options, verbose=verbose) as run:
        return ended(run)


def heard(run: Run, what: str, times: int = 1) -> dict[str, Any]:
    """Read a run's events until one of a kind came so often, and return the last."""
    assert run.stdout is not None
    for line in run.stdout:
        event: dict[str, Any] = json.loads(line)
        times -= event["event"] == what
        if not times:
            return event
    raise AssertionError(f"no event '{what}'; it said: {run.stderr.read() if run.stderr else ''}")


def notices(events: list[dict[str, Any]]) -> list[str]:
    return [event["text"] for event in events if event["event"] == "notice"]

"""The page on clusters works as it is typed: a scheduler and three workers of one machine. Other lines name what Dask has."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import click
import pages
import pytest
import yaml
from distributed.cli import dask_scheduler, dask_worker

PAGE = (pages.DOCS / "clusters.md").read_text(encoding="utf-8")
OPTIONS = {"scheduler": dask_scheduler.main, "worker": dask_worker.main}


def test_it_works_as_it_is_typed(tmp_path: Path) -> None:
    (typed,) = [text for language, _, text in pages.BLOCK.findall(PAGE) if language == "sh"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        typed = typed.replace("8786", str(probe.getsockname()[1]))
    (tmp_path / "bin").mkdir()
    for name in ("benchbox", "dask"):  # as they are installed, in whatever environment the tests run
        program = tmp_path / "bin" / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {name} "$@"\n')
        program.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "BENCHBOX_HOME": str(tmp_path / "home"),
    }
    done = subprocess.run(
        ["bash", "-c", typed],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert len(re.findall(r"^worker '(?:one|two|three)' at \S+ takes part", done.stdout, re.MULTILINE)) >= 1
    assert "2 cells done" in done.stdout
    assert "square" in done.stdout.rpartition("results: cluster.db")[2]


@pytest.mark.parametrize("line", re.findall(r"dask (?:worker|scheduler) [^;&\n]*", PAGE.replace("\\\n", " ")))
def test_dask_has_the_options_that_are_written(line: str) -> None:
    _check(line.split()[1:])


def test_the_manifest_is_one_and_starts_what_dask_has() -> None:
    (text,) = [text for language, _, text in pages.BLOCK.findall(PAGE) if language == "yaml"]
    parts = {(part["kind"], part["metadata"]["name"]): part["spec"] for part in yaml.safe_load_all(text)}
    pods = {name: spec["template"] for (kind, name), spec in parts.items() if kind == "Deployment"}
    for (kind, name), spec in parts.items():
        labels = pods[name]["metadata"]["labels"]
        assert (spec["selector"] if kind == "Service" else spec["selector"]["matchLabels"]) == labels
    commands = [pod["spec"]["containers"][0]["command"] for pod in pods.values()]
    for program, *rest in commands:
        assert program == "dask"
        _check(rest)
    assert {rest[0] for _, *rest in commands} == set(OPTIONS)


def _check(words: list[str]) -> None:
    command: click.Command = OPTIONS[words[0].strip("`.,")]
    known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
    written = {word.partition("=")[0].strip("`.,'") for word in words if word.startswith("--")}
    assert written <= known, f"dask {words[0]} has no {written - known}"

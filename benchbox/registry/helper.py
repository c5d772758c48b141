"""The helper process: a clean Python that forks a child for each package to import. It imports no plugin itself.

It shuts itself in first, in a sandbox where that is possible: one for all children costs no more than one for each. It
reads a request a line on standard input and writes an answer a line on standard output, until its input ends.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import selectors
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, NoReturn

from benchbox.isolation.folders import passing_folder
from benchbox.isolation.kernel import adopt_orphans, end_orphans
from benchbox.isolation.sandbox import SandboxError, Walls, enter, limit
from benchbox.isolation.walls import from_data
from benchbox.registry.child import Child
from benchbox.registry.tasks import Job

GROUP = "benchbox"
"""The group of entry points that name plugin modules."""
_REFUSED = 77
"""The exit code of a process that could not shut itself in, and has done nothing else."""
_PAUSE = 0.05
"""Seconds after which children are looked at that send nothing and may have ended."""


KEPT = 4
"""Children that are kept for further questions about their packages, at most."""


class _NobodyListens(Exception):  # noqa: N818 - the usual end
    """The coordinator closed our standard input, or is gone."""


def main() -> None:
    """Read the walls, and have a process behind them answer requests until standard input ends."""
    line = sys.stdin.buffer.readline()
    if not line:
        return
    walls = json.loads(line)
    around = from_data(walls["walls"])
    adopt_orphans()
    refused = not walls["sandbox"] or _kept_by(enter, around)
    if refused:
        # a sandbox has a folder of its own for temporary files
        with passing_folder("benchbox-import-") as folder:
            _kept_by(limit, replace(around, writable=(folder,)))


def _kept_by(shut_in: Callable[[Walls], None], around: Walls) -> bool:
    """Have a child serve behind these walls, and end what it leaves; return whether the walls could not be built."""
    child = os.fork()
    if child == 0:
        _serve_behind(shut_in, around)
    refused = os.waitstatus_to_exitcode(_ended_as(child)) == _REFUSED
    end_orphans()
    return refused


def _ended_as(child: int) -> int:
    """Return how a child ended; orphans that end before are let go."""
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == child:
            return status


def _serve_behind(shut_in: Callable[[Walls], None], around: Walls) -> NoReturn:
    code = _REFUSED
    try:
        with suppress(SandboxError):
            shut_in(around)
            code = 1
            serve()
            code = 0
    finally:
        os._exit(code)


def serve() -> None:
    """Answer requests until standard input ends."""
    kept: dict[str, Child] = {}
    tempfile.gettempdir()  # looked for once, by writing into it
    try:
        for line in sys.stdin.buffer:
            request = json.loads(line)
            if request["do"] == "origins":
                _say({"origins": list(origins())})
                continue
            for answer in run(request["jobs"], request["parallel"], request["seconds"], kept):
                _say(answer)
    except _NobodyListens:
        pass
    finally:
        for child in kept.values():
            child.end()


def run(jobs: list[Job], parallel: int, seconds: float, kept: dict[str, Child]) -> Iterator[dict[str, Any]]:
    """Do jobs, each in a child of its own, and yield ``{"job": its number, ...}`` as each comes to its end.

    Args:
        jobs: what to do.
        parallel: how many children are at work at once.
        seconds: how long each may take.
        kept: children by ``job["about"]``, whose package took long to import: they do further jobs about it.
    """
    waiting, running = deque(enumerate(jobs)), dict[int, Child]()
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(0, selectors.EVENT_READ)
            while waiting or running:
                while waiting and len(running) < parallel:
                    number, job = waiting.popleft()
                    running[number] = child = _child(job, seconds, kept)
                    for pipe in child.pipes:
                        selector.register(pipe, selectors.EVENT_READ, child)
                _listen(selector)
                for number, outcome in _ended(selector, running):
                    _part(running.pop(number), jobs[number]["about"], kept)
                    yield {"job": number, **outcome}
    finally:
        for child in running.values():
            child.end()


def _child(job: Job, seconds: float, kept: dict[str, Child]) -> Child:
    known = kept.pop(job["about"], None)
    if known is not None:
        if known.ask(job):
            return known
        known.end()
    return Child(job, seconds)


def _part(child: Child, about: str, kept: dict[str, Child]) -> None:
    """Keep a child that has done its job for the next about its package, or end it."""
    if child.slow and child.pipes and len(kept) < KEPT and about not in kept:
        kept[about] = child
    else:
        child.end()


def _listen(selector: selectors.BaseSelector) -> None:
    for key, _ in selector.select(_PAUSE):
        if key.data is None:
            raise _NobodyListens
        if not key.data.read(key.fd):
            selector.unregister(key.fd)


def _ended(selector: selectors.BaseSelector, running: dict[int, Child]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, child in list(running.items()):
        pipes = list(child.pipes)
        outcome = child.outcome()
        if outcome is not None:
            for pipe in pipes:
                if pipe in selector.get_map():
                    selector.unregister(pipe)
            yield number, outcome


def origins(group: str = GROUP) -> Iterator[dict[str, str]]:
    """Yield every entry point of a group of ours: its distribution's name and version, its own name, and what it names.

    Distributions are read one by one, so that one with a broken entry_points.txt is passed over; of two of one name, the
    first on the path counts, as for pip and Python.
    """
    seen = set()
    for distribution in importlib.metadata.distributions():
        try:
            text = distribution.read_text("entry_points.txt") or ""
            name, version = _name_and_version(distribution)
            known = re.sub(r"[-_.]+", "-", name).lower()
            points = distribution.entry_points.select(group=group) if f"[{group}]" in text else ()
        except Exception:  # whatever lies on the path is none of ours
            continue
        if known not in seen:
            seen.add(known)
            yield from ({"package": name, "version": version, "point": p.name, "value": p.value} for p in points)


def _name_and_version(distribution: importlib.metadata.Distribution) -> tuple[str, str]:
    """Read the two from the metadata, without the parser that takes a third of a millisecond; else from the folder's name."""
    head = (distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or "").partition("\n\n")[0]
    fields = dict(re.findall(r"^(Name|Version):[ \t]*(\S+)[ \t]*$", head, re.MULTILINE))
    folder = str(getattr(getattr(distribution, "_path", None), "stem", ""))
    name, _, version = folder.partition("-")
    return fields.get("Name") or name or "?", fields.get("Version") or version


def _say(answer: dict[str, Any]) -> None:
    data = json.dumps(answer).encode() + b"\n"
    while data:
        data = data[os.write(1, data) :]

"""The coordinator's end of the helper process: starts it, asks it, and starts it again where a plugin ended it."""

from __future__ import annotations

import json
import os
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchbox.errors import PluginError
from benchbox.isolation.walls import as_data, beside, switched_off, walls
from benchbox.patience import seconds_from
from benchbox.registry.printable import line
from benchbox.registry.source import OUR_TARGETS
from benchbox.registry.starting import Running, start

SECONDS = "BENCHBOX_IMPORT_SECONDS"
"""The environment variable that says how long one package may take to be imported."""
_USUAL = 10.0
Answer = dict[str, Any]


class Helper:
    """A process that imports plugins in children of its own. It is started when it is first asked, and can be again.


    It is shut in: it sees Python, what is installed and the plugin files' folders, and neither targets nor data.

    Args:
        files: plugin files.
    """

    def __init__(self, files: Sequence[Path] = ()) -> None:
        self._running: Running | None = None
        self._files, self._hidden = tuple(files), OUR_TARGETS

    def hide(self, folders: Iterable[Path]) -> None:
        """Show these folders no longer; a process that still sees one is ended."""
        more = tuple(folder for folder in folders if folder not in self._hidden)
        if more:
            self._hidden += more
            self.close()

    def _walls(self) -> dict[str, Any]:
        files = [file.resolve() for file in self._files]
        around = walls((path for file in files for path in beside(file)), hidden=self._hidden)
        around = replace(around, searched=tuple(dict.fromkeys(file.parent for file in files)))
        return {"walls": as_data(around), "sandbox": not switched_off()}

    def close(self) -> None:
        """End the process."""
        if self._running is not None:
            self._running.end()
            self._running = None

    def origins(self) -> list[dict[str, str]]:
        """Return every entry point of our group; see ``helper.origins``."""
        self._ask({"do": "origins"})
        answer = self._answer()
        if answer is None:
            raise PluginError("the process that lists the installed packages ended without an answer")
        found: list[dict[str, str]] = answer["origins"]
        return found

    def run(self, jobs: list[dict[str, Any]]) -> list[Answer]:
        """Do jobs (see ``benchbox.registry.tasks``), and return an answer to each, in their order.

        A plugin that ends the helper itself costs the others nothing: what has no answer is done again, one after the other,
        and the one that does it a second time is the one.
        """
        answers: dict[int, Answer] = {}
        alone = False
        while missing := [number for number in range(len(jobs)) if number not in answers]:
            before = len(answers)
            self._some(jobs, missing, answers, alone)
            if alone and len(answers) == before:
                answers[missing[0]] = {"failure": "it ended the process that imports plugins"}
            alone = True
        return [answers[number] for number in range(len(jobs))]

    def _some(self, jobs: list[Answer], numbers: list[int], answers: dict[int, Answer], alone: bool) -> None:
        request = {"do": "run", "jobs": [jobs[n] for n in numbers], "parallel": 1 if alone else _parallel()}
        self._ask({**request, "seconds": seconds_from(SECONDS, _USUAL)})
        for _ in numbers:
            answer = self._answer()
            if answer is None:
                self.close()
                return
            answers[numbers[answer.pop("job")]] = answer

    def _ask(self, request: dict[str, Any]) -> None:
        data = json.dumps(request).encode() + b"\n"
        try:
            self._send(data)
        except OSError:  # it ended since it was last asked
            self.close()
            self._send(data)

    def _send(self, data: bytes) -> None:
        if self._running is None:
            self._running = start()
            weakref.finalize(self, self._running.end)
            self._running.requests.write(json.dumps(self._walls()).encode() + b"\n")
        self._running.requests.write(data)
        self._running.requests.flush()

    def _answer(self) -> Answer | None:
        data = b"" if self._running is None else self._running.answers.readline()
        if not data.endswith(b"\n"):
            return None
        answer: Answer = json.loads(data)
        return answer


def failure_of(answer: Answer) -> str:
    """Return what a child's failure says, with the end of what it printed."""
    said = line(str(answer.get("failure", "")))
    printed = " ".join(line(str(answer.get("output", ""))).split())
    return f"{said}; it printed: {printed[-200:]}" if printed else said


def _parallel() -> int:
    return max(2, min(4, os.cpu_count() or 1))

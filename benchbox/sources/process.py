"""The coordinator's end of the rules process."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchbox.errors import PluginError, from_data
from benchbox.images.facts import ImageFacts
from benchbox.patience import seconds_from
from benchbox.place import Place
from benchbox.registry import Catalogue
from benchbox.target.given import Gift, GivenRecord
from benchbox.target.zoo import TargetRecord, TargetSpec

SILENCE = "BENCHBOX_RULES_SECONDS"
"""The environment variable that says how long the process may say nothing before it is taken to hang."""
_USUAL = 2 * 3600.0  # one pass over CIFAR-10 on one core says nothing for long
_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv.pop()); from benchbox.sources.rules import main; main()"


class RulesProcess:
    """Data sets and targets, asked of one process that imports their plugins; see ``LocalSources`` for what it does.

    Args:
        catalogue: knows the data sets and models.
        place: where the data lies, where targets are kept, and on which device they are trained.
        train: whether to train a missing target.
        report: told, one line each, when a target is trained.
    """

    def __init__(self, catalogue: Catalogue, place: Place, *, train: bool, report: Callable[[str], None]) -> None:
        self._report, self._known = report, dict[str, ImageFacts]()
        self._silence, self._read = seconds_from(SILENCE, _USUAL), b""
        path = json.dumps([entry or str(Path.cwd()) for entry in sys.path])
        command = [sys.executable, "-P", "-c", _BOOT, path]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, bufsize=0)
        self._begin = {"catalogue": catalogue.to_json(), "place": place.model_dump(mode="json"), "train": train}
        self._begun = False

    def images(self, dataset: str) -> ImageFacts:
        """Have a data set loaded, and return what planning needs to know of it."""
        if dataset not in self._known:
            found = self._ask({"images": dataset}, f"data set '{dataset}' was loaded")
            self._known[dataset] = ImageFacts.model_validate(found)
        return self._known[dataset]

    def target(self, spec: TargetSpec) -> TargetRecord | None:
        """Return the trained target, or None where it is yet to be trained.

        Raises:
            NotApplicable: its model cannot take these images.
        """
        found = self._ask({"target": spec.model_dump(mode="json")}, f"target '{spec.name}' was looked for or trained")
        return None if found is None else TargetRecord.model_validate(found)

    def given(self, gift: Gift, dataset: str) -> GivenRecord | None:
        """Return what is known of a given target on a data set, or None where it was never asked, and may not be now."""
        request = {"given": gift.model_dump(mode="json"), "dataset": dataset}
        found = self._ask(request, f"target '{gift.name}' was looked for or asked")
        return None if found is None else GivenRecord.model_validate(found)

    def export(self, dataset: str, path: Path) -> None:
        """Have a data set's arrays written into a file."""
        self._ask({"export": dataset, "path": str(path)}, f"data set '{dataset}' was written for another machine")

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _ask(self, request: dict[str, Any], doing: str) -> Any:
        requests = [request] if self._begun else [self._begin, request]
        self._begun = True
        assert self._process.stdin is not None
        try:
            for each in requests:
                self._process.stdin.write(json.dumps(each).encode() + b"\n")
        except OSError:
            raise self._ended(doing) from None
        while True:
            answer = self._answer(doing)
            if "report" in answer:
                self._report(answer["report"])
            elif "error" in answer:
                raise from_data(answer)
            else:
                return answer["found"]

    def _answer(self, doing: str) -> dict[str, Any]:
        """Read a line.

        Raises:
            PluginError: the process ended, or said nothing for too long.
        """
        assert self._process.stdout is not None
        limit = time.monotonic() + self._silence
        while b"\n" not in self._read:
            if not select.select([self._process.stdout], [], [], max(0.0, limit - time.monotonic()))[0]:
                self.close()
                raise PluginError(
                    f"the process of the rules' plugins said nothing for {self._silence:g} s while {doing}"
                )
            data = os.read(self._process.stdout.fileno(), 65536)
            if not data:
                raise self._ended(doing)
            self._read += data
        text, _, self._read = self._read.partition(b"\n")
        answer: dict[str, Any] = json.loads(text)
        return answer

    def _ended(self, doing: str) -> PluginError:
        code = self._process.wait()
        return PluginError(f"the process of the rules' plugins ended (exit code {code}) while {doing}")

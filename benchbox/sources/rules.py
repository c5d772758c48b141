"""The rules process: reads data sets and trains targets for a coordinator, which imports no plugin.

It reads a request a line on standard input, and writes lines: reports, then an answer or an error.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from pydantic import BaseModel

from benchbox.errors import BenchboxError, PluginError, as_data, described
from benchbox.place import Place
from benchbox.registry import Catalogue
from benchbox.sources.local import LocalSources
from benchbox.target.given import Gift
from benchbox.target.zoo.spec import TargetSpec


class _Lines:
    """The way back to the coordinator. What plugins print goes to standard error instead."""

    def __init__(self) -> None:
        self._out = os.dup(1)
        os.dup2(2, 1)

    def say(self, answer: dict[str, Any]) -> None:
        data = json.dumps(answer).encode() + b"\n"
        with suppress(BrokenPipeError):  # the coordinator is gone: there is nobody to tell
            while data:
                data = data[os.write(self._out, data) :]

    def report(self, line: str) -> None:
        self.say({"report": line})


def main() -> None:
    """Answer requests until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the coordinator's to answer: it ends this process
    lines = _Lines()
    begin = json.loads(sys.stdin.buffer.readline())
    place = Place.model_validate(begin["place"])
    sources = LocalSources(Catalogue.from_json(begin["catalogue"]), place, train=begin["train"], report=lines.report)
    requests: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    while True:
        lines.say(_answer(sources, json.loads(requests.get())))


def _listen(requests: SimpleQueue[bytes]) -> None:
    """Pass requests on; where the coordinator hangs up, nothing that is loaded or trained here is wanted any more."""
    for request in sys.stdin.buffer:
        requests.put(request)
    os._exit(0)


def _answer(sources: LocalSources, request: dict[str, Any]) -> dict[str, Any]:
    try:
        if "images" in request:
            return {"found": sources.images(request["images"]).model_dump(mode="json")}
        if "export" in request:
            sources.export(request["export"], Path(request["path"]))
            return {"found": None}
        if "given" in request:
            record: BaseModel | None = sources.given(Gift.model_validate(request["given"]), request["dataset"])
        else:
            record = sources.target(TargetSpec.model_validate(request["target"]))
        return {"found": None if record is None else record.model_dump(mode="json")}
    except BenchboxError as error:
        return as_data(error)
    except (Exception, SystemExit) as error:  # a plugin may fail in any way; its user wants to know which and how
        return as_data(PluginError(f"{_asked(request)} failed: {described(error)}"))


def _asked(request: dict[str, Any]) -> str:
    if "images" in request or "export" in request:
        return f"data set '{request.get('images') or request['export']}'"
    if "given" in request:
        return f"target '{request['given']['name']}'"
    return f"target '{TargetSpec.model_validate(request['target']).name}'"

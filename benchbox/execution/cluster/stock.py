"""What came to a worker from the coordinator, by the hash of its content: kept in the machine's cache, verified at use."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from pathlib import Path

from benchbox.errors import ClusterError, DataError
from benchbox.execution.cluster.muster import PluginFile
from benchbox.paths import sha256_of, write_whole
from benchbox.registry.source import source_of

ASK_AGAIN = 10.0
"""Seconds after which a file is asked for again: what carries requests may lose one."""


class Stopped(Exception):  # noqa: N818 - an outcome
    """Nobody wants the cell any more that a file was awaited for."""


class Stock:
    """Files by name, which is their content's hash and an ending.

    Args:
        folder: where they are kept.
    """

    def __init__(self, folder: Path) -> None:
        self.goods, self._plugins = folder / "goods", folder / "plugins"
        self._own = uuid.uuid4().hex[:8]  # machines may share a cache, and have processes of one number
        self._news = threading.Condition()
        self._refused: dict[str, str] = {}

    def await_file(self, name: str, ask: Callable[[str], None], wanted: Callable[[], bool]) -> Path:
        """Return a file's path; have it sent where it is not here.

        Args:
            name: which.
            ask: asks the coordinator for it.
            wanted: whether somebody still waits for the cell.

        Raises:
            DataError: the coordinator cannot give it; in its words.
            Stopped: nobody wants it any more.
        """
        path, asked = self.goods / name, 0.0
        with self._news:
            self._refused.pop(name, None)
            while not path.is_file():
                if name in self._refused:
                    raise DataError(self._refused[name])
                if not wanted():
                    raise Stopped
                if asked <= 0:
                    ask(name)
                    asked = ASK_AGAIN
                self._news.wait(0.5)
                asked -= 0.5
        return path

    def receive(self, name: str, offset: int, content: bytes, total: int, sha256: str) -> None:
        """Take a piece of a file; with its last one, the file is there, whole and as it was sent, or not at all.

        Raises:
            ClusterError: it did not come as it was sent.
        """
        self.goods.mkdir(parents=True, exist_ok=True)
        part = self.goods / f".{name}.{self._own}.part"
        with part.open("r+b" if offset else "wb") as file:
            file.seek(offset)
            file.write(content)
        if offset + len(content) < total:
            return
        if sha256_of(part) != sha256:
            part.unlink()
            raise ClusterError(f"{name} came damaged")
        with self._news:
            part.replace(self.goods / name)
            self._news.notify_all()

    def refuse(self, name: str, sentence: str) -> None:
        """Take note that the coordinator cannot give a file, and why."""
        with self._news:
            self._refused[name] = sentence
            self._news.notify_all()

    def discard(self, path: Path) -> None:
        """Forget a file that turned out to be damaged."""
        path.unlink(missing_ok=True)

    def unpack(self, plugin: PluginFile) -> Path:
        """Write a single-file plugin and what lies beside it, and return its path here.

        Raises:
            ClusterError: its source is not what its hash says.
        """
        folder = self._plugins / plugin.source
        first, *_ = plugin.contents
        for name, content in plugin.contents.items():
            path = folder / name
            if not path.resolve().is_relative_to(folder.resolve()):
                raise ClusterError(f"the plugin file {plugin.path} brings a file '{name}', which is none beside it")
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.is_file() or path.read_bytes() != content:
                write_whole(path, content)
        if source_of([folder / first], beside=True) != plugin.source:
            raise ClusterError(f"the plugin file {plugin.path} changed since the run was planned")
        return folder / first

"""What a child prints: the end of it is kept, without control characters."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress

KEPT = 64 << 10
"""Bytes that are kept."""
SENTENCE = 2_000
"""Characters that are kept of a stranger's sentence."""
_LINE = 4096  # bytes after which a line is shown though it has not ended


class Output:
    """A pipe for standard output and error of one child, read by a thread.

    Args:
        live: is given what comes, as clean text, line by line, when it comes, from a thread; no more once it raised.

    Attributes:
        inlet: the file number for the child.
    """

    def __init__(self, live: Callable[[str], None] | None = None) -> None:
        self._outlet, self.inlet = os.pipe()
        self._live = live
        self._kept = bytearray()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def text(self) -> str:
        """The last ``KEPT`` bytes, as clean text."""
        return clean(self._kept[-KEPT:].decode("utf-8", "replace"))

    def close_inlet(self) -> None:
        """Close this process's copy of the inlet, once the child has its own."""
        if self.inlet >= 0:
            os.close(self.inlet)
            self.inlet = -1

    def close(self) -> None:
        """Wait until all is read; the child has ended."""
        self.close_inlet()
        self._thread.join(2)

    def _read(self) -> None:
        begun = b""
        with suppress(OSError):
            while part := os.read(self._outlet, 1 << 16):
                self._kept += part
                del self._kept[: -2 * KEPT]
                begun = self._show(begun + part)
        if begun:
            self._show(begun + b"\n")
        os.close(self._outlet)

    def _show(self, text: bytes) -> bytes:
        """Show whole lines and return the rest: ``print`` of an unbuffered child writes a line word by word."""
        if self._live is None:
            return b""
        whole, end, begun = text.rpartition(b"\n")
        if len(begun) > _LINE:
            whole, end, begun = text, b"\n", b""
        if end:
            self._tell(clean((whole + end).decode("utf-8", "replace")))
        return begun

    def _tell(self, text: str) -> None:
        try:
            if self._live is not None:
                self._live(text)
        except Exception:  # nobody listens any more; a child that prints must not wait for that
            self._live = None


def clean(text: str, most: int | None = None) -> str:
    """Return a stranger's text as a terminal and a store can take it: printable characters, line ends and tabs."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    kept = "".join(c for c in text if c in "\n\t" or c.isprintable())
    return kept if most is None or len(kept) <= most else kept[: most - 3] + "..."


def one_line(text: str, most: int = SENTENCE) -> str:
    """Return a stranger's text as one line that a terminal can take, of at most ``most`` characters."""
    return " ".join(clean(text, most).split())

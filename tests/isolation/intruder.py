"""What a hostile contestant tries. Each returns what came of it, in one word or an error's name."""

from __future__ import annotations

import ctypes
import errno
import mmap
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

LIBC = ctypes.CDLL(None, use_errno=True)


def attempt(act: Callable[[], Any]) -> str:
    """Return 'done', or the name of the error."""
    try:
        act()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, type(error).__name__)
    except Exception as error:
        return type(error).__name__
    return "done"


def call(name: str, *arguments: Any) -> str:
    """Call the C library."""
    wide = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    if getattr(LIBC, name)(*wide) == -1:
        return errno.errorcode[ctypes.get_errno()]
    return "done"


def read(path: Path) -> str:
    """Read a file, or list a folder."""
    return attempt(lambda: names(path) if path.is_dir() else path.read_bytes())


def names(path: Path) -> list[str]:
    """Return the names in a folder."""
    return sorted(child.name for child in path.iterdir())


def write(path: Path) -> str:
    """Write a file."""
    return attempt(lambda: path.write_bytes(b"was here"))


def take_memory(size: int) -> None:
    """Take bytes from the kernel: Python might give back what the process held before its limits, and no limit counts that."""
    mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE).close()


def connect(family: int, address: Any) -> str:
    """Connect to a listener."""

    def act() -> None:
        with socket.socket(family, socket.SOCK_STREAM) as caller:
            caller.settimeout(1)
            caller.connect(address)

    return attempt(act)

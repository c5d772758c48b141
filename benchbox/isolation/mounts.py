"""Mounting: the few kinds that a sandbox needs, each refused with an ``OSError``."""

from __future__ import annotations

import ctypes
from pathlib import Path

from benchbox.isolation.kernel import call, system_call

_NOSUID, _NODEV, _NOEXEC, _BIND, _RECURSIVE, _PRIVATE = 0x2, 0x4, 0x8, 0x1000, 0x4000, 0x40000
_READ_ONLY = 0x1
_DETACH = 0x2
_MOUNT_SETATTR, _AT_FDCWD, _AT_RECURSIVE = 442, -100, 0x8000


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("added", ctypes.c_uint64),
        ("removed", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("users", ctypes.c_uint64),
    )


def keep_to_ourselves() -> None:
    """Let no mount made from now on be seen in the namespace that we came from."""
    call("mount", b"none", b"/", None, _PRIVATE | _RECURSIVE, None)


def bind(source: Path, at: Path, *, writable: bool = False, device: bool = False) -> None:
    """Show a file or folder, with all that is mounted beneath it, at another place; read-only unless said otherwise."""
    _place(at, source.is_dir())
    call("mount", source, at, None, _BIND | _RECURSIVE, None)
    added = _NOSUID | (0 if device else _NODEV) | (0 if writable else _READ_ONLY)
    _add(at, added, _AT_RECURSIVE)


def memory(at: Path, size: int, *, mode: str = "755") -> None:
    """Mount an empty file system of at most this many bytes, in memory."""
    _place(at, True)
    files = max(64, size >> 14)
    options = f"size={size},nr_inodes={files},mode={mode}"
    call("mount", b"tmpfs", at, b"tmpfs", _NOSUID | _NODEV, options.encode())


def cover(path: Path, empty: Path) -> None:
    """Put an empty folder over a folder, or an empty file over a file."""
    if path.is_dir():
        call("mount", b"tmpfs", path, b"tmpfs", _NOSUID | _NODEV | _NOEXEC | _READ_ONLY, b"size=4k,mode=555")
    else:
        bind(empty, path)


def processes(at: Path) -> None:
    """Show the processes of this process's own namespace, and let nothing be set through them."""
    _place(at, True)
    call("mount", b"proc", at, b"proc", _NOSUID | _NODEV | _NOEXEC | _READ_ONLY, None)


def freeze(at: Path) -> None:
    """Make one mount read-only, and none beneath it."""
    _add(at, _READ_ONLY, 0)


def switch_root(root: Path, old: str) -> None:
    """Make a mounted folder the root. The old root is left at ``old``, a folder in it, or is gone where that is '.'."""
    call("chdir", root)
    call("pivot_root", b".", old)
    if old == ".":
        call("umount2", b".", _DETACH)
    call("chdir", b"/")


def _place(at: Path, folder: bool) -> None:
    if folder:
        at.mkdir(parents=True, exist_ok=True)
    elif not at.exists():
        at.parent.mkdir(parents=True, exist_ok=True)
        at.touch()


def _add(at: Path, flags: int, how: int) -> None:
    # The older way of setting flags replaces them, and flags of mounts from outside may not be taken away.
    attributes = _Attributes(flags, 0, 0, 0)
    size = ctypes.sizeof(attributes)
    system_call("mount_setattr", _MOUNT_SETATTR, _AT_FDCWD, str(at).encode(), how, ctypes.byref(attributes), size)

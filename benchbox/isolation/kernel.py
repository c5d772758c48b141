"""Calls into the kernel that Python 3.11 lacks, through the C library. Importable everywhere, of use on Linux."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER = 1, 4, 22, 36
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 24, 38, 47
_CAP_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 63  # beyond what any kernel has: dropping an unknown one fails with EINVAL and ends the loop

_MOST_SWEEPS = 1000  # over what dead processes left behind

LINUX = sys.platform == "linux"
MACHINE = platform.machine()
_LIBC = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: object) -> int:
    """Call a function of the C library that returns -1 on failure.

    Raises:
        OSError: it failed; the error names the function.
    """
    if not hasattr(_LIBC, name):
        raise OSError(f"the C library has no {name}")
    result = int(getattr(_LIBC, name)(*map(_wide, arguments)))
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)
    return result


def system_call(name: str, number: int, *arguments: object) -> int:
    """Make a system call for which the C library has no function; ``name`` is for the error.

    Raises:
        OSError: it failed.
    """
    try:
        return call("syscall", number, *arguments)
    except OSError as error:
        raise OSError(error.errno, error.strerror, name) from None


def prctl(option: int, *arguments: int) -> int:
    """Call ``prctl`` with zeros for the arguments that are not given: the kernel checks them."""
    return call("prctl", option, *arguments, *[0] * (4 - len(arguments)))


def die_with_parent() -> None:
    """Have the kernel kill this process when the thread that forked it ends. A change of user id forgets it."""
    prctl(PR_SET_PDEATHSIG, 9)


def forbid_looking_in() -> None:
    """Have Linux refuse other processes of the same user a look into this one's memory."""
    if LINUX:
        prctl(PR_SET_DUMPABLE, 0)


def allow_looking_in() -> None:
    """Be an ordinary process again: one that nobody may look into cannot enter a namespace either."""
    if LINUX:
        prctl(PR_SET_DUMPABLE, 1)


def adopt_orphans() -> None:
    """Become the parent of all whose parent among our children ends; of use on Linux only."""
    if LINUX:
        prctl(PR_SET_CHILD_SUBREAPER, 1)


def children_of(parent: int) -> Iterator[int]:
    """Yield the processes that have this parent now."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(fields[1]) == parent:
            yield int(folder.name)


def end_orphans(spared: Collection[int] = ()) -> None:
    """Kill the children of this process, and what becomes its child by that, but for those that are spared."""
    for _ in range(_MOST_SWEEPS):  # killing one makes orphans of what it forked
        orphans = set(children_of(os.getpid())) - set(spared)
        for orphan in orphans:
            with suppress(ProcessLookupError, PermissionError, ChildProcessError):
                os.kill(orphan, signal.SIGKILL)
                os.waitpid(orphan, 0)
        if not orphans:
            return


def forbid_new_privileges() -> None:
    """Make set-user-id programs ordinary ones, for this process and all its children, for ever."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def clear_bounding_set() -> None:
    """Take every capability out of reach of programs that this process will execute."""
    for capability in range(_LAST_CAPABILITY + 1):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            if not capability:
                raise
            return


def drop_capabilities() -> None:
    """Give up every capability that this process has."""
    prctl(PR_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    call("capset", header, (ctypes.c_uint32 * 6)())


def has_capability(number: int) -> bool:
    """Return whether this process has a capability of this number now."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("CapEff"))
    return bool(int(line.split()[1], 16) >> number & 1)


def _wide(argument: object) -> object:
    # Variadic C functions take what is pushed: a Python int would be pushed as 32 bits.
    if isinstance(argument, int):
        return ctypes.c_long(argument)
    return os.fsencode(argument) if isinstance(argument, str | Path) else argument

"""Shutting a process in: ``enter`` builds a sandbox, ``limit`` does what can be done without namespaces.

Neither closes file descriptors. Who forks the process closes what the player must not have: an open folder leads out
of any root, and is stopped by Landlock alone.
"""

from __future__ import annotations

import os
import select
import sys
from contextlib import suppress

from benchbox.errors import SandboxError
from benchbox.isolation import landlock, limits, root, rules, seccomp, users, waiter
from benchbox.isolation.kernel import LINUX, MACHINE, call, die_with_parent, forbid_new_privileges, prctl
from benchbox.isolation.kernel import PR_SET_DUMPABLE as _DUMPABLE
from benchbox.isolation.walls import Walls, walls
from benchbox.records import Sealed

__all__ = ["SandboxError", "Sealed", "Walls", "enter", "limit", "walls"]

_INSIDE = users.NEW_MOUNTS | users.NEW_NETWORK | users.NEW_IPC | users.NEW_NAMES
_HOME = "/tmp"
_GPU_NEEDS = ("memfd_create",)


def enter(walls: Walls) -> None:
    """Shut this process in. It must be freshly forked, with one thread, by a thread that outlives it.

    The call returns in a child of this process, which is pid 1 of its own namespace; when it ends, the kernel ends all
    that it forked. This process itself waits, and ends as the child does: with its exit status or by its signal. When
    it is killed, or its parent ends, so is everything inside. The child is alone in its session, in ``/tmp``, an
    empty folder of its own, and may make neither network connections nor namespaces.

    Raises:
        SandboxError: the system forbids it, in this process or in the child. The process is then half shut in, and must
            end without running anything that is not trusted.
    """
    if not (LINUX and seccomp.available()):
        raise SandboxError(f"a sandbox cannot be built on {sys.platform} {MACHINE}")
    parent, nobody = os.getppid(), users.must_become_nobody()
    try:
        users.enter_user_namespace()
        _end_with(parent)
        alive, held = os.pipe()
        child = os.fork()
        if child:
            waiter.wait(child, held, walls.memory)
        os.close(held)
        _shut_in(walls, nobody, alive)
    except OSError as error:
        raise SandboxError(f"the sandbox cannot be built: {_sentence(error)}") from None


def limit(walls: Walls) -> None:
    """Do to this process what needs no namespaces: files and network by Landlock, system calls, limits, environment.

    Much of it is had on Linux only. Its home is the first writable folder, if there is one. What it forks may outlive it,
    unless it says ``seccomp.stay_in_group`` and whoever started it ends that group.

    Raises:
        SandboxError: the system knows these means and yet refused one.
    """
    try:
        with suppress(PermissionError):  # it leads a session already
            os.setsid()
        allowed = rules.in_process(walls) if LINUX else []
        limits.limit_resources(walls, limits.tasks_of_this_user() + walls.processes)
        limits.clean(str(walls.writable[0]) if walls.writable else "/nonexistent")
        if LINUX:
            with suppress(PermissionError):  # only root has capabilities to lose
                users.give_up_rights(nobody=False)
            _end_with(os.getppid())
            _lock(walls, allowed, unix_sockets=False)
    except OSError as error:
        raise SandboxError(f"the player cannot be limited: {_sentence(error)}") from None


def _shut_in(walls: Walls, nobody: bool, alive: int) -> None:
    users.forbid_more_namespaces()
    call("unshare", _INSIDE)
    os.setsid()  # a signal to one's own group passes every namespace
    call("sethostname", b"player", len("player"))
    limits.limit_resources(walls, walls.processes)
    limits.clean(_HOME)
    allowed = rules.in_sandbox(walls)
    root.build(walls)
    users.give_up_rights(nobody)
    prctl(_DUMPABLE, 1)  # else its own /proc/self is closed to it, since it changed its user
    _end_with_waiter(alive)
    _check_readable(walls)
    _lock(walls, allowed, unix_sockets=True)


def _lock(walls: Walls, allowed: list[landlock.Rule], *, unix_sockets: bool) -> None:
    forbid_new_privileges()
    landlock.restrict(allowed)
    if seccomp.available():
        seccomp.restrict(unix_sockets=unix_sockets, spared=_GPU_NEEDS if walls.gpu else ())


def _check_readable(walls: Walls) -> None:
    for path in walls.readable:
        if not os.access(path, os.R_OK):
            raise SandboxError(f"{path} cannot be read by user {os.getuid()}, as whom players run; chmod -R a+rX it")


def _end_with(parent: int) -> None:
    die_with_parent()
    if os.getppid() != parent:
        os._exit(1)


def _end_with_waiter(alive: int) -> None:
    die_with_parent()
    # The waiter has no process id in here; that it ended before the line above is seen by its end of a pipe.
    if select.select([alive], [], [], 0)[0]:
        os._exit(1)
    os.close(alive)


def _sentence(error: OSError) -> str:
    if isinstance(error, FileNotFoundError) and isinstance(error.filename, str | os.PathLike):
        return f"{os.fspath(error.filename)} is not there"
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)

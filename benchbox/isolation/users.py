"""A user namespace of one's own, and the user that a player becomes in it."""

from __future__ import annotations

import os
from pathlib import Path

from benchbox.isolation.kernel import call, clear_bounding_set, drop_capabilities, has_capability

NEW_MOUNTS, NEW_NAMES, NEW_IPC = 0x00020000, 0x04000000, 0x08000000
NEW_USERS, NEW_PIDS, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
NOBODY = 65534
_CAP_SETUID = 7


def enter_user_namespace() -> None:
    """Take all rights in a new user namespace, and none outside. Processes made from now on live under a new pid 1.

    Raises:
        OSError: the system forbids it.
    """
    if must_become_nobody():
        _mapped_by_a_helper()
        return
    uid, gid = os.getuid(), os.getgid()
    call("unshare", NEW_USERS | NEW_PIDS)
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny")  # else the kernel takes no map of groups from an ordinary user
    (own / "uid_map").write_text(f"{uid} {uid} 1")
    (own / "gid_map").write_text(f"{gid} {gid} 1")


def must_become_nobody() -> bool:
    """Return whether this is root: the kernel bounds no processes of root's, so the player must be another user."""
    return os.getuid() == 0 and has_capability(_CAP_SETUID) and _is_known(NOBODY)


def give_up_rights(nobody: bool) -> None:
    """Become an ordinary user without capabilities, for ever."""
    clear_bounding_set()
    if nobody:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    drop_capabilities()


def forbid_more_namespaces() -> None:
    """Allow no user namespace within this one, where the system lets that be said; the filter of calls says it too."""
    try:
        Path("/proc/sys/user/max_user_namespaces").write_text("0")
    except OSError:
        return


def _is_known(uid: int) -> bool:
    lines = Path("/proc/self/uid_map").read_text(encoding="utf-8").splitlines()
    ranges = (tuple(map(int, line.split())) for line in lines)
    return any(first <= uid < first + count for first, _, count in ranges)


def _mapped_by_a_helper() -> None:
    """Unshare, and have a process that stayed outside write maps of all users: from within, only one is allowed."""
    ready, say_ready = os.pipe()
    target = os.getpid()
    helper = os.fork()
    if helper == 0:
        os.close(say_ready)
        _map_everyone(target, ready)
    os.close(ready)
    try:
        call("unshare", NEW_USERS | NEW_PIDS)
        os.write(say_ready, b".")
    finally:
        os.close(say_ready)
        status = os.waitpid(helper, 0)[1]
    if status:
        raise PermissionError("mapping users into a new namespace is forbidden to root here")


def _map_everyone(target: int, ready: int) -> None:
    code = 1
    try:
        if os.read(ready, 1):
            for name in ("uid_map", "gid_map"):
                Path(f"/proc/{target}/{name}").write_text(_same(Path("/proc/self", name).read_text(encoding="utf-8")))
            code = 0
    finally:
        os._exit(code)


def _same(known: str) -> str:
    ranges = (line.split() for line in known.splitlines())
    return "".join(f"{first} {first} {count}\n" for first, _, count in ranges)

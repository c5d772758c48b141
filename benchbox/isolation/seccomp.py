"""A filter of system calls: what no contestant needs and what would weaken the other walls is refused.

Files that two players may read part them no more than a pane of glass: locks, leases and watches go through it.
Namespaces do not part everything: virtual-machine sockets and kernel keys know none, io_uring goes round other filters,
and a process may ask not to die with its parent. A filter also works where namespaces are forbidden: there, and among plugins
that are imported side by side, one process could set another's limits, priority and processors, which no other wall forbids.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import struct
from collections.abc import Collection, Iterator

from benchbox.isolation.kernel import LINUX, MACHINE, PR_SET_PDEATHSIG, PR_SET_SECCOMP, prctl

_DENIED = {  # x86_64, aarch64
    "acct": (163, 89), "add_key": (248, 217), "bpf": (321, 280), "cachestat": (451, 451), "chroot": (161, 51),
    "delete_module": (176, 106), "fanotify_init": (300, 262),
    "finit_module": (313, 273), "fsconfig": (431, 431), "fsmount": (432, 432), "fsopen": (430, 430), "fspick": (433, 433),
    "init_module": (175, 105), "inotify_init": (253, 26), "inotify_init1": (294, 26),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425), "ioprio_set": (251, 30), "kcmp": (312, 272), "kexec_load": (246, 104), "keyctl": (250, 219),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "mount": (165, 40), "mount_setattr": (442, 442),
    "move_mount": (429, 429), "mq_open": (240, 180), "msgctl": (71, 187), "msgget": (68, 186), "msgrcv": (70, 188),
    "msgsnd": (69, 189), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "open_tree": (428, 428), "perf_event_open": (298, 241), "personality": (135, 92),
    "pidfd_getfd": (438, 438), "pivot_root": (155, 41), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "ptrace": (101, 117), "reboot": (169, 142), "request_key": (249, 218), "semctl": (66, 191), "semget": (64, 190),
    "semop": (65, 193), "semtimedop": (220, 192), "setns": (308, 268), "setpriority": (141, 140), "shmat": (30, 196),
    "shmctl": (31, 195), "shmget": (29, 194), "swapon": (167, 224), "syslog": (103, 116), "umount2": (166, 39),
    "unshare": (272, 97), "userfaultfd": (323, 282),
}  # fmt: skip
"""Memory that no limit counts (memfd, System V) is among them, with what others have of it and a number finds; what tells that
somebody else reads a file; and what is counted user by user, so that one player runs out of what another takes."""

_OF_ONESELF = {
    "prlimit64": (302, 261), "sched_setaffinity": (203, 122), "sched_setattr": (314, 274), "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
}  # fmt: skip
"""Calls whose first argument is a process, and 0 the caller: about others they are refused."""

_LEAVING = {"setpgid": (109, 154), "setsid": (112, 157)}
"""Ways out of a process group."""

_FLOCK, _FCNTL = (73, 32), (72, 25)
_LOCKS = (6, 7, 37, 38)  # F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW
_ASKING = (5, 36, 1024, 1025, 1026)  # F_GETLK, F_OFD_GETLK, F_SETLEASE, F_GETLEASE, F_NOTIFY

_CLONE, _SOCKET, _PRCTL, _CLONE3 = (56, 220), (41, 198), (157, 167), 435
_NEW_NAMESPACES = 0x7E020000
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_X32 = 0x40000000  # a second table of the same calls under other numbers, on x86_64 only

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24
_ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_FILTER = 2


def available() -> bool:
    """Return whether the system calls of this machine are known here."""
    return LINUX and MACHINE in _MACHINES


def restrict(*, unix_sockets: bool, spared: Collection[str] = ()) -> None:
    """Filter the system calls of this process and of its children. The caller must have forbidden new privileges.

    Args:
        unix_sockets: whether sockets between processes of this machine may be made; no other kind ever may. A pair of
            connected ones always may.
        spared: calls that are let through all the same.

    Raises:
        OSError: the kernel refused.
    """
    column, architecture = _MACHINES[MACHINE]
    _install(architecture, _refusals(column, unix_sockets, spared))


def stay_in_group() -> None:
    """Keep this process and all that it forks in its process group: one signal then ends them all, however fast they fork.

    Nothing happens where system calls are not filtered. The caller must have forbidden new privileges.

    Raises:
        OSError: the kernel refused.
    """
    if available():
        column, architecture = _MACHINES[MACHINE]
        steps = (step for numbers in _LEAVING.values() for step in _when(_EQUAL, numbers[column], _ERROR | errno.EPERM))
        _install(architecture, steps)


def _install(architecture: int, steps: Iterator[bytes]) -> None:
    """Filter by these steps, which find a call's number loaded; what they do not return for is allowed."""
    code = b"".join([*_numbered(architecture), *steps, _step(_RETURN, _ALLOW)])
    text = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(text))
    # The kernel copies the program; both buffers live until the call returns.
    holder = ctypes.create_string_buffer(program, len(program))
    prctl(PR_SET_SECCOMP, _FILTER, ctypes.addressof(holder))


def _numbered(architecture: int) -> Iterator[bytes]:
    yield _step(_LOAD, _ARCHITECTURE)
    yield from _unless(_EQUAL, architecture, _KILL)
    yield _step(_LOAD, _NUMBER)
    yield from _when(_AT_LEAST, _X32, _ERROR | errno.ENOSYS)


def _refusals(column: int, unix_sockets: bool, spared: Collection[str]) -> Iterator[bytes]:
    for numbers in (numbers for name, numbers in _DENIED.items() if name not in spared):
        yield from _when(_EQUAL, numbers[column], _ERROR | errno.EPERM)
    # Its flags lie in memory, where a filter cannot look; C libraries then use clone.
    yield from _when(_EQUAL, _CLONE3, _ERROR | errno.ENOSYS)
    for numbers in _OF_ONESELF.values():
        yield from _on_argument(numbers[column], _unless(_EQUAL, 0, _ERROR | errno.EPERM))
    yield from _on_argument(_CLONE[column], _when(_ANY_BIT, _NEW_NAMESPACES, _ERROR | errno.EPERM))
    yield from _on_argument(_PRCTL[column], _when(_EQUAL, PR_SET_PDEATHSIG, _ERROR | errno.EPERM))
    # A lock on a file that two players may read is a word from one to the other. Libraries that lock what is theirs alone are
    # told that they did.
    yield from _when(_EQUAL, _FLOCK[column], _ERROR)
    tests = (*((each, _ERROR) for each in _LOCKS), *((each, _ERROR | errno.EINVAL) for each in _ASKING))
    commands = (step for number, verdict in tests for step in _when(_EQUAL, number, verdict))
    yield from _on_argument(_FCNTL[column], commands, _SECOND_ARGUMENT)
    refused = _ERROR | errno.EAFNOSUPPORT
    family = _unless(_EQUAL, socket.AF_UNIX, refused) if unix_sockets else iter([_step(_RETURN, refused)])
    yield from _on_argument(_SOCKET[column], family)


def _on_argument(number: int, test: Iterator[bytes], argument: int = _FIRST_ARGUMENT) -> Iterator[bytes]:
    body = [_step(_LOAD, argument), *test, _step(_RETURN, _ALLOW)]
    yield _step(_EQUAL, number, 0, len(body))
    yield from body


def _when(test: int, value: int, verdict: int) -> Iterator[bytes]:
    yield _step(test, value, 0, 1)
    yield _step(_RETURN, verdict)


def _unless(test: int, value: int, verdict: int) -> Iterator[bytes]:
    yield _step(test, value, 1, 0)
    yield _step(_RETURN, verdict)


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)

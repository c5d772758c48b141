"""How far this machine lets a player be shut in, and if not all the way, why."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchbox.errors import SandboxError
from benchbox.isolation import landlock, seccomp
from benchbox.isolation.kernel import LINUX, MACHINE
from benchbox.isolation.sandbox import enter, walls
from benchbox.isolation.walls import SWITCH, switched_off
from benchbox.records import Sealed

_PATIENCE = 30.0
_SEALED = 42
_PROBE = "from benchbox.isolation.capability import probe; probe()"
_SYSTEM_SETTINGS = {
    "kernel/unprivileged_userns_clone": ("0", "kernel.unprivileged_userns_clone=1"),
    "kernel/apparmor_restrict_unprivileged_userns": ("1", "kernel.apparmor_restrict_unprivileged_userns=0"),
    "user/max_user_namespaces": ("0", "user.max_user_namespaces=10000"),
}
"""Settings by file below /proc/sys: the value that forbids a sandbox, and what to set instead."""


@dataclass(frozen=True)
class Capability:
    """What this machine can do.

    Attributes:
        sealed: ``sandbox`` or ``process``.
        landlock: the version of Landlock; 0 where there is none.
        reasons: why it is no sandbox, each a sentence with what to do about it.
    """

    sealed: Sealed
    landlock: int
    reasons: tuple[str, ...]


def capability() -> Capability:
    """Try a sandbox in a fresh process and return what came of it; ``BENCHBOX_SANDBOX=off`` forgoes it."""
    if switched_off():
        return Capability(Sealed.PROCESS, landlock.abi(), (f"The sandbox is switched off by {SWITCH}; unset it.",))
    return _tried()


def probe() -> None:
    """Enter a sandbox and exit with a code that says so; called in a process of its own."""
    try:
        enter(walls())
    except SandboxError as error:
        sys.exit(str(error))
    os._exit(_SEALED if os.getpid() == 1 else 1)


@cache
def _tried() -> Capability:
    refused = _refusal()
    return Capability(Sealed.PROCESS if refused else Sealed.SANDBOX, landlock.abi(), tuple(_causes(refused)))


def _refusal() -> str:
    """Return why no sandbox could be built, or nothing."""
    if not (LINUX and seccomp.available()):
        return f"a sandbox needs Linux on x86_64 or aarch64, and this is {sys.platform} on {MACHINE}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        # A process of its own: this one may have threads, and a new user namespace takes one thread only.
        ended = subprocess.run(
            [sys.executable, "-P", "-c", _PROBE],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"the trial did not end: {error}"
    if ended.returncode == _SEALED:
        return ""
    return (ended.stderr.strip().splitlines() or [f"the trial ended with {ended.returncode}"])[-1]


def _causes(refused: str) -> Iterator[str]:
    if not refused:
        return
    yield f"{refused[0].upper()}{refused[1:]}."
    if not LINUX:
        return
    for name, (forbidding, instead) in _SYSTEM_SETTINGS.items():
        if _read(Path("/proc/sys") / name) == forbidding:
            yield f"{name.replace('/', '.')} is {forbidding}: sudo sysctl {instead}."
    if "\nSeccomp:\t2" in _read(Path("/proc/self/status")):
        yield "A filter of system calls is on, as in containers: docker run --security-opt seccomp=unconfined."


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""

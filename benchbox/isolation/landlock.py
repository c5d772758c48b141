"""Landlock: what a process may do with files, by itself and without any right; Linux 5.13 and newer."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntFlag
from functools import cache
from pathlib import Path
from stat import S_ISDIR

from benchbox.isolation.kernel import LINUX, system_call

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1
_TCP = 0b11  # bind, connect
_SCOPES = 0b11  # abstract unix sockets, signals
_ABI_TCP, _ABI_SCOPES = 4, 6


class Access(IntFlag):
    """Rights on files, with the kernel's numbers."""

    EXECUTE = 1 << 0
    WRITE = 1 << 1
    READ = 1 << 2
    LIST = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_FILE = 1 << 8
    MAKE_SOCKET = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_LINK = 1 << 12
    REFER = 1 << 13
    TRUNCATE = 1 << 14
    IOCTL = 1 << 15


SEE = Access.EXECUTE | Access.READ | Access.LIST
DEVICE = Access.READ | Access.WRITE | Access.IOCTL
CHANGE = (SEE | Access((1 << 16) - 1)) & ~(Access.MAKE_CHAR | Access.MAKE_BLOCK | Access.IOCTL)
_OF_FILES = Access.EXECUTE | Access.WRITE | Access.READ | Access.TRUNCATE | Access.IOCTL
_BITS_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15}
_BITS_SINCE_5 = 16


@dataclass(frozen=True)
class Rule:
    """What is allowed on a file, or on a folder and all beneath it. What no rule allows is forbidden."""

    path: Path
    access: Access


class _Handled(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("access", ctypes.c_uint64), ("parent", ctypes.c_int32))


@cache
def abi() -> int:
    """Return which version of Landlock the kernel speaks; 0 where there is none, or it is switched off."""
    if not LINUX:
        return 0
    try:
        return system_call("landlock_create_ruleset", _CREATE, None, 0, _ASK_VERSION)
    except OSError:
        return 0


def restrict(rules: Iterable[Rule]) -> None:
    """Keep this process and its children to the rules: files, and where the kernel can, no TCP and no signals outside.

    Nothing happens where there is no Landlock. The caller must have forbidden new privileges.

    Raises:
        OSError: the kernel refused.
    """
    version = abi()
    if not version:
        return
    handled = Access((1 << _BITS_BY_ABI.get(version, _BITS_SINCE_5)) - 1)
    ruleset = _ruleset(handled, version)
    try:
        for rule in rules:
            _add(ruleset, rule, handled)
        system_call("landlock_restrict_self", _RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)


def _ruleset(handled: Access, version: int) -> int:
    attributes = _Handled(handled, _TCP if version >= _ABI_TCP else 0, _SCOPES if version >= _ABI_SCOPES else 0)
    # Older kernels refuse a structure with fields that they do not know, even of zeros beyond a shorter size.
    size = 24 if version >= _ABI_SCOPES else 16 if version >= _ABI_TCP else 8
    return system_call("landlock_create_ruleset", _CREATE, ctypes.byref(attributes), size, 0)


def _add(ruleset: int, rule: Rule, handled: Access) -> None:
    opened = os.open(rule.path, os.O_PATH | os.O_CLOEXEC)
    try:
        suitable = ~Access(0) if S_ISDIR(os.fstat(opened).st_mode) else _OF_FILES
        access = rule.access & handled & suitable
        if access:
            beneath = _Beneath(access, opened)
            system_call("landlock_add_rule", _ADD, ruleset, _PATH_BENEATH, ctypes.byref(beneath), 0)
    finally:
        os.close(opened)

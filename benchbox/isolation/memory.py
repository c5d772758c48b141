"""How a worker's C library treats memory that was freed."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable
from typing import cast

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4  # of <malloc.h>
_NEVER = 2**31 - 1


def keep_freed_memory() -> None:
    """Have glibc keep freed memory for the next tensor, rather than return it and fetch new pages that must be zeroed.

    Networks free and make the same large tensors at every step: a quarter of an attack's time went into page faults.
    Nothing happens where the C library is another one.
    """
    mallopt = _glibc("mallopt")
    if mallopt is not None:
        mallopt(_M_MMAP_MAX, 0)
        mallopt(_M_TRIM_THRESHOLD, _NEVER)


def return_freed_memory() -> None:
    """Have glibc return what is free by now, between things that have nothing in common; see ``keep_freed_memory``."""
    trim = _glibc("malloc_trim")
    if trim is not None:
        gc.collect()
        trim(0)


def _glibc(name: str) -> Callable[..., int] | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        return cast("Callable[..., int]", getattr(ctypes.CDLL("libc.so.6"), name))
    except (OSError, AttributeError):
        return None

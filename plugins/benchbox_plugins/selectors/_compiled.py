"""Numba's decorators, with their settings in one place and a type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile a function of numbers and arrays at its first call, and keep the machine code for the next process."""
    try:
        machine_code: Any = njit(cache=True, nogil=True)(function)
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        machine_code = njit(nogil=True)(function)
    return cast(F, machine_code)


def inlined(function: F) -> F:
    """Make a function part of the compiled ones that call it: a call would count references to each array it is given."""
    return cast(F, njit(inline="always")(function))

"""Reading option values that hold several things."""

from __future__ import annotations

from collections.abc import Iterable

from benchbox.errors import OptionError
from benchbox.registry.spec import split


def several(values: Iterable[str]) -> tuple[str, ...]:
    """Split repeated values at commas, except those within ``name[a=1,b=2]`` and those behind a backslash."""
    return tuple(part.strip() for value in values for part in split(value) if part.strip())


def whole_numbers(option: str, values: Iterable[str]) -> tuple[int, ...]:
    """Read whole numbers, separated by commas or repeated.

    Raises:
        OptionError: a part is not a whole number.
    """
    return tuple(_whole(option, part) for part in several(values))


def seeds(text: str) -> tuple[int, ...]:
    """Read ``5`` as the first five seeds, 0 to 4, and ``0,3`` (or ``3,``) as these seeds.

    Raises:
        OptionError: it is neither.
    """
    if not text:
        return ()
    if "," in text:
        return whole_numbers("--seeds", [text])
    count = _whole("--seeds", text)
    if count < 1:
        raise OptionError(f"--seeds {count} is no seed at all; write how many, or list them with commas")
    return tuple(range(count))


def _whole(option: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise OptionError(f"{option}: '{text}' is not a whole number") from None

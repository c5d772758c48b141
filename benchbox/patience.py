"""How long the program waits for others, where the environment says it."""

from __future__ import annotations

import os

from benchbox.errors import OptionError, shown

_LONGEST = 366 * 24 * 3600


def seconds_from(name: str, usual: float) -> float:
    """Return the seconds that an environment variable names; the usual where it is not set, or empty.

    Raises:
        OptionError: it is no such number.
    """
    text = os.environ.get(name, "")
    try:
        found = float(text or usual)
    except ValueError:
        found = 0.0
    if not 0 < found <= _LONGEST:
        raise OptionError(
            f"the environment variable {name}: '{shown(text)}' should be a number of seconds above 0, at most {_LONGEST}"
        )
    return found

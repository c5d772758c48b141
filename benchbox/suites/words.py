"""The types of a suite file's values: TOML's own and no others, texts of one line, numbers that a store can hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, Strict

from benchbox.records import Sealed

MOST_SEED = 2**63 - 1
"""The largest seed: what generators of random numbers and stores take."""
MOST_SEEDS = 10_000
"""Seeds of one run. A typing slip must not plan cells until memory is full."""
MOST_BUDGET = 2**53
"""The largest budget: whole numbers up to here are the same in a store, in JSON and on a page."""
MOST_IMAGES = 10**9
HELD_OUT = "held-out:"
"""What stands before a data set's name where settings are chosen on it: its test images stay unseen."""
LONGEST_WRITTEN = 2000
"""Characters of a plugin with its options."""
MOST_JOBS = 1000
"""Cells at once, beyond what any one machine plays."""
LONGEST_TIME = 366 * 24 * 3600
"""Seconds of the longest time limit, a year: timers of the system end somewhere beyond."""


def one_line(text: str) -> str:
    """Return a text that people read in a table.

    Raises:
        ValueError: it is blank, of several lines, or has characters that steer a terminal.
    """
    if not text.strip():
        raise ValueError("should not be empty")
    if not text.isprintable():
        raise ValueError("should be one line without control characters")
    return text


def _lines(text: str) -> str:
    if not all(c.isprintable() or c in "\n\t" for c in text):
        raise ValueError("should have no control characters")
    return text


Name = Annotated[str, Field(max_length=100), AfterValidator(one_line)]
Title = Annotated[str, Field(max_length=300), AfterValidator(one_line)]
Described = Annotated[str, Field(max_length=10_000), AfterValidator(_lines)]
Written = Annotated[str, Field(max_length=LONGEST_WRITTEN), AfterValidator(one_line)]
"""A plugin with its options, as ``name[option=value]``."""

Seed = Annotated[int, Field(ge=0, le=MOST_SEED)]
Budget = Annotated[int, Field(ge=1, le=MOST_BUDGET)]
ImageCount = Annotated[int, Field(ge=1, le=MOST_IMAGES)]
Seconds = Annotated[float, Field(gt=0, le=LONGEST_TIME, allow_inf_nan=False)]

# strict tables would want an instance where TOML can only write a text
WrittenSealed = Annotated[Sealed, Strict(False)]

"""Types of options whose values click alone would take too much for: ``1_0``, ``inf``, five thousand digits."""

from __future__ import annotations

import math
import re
from typing import Any

import click

from benchbox.errors import OptionError, shown
from benchbox.suites.asked import whole

_NUMBER = re.compile(r"[0-9]{1,19}(\.[0-9]{1,19})?")


class Whole(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.2 on
    """A whole number, written in digits.

    Args:
        least, most: what it may be.
    """

    name = "integer"

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the number."""
        try:
            found = value if isinstance(value, int) else whole("it", str(value))
        except OptionError:
            self.fail(f"'{shown(value)}' is not a whole number from {self.least} to {self.most:,}", param, ctx)
        if not self.least <= found <= self.most:
            self.fail(f"{shown(value)} is not from {self.least} to {self.most:,}", param, ctx)
        return found


class Number(click.ParamType):  # type: ignore[type-arg]
    """A number, written in digits with or without a point.

    Args:
        most: the largest that it may be.
        zero: whether it may be 0.
    """

    name = "number"

    def __init__(self, most: float = math.inf, *, zero: bool = False) -> None:
        self.most, self.zero = most, zero

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read the number."""
        text = str(value).strip()
        found = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not (found > 0 or (self.zero and found == 0)):
            self.fail(f"'{shown(value)}' is not a number {'of at least' if self.zero else 'above'} 0", param, ctx)
        if found > self.most:
            self.fail(f"{shown(value)} is more than {self.most:g}", param, ctx)
        return found

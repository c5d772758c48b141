"""What tables are made of: texts that are to be shown and never interpreted, figures, intervals."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchbox.report.statistics import Interval
from benchbox.report.views import Point
from benchbox.scoring.metrics import UNITS


class Name(str):
    """Text that a plugin, a suite file or an error brought: to be shown as it is, never to be interpreted."""

    __slots__ = ()


class Words(str):
    """As ``Name``, for a phrase rather than an identifier."""

    __slots__ = ()


class Ready(str):
    """Text that the form itself has made harmless already, a link for example."""

    __slots__ = ()


class Best(str):
    """The highest figure of its column."""

    __slots__ = ()


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes:
        head: column titles.
        rows: cells; ``Name`` and ``Best`` among plain strings.
        left: how many columns from the left hold words, and are aligned left.
        words: further columns that hold words.
    """

    head: list[str]
    rows: list[list[str]]
    left: int = 1
    words: tuple[int, ...] = field(default=())


def amount(value: float, unit: str = "%") -> str:
    """Return a value as the unit of this mark is written: a share in per cent, queries whole. NaN is a dash."""
    return UNITS[unit].text(value)


def percent(share: float) -> str:
    """Return a share in per cent with one decimal, or a dash."""
    return amount(share)


def figure(found: Interval | Point | None, wanted: int, unit: str = "%") -> str:
    """Return a mean with its interval, and the number of seeds where it is one, or not the wanted number.

    ``95.0 ± 1.0``: over seeds. ``95.0 [93.1, 95.8]``: the same, where the two ends are not as far from the mean.
    ``95.0 [92.3, 96.9] (1 seed)``: Wilson's, the test sample's alone.
    """
    if found is None:
        return "–"
    seeds = int(found.n if isinstance(found, Interval) else found.seeds)
    usual = seeds == wanted and seeds > 1
    count = "" if usual else f" ({seeds} seed{'s' * (seeds != 1)})"
    up, down = amount(found.high - found.mean, unit), amount(found.mean - found.low, unit)
    if found.kind in ("t", "logit") and up == down:
        return f"{amount(found.mean, unit)} ± {up}{count}"
    if found.kind == "none":
        return f"{amount(found.mean, unit)}{count}"
    return f"{amount(found.mean, unit)} [{amount(found.low, unit)}, {amount(found.high, unit)}]{count}"

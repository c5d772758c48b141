"""Reading what a user asked for: names, whole numbers and seeds, from a command line or from Python."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from benchbox.errors import OptionError, quoted, shown
from benchbox.paths import expanded
from benchbox.registry.spec import split
from benchbox.suites.words import LONGEST_WRITTEN, MOST_BUDGET, MOST_SEED, MOST_SEEDS, one_line

if TYPE_CHECKING:
    from benchbox.contracts import Plugin

    Plugins = Sequence[Path | str | type[Plugin]] | Path | str | type[Plugin]

_WHOLE = re.compile(r"-?[0-9]{1,19}")
_RANGE = re.compile(r"(-?[0-9]+)\.\.(-?[0-9]+)")


def several(option: str, values: Iterable[str]) -> tuple[str, ...]:
    """Split repeated values at commas, except those within ``name[a=1,b=2]``.

    Raises:
        OptionError: a value is empty: it would say nothing, and mean everything.
    """
    found: list[str] = []
    for value in values:
        parts = [part.strip() for part in split(value) if part.strip()]
        if not parts:
            raise OptionError(f"{option}: an empty value names nothing; leave {option} out for what the suite says")
        found += parts
    return tuple(found)


def whole(option: str, text: str) -> int:
    """Read a whole number, in digits alone: Python's ``1_0`` is more often a slip than a ten.

    Raises:
        OptionError: it is none, or has more than 19 digits.
    """
    if _WHOLE.fullmatch(text.strip()):
        return int(text)
    reason = "is too large" if re.fullmatch("-?[0-9]+", text.strip()) else "is not a whole number"
    raise OptionError(f"{option}: '{shown(text)}' {reason}")


def whole_numbers(option: str, values: Iterable[str]) -> tuple[int, ...]:
    """Read whole numbers, separated by commas or repeated.

    Raises:
        OptionError: a part is not a whole number.
    """
    return tuple(whole(option, part) for part in several(option, values))


def read_seeds(text: str, option: str = "--seeds") -> tuple[int, ...]:
    """Read ``5`` as the first five seeds, 0 to 4; ``0,3``, ``2..4`` and ``3,`` as these seeds.

    Raises:
        OptionError: it is none of these, or more seeds than a run plays.
    """
    if text.strip() and "," not in text and ".." not in text:
        return seed_count(whole(option, text), option)
    found: list[int] = []
    for part in several(option, [text]):
        ends = _RANGE.fullmatch(part)
        first, last = (whole(option, end) for end in (ends.groups() if ends else (part, part)))
        if last < first or last - first >= MOST_SEEDS:
            raise OptionError(f"{option}: '{shown(part)}' should be two seeds, the smaller first, {_MANY}")
        found += range(first, last + 1)
    return check_seeds(found, option)


def seed_count(count: int, option: str) -> tuple[int, ...]:
    """Return the first ``count`` seeds.

    Raises:
        OptionError: there are none, or too many.
    """
    if not 1 <= count <= MOST_SEEDS:
        raise OptionError(
            f"{option}: {shown(count)} is not how many seeds to play; {_MANY}, or list them: '3,' is seed 3"
        )
    return tuple(range(count))


def check_seeds(seeds: Iterable[int], option: str) -> tuple[int, ...]:
    """Return seeds, each once.

    Raises:
        OptionError: one is negative or too large, or there are too many.
    """
    found = tuple(dict.fromkeys(seeds))
    for seed in found:
        if not 0 <= seed <= MOST_SEED:
            said = "negative" if seed < 0 else f"larger than {MOST_SEED}"
            raise OptionError(f"{option}: seed {shown(seed)} is {said}; seeds are 0, 1, 2, ...")
    if len(found) > MOST_SEEDS:
        raise OptionError(f"{option}: {len(found):,} seeds are too many; {_MANY}")
    return found


def names(key: str, value: Any) -> tuple[str, ...]:
    """Return texts that a Python caller gave: one, or several.

    Raises:
        OptionError: it is neither, or one is empty.
    """
    found = (value,) if isinstance(value, str | PurePath) else _choice(key, value, "text")
    for text in found:
        if not isinstance(text, str | PurePath):
            raise OptionError(f"{key}: {quoted(text)} should be text, in a list or alone")
        if not str(text).strip():
            raise OptionError(f"{key}: an empty value names nothing; leave {key} out for what the suite says")
    return tuple(str(text) for text in found)


def text(key: str, value: Any) -> str:
    """Return a text that a Python caller gave.

    Raises:
        OptionError: it is none.
    """
    if not isinstance(value, str):
        raise OptionError(f"{key}: {quoted(value)} should be text")
    return value


def plugins_given(value: Any) -> tuple[list[Path], list[type[Plugin]]]:
    """Return the plugin files and the plugin classes that a Python caller gave: one, or several of either.

    Raises:
        OptionError: something is neither.
    """
    given = (value,) if isinstance(value, type | str | PurePath) else _sequence("plugins", value, "paths or classes")
    files = [each for each in given if not isinstance(each, type)]
    return [expanded(path) for path in names("plugins", tuple(files))], [
        each for each in given if isinstance(each, type)
    ]


def written(key: str, texts: Iterable[str]) -> tuple[str, ...]:
    """Return plugins with options as a suite file could hold them: of one line, and not endless.

    Raises:
        OptionError: one is not.
    """
    for text in texts:
        try:
            one_line(text)
        except ValueError as error:
            raise OptionError(f"{key}: '{shown(text)}' {error}") from None
        if len(text) > LONGEST_WRITTEN:
            raise OptionError(f"{key}: '{shown(text)}' should have at most {LONGEST_WRITTEN:,} characters")
    return tuple(texts)


def numbers(key: str, value: Any) -> tuple[int, ...]:
    """Return whole numbers that a Python caller gave: one, or several.

    Raises:
        OptionError: it is neither.
    """
    found = (value,) if is_whole(value) else _choice(key, value, "a whole number")
    for number in found:
        if not is_whole(number):
            raise OptionError(f"{key}: {quoted(number)} should be a whole number, in a list or alone")
    return tuple(int(number) for number in found)


def budgets_of(key: str, budgets: Iterable[int]) -> tuple[int, ...]:
    """Return query budgets, ascending, each once.

    Raises:
        OptionError: one is below 1, or beyond what a store counts.
    """
    for budget in budgets:
        if budget < 1:
            raise OptionError(f"{key}: a budget of {shown(budget)} queries is not possible; at least 1")
        if budget > MOST_BUDGET:
            raise OptionError(f"{key}: a budget of {shown(budget)} queries is not possible; at most {MOST_BUDGET:,}")
    return tuple(sorted(set(budgets)))


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number: Python's or numpy's, and not a truth value."""
    return not isinstance(value, bool) and hasattr(value, "__index__")


def _sequence(key: str, value: Any, what: str) -> tuple[Any, ...]:
    if isinstance(value, dict | str | bytes) or not hasattr(value, "__iter__"):
        raise OptionError(f"{key}: {quoted(value)} should be {what}, or a list")
    return tuple(value)


def _choice(key: str, value: Any, what: str) -> tuple[Any, ...]:
    """Return several values; the empty tuple, which is the default everywhere, leaves the choice to the suite."""
    found = _sequence(key, value, what)
    if not found and not isinstance(value, tuple):
        raise OptionError(f"{key}: an empty list names nothing; leave {key} out for what the suite says")
    return found


_MANY = f"at most {MOST_SEEDS:,} in one run"

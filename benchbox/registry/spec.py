"""The one notation for a plugin with options: ``name``, ``name[option=value,...]`` or ``name:ARGUMENT``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any

from benchbox.errors import OptionError, shown

NAME = r"[A-Za-z0-9][A-Za-z0-9_.+-]*"
"""What a plugin may be called."""
MOST_COMBINATIONS = 1000
"""Methods that one grid may stand for."""
_NAME = re.compile(NAME)
_OPTION = re.compile(r"([A-Za-z_]\w*)\s*=")
_OPEN, _CLOSE = "[({", "])}"
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_ESCAPED = re.compile(r"\\[][(),]")  # a backslash before anything else is a letter: Windows' paths have them


@dataclass(frozen=True)
class Spec:
    """A plugin's name and the options that were written beside it.

    Attributes:
        name: the plugin's name.
        options: option values as written (strings), or as a suite file's table gave them.
        argument: what stood behind a colon.
    """

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    argument: str | None = None

    @classmethod
    def parse(cls, text: str, where: str = "") -> Spec:
        """Read the notation.

        Raises:
            OptionError: the text is not of that form.
        """
        name, inside, argument = _opened(text, where)
        options: dict[str, Any] = {}
        for part in inside:
            key, equals, value = part.partition("=")
            if not equals or not key.strip():
                raise _no_option(part, text, where)
            if key.strip() in options:
                raise _twice(key.strip(), text, where)
            options[key.strip()] = value.strip()
        return cls(name, options, argument)


def combinations(text: str, where: str = "") -> tuple[str, ...]:
    """Return what a grid stands for: ``drmi[alpha=1,2,bins=16,256]`` for four methods, each as ``Spec.parse`` takes it.

    What stands between commas and begins with no ``option=`` is another value of the option before it. So a list keeps its
    brackets, ``[1,2],[3]`` being two of them, and a text that holds commas or ``=`` its quotes.

    Raises:
        OptionError: the text is not of that form.
    """
    name, inside, _ = _opened(text, where)
    grid: dict[str, list[str]] = {}
    for part in inside:
        begun = _OPTION.match(part)
        if begun and begun[1] in grid:
            raise _twice(begun[1], text, where)
        if begun:
            grid[begun[1]] = []
        elif not grid:
            raise _no_option(part, text, where)
        value = part[begun.end() :] if begun else part
        grid[list(grid)[-1]].append(_unsplit(value.strip()))
    if not grid:
        return (text.strip(),)
    count = prod(map(len, grid.values()))
    if count > MOST_COMBINATIONS:
        raise OptionError(f"'{shown(text)}'{_at(where)} stands for {count:,} methods; at most {MOST_COMBINATIONS:,}")
    chosen = (zip(grid, values, strict=True) for values in product(*grid.values()))
    texts = (f"{name}[{','.join(f'{key}={value}' for key, value in pairs)}]" for pairs in chosen)
    return tuple(dict.fromkeys(texts))


def _opened(text: str, where: str) -> tuple[str, list[str], str | None]:
    """Return a plugin's name, what its brackets hold, split, and what stands behind its colon.

    Raises:
        OptionError: the text is not of that form.
    """
    match = _NAME.match(text)
    name, rest = (match.group(), text[match.end() :].strip()) if match else ("", "")
    if name and rest.startswith(":"):
        return name, [], rest[1:]
    if not name or (rest and not (rest.startswith("[") and rest.endswith("]"))):
        raise OptionError(f"'{shown(text)}'{_at(where)} is not a plugin: write name or name[option=value,...]")
    return name, list(filter(None, (part.strip() for part in split(rest[1:-1])))), None


def _no_option(part: str, text: str, where: str) -> OptionError:
    return OptionError(f"'{shown(part)}' in '{shown(text)}'{_at(where)} is not an option: write option=value")


def _twice(key: str, text: str, where: str) -> OptionError:
    return OptionError(f"option '{shown(key)}' stands twice in '{shown(text)}'{_at(where)}")


def _at(where: str) -> str:
    return f" in {where}" if where else ""


def _unsplit(value: str) -> str:
    """Return a value that was split off as it must be written to be split off again."""
    whole = split(f"{value},") == [value, ""]
    return value if whole else re.sub(r"[][(),]", r"\\\g<0>", value)


def split(text: str) -> list[str]:
    r"""Split at commas outside brackets and quotes, so that a value may itself be a plugin with options, or a list.

    A comma or bracket behind a backslash is part of a name, as in ``npz:a\,b.npz``. The backslash goes where it was heeded;
    within brackets it stays, for whoever splits what is in them.
    """
    parts, depth, now, i = [], 0, "", 0
    while i < len(text):
        char, end = text[i], i + 1
        if _ESCAPED.match(text, i):
            now, i = now + text[i + (depth == 0) : i + 2], i + 2
            continue
        if char == '"':
            end = _after_quote(text, i)
        depth += (char in _OPEN) - (char in _CLOSE)
        if char == "," and depth == 0:
            parts.append(now)
            now = ""
        else:
            now += text[i:end]
        i = end
    return [*parts, now]


def _after_quote(text: str, at: int) -> int:
    """Return where the quoted text that begins at ``at`` ends; a quote within a word (``5"``) begins none."""
    before = text[:at].rstrip()[-1:]
    found = _QUOTED.match(text, at) if before in ("", *"=[({,:") else None
    return found.end() if found else at + 1


def render(name: str, options: Mapping[str, Any]) -> str:
    """Write the notation back, options sorted by name: the form that tables and identities show."""
    if not options:
        return name
    inner = ",".join(f"{key}={_value(value)}" for key, value in sorted(options.items()))
    return f"{name}[{inner}]"


def _value(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    plain = value == value.strip() and value.isprintable() and _closed(value) and split(value) == [value]
    return value if plain and value[:1] != '"' else json.dumps(value)


def _closed(text: str) -> bool:
    """Whether every bracket of a text is closed within it."""
    depth = 0
    for char in text:
        depth += (char in _OPEN) - (char in _CLOSE)
        if depth < 0:
            return False
    return depth == 0

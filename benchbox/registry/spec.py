"""The one notation for a plugin with options: ``name``, ``name[option=value,...]`` or ``name:ARGUMENT``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchbox.errors import OptionError, shown

NAME = r"[A-Za-z0-9][A-Za-z0-9_.+-]*"
"""What a plugin may be called."""
_NAME = re.compile(NAME)
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
        at = f" in {where}" if where else ""
        match = _NAME.match(text)
        if not match:
            raise OptionError(f"'{shown(text)}'{at} is not a plugin: write name or name[option=value,...]")
        name, rest = match.group(), text[match.end() :].strip()
        if not rest:
            return cls(name)
        if rest.startswith(":"):
            return cls(name, argument=rest[1:])
        if not (rest.startswith("[") and rest.endswith("]")):
            raise OptionError(f"'{shown(text)}'{at} is not a plugin: write name or name[option=value,...]")
        options: dict[str, Any] = {}
        for part in filter(None, (p.strip() for p in split(rest[1:-1]))):
            key, equals, value = part.partition("=")
            if not equals or not key.strip():
                raise OptionError(f"'{shown(part)}' in '{shown(text)}'{at} is not an option: write option=value")
            if key.strip() in options:
                raise OptionError(f"option '{shown(key.strip())}' stands twice in '{shown(text)}'{at}")
            options[key.strip()] = value.strip()
        return cls(name, options)


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

"""The one notation for a plugin with options: ``name``, ``name[option=value,...]`` or ``name:ARGUMENT``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchbox.errors import OptionError

NAME = r"[A-Za-z0-9][A-Za-z0-9_.+-]*"
"""What a plugin may be called."""
_NAME = re.compile(NAME)
_PIECE = re.compile(r"\\[][(),]|.", re.DOTALL)  # a backslash before anything else is a letter: Windows' paths have them


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
            raise OptionError(f"'{text}'{at} is not a plugin: write name or name[option=value,...]")
        name, rest = match.group(), text[match.end() :].strip()
        if not rest:
            return cls(name)
        if rest.startswith(":"):
            return cls(name, argument=rest[1:])
        if not (rest.startswith("[") and rest.endswith("]")):
            raise OptionError(f"'{text}'{at} is not a plugin: write name or name[option=value,...]")
        options: dict[str, Any] = {}
        for part in filter(None, (p.strip() for p in split(rest[1:-1]))):
            key, equals, value = part.partition("=")
            if not equals or not key.strip():
                raise OptionError(f"'{part}' in '{text}'{at} is not an option: write option=value")
            if key.strip() in options:
                raise OptionError(f"option '{key.strip()}' stands twice in '{text}'{at}")
            options[key.strip()] = value.strip()
        return cls(name, options)


def split(text: str) -> list[str]:
    r"""Split at commas outside brackets, so that a value may itself be a plugin with options.

    A comma or bracket behind a backslash is part of a name, as in ``npz:a\,b.npz``. The backslash goes where it was heeded;
    within brackets it stays, for whoever splits what is in them.
    """
    parts, depth, now = [], 0, ""
    for piece in _PIECE.findall(text):
        if piece == "," and depth == 0:
            parts.append(now)
            now = ""
            continue
        depth += (piece in ("[", "(")) - (piece in ("]", ")"))
        now += piece[1:] if depth == 0 and len(piece) == 2 else piece
    return [*parts, now]


def render(name: str, options: Mapping[str, Any]) -> str:
    """Write the notation back, options sorted by name: the form that tables and identities show."""
    if not options:
        return name
    inner = ",".join(f"{key}={_value(value)}" for key, value in sorted(options.items()))
    return f"{name}[{inner}]"


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)

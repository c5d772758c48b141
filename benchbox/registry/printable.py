"""Text that a plugin wrote, made fit to be printed: no control characters, no half characters, no endless lines."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError

LONGEST = 500
"""Characters that are kept of a text."""
LONGEST_SENTENCE = 4000
"""Characters that are kept of an error's sentence: it may list every known name."""
LONGEST_PAGE = 20_000
"""Characters that are kept of a docstring."""


def line(text: str, longest: int = LONGEST) -> str:
    """Return the text as one line: what steers a terminal or reorders text is left out, white space is a space."""
    cut = text if len(text) <= longest else text[: longest - 3] + "..."
    if cut.isprintable():
        return cut
    return "".join(_shown(character) for character in cut)


def page(text: str) -> str:
    """Return the text with its lines."""
    return "\n".join(line(part, LONGEST_PAGE) for part in text[:LONGEST_PAGE].split("\n"))


def printable(data: Any) -> bool:
    """Whether every text in JSON data can be printed as it is."""
    if isinstance(data, dict):
        return all(printable(key) and printable(value) for key, value in data.items())
    if isinstance(data, list):
        return all(map(printable, data))
    return not isinstance(data, str) or not any(map(_hidden, data))


def cleaned(data: Any) -> Any:
    """Return JSON data with every text in it as one line."""
    if isinstance(data, dict):
        return {str(key): cleaned(value) for key, value in data.items()}
    if isinstance(data, list):
        return [cleaned(value) for value in data]
    return line(data, LONGEST_SENTENCE) if isinstance(data, str) else data


def place_and_words(error: ValidationError) -> tuple[str, str]:
    """Return where the first thing is that a check found, and what it says."""
    first = error.errors(include_url=False, include_input=False)[0]
    return ".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")


def first_of(error: ValidationError) -> str:
    """Return the place and the words of the first thing that a check found."""
    return ": ".join(place_and_words(error))


def _shown(character: str) -> str:
    if character.isspace():
        return " "
    return "" if _hidden(character) else character


def _hidden(character: str) -> bool:
    """Whether a character is a control, a format, a surrogate or unassigned: Unicode's categories C."""
    return unicodedata.category(character).startswith("C")


def _line(value: object) -> object:
    return line(value) if isinstance(value, str) else value


def _page(value: object) -> object:
    return page(value) if isinstance(value, str) else value


Line = Annotated[str, BeforeValidator(_line)]
Page = Annotated[str, BeforeValidator(_page)]

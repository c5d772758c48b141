"""Reading option values that were written as text: lists, nothing, quoted text and fractions, as the option's type wants."""

from __future__ import annotations

import json
import math
import re
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from benchbox.errors import OptionError, shown

_FRACTION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*/\s*([0-9]+(?:\.[0-9]+)?)")
_PYTHON_DIGITS = re.compile(r"[-+]?[0-9._]*_[0-9._]*")


def read(text: str, annotation: Any, at: str) -> Any:
    """Return what a text means to an option of this type; the text itself where it means no more than that.

    What ``spec.render`` writes is read back: ``null``, ``[1, 2]``, ``"text, with commas"``. A number may be a fraction, as
    ``8/255``.

    Raises:
        OptionError: it is no number of ours; ``at`` says whose option it is.
    """
    wanted = set(_parts(annotation))
    if text == "null" and type(None) in wanted:
        return None
    if text[:1] in ("[", "{") and wanted & {list, tuple, set, frozenset, dict}:
        return _json(text, at)
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _json(text, at)
    if wanted & {int, float} and str not in wanted:
        return _number(text, float in wanted, at)
    return text


def check_numbers(value: Any, at: str) -> None:
    """Refuse a number that JSON, and so a cell's identity, has no word for, or that no tensor and no store holds.

    Raises:
        OptionError: the value is or holds infinity, NaN or a whole number beyond 64 bits.
    """
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise OptionError(f"{at} should be a whole number of at most 64 bits, not {shown(value)}")
    if isinstance(value, float) and not math.isfinite(value):
        raise OptionError(f"{at} should be a finite number, not {value}")
    if isinstance(value, list | tuple | dict):
        for part in value.values() if isinstance(value, dict) else value:
            check_numbers(part, at)


def _number(text: str, fraction: bool, at: str) -> Any:
    if _PYTHON_DIGITS.fullmatch(text):
        raise OptionError(f"{at} should be a number in digits, not '{shown(text)}'")
    found = _FRACTION.fullmatch(text)
    if not found or not fraction:
        return text
    above, below = map(float, found.groups())
    if not below:
        raise OptionError(f"{at} divides by 0: '{shown(text)}'")
    return above / below


def _json(text: str, at: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise OptionError(f"{at} is not a list, table or quoted text as JSON writes it: '{shown(text)}'") from None


def _parts(annotation: Any) -> Iterator[Any]:
    """Yield the types that a value may have, without what they hold: of ``list[int] | None``, list and None's."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _parts(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from _parts(part)
    elif origin is Literal:
        yield from (type(value) for value in get_args(annotation))
    else:
        yield origin or annotation

"""How far players were sealed: a sentence where a table's rows agree, a column where they do not."""

from __future__ import annotations

from collections.abc import Iterable

SEALED = "sealed"
"""The column's title."""


def mixed(found: Iterable[str]) -> bool:
    """Whether rows differ in how far their players were sealed; those without a result have an empty text and do not count."""
    return len({sealed for sealed in found if sealed}) > 1


def sealing(found: Iterable[str]) -> str:
    """Return the sentence above a table whose rows agree; empty where they differ, or nothing was played."""
    known = {sealed for sealed in found if sealed}
    return f"Players were sealed: {known.pop()}." if len(known) == 1 else ""

"""What changed between the rules of then and of now, and whether numbers can still be compared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

FIXED = {
    "target": "target",
    "dataset_hash": "data set",
    "budgets": "list of budgets",
    "access": "access",
    "pool": "pool",
    "public": "public data set",
    "insider": "insider's view",
    "scoring_version": "scoring version",
}
"""Where one of these differs, the numbers answer another question. What else changed is noted, and the numbers compared:
to find out what it did to them is what a comparison is for."""


def fixed_differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return what makes two scenarios' numbers incomparable, in words; empty where nothing does."""
    return [words for key, words in FIXED.items() if before.get(key) != now.get(key)]


def changes(where: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each value that differs, key by key."""
    old, new = dict(_leaves(before)), dict(_leaves(now))
    return [
        f"{where}: {key} was {_said(old, key)}, is {_said(new, key)}"
        for key in sorted(old.keys() | new.keys())
        if _said(old, key) != _said(new, key)
    ]


def _said(values: Mapping[str, Any], key: str) -> str:
    return json.dumps(values[key]) if key in values else "absent"


def _leaves(data: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(data, Mapping | list):
        yield prefix, data
        return
    for key, value in data.items() if isinstance(data, Mapping) else enumerate(data):
        yield from _leaves(value, f"{prefix}.{key}" if prefix else str(key))

"""Kinds of machines: what of an environment record decides the last digits of a number, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_LIBRARIES = ("torch", "numpy")


def facts_of(environment: Mapping[str, Any]) -> dict[str, str]:
    """Return what of an environment another one must share, so that one seed gives one number on both.

    Empty of records that were made before vector instructions were noted.
    """
    if "vector" not in environment:
        return {}
    packages = environment.get("packages", {})
    libraries = {name: str(packages.get(name, "")) for name in _LIBRARIES}
    names = ("processor", "vector", "device")
    return {
        "system": str(environment.get("system", "")),
        **{n: str(environment.get(n, "")) for n in names},
        **libraries,
    }


def kind_of(environment: Mapping[str, Any]) -> str:
    """Return a kind of machine in words; empty where not even the processor was recorded."""
    facts = facts_of(environment)
    if not facts:
        torch, processor = environment.get("packages", {}).get("torch"), environment.get("processor")
        where = f"{processor} (vector instructions not recorded)" if processor else ""
        return f"{where}, torch {torch}" if where and torch else where
    where = "" if facts["device"] == "cpu" else f"{facts['device']}, "
    return f"{where}{facts['processor'] or facts['system']} ({facts['vector']}), torch {facts['torch']}"


def other_kind(environment: Mapping[str, Any], known: Sequence[Mapping[str, Any]]) -> str:
    """Return in what an environment is of another kind than all the known ones; empty where it is of one of them."""
    found = [difference(environment, other) for other in known]
    return min(found, key=len) if found and all(found) else ""


def difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Return in what two environments are of different kinds; empty where they are of one, or that is not known."""
    mine, theirs = facts_of(one), facts_of(other)
    if not mine or not theirs:
        return ""
    return ", ".join(f"{name} {mine[name]} and not {theirs[name]}" for name in mine if mine[name] != theirs[name])

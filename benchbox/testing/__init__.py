"""The conformance kit: rules that a plugin must hold, toy games to hold them in, and test classes for pytest.

``benchbox check NAME`` runs it from the command line; in a plugin's tests::

    from benchbox.testing import SelectorTests

    class TestMine(SelectorTests):
        plugin = "my-selector"
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from benchbox.kinds import BY_NAME

if TYPE_CHECKING:
    from benchbox.testing.classes import (
        AttackTests,
        DatasetTests,
        DefenceTests,
        GeneratorTests,
        ModelTests,
        QueryAttackTests,
        SelectorTests,
        TrainerTests,
    )
    from benchbox.testing.rule import Finding, Rule, Verdict, conformance, rules_for

_HOMES = {
    **{kind.tests: "classes" for kind in BY_NAME.values()},
    **dict.fromkeys(("Finding", "Rule", "Verdict", "conformance", "rules_for"), "rule"),
}

__all__ = [
    "AttackTests",
    "DatasetTests",
    "DefenceTests",
    "Finding",
    "GeneratorTests",
    "ModelTests",
    "QueryAttackTests",
    "Rule",
    "SelectorTests",
    "TrainerTests",
    "Verdict",
    "conformance",
    "rules_for",
]


def __getattr__(name: str) -> Any:
    """Import a name when it is first used: pytest loads this package wherever benchbox is installed."""
    if name not in _HOMES:
        raise AttributeError(f"module 'benchbox.testing' has no attribute '{name}'")
    return getattr(importlib.import_module(f"benchbox.testing.{_HOMES[name]}"), name)

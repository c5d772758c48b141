"""The conformance kit: rules that a plugin must hold, toy games to hold them in, and test classes for pytest.

``benchbox check NAME`` runs it from the command line; in a plugin's tests::

    from benchbox.testing import SelectorTests

    class TestMine(SelectorTests):
        plugin = "my-selector"
"""

from benchbox.testing.classes import AttackTests, DatasetTests, GeneratorTests, ModelTests, SelectorTests
from benchbox.testing.rule import Finding, Rule, Verdict, conformance, rules_for

__all__ = [
    "AttackTests",
    "DatasetTests",
    "Finding",
    "GeneratorTests",
    "ModelTests",
    "Rule",
    "SelectorTests",
    "Verdict",
    "conformance",
    "rules_for",
]

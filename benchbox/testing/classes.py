"""Test classes for pytest: subclass one, name the plugin, and every rule of its kind is a test. Imports no torch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import ClassVar

import pytest

from benchbox.testing.rule import Rule, Subject, Verdict, find, rules_for


@cache
def _subject(plugin: str, kind: str, files: tuple[Path, ...], data_dir: Path | None) -> Subject:
    return find(plugin, kind, files, data_dir)[1]


class ConformanceTests:
    """What the test classes share.

    Attributes:
        plugin: the plugin, ``name`` or ``name[option=value]``; it is installed, or stands in one of ``files``.
        files: plugin files to load.
        data_dir: folder of data sets.
        kind: set by the classes to subclass.
    """

    plugin: ClassVar[str]
    files: ClassVar[Sequence[Path]] = ()
    data_dir: ClassVar[Path | None] = None
    kind: ClassVar[str]

    def test_holds(self, rule: Rule) -> None:
        """Hold one rule against the plugin."""
        subject = _subject(self.plugin, self.kind, tuple(self.files), self.data_dir)
        finding = rule.hold(subject)
        if finding.verdict is Verdict.SKIPPED:
            pytest.skip(finding.sentence)
        if finding.verdict is Verdict.FAILED:
            pytest.fail(finding.sentence, pytrace=False)

    @classmethod
    def pytest_generate_tests(cls, metafunc: pytest.Metafunc) -> None:
        """Make a test of every rule about the kind."""
        if "rule" in metafunc.fixturenames:
            metafunc.parametrize("rule", rules_for(cls.kind), ids=lambda rule: rule.name)


class SelectorTests(ConformanceTests):
    """Every rule about selectors."""

    kind = "selector"


class GeneratorTests(ConformanceTests):
    """Every rule about generators."""

    kind = "generator"


class TrainerTests(ConformanceTests):
    """Every rule about trainers."""

    kind = "trainer"


class QueryAttackTests(ConformanceTests):
    """Every rule about query attacks."""

    kind = "query-attack"


class AttackTests(ConformanceTests):
    """Every rule about attacks."""

    kind = "attack"


class DefenceTests(ConformanceTests):
    """Every rule about defences."""

    kind = "defence"


class DatasetTests(ConformanceTests):
    """Every rule about data sets."""

    kind = "dataset"


class ModelTests(ConformanceTests):
    """Every rule about models."""

    kind = "model"

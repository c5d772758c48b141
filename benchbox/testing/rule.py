"""What a conformance rule is, and how one is held against a plugin. Imports no torch."""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchbox.contracts import Access, Grant, Method, NotApplicable, Plugin, QueryAttack, Trainer
from benchbox.errors import BenchboxError, PluginError, UnknownNameError
from benchbox.kinds import BY_NAME, KINDS, kind_of
from benchbox.registry import Catalogue, Row, Spec, create
from benchbox.suites.files import with_label

if TYPE_CHECKING:
    from benchbox.testing.arena import House, Played
    from benchbox.testing.keeper import Keeper


class Verdict(StrEnum):
    """How a plugin stands to a rule."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class Failed(Exception):  # noqa: N818 - raised by a rule; the message goes on after the plugin's name
    """What the plugin did instead."""


class Skipped(Exception):  # noqa: N818 - an outcome of a rule rather than a fault
    """Why the rule says nothing about this plugin."""


@dataclass(frozen=True)
class Finding:
    """What one rule found.

    Attributes:
        rule: the rule's name.
        verdict: passed, failed or skipped.
        sentence: what the plugin did and what was expected, or why the rule was skipped; empty if it passed.
    """

    rule: str
    verdict: Verdict
    sentence: str = ""


@dataclass
class Subject:
    """The plugin under test.

    Attributes:
        row: its row in the catalogue.
        spec: its name and options.
        files: the plugin files that were loaded.
        data_dir: the user's data folder, for data sets.
        kept: what rules about it keep for each other.
    """

    row: Row
    spec: Spec
    files: tuple[Path, ...] = ()
    data_dir: Path | None = None
    kept: dict[object, Any] = field(default_factory=dict)

    @property
    def who(self) -> str:
        """``selector 'mine'``."""
        return self.row.who

    def plugin(self) -> Plugin:
        """Return a fresh plugin with the options of the spec."""
        return create(self.row, self.spec)

    def method(self) -> Method:
        """Return a fresh selector or generator."""
        plugin = self.plugin()
        assert isinstance(plugin, Method)
        return plugin

    def play(self, house: House, keeper: Keeper | None = None) -> Played:
        """Play a toy game with a fresh plugin; a trainer makes the substitutes of a selector that takes rows as they come.

        Raises:
            NotApplicable: it cannot play under these rules.
        """
        from benchbox.testing.arena import play
        from benchbox.testing.toys import FirstRows

        if self.row.kind == Trainer.kind:
            return play(FirstRows(), house, keeper, train=self._trainer)
        if self.row.kind == QueryAttack.kind:
            return play(self.plugin(), house, keeper)
        return play(self.method(), house, keeper)

    def _trainer(self) -> Trainer:
        plugin = self.plugin()
        assert isinstance(plugin, Trainer)
        return plugin

    @property
    def house(self) -> House:
        """The rules of the standard game."""
        return self.standard[0]

    @cached_property
    def standard(self) -> tuple[House, Played]:
        """The first toy game that it accepts, with the least access that it asks for, and how it went.

        Raises:
            Skipped: it accepts none; the reason is its own.
        """
        from benchbox.testing.arena import House
        from benchbox.testing.toys import POOL

        plugin = self.plugin()
        reason = ""
        usual = House(access=plugin.needed_access(), uses=plugin.wants())
        for house in (usual, replace(usual, budgets=(POOL,), norm="2"), replace(usual, surrogates=3)):
            try:
                return house, self.play(house)
            except NotApplicable as error:
                reason = str(error)
        raise Skipped(f"it does not play the toy games: {reason}")

    @property
    def label_only(self) -> bool:
        """Whether it can play with the target's labels alone, and without an insider."""
        plugin = self.plugin()
        return plugin.needed_access() is Access.LABEL and Grant.INSIDER not in plugin.wants()


@dataclass(frozen=True)
class Rule:
    """One thing that every plugin of some kinds must hold.

    Attributes:
        name: words joined by hyphens.
        kinds: the kinds of plugins that it is about.
        expects: what is expected, as it stands behind 'expected' in the sentence of a failure.
        check: raises ``Failed`` or ``Skipped``; whatever else the plugin raises is a failure too.
    """

    name: str
    kinds: tuple[str, ...]
    expects: str
    check: Callable[[Subject], None]

    def hold(self, subject: Subject) -> Finding:
        """Hold the rule against a plugin."""
        try:
            self.check(subject)
        except Failed as failure:
            return Finding(self.name, Verdict.FAILED, f"{subject.who} {failure}; expected {self.expects}")
        except Skipped as reason:
            return Finding(self.name, Verdict.SKIPPED, str(reason))
        except PluginError as error:
            return Finding(self.name, Verdict.FAILED, str(error))
        except BenchboxError as error:
            sentence = f"{subject.who} raised {type(error).__name__}: {error}; expected {self.expects}"
            return Finding(self.name, Verdict.FAILED, sentence)
        except Exception as error:  # a plugin under test may fail in any way
            what = f"raised {type(error).__name__}{_place(error)}: {error}"
            return Finding(self.name, Verdict.FAILED, f"{subject.who} {what}; expected {self.expects}")
        return Finding(self.name, Verdict.PASSED)


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""


_MODULES = tuple(dict.fromkeys(["common", *(module for kind in BY_NAME.values() for module in kind.rules)]))
"""The modules of rules, in the order in which they are held."""
RULES: list[Rule] = []
"""Every rule, in the order in which they are held."""


def rule(*kinds: str, expects: str) -> Callable[[Callable[[Subject], None]], Callable[[Subject], None]]:
    """Make a function of a subject a rule named after it; of every kind where none is given."""

    def register(check: Callable[[Subject], None]) -> Callable[[Subject], None]:
        RULES.append(Rule(check.__name__.replace("_", "-"), kinds or KINDS, expects, check))
        return check

    return register


def rules_for(kind: str) -> list[Rule]:
    """Return the rules about a kind of plugin, those about all kinds first."""
    for module in _MODULES:
        importlib.import_module(f"benchbox.testing.{module}")
    return [rule for rule in RULES if kind in rule.kinds]


def find(
    text: str, kind: str | None = None, files: Sequence[Path] = (), data_dir: Path | None = None
) -> tuple[Catalogue, Subject]:
    """Find the plugin that ``name[option=value]`` describes.

    Raises:
        BenchboxError: there is none, or none with such options; or there are two and ``kind`` is None.
    """
    catalogue = Catalogue.discover(files)
    spec = Spec.parse(text)
    try:
        found = catalogue.named(spec.name) if kind is None else [catalogue.get(kind_of(kind).name, spec.name)]
    except UnknownNameError as error:
        raise with_label(error, catalogue) from None
    if len(found) > 1:
        kinds = " and of ".join(kind_of(row.kind).one for row in found)
        raise PluginError(f"'{spec.name}' is the name of {kinds}; say which with --kind")
    catalogue.resolve(found[0].kind, text)
    return catalogue, Subject(found[0], spec, catalogue.files, data_dir)


def conformance(
    text: str, *, kind: str | None = None, files: Sequence[Path] = (), data_dir: Path | None = None
) -> Iterator[Finding]:
    """Hold every rule about its kind against a plugin, and yield what each finds.

    Args:
        text: the plugin, ``name[option=value]``.
        kind: its kind, where the name alone is not clear.
        files: plugin files to load besides the installed packages.
        data_dir: folder of data sets, for plugins that read one.

    Raises:
        BenchboxError: there is no such plugin.
    """
    _, subject = find(text, kind, files, data_dir)
    for each in rules_for(subject.row.kind):
        yield each.hold(subject)

"""The kinds of plugins: one row each. A new kind is a row here and its contract; everything else reads this table."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from benchbox.errors import UnknownNameError

if TYPE_CHECKING:
    from benchbox.contracts import Plugin


class Role(StrEnum):
    """Whose side a kind is on: a contestant competes and is not trusted; rules are trusted as the suite that names them."""

    CONTESTANT = "contestant"
    RULES = "rules"


@dataclass(frozen=True)
class Kind:
    """A kind of plugin.

    Attributes:
        name: what listings and ``Lazy`` call it.
        role: contestant or rules.
        written: how users name one to play with; ``{name}`` stands for the plugin's name, here and in ``trial``.
        namespace: kinds of one namespace share their names: ``--method`` takes a selector as well as a generator.
        heading: over its plugins on the page of methods.
        rules: modules of ``benchbox.testing`` with conformance rules about it, besides those about every plugin.
        trial: how to try one out, as ``benchbox new`` writes it.
    """

    name: str
    role: Role
    written: str
    namespace: str
    heading: str
    rules: tuple[str, ...]
    trial: str

    @property
    def contract(self) -> type[Plugin]:
        """The abstract class that a plugin of the kind subclasses; imported when asked for, since a list needs names alone."""
        found: type[Plugin] = getattr(importlib.import_module("benchbox.contracts"), self._camel)
        return found

    @property
    def one(self) -> str:
        """``a selector``, ``an attack``."""
        return f"{'an' if self.name[0] in 'aeiou' else 'a'} {self.name}"

    @property
    def template(self) -> str:
        """The scaffold's template of a plugin of this kind."""
        return f"{self.word}.py.in"

    @property
    def word(self) -> str:
        """Its name as a part of file names: ``query_attack``."""
        return self.name.replace("-", "_")

    @property
    def tests(self) -> str:
        """The test class of ``benchbox.testing`` that holds every rule about it."""
        return f"{self._camel}Tests"

    @property
    def _camel(self) -> str:
        return self.name.title().replace("-", "")


METHOD = "method"
"""The namespace of the kinds that spend queries: what ``--method`` and a suite's ``methods`` name."""

_TABLE = (
    Kind(
        name="dataset",
        role=Role.RULES,
        written='--dataset {name}, or datasets = ["{name}"] in a suite file',
        namespace="dataset",
        heading="Data sets",
        rules=("datasets",),
        trial="benchbox check {name}   # a suite that uses it needs a target: benchbox targets",
    ),
    Kind(
        name="model",
        role=Role.RULES,
        written='substitute = "{name}" in a suite file',
        namespace="model",
        heading="Models",
        rules=("models",),
        trial='benchbox check {name}   # a suite names it as substitute = "{name}"',
    ),
    Kind(
        name="defence",
        role=Role.RULES,
        written='defence = "{name}" in a suite file',
        namespace="defence",
        heading="Defences: what stands between the target and those who ask it",
        rules=("defences",),
        trial="benchbox run --suite smoke --defence {name}",
    ),
    Kind(
        name="selector",
        role=Role.CONTESTANT,
        written='--method {name}, or methods = ["{name}"] in a suite file',
        namespace=METHOD,
        heading="Selectors: which real images to ask",
        rules=("players", "methods", "selectors"),
        trial="benchbox run --suite smoke --method {name}",
    ),
    Kind(
        name="generator",
        role=Role.CONTESTANT,
        written='--method {name}, or methods = ["{name}"] in a suite file',
        namespace=METHOD,
        heading="Generators: which images to invent",
        rules=("players", "methods", "generators"),
        trial="benchbox run --suite smoke --method {name}",
    ),
    Kind(
        name="query-attack",
        role=Role.CONTESTANT,
        written='--method {name}, or methods = ["{name}"] in a suite file',
        namespace=METHOD,
        heading="Query attacks: how each example is searched by asking",
        rules=("query_attacks",),
        trial="benchbox run --suite smoke --method {name}",
    ),
    Kind(
        name="trainer",
        role=Role.CONTESTANT,
        written='--trainer {name} beside a method, or trainer = "{name}" in a suite file',
        namespace="trainer",
        heading="Trainers: how answers become a substitute",
        rules=("players", "trainers"),
        trial="benchbox run --suite smoke --method random --trainer {name}",
    ),
    Kind(
        name="attack",
        role=Role.CONTESTANT,
        written='--attack {name}, or attacks = [{{ use = "{name}" }}] in a suite file',
        namespace="attack",
        heading="Attacks: adversarial examples made on the substitute",
        rules=("attacks",),
        trial="benchbox run --suite smoke --attack {name}",
    ),
)

BY_NAME = {kind.name: kind for kind in _TABLE}
KINDS = tuple(BY_NAME)
"""The names of the kinds, in the order of listings."""


def kind_of(name: str) -> Kind:
    """Return a kind by name.

    Raises:
        UnknownNameError: there is none.
    """
    if name not in BY_NAME:
        raise UnknownNameError("kind of plugin", name, KINDS)
    return BY_NAME[name]


def in_namespace(namespace: str) -> tuple[str, ...]:
    """Return the names of the kinds that share a namespace."""
    return tuple(kind.name for kind in _TABLE if kind.namespace == namespace)


METHODS = in_namespace(METHOD)
"""The kinds that spend queries."""
SUBSTITUTING = tuple(kind for kind in METHODS if kind != "query-attack")
"""Those among them whose result is a substitute."""
READERS = (*METHODS, "trainer")
"""The kinds that read the target's answers."""

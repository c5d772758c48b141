"""Who made a cell's substitutes, and what it used beyond answers and images, as its identity says it.

Identities of before trainers were plugins say neither. One recipe, version 1 of ``standard``, made every selector's
substitutes then, and methods used the attacker's own labels without a word: their names and options tell which did.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from benchbox.contracts import Grant

_WORDS = {grant.value: grant.word for grant in Grant}
_FIRST = ("standard", 1)
_BY_LABELS: Mapping[Any, Mapping[str, str]] = {
    "cpb": {"rule": "lcp"},
    "drmi": {"stratify": "label"},
    "k-centre": {"space": "substitute"},
    "random-stratified": {},
    "trace": {"neurons": "proxy"},
}
"""The selectors that used own labels before they had to say so, and with which options."""


class Trained(NamedTuple):
    """Who made the substitutes, and by what.

    Attributes:
        trainer: the trainer's name; empty where the method makes its own.
        version: of its results; 0 where there is none.
        uses: the scenario's grants that the line-up uses, by commas; see ``benchbox.contracts.Grant``.
    """

    trainer: str
    version: int
    uses: str


def marks(uses: str) -> tuple[str, ...]:
    """Return what tables write beside the name of who uses these grants, as the column ``uses`` has them."""
    return tuple(_WORDS.get(word, word) for word in uses.split(",") if word)


def trained(identity: Mapping[str, Any]) -> Trained:
    """Return what a cell's identity says; of a stranger's that is none, as much as can be read."""
    method, trainer, uses = (identity.get(key) for key in ("method", "trainer", "uses"))
    words = ",".join(map(str, uses)) if isinstance(uses, list) else ""
    if isinstance(trainer, dict):
        version = trainer.get("version")
        return Trained(str(trainer.get("name")), version if type(version) is int else 0, words)
    if isinstance(method, dict) and method.get("kind") == "selector":
        return Trained(*_FIRST, "labels" if _used_labels(method.get("name"), method.get("options")) else "")
    return Trained("", 0, words)


def is_privileged(identity: Mapping[str, Any], rules: Mapping[str, Any]) -> bool:
    """Return whether a cell was granted more than a black box, as its identity and its scenario's say: see ``Cell``."""
    search, uses = rules.get("search"), identity.get("uses")
    ready = isinstance(search, dict) and bool(search.get("surrogates"))
    return rules.get("insider") is True or (ready and isinstance(uses, list) and Grant.SUBSTITUTE in uses)


def _used_labels(name: Any, options: Any) -> bool:
    given = options if isinstance(options, dict) else {}
    return name in _BY_LABELS and all(given.get(option) == value for option, value in _BY_LABELS[name].items())

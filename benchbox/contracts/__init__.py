"""What a plugin author imports. Nothing here imports torch."""

from __future__ import annotations

from typing import Any

import pluggy

from benchbox.contracts.access import Access, Grant
from benchbox.contracts.attack import Attack
from benchbox.contracts.dataset import Array, Arrays, Dataset, Images, Splits
from benchbox.contracts.defence import Defence, Owner, Told
from benchbox.contracts.game import Game, Insider, Oracle, Pool, Seat, TrainingGame
from benchbox.contracts.method import Generator, Method, Selector
from benchbox.contracts.model import Model, Shape
from benchbox.contracts.observer import CellBegan, CellEnded, CellPlace, CellScored, Observer, RunEnded
from benchbox.contracts.plugin import CONTRACT_VERSION, Lazy, Options, Plugin
from benchbox.contracts.query_attack import Asked, QueryAttack, SearchGame
from benchbox.contracts.threat import Norm, Threat
from benchbox.contracts.trainer import Trainer
from benchbox.errors import Blocked, BudgetExceeded, DataError, NotApplicable, PluginError

hookimpl = pluggy.HookimplMarker("benchbox")

__all__ = [
    "CONTRACT_VERSION",
    "Access",
    "Array",
    "Arrays",
    "Asked",
    "Attack",
    "Blocked",
    "BudgetExceeded",
    "CellBegan",
    "CellEnded",
    "CellPlace",
    "CellScored",
    "DataError",
    "Dataset",
    "Defence",
    "Game",
    "Generator",
    "Grant",
    "Images",
    "Insider",
    "Lazy",
    "Method",
    "Model",
    "Norm",
    "NotApplicable",
    "Observer",
    "Options",
    "Oracle",
    "Owner",
    "Plugin",
    "PluginError",
    "Pool",
    "QueryAttack",
    "RunEnded",
    "SearchGame",
    "Seat",
    "Selector",
    "Shape",
    "Splits",
    "Threat",
    "Told",
    "Trainer",
    "TrainingGame",
    "hookimpl",
]

_GONE = {"Offer": "a generator sets self.substitute, and a selector returns rows"}
"""What version 1 had, and what is done instead."""


def __getattr__(name: str) -> Any:
    """Say of a name that version 1 had what to write instead."""
    if name in _GONE:
        raise PluginError(f"benchbox.contracts has no {name} since version 2 of the contract: {_GONE[name]}")
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")

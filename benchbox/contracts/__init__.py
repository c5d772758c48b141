"""What a plugin author imports. Nothing here imports torch."""

from __future__ import annotations

import pluggy

from benchbox.contracts.access import Access
from benchbox.contracts.attack import Attack
from benchbox.contracts.dataset import Array, Arrays, Dataset
from benchbox.contracts.game import Game, Insider, Oracle, Pool
from benchbox.contracts.method import Generator, Method, Selector
from benchbox.contracts.model import Model, Shape
from benchbox.contracts.plugin import CONTRACT_VERSION, Lazy, Options, Plugin
from benchbox.contracts.threat import Norm, Threat
from benchbox.errors import BudgetExceeded, DataError, NotApplicable, PluginError

hookimpl = pluggy.HookimplMarker("benchbox")

__all__ = [
    "CONTRACT_VERSION",
    "Access",
    "Array",
    "Arrays",
    "Attack",
    "BudgetExceeded",
    "DataError",
    "Dataset",
    "Game",
    "Generator",
    "Insider",
    "Lazy",
    "Method",
    "Model",
    "Norm",
    "NotApplicable",
    "Options",
    "Oracle",
    "Plugin",
    "PluginError",
    "Pool",
    "Selector",
    "Shape",
    "Threat",
    "hookimpl",
]

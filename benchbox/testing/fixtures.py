"""Fixtures for the tests of plugins. Imports no torch by itself: every pytest run loads this module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from benchbox.contracts import Game, Plugin, Trainer

MakeGame = Callable[..., "Game"]
MakePlugin = Callable[..., "Plugin"]


@pytest.fixture(scope="session")
def benchbox_plugin() -> MakePlugin:
    """Return a function: (``name[option=value]``, kind, files) -> the plugin, as a suite would make it."""

    def make(text: str, kind: str | None = None, files: Sequence[Path] = ()) -> Plugin:
        from benchbox.testing.rule import find

        return find(text, kind, files)[1].plugin()

    return make


@pytest.fixture
def benchbox_game() -> MakeGame:
    """Return a function that makes a toy game: four classes of 8x8 images, a small target behind the core's own meter.

    It takes the attributes of ``benchbox.testing.arena.House`` by name: ``budgets``, ``access``, ``pool``, ``seed``, and
    ``uses`` for the grants, such as ``uses=[Grant.LABELS]``; the oracle has the last budget. ``trainer`` is who makes
    substitutes in ``game.train``, a quick one where none is given.
    """

    def make(trainer: Trainer | None = None, **rules: object) -> Game:
        from benchbox.testing.arena import House, toy_game

        return toy_game(House(**rules), trainer)  # type: ignore[arg-type]

    return make

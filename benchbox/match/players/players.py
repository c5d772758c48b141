"""Who lets a contestant play: the match says what the game is, and does not know in which process it is played."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from torch import nn

from benchbox.contracts import Plugin
from benchbox.errors import NotApplicable, PluginError
from benchbox.match.players.brief import Brief
from benchbox.match.players.link import Desk, DirectLink
from benchbox.match.players.play import play
from benchbox.suites.cell import PluginRef


class Players(Protocol):
    """Lets contestants play, one after the other or one within the other's turn."""

    def play(self, brief: Brief, desk: Desk) -> None:
        """Play one game to its end; every message of the contestant is taken by ``desk``.

        Raises:
            NotApplicable: the contestant cannot play under these rules.
            BenchboxError: it broke a rule; the sentence names it.
            PlayerFailed: it raised another exception, or its process ended.
        """


class PlayerFailed(Exception):  # noqa: N818 - an outcome
    """A contestant failed by itself.

    Attributes:
        trace: the traceback in its process; empty where there is none.
    """

    def __init__(self, sentence: str, trace: str = "") -> None:
        self.trace = trace
        super().__init__(sentence)


def excused(who: str, reason: str, desk: Desk) -> NotApplicable | PluginError:
    """Return what comes of a contestant that says it is not applicable: a refusal where it has seen how it fares."""
    if not desk.begun:
        return NotApplicable(reason)
    return PluginError(
        f"{who} said that it is not applicable ({reason}) after it had begun to play; expected it to say so before"
    )


class Here:
    """Lets contestants play in this very process: for ``print``, ``pdb``, notebooks and the conformance kit.

    Args:
        create: makes a contestant.
        build: returns an untrained network of the scenario's model.
    """

    def __init__(self, create: Callable[[PluginRef], Plugin], build: Callable[[], nn.Module]) -> None:
        self._create, self._build = create, build

    def play(self, brief: Brief, desk: Desk) -> None:
        """Play one game; see ``Players``."""
        link = DirectLink(desk)
        try:
            play(self._create, self._build, brief, link)
        except NotApplicable as reason:
            raise excused(brief.who, str(reason), desk) from None
        if link.over is not None:
            raise link.over

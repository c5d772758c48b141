"""The process of one player: shut in first, then given its game."""

from __future__ import annotations

import bdb
import socket
import traceback
from typing import Any

from benchbox.errors import BenchboxError, NotApplicable, described
from benchbox.isolation.channel import Channel, Gone
from benchbox.isolation.output import clean, one_line
from benchbox.isolation.sandbox import enter, limit
from benchbox.isolation.seccomp import stay_in_group
from benchbox.isolation.walls import from_data
from benchbox.records import Sealed

_TRACEBACK = 16_000
_NO_TERMINAL = "BdbQuit: a player's process has no terminal to stop at; breakpoint() needs --jobs 0"


def main(channel: int, _control: int | None, walls: dict[str, Any]) -> int:
    """Play one game. The contestant's code is imported behind the walls, and nothing else of it is in this process.

    Args:
        channel: the number of the socket to the referee.
        walls: ``sealed``, and the fields of ``Walls``.

    Returns:
        0: how the game ended is told through the channel.
    """
    sealed, around = Sealed(walls["sealed"]), from_data(walls["walls"])
    if sealed is Sealed.SANDBOX:
        enter(around)
    else:
        limit(around)
        stay_in_group()
    line = Channel(socket.socket(fileno=channel))
    try:
        _play(line)
        line.send("done", {})
    except Gone:
        return 0
    except NotApplicable as reason:
        _fail(line, "not applicable", str(reason), "")
    except BenchboxError as error:
        _fail(line, "plugin error", str(error), traceback.format_exc())
    except bdb.BdbQuit:  # its debugger found no terminal to read from
        _fail(line, "exception", _NO_TERMINAL, traceback.format_exc())
    except Exception as error:  # a contestant may fail in any way; the referee is told how
        _fail(line, "exception", described(error), traceback.format_exc())
    return 0


def _play(line: Channel) -> None:
    from functools import partial

    from benchbox.isolation.memory import keep_freed_memory
    from benchbox.match.lineup import create, network
    from benchbox.match.players.brief import Brief
    from benchbox.match.players.link import ChannelLink
    from benchbox.match.players.play import play
    from benchbox.match.players.shelf import unpacked

    keep_freed_memory()
    _, data = line.receive()
    link = ChannelLink(line)
    brief = Brief.read(unpacked(data, link.read))
    link.who = brief.who
    build = partial(network, brief.model, brief.shape, brief.classes)
    play(create, build, brief, link)


def _fail(line: Channel, error: str, sentence: str, trace: str) -> None:
    line.send("failed", {"error": error, "sentence": one_line(sentence), "traceback": clean(trace[-_TRACEBACK:])})

"""The process of one referee: it has the target, the test images, the meter and the scores, and no contestant's code."""

from __future__ import annotations

import os
import socket
import tempfile
import time
from typing import Any

from benchbox.isolation.channel import Channel
from benchbox.isolation.kernel import forbid_looking_in
from benchbox.isolation.memory import keep_freed_memory
from benchbox.isolation.nursery import ONE_THREAD, Nursery
from benchbox.match.players.apart import Apart
from benchbox.match.resume import Due, packed, unpacked
from benchbox.match.run import one_thread, run_cell
from benchbox.place import Place
from benchbox.suites.setting import Setting

PROGRESS_EVERY = 0.5
"""Least seconds between two tellings of how far the match is."""


_OURS = (*ONE_THREAD, "CUDA_VISIBLE_DEVICES")  # variables that were set for this process


def main(channel: int, control: int | None, _argument: Any) -> int:
    """Play the cell that comes through the channel, and send its result back.

    Args:
        channel: the number of the socket to the coordinator.
        control: the number of the socket to the zygote, for the players.
    """
    forbid_looking_in()
    keep_freed_memory()
    one_thread()
    line = Channel(socket.socket(fileno=channel))
    _, order = line.receive()
    os.environ.update(order["environment"])
    tempfile.tempdir = None  # the zygote's own would be found there
    setting, place = Setting.model_validate(order["setting"]), Place.model_validate(order["place"])
    assert control is not None
    live = (lambda text: line.send("output", {"text": text})) if order["live"] else None
    players = Apart(Nursery(socket.socket(fileno=control), lost=_leave), place.sealed, place.walls, live)
    result = run_cell(setting, place, ChannelWatch(line, order["state"]), players)
    result.output = players.output
    line.send("result", result.data())
    return 0


def _leave() -> None:
    """Leave with the zygote, in the middle of whatever is computed: nobody waits for it any more."""
    os._exit(1)


class ChannelWatch:
    """Tells the coordinator how far the match is, and has it keep the states to resume from.

    Args:
        line: leads there.
        state: the state that an earlier, killed run left; None where there is none.
    """

    def __init__(self, line: Channel, state: bytes | None) -> None:
        self._line, self._state = line, state
        self._told, self._due = 0.0, Due()

    @property
    def due(self) -> bool:
        """Whether it is time to keep a state to resume from."""
        return self._due.now

    def tell(self, spent: int, budget: int, accuracy: float | None) -> None:
        """Take note of how far the match is."""
        if time.monotonic() - self._told >= PROGRESS_EVERY:
            self._told = time.monotonic()
            self._line.send("progress", {"spent": spent, "budget": budget, "accuracy": accuracy})

    def save(self, state: dict[str, Any]) -> None:
        """Have a state kept."""
        began = time.monotonic()
        self._line.send("state", {"state": packed(state)})
        self._due.took(time.monotonic() - began)

    def load(self) -> dict[str, Any] | None:
        """Return the state that was kept, or None."""
        return unpacked(self._state)

"""Players in processes of their own, each forked from a clean zygote and shut in before it imports anything of a contestant."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

from benchbox.errors import Blocked, BudgetExceeded, PluginError
from benchbox.isolation.channel import Garbled, Gone
from benchbox.isolation.folders import passing_folder
from benchbox.isolation.nursery import Child, Nursery
from benchbox.isolation.output import KEPT, Output, clean, one_line
from benchbox.isolation.walls import Walls, as_data, beside
from benchbox.match.messages import Done, Failed, Read, checked
from benchbox.match.players.brief import Brief
from benchbox.match.players.link import TOLD, Desk
from benchbox.match.players.players import PlayerFailed, excused
from benchbox.match.players.shelf import Shelf
from benchbox.records import Sealed

ENTRY = "benchbox.match.players.player:main"
_PATIENCE = 5.0  # seconds between a process hanging up and the news of how it ended
_ROOM, _WIDEST = 512 << 20, 8  # bytes of a frame beside the images that a budget pays for; bytes of a float64
_HEADER = 4 << 20  # bytes of a header: a generator's state to resume from may hold thousands of names


class Apart:
    """Starts a fresh process for every game, and ends it with the game.

    Args:
        nursery: forks them.
        sealed: how far they are shut in.
        walls: what they may still see; a contestant's own file is added.
        live: is given what they print, when they print it.

    Attributes:
        output: the end of what they printed, one after the other.
    """

    def __init__(
        self, nursery: Nursery, sealed: Sealed, walls: Walls, live: Callable[[str], None] | None = None
    ) -> None:
        self._nursery, self._sealed, self._walls, self._live = nursery, sealed, walls, live
        self.output = ""

    def play(self, brief: Brief, desk: Desk) -> None:
        """Play one game; see ``Players``."""
        with _own_folder(self._sealed) as folder:
            child, shelf = self._start(brief, folder), Shelf(brief.who)
            try:
                child.channel.send("brief", shelf.packed(brief.data()))
                _serve(child, brief.who, desk, shelf)
            except Gone:
                raise PlayerFailed(f"{brief.who} {_end(child)}") from None
            except Garbled as error:
                raise PluginError(f"{brief.who} sent what is no message: {error}") from None
            finally:
                child.end()
                self.output = (self.output + child.output.text)[-KEPT:]

    def _start(self, brief: Brief, folder: tuple[Path, ...]) -> Child:
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        gpus = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
        child = self._nursery.start(ENTRY, self._argument(brief, folder), environment=gpus, output=Output(self._live))
        child.channel.limit, child.channel.header_limit = _ROOM + _WIDEST * brief.budget * prod(brief.shape), _HEADER
        return child

    def _argument(self, brief: Brief, writable: tuple[Path, ...]) -> dict[str, Any]:
        refs = (brief.contestant, brief.trainer, brief.model, *(each.model for each in brief.surrogates))
        files = sorted({Path(ref.file) for ref in refs if ref and ref.file})
        readable = (*self._walls.readable, *dict.fromkeys(path for file in files for path in beside(file)))
        searched = tuple(dict.fromkeys(file.parent for file in files))
        walls = replace(self._walls, readable=readable, searched=searched, writable=writable)
        return {"sealed": self._sealed.value, "walls": as_data(walls)}


@contextmanager
def _own_folder(sealed: Sealed) -> Iterator[tuple[Path, ...]]:
    """Give a player a folder for temporary files that is gone after its game; a sandbox has one of its own."""
    if sealed is Sealed.SANDBOX:
        yield ()
        return
    with passing_folder("benchbox-player-") as folder:
        yield (folder,)


def _serve(child: Child, who: str, desk: Desk, shelf: Shelf) -> None:
    """Take messages until the player is done. What it reads of what it was given is no business of the desk's."""
    while True:
        kind, data = child.channel.receive()
        if kind in ("done", "failed"):
            return _closed(checked(who, kind, data), who, desk)
        if kind == "read":
            wanted = checked(who, kind, data)
            assert isinstance(wanted, Read)
            child.channel.send("reply", {"images": shelf.read(wanted.set, wanted.rows)})
            continue
        try:
            reply = desk.take(kind, data)
        except Blocked as blocked:
            child.channel.send("blocked", blocked.data())
            continue
        except BudgetExceeded as refused:
            child.channel.send("refused", {"asked": refused.asked, "remaining": refused.remaining})
            continue
        if kind not in TOLD:
            child.channel.send("reply", shelf.packed(reply))


def _closed(last: Any, who: str, desk: Desk) -> None:
    """Return where the game was played to its end; raise how it failed.

    The message may be forged: its text is cleaned here, and starts with who said it.

    Raises:
        NotApplicable, PluginError, PlayerFailed: as the player said.
    """
    if isinstance(last, Done):
        return
    assert isinstance(last, Failed)
    said = one_line(last.sentence)
    named = said if said.startswith(who) else f"{who}: {said}"
    if last.error == "not applicable":
        raise excused(who, said, desk)
    if last.error == "plugin error":
        raise PluginError(named)
    raise PlayerFailed(named, clean(last.traceback))


def _end(child: Child) -> str:
    code = child.wait(_PATIENCE)
    if code is None:
        return "hung up in the middle of its game; expected it to play to the end"
    if code < 0:
        return f"was killed by signal {-code} in the middle of its game (9 is often a lack of memory)"
    return f"ended its process with exit code {code} in the middle of its game; expected it to play to the end"

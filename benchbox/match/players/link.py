"""The player's end of the line to the referee: across the wall, or a call within one process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from benchbox.errors import Blocked, BudgetExceeded, PluginError
from benchbox.match.players.shelf import unpacked

if TYPE_CHECKING:
    from benchbox.isolation.channel import Channel

TOLD = ("note", "show")
"""Messages that get no reply."""


class Link(Protocol):
    """How a player speaks to the referee; ``benchbox.match.messages`` says what."""

    def call(self, kind: str, data: dict[str, Any]) -> Any:
        """Send a message and return the reply.

        Raises:
            BudgetExceeded: it was a query for more than remains, or one that a defence blocked.
        """

    def tell(self, kind: str, data: dict[str, Any]) -> None:
        """Send a message that gets no reply."""


class Desk(Protocol):
    """The referee's end: takes a message, returns the reply."""

    @property
    def begun(self) -> bool:
        """Whether the contestant has been given or has done anything by which it could tell how it will fare."""

    def take(self, kind: str, data: Any) -> Any:
        """Answer a message.

        Raises:
            BudgetExceeded: it was a query for more than remains; the player may go on.
            BenchboxError: the contestant broke a rule; the game is over.
        """


class ChannelLink:
    """Across the wall. A referee that refuses a message for any other reason than the budget ends this process."""

    def __init__(self, channel: Channel, who: str = "the player") -> None:
        self._channel, self.who = channel, who

    def call(self, kind: str, data: dict[str, Any]) -> Any:
        """Send a message and return the reply; see ``Link``."""
        self.tell(kind, data)
        word, reply = self._channel.receive()
        if word == "refused":
            raise BudgetExceeded(reply["asked"], reply["remaining"])
        if word == "blocked":
            raise Blocked(**reply)
        return unpacked(reply, self.read)

    def read(self, wanted: dict[str, Any]) -> Any:
        """Ask for rows of a set, and return the reply."""
        return self.call("read", wanted)

    def tell(self, kind: str, data: dict[str, Any]) -> None:
        """Send a message."""
        try:
            self._channel.send(kind, data)
        except TypeError as error:
            raise does_not_cross(self.who, kind, error) from None


def does_not_cross(who: str, kind: str, why: TypeError) -> PluginError:
    """Return the error of a message that holds something else than tensors and plain data."""
    return PluginError(
        f"{who} sent '{kind}', which does not cross to the referee: {why}; expected tensors and plain data"
    )


class DirectLink:
    """Within one process. What the referee refused stays refused, whatever the contestant caught."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.over: Exception | None = None

    def call(self, kind: str, data: dict[str, Any]) -> Any:
        """Hand a message over and return the reply; see ``Link``."""
        try:
            return self._desk.take(kind, data)
        except BudgetExceeded:
            raise
        except Exception as error:
            self.over = self.over or error
            raise

    def tell(self, kind: str, data: dict[str, Any]) -> None:
        """Hand a message over."""
        self.call(kind, data)

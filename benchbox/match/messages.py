"""What a player may send, checked: every message is plain data and tensors of a declared form, and nothing else is read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from benchbox.errors import PluginError
from benchbox.isolation.output import one_line

Phase = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9 _-]{0,39}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.:/+-]{0,63}$")]
Text = Annotated[str, Field(max_length=20_000)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


class Query(_Message):
    """Images to be answered, float (n, *shape)."""

    phase: Phase
    images: torch.Tensor


class Ask(_Message):
    """Images to be answered, float (n, *shape), each for one example of a query attack: rows, int64 (n,)."""

    phase: Phase
    rows: torch.Tensor
    images: torch.Tensor


class Peek(_Message):
    """Images for the insider's view: probabilities, or activations of a micro-batch."""

    what: Literal["probabilities", "activations"]
    images: torch.Tensor


class Note(_Message):
    """Diagnostics at the present number of queries."""

    values: dict[Name, float]


class Show(_Message):
    """Images for a picture."""

    name: Name
    images: torch.Tensor


class Rows(_Message):
    """A selector's choice, int64 (k,), how many it says that it chose, and whether the first i of them are the choice of i."""

    rows: torch.Tensor
    wanted: int
    nested: bool


class Recall(_Message):
    """What a selector says before it makes a deterministic choice; it may be known already, and the game is over then."""

    wanted: int
    nested: bool


class Read(_Message):
    """Which rows of a set that a player was given by number, int64 (m,), it wants; see ``benchbox.match.players.shelf``."""

    set: int
    rows: torch.Tensor


class Offer(_Message):
    """A substitute that a generator stands by: weights of the scenario's network, and what it believes to have spent."""

    weights: dict[str, torch.Tensor]
    spent: int
    refused: bool = False


class State(_Message):
    """All that a generator needs to go on after a kill; data that only the player reads."""

    state: Any


class Examples(_Message):
    """Adversarial examples for the chunk that was sent last; None asks for the first chunk."""

    images: torch.Tensor | None


class Prepared(_Message):
    """What a trainer learnt before the first answer; ``features`` are shown to the selector."""

    tensors: dict[Name, torch.Tensor]


class Lesson(_Message):
    """Weights of the scenario's network, learnt from the lesson that was given last; None asks for the first."""

    weights: dict[str, torch.Tensor] | None


class Failed(_Message):
    """The contestant raised an exception."""

    error: Literal["not applicable", "plugin error", "exception"]
    sentence: Text
    traceback: Text = ""


class Done(_Message):
    """The contestant is done."""


_ALL = (Query, Ask, Peek, Note, Show, Rows, Recall, Read, Offer, State, Examples, Prepared, Lesson, Failed, Done)
KINDS: dict[str, type[_Message]] = {kind.__name__.lower(): kind for kind in _ALL}
"""What there is, by the word in the frame's header."""


def checked(who: str, kind: str, data: Any) -> _Message:
    """Return a player's message.

    Raises:
        PluginError: it is of no known kind, or malformed; the sentence names the plugin.
    """
    try:
        return KINDS[kind].model_validate(data)
    except KeyError:
        raise PluginError(f"{who} sent a message '{one_line(kind, 40)}', which there is not") from None
    except ValidationError as error:
        raise PluginError(f"{who} {_sentence(kind, error)}") from None


def _sentence(kind: str, error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    shown = one_line(repr(first["input"]) if isinstance(first["input"], str | int | float) else "of no text", 60)
    if kind in ("query", "ask") and where == "phase" and first["type"] != "missing":
        return f"named a phase {shown}; expected lower-case letters, digits, spaces, '-' or '_', up to 40"
    if kind in ("note", "show") and "string" in first["type"]:
        return f"wrote down something under the name {shown}; expected letters, digits and ' _.:/+-', up to 64"
    return f"sent a malformed {kind} ({one_line(where, 60)}: {one_line(first['msg'], 200)})"


__all__ = [
    "KINDS",
    "Ask",
    "Done",
    "Examples",
    "Failed",
    "Lesson",
    "Note",
    "Offer",
    "Peek",
    "Prepared",
    "Query",
    "Read",
    "Recall",
    "Rows",
    "Show",
    "State",
    "checked",
]

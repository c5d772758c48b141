"""The referee's side of the table: each desk takes one player's messages, checks them, counts, and answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from benchbox.errors import PluginError
from benchbox.images.grid import GRID, grid_png
from benchbox.match.messages import CORE_PHASES, Examples, Note, Offer, Peek, Query, Rows, Show, State, checked
from benchbox.records import Diagnostic, Picture
from benchbox.scoring.attacking import Assault
from benchbox.target.insider import TargetInsider
from benchbox.target.meter import MeteredOracle

MOST_NOTES, MOST_PICTURES, MOST_PHASES = 2_000_000, 64, 64
"""More than that no method has use for, and a store would suffer from."""

_LEVELS = 16  # of a channel: a third of the bytes that 256 take in the store
_MOST_SIDE, _MOST_VALUES = 4096, 1 << 28  # of a picture


@dataclass
class Notes:
    """What methods wrote down: diagnostics and pictures."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    pictures: dict[str, Picture] = field(default_factory=dict)


class MethodDesk:
    """What every method may ask for: answers, the insider's view where it is granted, a note, a picture.

    Args:
        meter: stands in front of the target.
        notes: where notes and pictures go.
        insider: the target from within; None where it is not granted.
    """

    def __init__(self, meter: MeteredOracle, notes: Notes, insider: TargetInsider | None) -> None:
        self.meter, self._notes, self._insider = meter, notes, insider
        self._phases: set[str] = set()

    def take(self, kind: str, data: Any) -> Any:
        """Answer a message; see ``benchbox.match.players.link.Desk``."""
        return self._answer(checked(self.meter.asker, kind, data))

    def _answer(self, message: Any) -> Any:
        match message:
            case Query():
                return {"answers": self._query(message), "spent": self.meter.spent}
            case Peek():
                return {"answer": self._peek(message)}
            case Note():
                return self._note(message)
            case Show():
                return self._show(message)
        raise PluginError(
            f"{self.meter.asker} sent a {type(message).__name__.lower()}, which is not its part of the game"
        )

    def _query(self, query: Query) -> Tensor:
        if query.phase in CORE_PHASES:
            raise PluginError(f"{self.meter.asker} named a phase '{query.phase}', which is the core's own word")
        self._phases.add(query.phase)
        if len(self._phases) > MOST_PHASES:
            raise PluginError(f"{self.meter.asker} named over {MOST_PHASES} phases; expected a few words")
        return self.meter.query(query.images, phase=query.phase)

    def _peek(self, peek: Peek) -> Tensor:
        if self._insider is None:
            raise PluginError(f"{self.meter.asker} asked for the insider's view, which this scenario does not grant")
        if not peek.images.is_floating_point() or tuple(peek.images.shape[1:]) != self.meter.shape:
            raise PluginError(f"{self.meter.asker} asked for the insider's view of what are no images")
        view = self._insider.probabilities if peek.what == "probabilities" else self._insider.activations
        return view(peek.images.float())

    def _note(self, note: Note) -> None:
        spent, kept = self.meter.spent, self._notes.diagnostics
        kept += [Diagnostic(spent, name, value) for name, value in note.values.items()]
        if len(kept) > MOST_NOTES:
            raise PluginError(f"{self.meter.asker} wrote down over {MOST_NOTES} numbers; expected a few a round")

    def _show(self, show: Show) -> None:
        images = show.images
        fits = images.is_floating_point() and images.ndim == 4 and 0 < images.numel() <= _MOST_VALUES
        if not fits or max(images.shape[2:]) > _MOST_SIDE:
            raise PluginError(
                f"{self.meter.asker} kept a picture of {images.dtype} of shape {tuple(images.shape)}; expected float "
                f"images (n, channels, height, width), with sides up to {_MOST_SIDE}"
            )
        self._notes.pictures[show.name] = Picture(
            show.name, grid_png(images[: GRID * GRID].nan_to_num(), GRID, _LEVELS)
        )
        if len(self._notes.pictures) > MOST_PICTURES:
            raise PluginError(f"{self.meter.asker} kept over {MOST_PICTURES} pictures; expected a few, by name")


class SelectorDesk(MethodDesk):
    """Takes one choice, and remembers the answers that were paid for until it is made.

    Attributes:
        choice: the rows, once they were chosen.
    """

    def __init__(self, meter: MeteredOracle, notes: Notes, insider: TargetInsider | None) -> None:
        super().__init__(meter, notes, insider)
        self.choice: Rows | None = None
        self._known: dict[bytes, Tensor] = {}

    def _answer(self, message: Any) -> Any:
        if isinstance(message, Rows):
            self.choice = message
            return {}
        return super()._answer(message)

    def _query(self, query: Query) -> Tensor:
        answers = super()._query(query)
        self._known.update(zip(_digests(query.images), answers, strict=True))
        return answers

    def answers(self, images: Tensor) -> Tensor:
        """Return the answers to the chosen images: those that were paid for in this game, and the others asked now."""
        known = [self._known.get(digest) for digest in _digests(images)] if self._known else [None] * len(images)
        missing = [i for i, answer in enumerate(known) if answer is None]
        if len(missing) == len(images):
            return self.meter.query(images, phase="chosen")
        if missing:
            for i, answer in zip(missing, self.meter.query(images[missing], phase="chosen"), strict=True):
                known[i] = answer
        return torch.stack([answer.to(images.device) for answer in known if answer is not None])


class GeneratorDesk(MethodDesk):
    """Takes offers and states.

    Args:
        offered: takes an offer, and returns what the player is told.
        saved: takes a state to resume from.
    """

    def __init__(
        self,
        meter: MeteredOracle,
        notes: Notes,
        insider: TargetInsider | None,
        offered: Callable[[Offer], dict[str, Any]],
        saved: Callable[[Any], None],
    ) -> None:
        super().__init__(meter, notes, insider)
        self._offered, self._saved = offered, saved

    def _answer(self, message: Any) -> Any:
        if isinstance(message, Offer):
            return self._offered(message)
        if isinstance(message, State):
            self._saved(message.state)
            return {}
        return super()._answer(message)


class AttackDesk:
    """Deals an attack its images, chunk by chunk, and takes what became of them."""

    def __init__(self, assault: Assault) -> None:
        self._assault = assault

    def take(self, kind: str, data: Any) -> Any:
        """Take the examples of the last chunk; return the next images and labels, None where there are no more."""
        message = checked(self._assault.who, kind, data)
        if not isinstance(message, Examples):
            raise PluginError(f"{self._assault.who} sent a {kind}, which is not its part of the game")
        dealt = self._assault.exchange(message.images)
        return None if dealt is None else {"images": dealt[0], "labels": dealt[1]}


def _digests(images: Tensor) -> list[bytes]:
    """Return a hash of each image as the target sees it, clipped to [0, 1]."""
    rows = images.detach().float().clamp(0, 1).flatten(1).cpu().contiguous().numpy()
    return [hashlib.blake2b(row.data, digest_size=16).digest() for row in rows]

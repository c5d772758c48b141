"""The referee's side of the table: each desk takes one player's messages, checks them, counts, and answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from benchbox.errors import PluginError
from benchbox.match.choices import Choices
from benchbox.match.messages import (
    Examples,
    Lesson,
    Note,
    Offer,
    Peek,
    Prepared,
    Query,
    Recall,
    Rows,
    Show,
    State,
    checked,
)
from benchbox.match.notes import Notes
from benchbox.scoring.attacking import Assault
from benchbox.target.insider import TargetInsider
from benchbox.target.meter import MeteredOracle
from benchbox.target.phases import CHOSEN, CORE_PHASES

MOST_PHASES = 64
"""More than that no method has use for, and a store would suffer from."""

_MOST_ACTIVE = 1024  # images at once: a network may have a hundred times as many neurons as an image has values


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
        self._peeked = False

    @property
    def begun(self) -> bool:
        """Whether it has had an answer, so that it could tell how it will fare."""
        return self._peeked or self.meter.spent > 0 or self.meter.refused is not None

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
                return self._notes.note(self.meter.asker, self.meter.spent, message)
            case Show():
                return self._notes.show(self.meter.asker, message)
        raise PluginError(
            f"{self.meter.asker} sent '{type(message).__name__.lower()}', which is not its part of the game"
        )

    def _query(self, query: Query) -> Tensor:
        return self.meter.query(query.images, phase=self._phase(query.phase))

    def _phase(self, phase: str) -> str:
        """Return a contestant's word for its queries, if it is one."""
        if phase in CORE_PHASES:
            raise PluginError(f"{self.meter.asker} named a phase '{phase}', which is the core's own word")
        self._phases.add(phase)
        if len(self._phases) > MOST_PHASES:
            raise PluginError(f"{self.meter.asker} named over {MOST_PHASES} phases; expected a few words")
        return phase

    def _peek(self, peek: Peek) -> Tensor:
        if self._insider is None:
            raise PluginError(f"{self.meter.asker} asked for the insider's view, which this scenario does not grant")
        fits = peek.images.is_floating_point() and tuple(peek.images.shape[1:]) == self.meter.shape
        if not fits or not len(peek.images):
            raise PluginError(f"{self.meter.asker} asked for the insider's view of what are no images")
        if peek.what == "activations" and len(peek.images) > _MOST_ACTIVE:
            raise PluginError(
                f"{self.meter.asker} asked for the activations of {len(peek.images)} images; expected at most {_MOST_ACTIVE}"
            )
        self._peeked = True
        view = self._insider.probabilities if peek.what == "probabilities" else self._insider.activations
        return view(peek.images.float())


class SelectorDesk(MethodDesk):
    """Takes one choice, and remembers the answers that were paid for until it is made.

    A deterministic choice may be known from another cell. So that the game is the same then, nothing but rows is taken of a
    selector that says it makes one.

    Args:
        again: whether it has played for a smaller budget before.
        choices: keeps deterministic choices; None keeps none.

    Attributes:
        choice: the rows, once they were chosen.
        deterministic: whether the selector said so of its choice.
        blocked: whether a defence left an image unanswered.
        paid: the images that were answered while it chose, and their answers, where a defence may block.
    """

    def __init__(
        self,
        meter: MeteredOracle,
        notes: Notes,
        insider: TargetInsider | None,
        *,
        again: bool = False,
        choices: Choices | None = None,
    ) -> None:
        super().__init__(meter, notes, insider)
        self._again, self._choices, self._spoken = again, choices, False
        self.deterministic = False
        self.choice: Rows | None = None
        self.blocked = False
        self.paid: list[tuple[Tensor, Tensor]] = []
        self._known: dict[bytes, Tensor] = {}

    @property
    def begun(self) -> bool:
        """Whether it has had an answer, or chosen, or played for a smaller budget before (``again``)."""
        return self._again or self.choice is not None or super().begun

    def _answer(self, message: Any) -> Any:
        if self.choice is not None:
            raise PluginError(
                f"{self.meter.asker} went on after it had chosen; expected one choice, and nothing after it"
            )
        if isinstance(message, Rows):
            self.choice = message
            return {}
        if self.deterministic or (isinstance(message, Recall) and self._spoken):
            raise PluginError(
                f"{self.meter.asker} says that its choice is deterministic, and did more than choose; expected no question, "
                f"note or picture of it"
            )
        self._spoken = True
        return self._recall(message) if isinstance(message, Recall) else super()._answer(message)

    def _recall(self, recall: Recall) -> dict[str, bool]:
        self.deterministic = True
        rows = None if self._choices is None else self._choices.recall(recall.wanted, recall.nested)
        if rows is not None:
            self.choice = Rows(rows=rows, wanted=recall.wanted, nested=recall.nested)
        return {"known": rows is not None}

    def _query(self, query: Query) -> Tensor:
        served = self.meter.serve(query.images, phase=self._phase(query.phase))
        images = query.images[served.kept.to(query.images.device)]
        self._known.update(zip(_digests(images), served.answers, strict=True))
        if self.meter.guard is not None:  # a block may end the game, and these are all that is learnt from
            self.paid.append((images, served.answers))
        if len(images) < len(query.images):
            self.blocked = True
            raise self.meter.blocking(served)
        return served.answers

    def answers(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return which of the chosen images are answered, bool (n,), and the answers: those paid for, and others asked now."""
        known = [self._known.get(digest) for digest in _digests(images)] if self._known else [None] * len(images)
        missing = [i for i, answer in enumerate(known) if answer is None]
        if missing and not self.meter.banned:
            served = self.meter.serve(images if len(missing) == len(images) else images[missing], phase=CHOSEN)
            if len(missing) == len(images):
                return served.kept, served.answers
            for i, answer in zip(torch.tensor(missing)[served.kept].tolist(), served.answers, strict=True):
                known[i] = answer
        kept = torch.tensor([answer is not None for answer in known])
        answers = [answer.to(images.device) for answer in known if answer is not None]
        return kept, torch.stack(answers) if answers else images.new_zeros(0)


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
        self._due = self._over = False

    def _answer(self, message: Any) -> Any:
        if self._over:
            raise PluginError(
                f"{self.meter.asker} went on after the offer with which it let a refusal pass; expected that to be its last"
            )
        if isinstance(message, Offer):
            reply = self._offered(message)
            self._due, self._over = bool(reply.get("save")), message.refused
            return reply
        if isinstance(message, State):
            return self._state(message)
        return super()._answer(message)

    def _state(self, message: State) -> Any:
        if not self._due:
            raise PluginError(f"{self.meter.asker} sent a state to go on from that nobody had asked for")
        self._due = False
        self._saved(message.state)
        return {}


class AttackDesk:
    """Deals an attack its images, chunk by chunk, and takes what became of them."""

    def __init__(self, assault: Assault, *, again: bool = False) -> None:
        self._assault = assault
        self.begun = again
        """Whether it has seen the images, or played in this cell before."""

    def take(self, kind: str, data: Any) -> Any:
        """Take the examples of the last chunk; return the next images and labels, None where there are no more."""
        message = checked(self._assault.who, kind, data)
        if not isinstance(message, Examples):
            raise PluginError(f"{self._assault.who} sent '{kind}', which is not its part of the game")
        dealt = self._assault.exchange(message.images)
        self.begun = True
        return None if dealt is None else {"images": dealt[0], "labels": dealt[1]}


class TrainerDesk:
    """Takes what a trainer prepared, or gives it lessons and takes the weights that it learnt.

    Args:
        who: the trainer.
        notes: where its notes go.
        spent: how many queries were paid for, to write beside a note.
        exchange: takes the weights of the last lesson, None before the first, and returns the next; None ends the game. Of
            a trainer that prepares there is none.
        again: whether it has played in this cell before.

    Attributes:
        begun: whether it has seen an answer, or played before.
        prepared: what it prepared, once it has.
    """

    def __init__(
        self,
        who: str,
        notes: Notes,
        spent: Callable[[], int],
        exchange: Callable[[dict[str, Tensor] | None], dict[str, Any] | None] | None,
        *,
        again: bool = False,
    ) -> None:
        self._who, self._notes, self._spent, self._exchange = who, notes, spent, exchange
        self.begun = again
        self.prepared: dict[str, Tensor] | None = None

    def take(self, kind: str, data: Any) -> Any:
        """Answer a message; see ``benchbox.match.players.link.Desk``."""
        message = checked(self._who, kind, data)
        if isinstance(message, Note):
            return self._notes.note(self._who, self._spent(), message)
        if isinstance(message, Lesson) and self._exchange is not None:
            lesson = self._exchange(message.weights)
            self.begun = True
            return lesson
        if isinstance(message, Prepared) and self._exchange is None and self.prepared is None:
            self.prepared = message.tensors
            return {}
        raise PluginError(f"{self._who} sent '{kind}', which is not its part of the game")


def _digests(images: Tensor) -> list[bytes]:
    """Return a hash of each image as the target sees it, clipped to [0, 1]."""
    rows = images.detach().float().clamp(0, 1).flatten(1).cpu().contiguous().numpy()
    return [hashlib.blake2b(row.data, digest_size=16).digest() for row in rows]

"""The meter in front of a target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from benchbox.contracts import Access, Shape
from benchbox.errors import Blocked, BudgetExceeded, PluginError
from benchbox.target.guard import Guard
from benchbox.target.ledger import Ledger
from benchbox.target.phases import BLOCKED
from benchbox.target.response import Response

Answer = Callable[[Tensor, Access], Tensor]


class Served(NamedTuple):
    """What came of one request.

    Attributes:
        kept: bool (n,): which images were answered, on the CPU. All of them, but where a defence blocks.
        answers: the answers to them.
        labels: the target's own class of each of them, int64 (m,), whatever the answer says.
    """

    kept: Tensor
    answers: Tensor
    labels: Tensor


class MeteredOracle:
    """Answers images while the budget lasts. See ``benchbox.contracts.Oracle`` for what a method may rely on.

    It lives with the referee. A request is reserved before it is answered, so that whatever happens meanwhile, no image is
    answered that was not paid for. A blocked image is paid for, unless the first block ends the game: then it is refused as
    what is over the budget is.

    Args:
        answer: maps clipped images and an access to answers.
        access: the rung of the response ladder: what an answer holds.
        budget: how many images may be answered.
        shape: the shape of one image.
        asker: the plugin that asks, named in errors.
        guard: the defence in front of the target; None where it stands bare.

    Attributes:
        shape, asker, guard: as given.
        refused: the last request over budget, or behind a block that ended the game; None while there was none.
    """

    def __init__(
        self, answer: Answer, access: str, budget: int, shape: Shape, asker: str, guard: Guard | None = None
    ) -> None:
        self.__answer = answer
        self._response, self._budget, self._spent = Response(access), budget, 0
        self.shape, self.asker, self.guard = tuple(shape), asker, guard
        self.refused: BudgetExceeded | None = None
        self._answering = False
        self.ledger = Ledger()

    @property
    def access(self) -> Access:
        """What an answer holds."""
        return self._response.form

    @property
    def remaining(self) -> int:
        """Queries left."""
        return self._budget - self._spent

    @property
    def spent(self) -> int:
        """Queries paid for so far."""
        return self._spent

    @property
    def counts(self) -> dict[str, int]:
        """What the defence counted, by name; empty where the target stands bare."""
        return {} if self.guard is None else self.guard.counts

    @property
    def banned(self) -> bool:
        """Whether a block ended the game: nothing is answered any more."""
        return self.guard is not None and self.guard.ends and self.guard.blocked > 0

    def query(self, images: Tensor, *, phase: str = "main") -> Tensor:
        """Answer ``images``, or refuse them whole. See ``benchbox.contracts.Oracle.query``."""
        served = self.serve(images, phase=phase)
        if not bool(served.kept.all()):
            raise self.blocking(served)
        return served.answers

    def blocking(self, served: Served) -> Blocked:
        """Return the error that says what a defence left of a request."""
        return Blocked(len(served.kept), self.remaining, served.kept, served.answers, self._spent, ends=self.banned)

    def serve(self, images: Tensor, *, phase: str = "main") -> Served:
        """Answer what a defence lets pass.

        Raises:
            BudgetExceeded: as ``query``; ``Blocked`` where an earlier block ended the game.
        """
        n = self._count(images)
        if self._answering:
            raise PluginError(
                f"{self.asker} asked the oracle while it was being answered; expected one request at a time"
            )
        if self.banned:
            self.refused = Blocked(n, self.remaining, spent=self._spent)
            raise Blocked(n, self.remaining, spent=self._spent)
        if n > self.remaining:
            self.refused = BudgetExceeded(n, self.remaining)
            raise BudgetExceeded(n, self.remaining)
        images = images.detach().float()
        inside = images.clamp(0.0, 1.0)
        clipped = 0
        if not torch.equal(inside, images):  # one pass where there is nothing to count, and NaN is equal to nothing
            if torch.isnan(inside).any():
                raise PluginError(f"{self.asker} sent images with NaN to the oracle; expected values in [0, 1]")
            clipped = int((inside != images).flatten(1).any(1).sum())
        self._spent += n
        self._answering = True
        try:
            served = self._bare(inside) if self.guard is None else self._guarded(self.guard, inside)
        finally:
            self._answering = False
        if n:
            self._enter(phase, inside, served, clipped)
        return served

    def _bare(self, images: Tensor) -> Served:
        answers = self.__answer(images, self.access)
        labels = answers if self.access is Access.LABEL else answers.argmax(1)
        cut = answers if self._response == self.access.value else self._response.cut(answers)
        return Served(torch.ones(len(images), dtype=torch.bool), cut, labels)

    def _guarded(self, guard: Guard, images: Tensor) -> Served:
        probabilities = self.__answer(images, Access.PROBABILITIES)
        if not len(images):
            return Served(torch.ones(0, dtype=torch.bool), self._response.cut(probabilities), probabilities.argmax(1))
        told = guard.answer(images, probabilities)
        kept = torch.zeros(len(images), dtype=torch.bool)
        kept[: len(told.blocked)] = ~told.blocked
        answered = kept.to(images.device)
        served = Served(kept, self._response.cut(told.probabilities[answered]), probabilities[answered].argmax(1))
        if guard.ends:
            self._spent -= int((~kept).sum())
        return served

    def _enter(self, phase: str, images: Tensor, served: Served, clipped: int) -> None:
        if bool(served.kept.all()):
            self.ledger.enter(phase, images, served.answers, clipped)
            return
        kept = served.kept.to(images.device)
        if bool(kept.any()):
            self.ledger.enter(phase, images[kept], served.answers, clipped)
        if not self.banned:
            self.ledger.enter(BLOCKED, images[~kept], served.answers[:0], 0)

    def answer_by(self, answer: Answer) -> None:
        """Have answers come from elsewhere from now on."""
        self.__answer = answer

    def _count(self, images: Tensor) -> int:
        expected = f"expected float images of shape (n, {', '.join(map(str, self.shape))}) in [0, 1]"
        if not isinstance(images, torch.Tensor):
            raise PluginError(f"{self.asker} sent {type(images).__name__} to the oracle; {expected}")
        if (
            images.ndim != len(self.shape) + 1
            or tuple(images.shape[1:]) != self.shape
            or not images.is_floating_point()
        ):
            raise PluginError(
                f"{self.asker} sent {images.dtype} of shape {tuple(images.shape)} to the oracle; {expected}"
            )
        return len(images)

    def state_dict(self) -> dict[str, Any]:
        """Return the meter, the ledger and what the defence remembers as plain data, for a resumed run."""
        guard = {} if self.guard is None else {"guard": self.guard.state_dict()}
        return {"spent": self._spent, "ledger": self.ledger.state_dict(), **guard}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what ``state_dict`` returned."""
        self._spent = int(state["spent"])
        self.ledger.load_state_dict(state["ledger"])
        if self.guard is not None:
            self.guard.load_state_dict(state["guard"])

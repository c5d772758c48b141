"""The meter in front of a target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from benchbox.contracts import Access, Shape
from benchbox.errors import BudgetExceeded, PluginError
from benchbox.target.ledger import Ledger
from benchbox.target.response import Response

Answer = Callable[[Tensor, Access], Tensor]


class MeteredOracle:
    """Answers images while the budget lasts. See ``benchbox.contracts.Oracle`` for what a method may rely on.

    It lives with the referee. A request is reserved before it is answered, so that whatever happens meanwhile, no image is
    answered that was not paid for.

    Args:
        answer: maps clipped images and an access to answers.
        access: the rung of the response ladder: what an answer holds.
        budget: how many images may be answered.
        shape: the shape of one image.
        asker: the plugin that asks, named in errors.

    Attributes:
        shape, asker: as given.
        refused: the last request over budget; None while there was none.
    """

    def __init__(self, answer: Answer, access: str, budget: int, shape: Shape, asker: str) -> None:
        self.__answer = answer
        self._response, self._budget, self._spent = Response(access), budget, 0
        self.shape, self.asker = tuple(shape), asker
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

    def query(self, images: Tensor, *, phase: str = "main") -> Tensor:
        """Answer ``images``, or refuse them whole. See ``benchbox.contracts.Oracle.query``."""
        n = self._count(images)
        if self._answering:
            raise PluginError(
                f"{self.asker} asked the oracle while it was being answered; expected one request at a time"
            )
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
            answers = self._served(inside)
        finally:
            self._answering = False
        if n:
            self.ledger.enter(phase, inside, answers, clipped)
        return answers

    def _served(self, images: Tensor) -> Tensor:
        answers = self.__answer(images, self.access)
        return answers if self._response == self.access.value else self._response.cut(answers)

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
        """Return the meter and the ledger as plain data, for a resumed run."""
        return {"spent": self._spent, "ledger": self.ledger.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what ``state_dict`` returned."""
        self._spent = int(state["spent"])
        self.ledger.load_state_dict(state["ledger"])

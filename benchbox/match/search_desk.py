"""The desk of a query attack: it meters example by example, judges every image, and remembers the answers of its block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from benchbox.contracts import Access
from benchbox.errors import Blocked, PluginError
from benchbox.match.desks import MethodDesk
from benchbox.match.messages import Ask, Peek, Query
from benchbox.match.notes import Notes
from benchbox.scoring.judging import Judge
from benchbox.target.example_meter import ExampleMeter
from benchbox.target.meter import Answer, MeteredOracle

MOST_KEPT = 256 << 20
"""Bytes of answers of one block that are kept to resume from; what a killed run asked beyond them it would ask again."""


class Replay:
    """Stands before the target: answers again what was answered before a run was killed, and remembers what is new.

    Args:
        answer: asks the target.
        kept: the answers of requests that were paid for already, in their order.
    """

    def __init__(self, answer: Answer, kept: list[Tensor]) -> None:
        self._answer, self._left = answer, kept[::-1]
        self._kept = list(kept)
        self._bytes = sum(each.nbytes for each in kept)

    @property
    def replaying(self) -> bool:
        """Whether answers are left that were paid for already."""
        return bool(self._left)

    @property
    def full(self) -> bool:
        """Whether new answers are no longer kept."""
        return self._bytes > MOST_KEPT

    def __call__(self, images: Tensor, access: Access) -> Tensor:
        """Return the answers to clipped images."""
        if self._left:
            known = self._left.pop()
            if len(known) != len(images):
                raise PluginError(f"{len(images)} images were asked where it had asked {len(known)} before")
            return known.to(images.device)
        answers = self._answer(images, access)
        if not self.full:
            self._kept.append(answers.cpu())
            self._bytes += answers.nbytes
        return answers

    def state_dict(self) -> dict[str, Any]:
        """Return what is remembered: all answers in one tensor, and how many each request had."""
        return {"answers": torch.cat(self._kept), "sizes": [len(each) for each in self._kept]} if self._kept else {}


def recalled(state: dict[str, Any]) -> list[Tensor]:
    """Return the answers that ``Replay.state_dict`` packed."""
    return list(state["answers"].split(state["sizes"])) if "sizes" in state else []


class SearchDesk(MethodDesk):
    """Takes the requests of one block.

    Args:
        meter: stands in front of the target, and counts in all.
        notes: where notes and pictures go.
        examples: counts by example.
        judge: judges every image.
        asked: called behind every request.
        again: whether the attack has played an earlier block.
    """

    def __init__(
        self,
        meter: MeteredOracle,
        notes: Notes,
        examples: ExampleMeter,
        judge: Judge,
        asked: Callable[[], None],
        *,
        again: bool,
    ) -> None:
        super().__init__(meter, notes, None)
        self._examples, self._judge, self._asked, self._again = examples, judge, asked, again
        meter.refused = None

    @property
    def begun(self) -> bool:
        """Whether it has had an answer, in this block or before."""
        return self._again or super().begun

    def _answer(self, message: Any) -> Any:
        if isinstance(message, Ask):
            return self._ask(message)
        if isinstance(message, Query | Peek):
            raise PluginError(f"{self.meter.asker} sent a query without its rows; expected game.ask(rows, images)")
        return super()._answer(message)

    def _ask(self, ask: Ask) -> dict[str, Tensor]:
        if self.meter.refused is not None:
            raise PluginError(
                f"{self.meter.asker} went on asking after a request of which nothing could be answered; expected rows with "
                f"queries left (game.remaining), or to let BudgetExceeded end the search"
            )
        answered = self._examples.ask(ask.rows, ask.images, self._phase(ask.phase))
        kept, every = answered.kept, bool(answered.kept.all())
        rows = ask.rows.long().cpu() if every else ask.rows.long().cpu()[kept]
        images = ask.images if every else ask.images[kept.to(ask.images.device)]
        solved = self._judge.see(rows, images, answered.answers, answered.labels, answered.places)
        self._asked()
        if self.meter.banned:
            raise Blocked(len(kept), 0, kept, answered.answers, self.meter.spent)
        return {"kept": kept, "paid": answered.paid, "answers": answered.answers, "solved": solved}

"""The response ladder: how much of the target's output an answer holds. Imports no torch until something is cut."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic_core import CoreSchema, core_schema

from benchbox.contracts import Access
from benchbox.errors import nearest

if TYPE_CHECKING:
    from torch import Tensor

_WITH_A_NUMBER = re.compile(r"(topk|rounded):([1-9][0-9]{0,5})")
_MOST_DECIMALS = 6
"""More than that a float32 does not hold."""
RUNGS = ("label", "topk:K", "rounded:D", "probabilities")
"""The rungs as documents write them."""


class Response(str):
    """A rung of the ladder, as suites write it; a text like any other, that can also cut an answer down.

    ``label``: the class alone. ``topk:K``: the K largest probabilities, the others 0. ``rounded:D``: every probability to D
    decimals. ``probabilities``: all there is. What is cut is scaled to sum to 1 again; where rounding leaves nothing, the
    answer is the same for every class.

    Raises:
        ValueError: it is no rung; the sentence names the nearest.
    """

    def __new__(cls, text: str) -> Response:
        """Return the rung that a text names."""
        found = _WITH_A_NUMBER.fullmatch(text)
        if found is None and text not in tuple(Access):
            names = {rung.partition(":")[0]: rung for rung in RUNGS}
            word = text.partition(":")[0]
            guess = f"did you mean '{names[word]}'?" if word in names else nearest(word, RUNGS)
            raise ValueError(
                f"should be {', '.join(RUNGS[:-1])} or {RUNGS[-1]}, K and D whole numbers from 1 ({guess})"
            )
        if found is not None and found[1] == "rounded" and int(found[2]) > _MOST_DECIMALS:
            raise ValueError(f"should round to at most {_MOST_DECIMALS} decimals")
        return super().__new__(cls, text)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> CoreSchema:
        """Read and write it as a text."""
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())

    @property
    def form(self) -> Access:
        """What a method reads: classes, or probabilities."""
        return Access.LABEL if self == Access.LABEL.value else Access.PROBABILITIES

    def cut(self, probabilities: Tensor) -> Tensor:
        """Return what an answer holds of probabilities, float (n, classes): classes int64 (n,), or the same shape."""
        if self.form is Access.LABEL:
            return probabilities.argmax(1)
        kind, _, amount = self.partition(":")
        if kind == "topk":
            order = probabilities.argsort(
                dim=1, descending=True, stable=True
            )  # of equals the first, as argmax takes it
            return normalised(probabilities.scatter(1, order[:, int(amount) :], 0.0))
        return normalised(probabilities.round(decimals=int(amount))) if amount else probabilities


def normalised(values: Tensor) -> Tensor:
    """Return rows (n, classes) of nothing negative scaled to sum to 1; a row of zeros says the same of every class."""
    total = values.sum(1, keepdim=True)
    return (values / total).where(total > 0, 1 / values.shape[1])

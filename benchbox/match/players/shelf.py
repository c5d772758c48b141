"""Images across the wall by rows: the player holds a number in place of a set, and asks for the rows that it wants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from benchbox.errors import PluginError
from benchbox.images.row_tensor import RowTensor

MOST_ROWS = 1024
"""Of one request: what is on its way lies in the memory of both sides."""
_MARK = "$by rows"


class Shelf:
    """What one player may read by rows in one game: the sets that its brief and its lessons named, and no other.

    Args:
        who: the player, named in errors.
    """

    def __init__(self, who: str) -> None:
        self._who, self._sets = who, list[RowTensor]()

    def packed(self, data: Any) -> Any:
        """Return a message to the player with a number in place of each unread set, which it may read from now on."""
        if not isinstance(data, dict):
            return data
        return {key: self._named(value) if isinstance(value, RowTensor) else value for key, value in data.items()}

    def _named(self, images: RowTensor) -> dict[str, Any]:
        self._sets.append(images)
        return {_MARK: [len(self._sets) - 1, *images.shape]}

    def read(self, number: int, rows: Tensor) -> Tensor:
        """Return images as they are read: uint8 where they are files.

        Raises:
            PluginError: there is no such set, or it has no such rows.
        """
        if not 0 <= number < len(self._sets):
            raise PluginError(f"{self._who} asked for images that it was not given")
        images = self._sets[number]
        fits = rows.ndim == 1 and rows.dtype == torch.int64 and len(rows) <= MOST_ROWS
        if not fits or (len(rows) and not 0 <= int(rows.min()) <= int(rows.max()) < len(images)):
            raise PluginError(
                f"{self._who} asked for rows that there are not; expected up to {MOST_ROWS} of 0 to {len(images) - 1}"
            )
        return images.read(rows)


def unpacked(data: Any, ask: Callable[[dict[str, Any]], Any]) -> Any:
    """Return a message from the referee with tensors that are read by rows where it named sets.

    Args:
        data: what came.
        ask: sends a ``read``, and returns the reply.
    """
    if not isinstance(data, dict):
        return data
    return {key: _unread(value[_MARK], ask) if _is_named(value) else value for key, value in data.items()}


def _is_named(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {_MARK}


def _unread(named: list[int], ask: Callable[[dict[str, Any]], Any]) -> RowTensor:
    number, *shape = named

    def read(rows: Tensor) -> Tensor:
        images: Tensor = ask({"set": number, "rows": rows})["images"]
        return images

    return RowTensor(tuple(shape), read, torch.device("cpu"))

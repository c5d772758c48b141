"""The defence 'blacklight'."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from benchbox.contracts import Access, Defence, Options, Owner, Told

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_LARGE = 4096  # values of an image from which windows are larger and farther apart


class BlacklightOptions(Options):
    """Options of ``blacklight``."""

    kept: int = Field(default=50, ge=1, description="hashes of an image that are kept")
    shared: float = Field(default=0.5, gt=0, le=1, description="share of them that two images must share for an alarm")
    step: int = Field(default=50, ge=1, le=255, description="grey levels that are taken for one")
    blocks: bool = Field(default=True, description="whether an image that raises an alarm is not answered")


class Blacklight(Defence):
    """Raises an alarm where a query shares most of its hashes with an earlier one.

    Blacklight-like, in the settings of OARS (nmangaokar/ccs_23_oars_stateful_attacks), who re-implement Li et al., "Blacklight:
    Scalable Defense for Neural Networks against Query-Based Black-Box Attacks", USENIX Security 2022; the official code was not
    seen. Pixels in grey levels and a random salt are added modulo 255 and rounded to multiples of 50; every window of 20 values
    (50 values, 25 apart, of images of over 4,096) is hashed with SHA-256, and the 50 last hashes by their reversed bytes are
    kept. A query that shares half of its own with one earlier query raises an alarm; it is remembered all the same.
    """

    name: ClassVar[str] = "blacklight"
    needs: ClassVar[Access] = Access.LABEL
    Options: ClassVar[type[Options]] = BlacklightOptions
    _salt: Tensor
    _seen: Seen

    def prepare(self, owner: Owner) -> None:
        """Draw the salt."""
        from math import prod

        import torch

        self._salt = torch.randint(0, 256, (prod(owner.shape),), generator=owner.rng)
        self._seen = Seen()

    def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
        """Watch; see ``Defence.answer``."""
        import torch

        grey = (255 * images.flatten(1).cpu().double()).round().long()
        salted = ((grey + self._salt) % 255 / self.options.step).round().long()
        alarms = torch.tensor([self._known(bytes(row)) for row in salted.tolist()])
        return Told(probabilities, alarms, alarms if self.options.blocks else None)

    def _known(self, pixels: bytes) -> bool:
        """Take note of a query; return whether it is like an earlier one."""
        own = self._hashed(pixels)
        alarm = bool(self._seen.most_shared(own) >= self.options.shared * len(own))
        self._seen.add(own)
        return alarm

    def _hashed(self, pixels: bytes) -> list[int]:
        """Return the hashes that are kept, whole numbers of 63 bits; fewer where there are fewer windows."""
        from hashlib import sha256

        window, step = (50, 25) if len(pixels) > _LARGE else (20, 1)
        windows = {pixels[start : start + window] for start in range(0, max(1, len(pixels) - window + 1), step)}
        last = sorted((sha256(part).digest()[::-1] for part in windows), reverse=True)[: self.options.kept]
        # eight bytes tell hashes apart, and the highest bit is spared: numbers have a sign
        return [int.from_bytes(digest[:8], "big") >> 1 for digest in last]


class Seen:
    """The hashes of every image so far, and which images had each."""

    def __init__(self) -> None:
        self._hashes: list[list[int]] = []
        self._images: dict[int, array[int]] = {}

    def add(self, hashes: list[int]) -> None:
        """Remember an image."""
        for one in hashes:
            self._images.setdefault(one, array("i")).append(len(self._hashes))
        self._hashes.append(hashes)

    def most_shared(self, hashes: list[int]) -> int:
        """Return how many of these hashes the image has that has the most of them."""
        import numpy as np

        found = [np.array(self._images[one]) for one in hashes if one in self._images]
        return int(np.bincount(np.concatenate(found)).max()) if found else 0

    def state_dict(self) -> dict[str, Any]:
        """Return the hashes as plain data."""
        return {"hashes": self._hashes}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what ``state_dict`` returned."""
        self._hashes, self._images = [], {}
        for hashes in state["hashes"]:
            self.add(list(hashes))

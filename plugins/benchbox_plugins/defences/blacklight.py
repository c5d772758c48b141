"""The defence 'blacklight'."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Access, Defence, Options, Owner, Told

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from benchbox_plugins.defences._memory import Rows

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
    kept. A query that shares half of them with one earlier query raises an alarm; it is remembered all the same.
    """

    name: ClassVar[str] = "blacklight"
    needs: ClassVar[Access] = Access.LABEL
    Options: ClassVar[type[Options]] = BlacklightOptions
    _salt: Tensor
    _hashes: Rows

    def prepare(self, owner: Owner) -> None:
        """Draw the salt."""
        from math import prod

        import torch

        from benchbox_plugins.defences._memory import Rows

        self._salt = torch.randint(0, 256, (prod(owner.shape),), generator=owner.rng)
        self._hashes = Rows(self.options.kept, torch.int64)

    def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
        """Watch; see ``Defence.answer``."""
        import torch

        grey = (255 * images.flatten(1).cpu().double()).round().long()
        salted = ((grey + self._salt) % 255 / self.options.step).round().long()
        alarms = torch.tensor([self._seen(bytes(row)) for row in salted.tolist()])
        return Told(probabilities, alarms, alarms if self.options.blocks else None)

    def _seen(self, pixels: bytes) -> bool:
        """Take note of a query; return whether it is like an earlier one."""
        import torch

        own = self._hashed(pixels)
        known = self._hashes.rows
        alarm = bool(len(known)) and bool(
            torch.isin(known, own[own != 0]).sum(1).max() >= self.options.shared * self.options.kept
        )
        self._hashes.add(own)
        return alarm

    def _hashed(self, pixels: bytes) -> Tensor:
        """Return the hashes that are kept, int64 (kept,); 0 where there are fewer windows."""
        from hashlib import sha256

        import torch

        window, step = (50, 25) if len(pixels) > _LARGE else (20, 1)
        windows = {pixels[start : start + window] for start in range(0, max(1, len(pixels) - window + 1), step)}
        last = sorted((sha256(part).digest()[::-1] for part in windows), reverse=True)[: self.options.kept]
        # eight bytes tell hashes apart, and the highest bit is spared: numbers have a sign
        numbers = [int.from_bytes(digest[:8], "big") >> 1 for digest in last]
        return torch.tensor(numbers + [0] * (self.options.kept - len(numbers)))

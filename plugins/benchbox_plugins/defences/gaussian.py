"""The defence 'gaussian'."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Defence, Options, Told

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class GaussianOptions(Options):
    """Options of ``gaussian``."""

    sigma: float = Field(default=5.0, gt=0, description="standard deviation of the noise on a logit")
    radius: float = Field(default=1.0, gt=0, le=2, description="how far, in L1, the answer may lie from the target's")
    repeats: bool = Field(
        default=False, description="whether one image is told the same every time, by a hash of its pixels"
    )


class Gaussian(Defence):
    """Adds noise to the logits, within a ball around the answer.

    Noise on the logits, and the result drawn back along a line until it lies within an L1 ball around the target's answer, as
    in ModelGuard; its sigma is not stated in our sources, so 5 is ours. The label can change. Fresh noise every time falls to
    a thief who asks again and takes the mean (``averaging``); ``repeats=true`` draws it from the image itself.
    """

    name: ClassVar[str] = "gaussian"
    Options: ClassVar[type[Options]] = GaussianOptions

    def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
        """Add noise; see ``Defence.answer``."""
        import torch

        from benchbox_plugins.defences._perturb import normalised, within

        classes = probabilities.shape[1]
        noise = torch.stack([torch.randn(classes, generator=self._stream(image, rng)) for image in images])
        logits = probabilities.double().clamp_min(1e-12).log()
        moved = (logits + self.options.sigma * noise.to(logits)).softmax(1)
        return Told(normalised(within(moved, probabilities.double(), self.options.radius)).float())

    def _stream(self, image: Tensor, rng: torch.Generator) -> torch.Generator:
        """Return the client's stream, or one that the image seeds."""
        import hashlib

        import torch

        if not self.options.repeats:
            return rng
        digest = hashlib.blake2b(image.cpu().contiguous().numpy().data, digest_size=8, key=b"benchbox").digest()
        return torch.Generator().manual_seed(int.from_bytes(digest, "big") >> 1)

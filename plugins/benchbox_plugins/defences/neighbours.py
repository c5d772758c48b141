"""The defence 'neighbours'."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Access, Defence, Options, Owner, Told

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from benchbox_plugins.defences._memory import Rows

_MARGIN = 10.0  # the square of the distance that different images are pushed to


class NeighboursOptions(Options):
    """Options of ``neighbours``."""

    k: int = Field(
        default=50, ge=1, description="nearest earlier queries whose mean distance counts; so many pass at first"
    )
    percentile: float = Field(
        default=0.1, gt=0, lt=100, description="of the training images' own distances: the threshold"
    )
    images: int = Field(default=1000, ge=2, description="training images that the encoder learns from")
    epochs: int = Field(default=4, ge=1, description="how often it sees them")
    index: int = Field(
        default=2000, ge=2, description="training images whose distances to each other set the threshold"
    )
    blocks: bool = Field(default=True, description="whether an image that raises an alarm is not answered")


class Neighbours(Defence):
    """Raises an alarm where a query's nearest earlier ones lie too near.

    Chen, Carlini and Wagner, "Stateful Detection of Black-Box Adversarial Attacks", 2019 (schoyc/blackbox-detection): a
    query's mean distance, in an encoder's space, to its 50 nearest earlier ones under a threshold is an alarm, and clears the
    memory. The encoder is trained contrastively: an image and its copy, shifted, brightened and with noise, are drawn
    together, two images pushed apart to a squared distance of 10. The threshold is the 0.1 percentile of the same statistic
    over training images. Ours is trained briefly, on 1,000 of them, and takes the percentile of 2,000, each without itself.
    """

    name: ClassVar[str] = "neighbours"
    needs: ClassVar[Access] = Access.LABEL
    Options: ClassVar[type[Options]] = NeighboursOptions
    _encoder: nn.Module
    _memory: Rows

    def prepare(self, owner: Owner) -> None:
        """Train the encoder, and set the threshold."""
        import torch

        from benchbox_plugins.defences._memory import Rows
        from benchbox_plugins.defences._networks import encoder, one_by_one

        self._encoder = encoder(owner.shape).to(owner.device)
        self._train(owner)
        index = one_by_one(self._encoder, owner.draw(self.options.index)[0])
        far = torch.cdist(index, index).fill_diagonal_(torch.inf)
        near = far.topk(min(self.options.k, len(index) - 1), dim=1, largest=False).values.mean(1)
        self._threshold = float(near.double().quantile(self.options.percentile / 100))
        self._memory = Rows(index.shape[1])

    def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
        """Watch; see ``Defence.answer``."""
        import torch

        from benchbox_plugins.defences._networks import one_by_one

        alarms = torch.tensor([self._seen(code) for code in one_by_one(self._encoder, images).cpu()])
        return Told(probabilities, alarms, alarms if self.options.blocks else None)

    def _seen(self, code: Tensor) -> bool:
        """Take note of a query; return whether it lies too near to earlier ones."""
        known, k = self._memory.rows, self.options.k
        alarm = (
            len(known) >= k and float((known - code).norm(dim=1).topk(k, largest=False).values.mean()) < self._threshold
        )
        if alarm:
            self._memory.clear()
        else:
            self._memory.add(code)
        return alarm

    def _train(self, owner: Owner) -> None:
        import torch

        from benchbox_plugins.defences._networks import batches

        images, _ = owner.draw(self.options.images)
        optimiser = torch.optim.Adam(self._encoder.parameters(), lr=1e-3)
        for _ in range(self.options.epochs):
            for rows in batches(len(images), 64, owner.rng):
                anchors = images[rows]
                codes, same = self._encoder(anchors), self._encoder(_changed(anchors, owner.rng))
                together = (codes - same).square().sum(1)
                apart = (codes - codes.roll(1, 0)).square().sum(1)
                loss = (together + (_MARGIN - apart).clamp_min(0)).mean()
                optimiser.zero_grad()
                torch.autograd.backward(loss)
                optimiser.step()
        self._encoder.eval()


def _changed(images: Tensor, rng: torch.Generator) -> Tensor:
    """Return copies, shifted together by up to two pixels, each brightened or darkened, and with noise."""
    import torch

    down, right = torch.randint(-2, 3, (2,), generator=rng).tolist()
    light = 0.2 * torch.rand((len(images), 1, 1, 1), generator=rng) - 0.1
    noise = 0.05 * torch.randn(images.shape, generator=rng)
    return (images.roll((down, right), (2, 3)) + light.to(images) + noise.to(images)).clamp(0, 1)

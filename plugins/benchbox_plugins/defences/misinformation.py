"""The defence 'misinformation'."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Defence, Options, Owner, Told

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

_STEEP = 1000.0
_LEAST = 1e-6


class MisinformationOptions(Options):
    """Options of ``misinformation``."""

    tau: float = Field(default=0.99, gt=0, le=1, description="below this confidence the wrong network answers")
    images: int = Field(default=5000, ge=1, description="training images that the wrong network learns from")
    epochs: int = Field(default=3, ge=1, description="how often it sees them")
    lr: float = Field(default=1e-3, gt=0, description="learning rate (Adam)")


class Misinformation(Defence):
    """Answers unsure images with a network that was trained to be wrong.

    Adaptive misinformation (Kariyappa and Qureshi, CVPR 2020; sanjaykariyappa/adaptive_misinformation): the answer is (1 - h)
    p + h f(x), h = sigmoid(1000 (tau - max p)), f trained on -log(1 - f_y(x)). Tau is the authors' for MNIST. Ours differs in
    that the target is the scenario's own, not one trained with outlier exposure, so images that the target knows well are
    told from others less sharply; f is a small network of two convolutions on 5,000 training images. Honest images that the
    target is unsure of are answered wrongly.
    """

    name: ClassVar[str] = "misinformation"
    Options: ClassVar[type[Options]] = MisinformationOptions
    _wrong: nn.Module

    def prepare(self, owner: Owner) -> None:
        """Train the wrong network."""
        import torch

        from benchbox_plugins.defences._networks import batches, small_classifier

        images, labels = owner.draw(self.options.images)
        self._wrong = small_classifier(owner.shape, owner.classes).to(owner.device)
        optimiser = torch.optim.Adam(self._wrong.parameters(), lr=self.options.lr)
        for _ in range(self.options.epochs):
            for rows in batches(len(images), 64, owner.rng):
                right = self._wrong(images[rows]).softmax(1).gather(1, labels[rows, None])
                loss = -(1 - right).clamp_min(_LEAST).log().mean()
                optimiser.zero_grad()
                torch.autograd.backward(loss)
                optimiser.step()
        self._wrong.eval()

    def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
        """Mix; see ``Defence.answer``."""
        from benchbox_plugins.defences._networks import one_by_one

        wrong = one_by_one(self._wrong, images).softmax(1)
        unsure = (_STEEP * (self.options.tau - probabilities.amax(1, keepdim=True))).sigmoid()
        return Told((1 - unsure) * probabilities + unsure * wrong)

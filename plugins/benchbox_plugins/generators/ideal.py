"""IDEAL: a new generator every round makes images of every class."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Game, Generator, Options

if TYPE_CHECKING:
    from torch import Tensor


class IdealOptions(Options):
    """The authors' settings for MNIST; what differs elsewhere is said."""

    batch: int = Field(250, ge=2, description="images a round, all of them asked")
    steps: int = Field(30, ge=1, description="steps of a round's generator (the authors take 5 on CIFAR-10)")
    z: int = Field(256, ge=1, description="length of a noise vector")
    width: int = Field(
        32, ge=4, description="channels of the generator (the authors: 128); its last layer has half as many"
    )
    lr_g: float = Field(1e-3, gt=0, description="learning rate of the generator (Adam, beta 0.5)")
    even: float = Field(
        5.0,
        ge=0,
        description="weight of how unsure the substitute is of each image: of its entropy, over the number of classes",
    )
    lr_s: float = Field(0.01, gt=0, description="learning rate of the substitute: SGD, momentum 0.9, weight decay 5e-4")
    passes: int = Field(1, ge=1, description="passes over all answered images a round")
    memory: int = Field(100_000, ge=2, description="most images kept; the oldest make way (400 rounds, as on CIFAR-10)")
    shift: int = Field(4, ge=0, description="most pixels by which a view is moved, at most an eighth of a side")
    flip: bool = Field(False, description="mirror half of the views, as the authors do; it makes no sense for digits")


class Ideal(Generator):
    """IDEAL: a new generator every round makes images of every class, of none of which the substitute is too sure.

    Zhang, Chen and Lyu, "IDEAL: Query-Efficient Data-Free Learning from Black-Box Models", ICLR 2023. A round's generator
    takes ``steps`` of the cross-entropy between the substitute's answer to a random view and wanted classes, equally many of
    each, less the entropy of each image's answer, as in the authors' code (SonyResearch/IDEAL), so that none is all too sure;
    the images of its best step are asked. The substitute then passes over all images so far, a fresh random view of each.
    The generator never sees the target.

    That code asks the target for the views of all images in every round, 1.26 million for MNIST, and reports 25,000. Here
    each image is answered once, and its answer stands for its views. Ours are shifted, for the generator and for the
    substitute, by an eighth of a side at most. Theirs are mirrored, for both, and shifted by up to 4 pixels for the generator;
    for the substitute on CIFAR-10, not on MNIST. Their generator is four times as wide, which takes hours on a processor.
    ``profile=authors`` has its width and mirrors, and shifts as ours do.
    """

    name: ClassVar[str] = "ideal"
    version: ClassVar[int] = 2
    Options: ClassVar[type[Options]] = IdealOptions
    profiles: ClassVar = {"authors": {"width": 128, "flip": True}}
    options: IdealOptions

    def setup(self, game: Game) -> None:
        """Build the substitute and its optimiser."""
        import torch

        from benchbox_plugins.generators._ring import Ring

        o = self.options
        self.substitute = game.new_substitute()
        self.optimiser = torch.optim.SGD(self.substitute.parameters(), lr=o.lr_s, momentum=0.9, weight_decay=5e-4)
        most = min(o.memory, game.budgets[-1])
        self.images, self.answers = Ring(most), Ring(most)

    def round(self, game: Game) -> bool:
        """Fit a new generator, ask its images, pass over all answers."""
        from benchbox_plugins.generators._training import even_share, fit, report, room
        from benchbox_plugins.generators._views import Views

        o = self.options
        images, loss = self._made(game, even_share(room(game), o.batch))
        answers = game.oracle.query(images)
        self.images.add(images)
        self.answers.add(answers)
        views = Views(self.images.all(), self._shift(game), o.flip, game.rng)
        seen = fit(self.substitute, self.optimiser, views, self.answers.all(), o.passes, o.batch, game.rng)
        report(game, answers, loss_s=seen.loss, loss_g=loss, agreement=seen.agreement, confidence=seen.confidence)
        game.picture("images", images)
        return True

    def _shift(self, game: Game) -> int:
        return min(self.options.shift, min(game.shape[1:]) // 8)

    def _made(self, game: Game, n: int) -> tuple[Tensor, float]:
        """Return n images of a new generator's best step, rounded to 256 grey levels, and the loss of it."""
        import torch
        from torch.nn.functional import cross_entropy

        from benchbox_plugins._viewed import viewed
        from benchbox_plugins.generators._networks import UpGenerator, fresh, normal

        o = self.options
        widths = (o.width, o.width, max(2, o.width // 2))
        plain = fresh(lambda: UpGenerator(o.z, game.shape, widths, last=False), game.rng, game.device)
        generator = normal(plain, game.rng)
        optimiser = torch.optim.Adam(generator.parameters(), lr=o.lr_g, betas=(0.5, 0.999), fused=True)
        noise = torch.randn(max(n, 2), o.z, generator=game.rng).to(game.device)  # batch norm takes no single image
        wanted = torch.arange(len(noise), device=game.device) % game.classes
        best, images = float("inf"), torch.empty(0)
        self.substitute.eval().requires_grad_(False)
        for _ in range(o.steps):
            made = torch.sigmoid(generator(noise).float())
            logits = self.substitute(viewed(made, self._shift(game), o.flip, game.rng))
            logs = logits.log_softmax(1)
            loss = cross_entropy(logits, wanted) + o.even * (logs.exp() * logs).mean()
            if loss.item() < best or not len(images):
                best, images = loss.item(), made.detach()
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
        self.substitute.requires_grad_(True)
        return images[:n].mul(255).round().div(255), best

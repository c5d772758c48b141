"""DaST: a generator with a branch for each class, at odds with its substitute."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Game, Generator, Options

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.generators._training import Tally


class DastOptions(Options):
    """The authors' settings, but for ``width``, and for ``beta``, which is the author's later advice."""

    width: int = Field(16, ge=4, description="channels of a branch, and length of its noise; published: 128")
    batch: int = Field(500, ge=2, description="images an iteration, rounded down to the same number for each branch")
    beta: float = Field(
        1.0, ge=0, description="weight of the squared error of probabilities; none under label-only; the script's: 0.1"
    )
    alpha: float = Field(0.2, ge=0, description="weight of the label control at the start")
    lr_s: float = Field(1e-4, gt=0, description="learning rate of the substitute: Adam, beta1 0.5")
    lr_g: float = Field(1e-4, gt=0, description="learning rate of the generator and its branches: the same")
    iterations: int = Field(20, ge=1, description="most iterations a round; it ends at budget points too")


class Dast(Generator):
    """DaST: a generator with a branch for each class makes images that its substitute gets wrong.

    Zhou et al., CVPR 2020. Each iteration asks one batch, fits the substitute to it (cross-entropy with the target's
    class, plus beta times the squared error of probabilities where they are answered), and moves the generator, through
    the substitute only, by exp(-loss) + alpha CE(substitute, branch). Once the label control is at 0.1 or below, alpha is
    its value. As in the authors' code the branches go through the tail one after the other, so that its batch norms see
    one class at a time, and only the tail's weights are drawn from N(0, 0.02). The published width of 128
    (``profile=published``) costs about 5 GFLOP an image; the default is narrower, and figures made with it are not DaST's.
    ``beta`` is 1, which the author recommends for MNIST (issue 10 of the repository); the script's default is 0.1:
    ``dast[profile=published,beta=0.1]``. What the paper's figures were made with is not known.

    Batches shrink before a budget point, and what does not pay for two images of every branch is left over: at a point
    below twice as many queries as there are classes the substitute is still untrained.
    """

    name: ClassVar[str] = "dast"
    version: ClassVar[int] = 2
    Options: ClassVar[type[Options]] = DastOptions
    profiles: ClassVar = {"published": {"width": 128}}
    options: DastOptions

    def setup(self, game: Game) -> None:
        """Build both networks and their optimisers."""
        import torch

        from benchbox_plugins.generators._dast import DastGenerator, dcgan_weights
        from benchbox_plugins.generators._networks import fresh

        o = self.options
        generator = fresh(lambda: DastGenerator(o.width, game.shape, game.classes), game.rng, game.device)
        dcgan_weights(generator.get_submodule("tail"), game.rng)  # the authors leave the branches as PyTorch makes them
        self.generator = generator.to(memory_format=torch.contiguous_format)  # faster than channels last here
        self.substitute = game.new_substitute()
        self.optimiser_s = torch.optim.Adam(self.substitute.parameters(), lr=o.lr_s, betas=(0.5, 0.999), fused=True)
        self.optimiser_g = torch.optim.Adam(self.generator.parameters(), lr=o.lr_g, betas=(0.5, 0.999), fused=True)
        self.alpha = o.alpha
        self.shown = torch.empty(0, *game.shape)

    def round(self, game: Game) -> bool:
        """Play iterations up to the next budget point, at most ``iterations``."""
        from benchbox_plugins.generators._training import Tally, affordable, at_point

        tally, loss_g = Tally(), 0.0
        for _ in range(self.options.iterations):
            each = affordable(game, max(2, self.options.batch // game.classes), game.classes)
            if not each:
                return False
            loss_g = self._iterate(game, each, tally)
            if at_point(game, game.classes):
                break
        self.substitute.eval()
        tally.report(game, loss_g=loss_g, alpha=self.alpha)
        game.picture("images", self.shown)
        return True

    def _iterate(self, game: Game, each: int, tally: Tally) -> float:
        import torch

        noise = torch.randn(game.classes, each, self.options.width, generator=game.rng).to(game.device)
        images = self.generator(noise)
        answers = game.oracle.query(images)
        self._fit(images.detach(), answers, tally)
        self.shown = images.detach()[:: max(1, len(images) // 100)].clone()
        return self._oppose(images, answers, torch.arange(game.classes, device=game.device).repeat_interleave(each))

    def _fit(self, images: Tensor, answers: Tensor, tally: Tally) -> None:
        import torch

        self.substitute.train()
        logits = self.substitute(images)
        loss = self._loss(logits, answers)
        self.optimiser_s.zero_grad()
        torch.autograd.backward(loss)
        self.optimiser_s.step()
        tally.add(loss, logits, answers)

    def _oppose(self, images: Tensor, answers: Tensor, branches: Tensor) -> float:
        import torch
        from torch.nn.functional import cross_entropy

        self.substitute.requires_grad_(False)
        logits = self.substitute(images)
        control = cross_entropy(logits, branches)
        loss = torch.exp(-self._loss(logits, answers)) + self.alpha * control
        self.optimiser_g.zero_grad()
        torch.autograd.backward(loss)
        self.optimiser_g.step()
        self.substitute.requires_grad_(True)
        if control.item() <= 0.1:
            self.alpha = control.item()
        return loss.item()

    def _loss(self, logits: Tensor, answers: Tensor) -> Tensor:
        from torch.nn.functional import cross_entropy, mse_loss

        from benchbox_plugins.generators._training import top_class

        loss = cross_entropy(logits, top_class(answers))
        if answers.ndim == 1 or not self.options.beta:
            return loss
        return loss + self.options.beta * mse_loss(logits.softmax(1), answers)

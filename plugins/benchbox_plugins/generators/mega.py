"""MEGA: a generator and a substitute that help each other, on noise drawn once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from benchbox.contracts import Game, Generator, Options

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from benchbox_plugins.generators._training import Fit


class MegaOptions(Options):
    """MEGA's free parameters: the paper states none of them."""

    generator: Literal["dfme", "authors"] = Field("dfme", description="network: DFME's kind, or the authors' small one")
    width: int = Field(32, ge=4, description="channels of DFME's kind; its last layer has half as many")
    output: Literal["clip", "sigmoid", "relu"] = Field("clip", description="maps the generator's output to an image")
    positive: bool = Field(False, description="clip the generator's convolution weights at 0 when it is made")
    z: int = Field(128, ge=1, description="length of a noise vector")
    m: int = Field(10_000, ge=2, description="most noise vectors kept; each round asks the images of all of them")
    rounds: int = Field(4, ge=1, description="m is lowered until the budget holds at least so many rounds")
    balance: int = Field(40_000, ge=0, description="most images asked once in search of as many of each class")
    balance_share: float = Field(1 / 3, ge=0, lt=1, description="largest share of the final budget for that search")
    epochs: int = Field(5, ge=1, description="epochs of the substitute a round")
    stop: float = Field(0.0, ge=0, lt=1, description="end them when the loss falls by less than this share; 0: never")
    epochs_g: int = Field(1, ge=1, description="epochs of the generator a round")
    optimiser: Literal["adam", "rmsprop"] = Field("adam", description="optimiser of both networks")
    lr_s: float = Field(1e-3, gt=0, description="learning rate of the substitute")
    lr_g: float = Field(1e-5, ge=0, description="learning rate of the generator")
    batch: int = Field(256, ge=2, description="images a step; the substitute takes fewer where an epoch has < 40 steps")


class Mega(Generator):
    """MEGA: noise drawn once, a substitute fitted to the answers, a generator that raises its confidence.

    Hong, Huang and Chen, arXiv 2202.00008. First fresh noise is asked, and at most an equal share of each class is kept
    (phase ``balance``, every query counted); classes that are rare stay short. Then, round by round (phase ``main``),
    the generator's images of all kept noise are asked, the substitute is trained on the answers, and one epoch of the
    generator raises the substitute's highest probability. The generator never sees the target. The settings are ours
    (algorithms.md 9.1); ``profile=authors`` is the network and the optimisers of the authors' later code.
    """

    name: ClassVar[str] = "mega"
    Options: ClassVar[type[Options]] = MegaOptions
    profiles: ClassVar = {
        "authors": {"generator": "authors", "output": "relu", "positive": True, "optimiser": "rmsprop", "stop": 0.01}
    }
    options: MegaOptions

    def setup(self, game: Game) -> None:
        """Build both networks and their optimisers; derive the sizes from the budget."""
        import torch

        from benchbox_plugins.generators._networks import UpGenerator, authors_generator, fresh, positive

        o = self.options
        widths = (o.width, o.width, max(2, o.width // 2))
        authors = o.generator == "authors"
        self.generator = fresh(
            lambda: authors_generator(o.z, game.shape) if authors else UpGenerator(o.z, game.shape, widths),
            game.rng,
            game.device,
        )
        if o.positive:
            positive(self.generator)
        self.substitute = game.new_substitute()
        self.optimiser_s = self._optimiser(self.substitute, o.lr_s)
        self.optimiser_g = self._optimiser(self.generator, o.lr_g)
        self.search = min(o.balance, int(o.balance_share * game.budgets[-1]))
        self.m = min(o.m, max(2, (game.budgets[-1] - self.search) // o.rounds))
        self.noise = torch.randn(0 if self.search else self.m, o.z, generator=game.rng).to(game.device)
        self.images = torch.empty(0, *game.shape, device=game.device)
        self.answers: Tensor | None = None

    def _optimiser(self, network: nn.Module, lr: float) -> torch.optim.Optimizer:
        import torch

        if self.options.optimiser == "adam":
            return torch.optim.Adam(network.parameters(), lr=lr, fused=True)
        return torch.optim.RMSprop(network.parameters(), lr=lr)

    def round(self, game: Game) -> bool:
        """Ask fresh noise up to the next budget point while the search lasts; then play MEGA's round."""
        if game.oracle.spent < self.search:
            self._search(game)
        else:
            self._main(game)
        return True

    def _search(self, game: Game) -> None:
        import torch

        from benchbox_plugins.generators._training import balanced, report, room

        n = min(room(game), self.search - game.oracle.spent, self.options.m)
        noise = torch.randn(n, self.options.z, generator=game.rng).to(game.device)
        images = self._images(noise)
        answers = game.oracle.query(images, phase="balance")
        known = answers if self.answers is None else torch.cat([self.answers, answers])
        keep = balanced(known, max(1, self.m // game.classes), game.classes)
        self.noise = torch.cat([self.noise, noise])[keep]
        self.images = torch.cat([self.images, images])[keep]
        self.answers = known[keep]
        fit = self._fit(game, self.images, self.answers)
        game.picture("images", images)
        report(game, answers, loss_s=fit.loss, agreement=fit.agreement, confidence=fit.confidence, kept=len(keep))

    def _main(self, game: Game) -> None:
        import torch

        from benchbox_plugins.generators._training import report

        few = torch.randperm(len(self.noise), generator=game.rng)[: game.oracle.remaining]
        images = self._images(self.noise[few.to(game.device)])
        answers = game.oracle.query(images)
        fit = self._fit(game, images, answers)
        report(game, answers, loss_s=fit.loss, agreement=fit.agreement, confidence=fit.confidence)
        game.picture("images", images)
        if game.oracle.remaining:
            game.log(loss_g=self._raise_confidence(game))

    def _fit(self, game: Game, images: Tensor, answers: Tensor) -> Fit:
        from benchbox_plugins.generators._training import batch_for, fit

        o = self.options
        batch = batch_for(len(images), o.batch)
        return fit(self.substitute, self.optimiser_s, images, answers, o.epochs, batch, game.rng, o.stop)

    def _images(self, noise: Tensor) -> Tensor:
        import torch

        from benchbox_plugins.generators._training import OUTPUTS

        output = OUTPUTS[self.options.output]
        with torch.no_grad():
            return torch.cat([output(self.generator(part)) for part in torch.split(noise, self.options.batch)])

    def _raise_confidence(self, game: Game) -> float:
        import torch

        from benchbox_plugins.generators._training import OUTPUTS

        output = OUTPUTS[self.options.output]
        self.substitute.requires_grad_(False)
        total = 0.0
        for _ in range(self.options.epochs_g):
            total = 0.0
            order = torch.randperm(len(self.noise), generator=game.rng).to(game.device)
            for rows in torch.split(order, self.options.batch):
                logits = self.substitute(output(self.generator(self.noise[rows])))
                loss = -logits.log_softmax(1).amax(1).mean()
                self.optimiser_g.zero_grad()
                torch.autograd.backward(loss)
                self.optimiser_g.step()
                total += loss.item() * len(rows)
        self.substitute.requires_grad_(True)
        return total / len(self.noise)

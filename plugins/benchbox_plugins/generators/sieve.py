"""Sieve: of many images made of nothing, those are asked of which the substitute is least sure."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from benchbox.contracts import Game, Generator, Options

if TYPE_CHECKING:
    from torch import Tensor


class SieveOptions(Options):
    """Chosen on training images of MNIST."""

    kind: Literal["lines", "smooth"] = Field("lines", description="what is drawn: noise's strokes, or its blots")
    grain: int = Field(5, ge=2, description="pixels between the independent values of a field")
    draws: int = Field(4, ge=1, description="images drawn for each that is asked; 1: no choice")
    size: int = Field(2000, ge=2, description="most images a round; those of the first are not chosen")
    epochs: int = Field(4, ge=1, description="passes over as many images as were asked, a round")
    lr: float = Field(1e-3, gt=0, description="learning rate (Adam)")
    mean: float = Field(
        0.01, gt=0, le=1, description="how far the weights that are offered follow those in training, a step"
    )
    shift: int = Field(1, ge=0, description="most pixels by which an image is moved when the substitute sees it")
    batch: int = Field(128, ge=2, description="images a step; fewer where an epoch would have under 40 steps")


class Sieve(Generator):
    """Of many images made of nothing, asks those of which its substitute is least sure, from every class as many.

    Our own: ``noise``, the control, with active learning. It trains no generator: to draw an image costs less than to learn
    to make it. Each round draws ``draws`` times as many images as it asks, and takes turns between the classes that the
    substitute sees in them; of each class the images come first whose two highest probabilities are nearest. The substitute
    learns from random shifts of all images asked, drawn evenly from the classes, and what is offered is the running mean
    of its weights. Nothing depends on the last budget. A round passes over all that was asked, so that ten times the budget
    takes a hundred times as long. Smaller rounds are better at first and worse later (docs/papers.md).
    """

    name: ClassVar[str] = "sieve"
    version: ClassVar[int] = 1
    Options: ClassVar[type[Options]] = SieveOptions
    options: SieveOptions

    def setup(self, game: Game) -> None:
        """Build the network in training, the one that follows it, and the memory."""
        import torch

        from benchbox_plugins._mean import RunningMean
        from benchbox_plugins.generators._memory import Memory

        self.learner = game.new_substitute()
        self.substitute = game.new_substitute().eval()
        self.running = RunningMean(self.substitute, self.learner, self.options.mean)
        self.optimiser = torch.optim.Adam(self.learner.parameters(), lr=self.options.lr, fused=True)
        self.memory = Memory(game.budgets[-1])

    def round(self, game: Game) -> bool:
        """Draw, choose and ask images; learn from all answers."""
        from benchbox_plugins.generators._training import even_share, room

        images = self._chosen(game, even_share(room(game), self.options.size))
        answers = game.oracle.query(images)
        self.memory.add(images, answers)
        self._learn(game)
        game.picture("images", images)
        return True

    def _chosen(self, game: Game, n: int) -> Tensor:
        """Return n images, (n, *shape), of 256 grey levels."""
        from benchbox_plugins.generators import _noise

        draw = {"lines": _noise.lines, "smooth": _noise.smooth}[self.options.kind]
        blind = not len(self.memory)
        drawn = draw(n if blind else n * self.options.draws, game.shape, game.rng, self.options.grain)
        images = drawn.mul(255).round().div(255).to(game.device)
        return images if blind else images[self._order(images)[:n]]

    def _order(self, images: Tensor) -> Tensor:
        """Return all rows, (n,): first each class's nearest call, then each one's second, and so on."""
        import torch
        from torch.nn.functional import one_hot

        with torch.no_grad():
            sure = torch.cat([self.substitute(part).float().softmax(1) for part in torch.split(images, 500)])
        first, second = sure.topk(2).values.unbind(1)
        order = (first - second).argsort(stable=True)
        said = one_hot(sure.argmax(1)[order], sure.shape[1])
        place = (said.cumsum(0) * said).sum(1)  # of each image among those of its class
        return order[place.argsort(stable=True)]

    def _learn(self, game: Game) -> None:
        import torch
        from torch.nn.functional import cross_entropy

        from benchbox_plugins._viewed import viewed
        from benchbox_plugins.generators._training import Tally, batch_for

        o, tally = self.options, Tally()
        batch = batch_for(len(self.memory), o.batch)
        rows = self.memory.draw(o.epochs * -(-len(self.memory) // batch) * batch, game.rng)
        self.learner.train()
        for part in torch.split(rows, batch):
            images, answers = self.memory.images(part), self.memory.answers(part)
            logits = self.learner(viewed(images, o.shift, False, game.rng))
            loss = cross_entropy(logits, answers)
            self.optimiser.zero_grad()
            torch.autograd.backward(loss)
            self.optimiser.step()
            self.running.follow()
            tally.add(loss, logits, answers)
        tally.report(game)

"""MAZE: zeroth-order disagreement, and replay of what was asked."""

from __future__ import annotations

from math import cos, pi
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Access, Game, Generator, Options

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.generators._training import Tally


class MazeOptions(Options):
    """The authors' settings."""

    batch: int = Field(128, ge=2, description="images a step")
    steps_s: int = Field(5, ge=1, description="substitute steps an iteration; the first reuses the generator's images")
    replays: int = Field(
        10, ge=0, description="substitute steps an iteration on images asked before; they cost nothing"
    )
    memory: int = Field(200_000, ge=2, description="most images kept for replay; the oldest make way")
    directions: int = Field(10, ge=1, description="random directions of the gradient estimate (ndirs)")
    step: float = Field(1e-3, gt=0, description="length of a step in pre-tanh space (mu)")
    z: int = Field(100, ge=1, description="length of a noise vector")
    width: int = Field(128, ge=4, description="channels of the generator; its last layer has half as many")
    lr_s: float = Field(0.1, gt=0, description="learning rate of the substitute: SGD, momentum 0.9, decay 5e-4, cosine")
    lr_g: float = Field(1e-4, gt=0, description="learning rate of the generator: the same optimiser")
    iterations: int = Field(20, ge=1, description="most iterations a round; it ends at budget points too")


class Maze(Generator):
    """MAZE: zeroth-order gradients drive a generator to disagreement; old answers are replayed.

    Kariyappa, Prakash and Qureshi, CVPR 2021. Each iteration plays one generator step of (directions + 1) queries an image,
    ``steps_s`` substitute steps, the first of which reuses the generator's images, and ``replays`` steps from memory:
    batch (ndirs + steps_s) queries. The loss is the Kullback-Leibler divergence of the substitute from the target. As in
    the authors' code, the last batch of an iteration is kept for replay, and replays go through all that is kept in a new
    order each iteration. Theirs forgets nothing; ours keeps ``memory`` images, which is as many up to three million
    queries. The gradient is estimated with the substitute in eval mode, as DFME does; theirs leaves it in training mode,
    which differs where it has batch norms. The generator's tanh is mapped to [0, 1], where theirs asks images in [-1, 1].

    The rates fall along a cosine that ends at the last budget, so the whole curve depends on it.
    Batches shrink before a budget point, and what does not pay for an iteration of two images is left over: at a point
    below twice the queries of one image, ndirs + steps_s (30 with the defaults), the substitute is still untrained.
    """

    name: ClassVar[str] = "maze"
    version: ClassVar[int] = 2
    needs: ClassVar[Access] = Access.PROBABILITIES
    Options: ClassVar[type[Options]] = MazeOptions
    options: MazeOptions

    def setup(self, game: Game) -> None:
        """Build both networks, their optimisers and an empty memory."""
        import torch

        from benchbox_plugins.generators._networks import UpGenerator, fresh
        from benchbox_plugins.generators._ring import Ring

        o = self.options
        widths = (o.width, o.width, max(2, o.width // 2))
        self.generator = fresh(lambda: UpGenerator(o.z, game.shape, widths, affine=True), game.rng, game.device)
        self.substitute = game.new_substitute()
        self.optimiser_s = torch.optim.SGD(self.substitute.parameters(), lr=o.lr_s, momentum=0.9, weight_decay=5e-4)
        self.optimiser_g = torch.optim.SGD(self.generator.parameters(), lr=o.lr_g, momentum=0.9, weight_decay=5e-4)
        self.shown = torch.empty(0, *game.shape)
        most = min(o.memory, game.budgets[-1] // (o.directions + o.steps_s))  # an iteration keeps one image of so many
        self.old_images, self.old_answers = Ring(most), Ring(most)

    def round(self, game: Game) -> bool:
        """Play iterations up to the next budget point, at most ``iterations``."""
        from benchbox_plugins.generators._training import Tally, affordable, at_point

        o = self.options
        cost = o.directions + o.steps_s
        tally, gap = Tally(), 0.0
        for _ in range(o.iterations):
            n = affordable(game, o.batch, cost)
            if not n:
                return False
            self._set_rates(game)
            gap = self._iterate(game, n, tally)
            if at_point(game, cost):
                break
        self.substitute.eval()
        tally.report(game, loss_g=-gap)
        game.picture("images", self.shown)
        return True

    def _set_rates(self, game: Game) -> None:
        from benchbox_plugins.generators._training import set_rate

        fall = (1 + cos(pi * game.oracle.spent / game.budgets[-1])) / 2
        set_rate(self.optimiser_s, self.options.lr_s * fall)
        set_rate(self.optimiser_g, self.options.lr_g * fall)

    def _iterate(self, game: Game, n: int, tally: Tally) -> float:
        import torch

        from benchbox_plugins.generators._black_box import climb, squash

        o = self.options
        parts = self.generator, self.substitute, self.optimiser_g
        seen = climb(game, *parts, self._noise(game, n), divergence, o.directions, o.step)
        images, answers = seen.images, seen.answers
        self._learn(images, answers, tally)
        for _ in range(o.steps_s - 1):
            with torch.no_grad():
                images = squash(self.generator(self._noise(game, n)))
            answers = game.oracle.query(images, phase="substitute")
            self._learn(images, answers, tally)
        self.old_images.add(images)
        self.old_answers.add(answers)
        self._replay(game)
        self.shown = seen.images[:100].clone()
        return seen.disagreement

    def _replay(self, game: Game) -> None:
        import torch

        size, held = self.options.batch, len(self.old_images)
        order = torch.randperm(held, generator=game.rng).to(game.device)
        batches = torch.split(order[: max(size, held - held % size)], size)  # whole ones, or the little there is
        for i in range(self.options.replays):
            rows = batches[i % len(batches)]
            self._learn(self.old_images[rows], self.old_answers[rows])

    def _noise(self, game: Game, n: int) -> Tensor:
        import torch

        return torch.randn(n, self.options.z, generator=game.rng).to(game.device)

    def _learn(self, images: Tensor, answers: Tensor, tally: Tally | None = None) -> None:
        import torch

        logits = self.substitute(images)
        loss = divergence(logits, answers).mean()
        self.optimiser_s.zero_grad()
        torch.autograd.backward(loss)
        self.optimiser_s.step()
        if tally is not None:
            tally.add(loss, logits, answers)


def divergence(logits: Tensor, answers: Tensor) -> Tensor:
    """Return the Kullback-Leibler divergence of the substitute's softmax from the target's, (n,)."""
    from torch.nn.functional import kl_div

    return kl_div(logits.log_softmax(1), answers, reduction="none").sum(1)

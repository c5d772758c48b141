"""DFME: a generator that looks for images on which target and substitute disagree."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, field_validator

from benchbox.contracts import Access, Game, Generator, Options

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.generators._training import Tally


def _listed(value: Any) -> Any:
    """Read a list as it is written on the command line, ``[0.1,0.3]``."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value  # what it should have been, pydantic says


class DfmeOptions(Options):
    """The authors' settings for 32x32 images, and ours where they state none."""

    batch: int = Field(256, ge=2, description="images a step")
    steps_g: int = Field(1, ge=1, description="generator steps an iteration")
    steps_s: int = Field(5, ge=1, description="substitute steps an iteration, each on fresh images")
    directions: int = Field(1, ge=1, description="random directions of the gradient estimate (the paper's m)")
    step: float = Field(1e-3, gt=0, description="length of a step in pre-tanh space (epsilon)")
    z: int = Field(256, ge=1, description="length of a noise vector")
    width: int = Field(128, ge=4, description="channels of the generator; its last layer has half as many")
    lr_s: float = Field(0.1, gt=0, description="learning rate of the substitute: SGD, momentum 0.9, weight decay 5e-4")
    lr_g: float = Field(1e-4, gt=0, description="learning rate of the generator (Adam)")
    milestones: Annotated[tuple[float, ...], BeforeValidator(_listed)] = Field(
        (0.5, 0.8), description="shares of the budget at which both rates fall to 0.3 of themselves"
    )
    iterations: int = Field(50, ge=1, description="most iterations a round; it ends at budget points too")

    @field_validator("milestones")
    @classmethod
    def _within_the_budget(cls, milestones: tuple[float, ...]) -> tuple[float, ...]:
        if not all(0 < mark < 1 for mark in milestones):
            raise ValueError("expected shares between 0 and 1")
        return milestones


class Dfme(Generator):
    """DFME: a generator finds images on which target and substitute disagree, from differences of answers.

    Truong et al., CVPR 2021. Each iteration plays ``steps_g`` generator steps of (directions + 1) queries an image and
    ``steps_s`` substitute steps of one: batch ((m + 1) n_G + n_S) queries. Logits are recovered from probabilities, the
    loss is the L1 distance between logits, the estimate is taken before the tanh. Learning rates fall to 0.3 of
    themselves at half and at 0.8 of the budget, with ``profile=cifar10`` at 0.1, 0.3 and 0.5, as the authors' do there.
    The generator's tanh is mapped to [0, 1], where theirs asks images in [-1, 1].

    Batches shrink before a budget point, and what does not pay for an iteration of two images is left over: at a point
    below twice the queries of one image, (m + 1) n_G + n_S (14 with the defaults), the substitute is still untrained.
    """

    name: ClassVar[str] = "dfme"
    needs: ClassVar[Access] = Access.PROBABILITIES
    Options: ClassVar[type[Options]] = DfmeOptions
    profiles: ClassVar = {"cifar10": {"milestones": (0.1, 0.3, 0.5)}}
    options: DfmeOptions

    def setup(self, game: Game) -> None:
        """Build both networks and their optimisers."""
        import torch

        from benchbox_plugins.generators._networks import UpGenerator, fresh

        o = self.options
        widths = (o.width, o.width, max(2, o.width // 2))
        self.generator = fresh(lambda: UpGenerator(o.z, game.shape, widths), game.rng, game.device)
        self.substitute = game.new_substitute()
        self.optimiser_s = torch.optim.SGD(self.substitute.parameters(), lr=o.lr_s, momentum=0.9, weight_decay=5e-4)
        self.optimiser_g = torch.optim.Adam(self.generator.parameters(), lr=o.lr_g, fused=True)
        self.shown = torch.empty(0, *game.shape)

    def round(self, game: Game) -> bool:
        """Play iterations up to the next budget point, at most ``iterations``."""
        from benchbox_plugins.generators._training import Tally, affordable, at_point

        o = self.options
        cost = (o.directions + 1) * o.steps_g + o.steps_s
        tally, gap = Tally(), 0.0
        for _ in range(o.iterations):
            n = affordable(game, o.batch, cost)
            if not n:
                return False
            self._set_rates(game)
            for _ in range(o.steps_g):
                gap = self._step_generator(game, n)
            for _ in range(o.steps_s):
                self._step_substitute(game, n, tally)
            if at_point(game, cost):
                break
        self.substitute.eval()
        tally.report(game, loss_g=-gap)
        game.picture("images", self.shown)
        return True

    def _set_rates(self, game: Game) -> None:
        from benchbox_plugins.generators._training import fallen, set_rate

        left = fallen(game.oracle.spent / game.budgets[-1], self.options.milestones)
        set_rate(self.optimiser_s, self.options.lr_s * left)
        set_rate(self.optimiser_g, self.options.lr_g * left)

    def _noise(self, game: Game, n: int) -> Tensor:
        import torch

        return torch.randn(n, self.options.z, generator=game.rng).to(game.device)

    def _step_generator(self, game: Game, n: int) -> float:
        from benchbox_plugins.generators._black_box import climb

        o = self.options
        parts = self.generator, self.substitute, self.optimiser_g
        return climb(game, *parts, self._noise(game, n), distance, o.directions, o.step).disagreement

    def _step_substitute(self, game: Game, n: int, tally: Tally) -> None:
        import torch

        from benchbox_plugins.generators._black_box import squash

        with torch.no_grad():
            images = squash(self.generator(self._noise(game, n)))
        answers = game.oracle.query(images, phase="substitute")
        logits = self.substitute(images)
        loss = distance(logits, answers).mean()
        self.optimiser_s.zero_grad()
        torch.autograd.backward(loss)
        self.optimiser_s.step()
        tally.add(loss, logits, answers)
        self.shown = images[:100].clone()


def distance(logits: Tensor, answers: Tensor) -> Tensor:
    """Return the mean absolute difference between the substitute's logits and the target's recovered ones, (n,)."""
    from benchbox_plugins.generators._black_box import logits_of

    return (logits - logits_of(answers)).abs().mean(1)

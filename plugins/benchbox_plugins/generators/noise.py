"""The control of every data-free suite: images that cost no thought."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from benchbox.contracts import Game, Generator, Options

if TYPE_CHECKING:
    import torch
    from torch import Tensor

BLOCK = 20_000
"""Most images a round, so that a killed run loses little."""

DEPTHS = (2, 3, 4)
"""Upsamplings of one untrained generator after another, as of those that ``mega`` trains."""


class NoiseOptions(Options):
    """Which noise, and how the substitute learns from it."""

    kind: Literal["uniform", "gaussian", "smooth", "lines", "untrained"] = Field("untrained", description="the source")
    grain: int = Field(5, ge=2, description="smooth, lines: pixels between the independent values of a field")
    renew: int = Field(500, ge=0, description="untrained: images from one generator before a new one is made; 0: one")
    cap: float = Field(
        0.1,
        ge=0,
        le=1,
        description="largest share of all queries that one class may train with, an equal share at least; 0: no limit",
    )
    epochs: int = Field(5, ge=1, description="epochs over all answers whenever a budget point is reached")
    lr: float = Field(1e-3, gt=0, description="learning rate (Adam)")
    batch: int = Field(256, ge=2, description="images a step; fewer where an epoch would have under 40 steps")


class Noise(Generator):
    """Control: asks noise (uniform, gaussian, smooth, lines, untrained) and trains on the answers.

    No generator paper prints it, and it passes figures that they do print. Images are rounded to 256
    grey levels. ``untrained`` is the kind of network that ``mega`` trains, as initialised, output clipped. The substitute
    is trained on, not afresh, at every budget point, on at most ``cap`` of the queries for each class, or on an equal share
    where there are fewer classes.
    """

    name: ClassVar[str] = "noise"
    version: ClassVar[int] = 2
    Options: ClassVar[type[Options]] = NoiseOptions
    options: NoiseOptions

    def setup(self, game: Game) -> None:
        """Build the substitute and room for all images, a byte a pixel."""
        import torch

        self.substitute = game.new_substitute()
        self.optimiser = torch.optim.Adam(self.substitute.parameters(), lr=self.options.lr, fused=True)
        self.made = 0
        if not self.options.renew:
            self.generator = self._generator(game)
        self.images = torch.empty(0, *game.shape, dtype=torch.uint8, device=game.device)
        self.answers: Tensor | None = None

    def round(self, game: Game) -> bool:
        """Ask noise up to the next budget point, and train on all answers there."""
        import torch

        from benchbox_plugins.generators._training import report, room

        grey = (self._draw(game, min(room(game), BLOCK)) * 255).round().to(torch.uint8).to(game.device)
        answers = game.oracle.query(grey.float() / 255)
        self.images = torch.cat([self.images, grey])
        self.answers = answers if self.answers is None else torch.cat([self.answers, answers])
        report(game, answers)
        if game.oracle.spent in game.budgets:
            self._train(game)
            game.picture("images", grey.float() / 255)
        return True

    def _train(self, game: Game) -> None:
        from benchbox_plugins.generators._training import balanced, batch_for, fit

        o = self.options
        assert self.answers is not None
        share = max(o.cap, 1 / game.classes) if o.cap else 1.0
        cap = int(share * len(self.answers)) or len(self.answers)
        rows = balanced(self.answers, cap, game.classes)
        images, answers = self.images[rows].float() / 255, self.answers[rows]
        batch = batch_for(len(rows), o.batch)
        seen = fit(self.substitute, self.optimiser, images, answers, o.epochs, batch, game.rng)
        game.log(loss_s=seen.loss, agreement=seen.agreement, confidence=seen.confidence, kept=len(rows))

    def _draw(self, game: Game, n: int) -> Tensor:
        from benchbox_plugins.generators import _noise

        o = self.options
        if o.kind == "untrained":
            return self._untrained(game, n)
        if o.kind in ("uniform", "gaussian"):
            plain = {"uniform": _noise.uniform, "gaussian": _noise.gaussian}[o.kind]
            return plain(n, game.shape, game.rng)
        field = {"smooth": _noise.smooth, "lines": _noise.lines}[o.kind]
        return field(n, game.shape, game.rng, o.grain)

    def _untrained(self, game: Game, n: int) -> Tensor:
        import torch

        each = self.options.renew or n
        parts = []
        for start in range(0, n, each):
            generator = self._generator(game) if self.options.renew else self.generator
            noise = torch.randn(min(each, n - start), 128, generator=game.rng)
            with torch.no_grad():
                parts += [generator(part.to(game.device)).clamp(0, 1) for part in torch.split(noise, 256)]
        return torch.cat(parts)

    def _generator(self, game: Game) -> torch.nn.Module:
        from benchbox_plugins.generators._networks import coarse_generator, fresh

        depth = DEPTHS[self.made % len(DEPTHS)]
        self.made += 1
        return fresh(lambda: coarse_generator(128, game.shape, depth, 32), game.rng, game.device)

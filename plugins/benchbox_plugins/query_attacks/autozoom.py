"""The query attack ``autozoom``."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from benchbox.contracts import Access, Grant, NotApplicable, Options, QueryAttack, SearchGame

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.query_attacks._codec import Enlarge
    from benchbox_plugins.query_attacks._crowd import Crowd


class AutozoomOptions(Options):
    """Options of ``autozoom``."""

    probes: int = Field(default=1, ge=1, description="random directions a step")
    side: int | None = Field(
        default=None,
        ge=1,
        description="side of the small image that is searched; null for half of sides up to 28, else 8 or 32",
    )
    decoder: Literal["bilinear", "auto-encoder"] = Field(
        default="bilinear",
        description="how it is enlarged: evenly, or by what an auto-encoder learnt of the attacker's pool",
    )
    lr: float = Field(default=1e-2, gt=0, description="Adam's learning rate")


class Autozoom(QueryAttack):
    """Adam on a small image that is enlarged to a change, by one random direction a step: two queries.

    Tu et al., "AutoZOOM", AAAI 2019 (IBM/Autozoom-Attack), projected: the published attack shrinks the distance for as long as
    it has queries, and knows no radius; here the change is kept within the threat, so its penalty and the weight that is
    searched for are gone, and what it would do after the first success is not asked. Steps of 1 / d in the small image's d
    values. ``decoder=auto-encoder`` is their second way: convolutions of 16 channels, trained on the pool for 1,000 steps of
    100 images, our choice; what the decoder makes of an empty small image is taken off, so that the search starts at the
    image itself.
    """

    name: ClassVar[str] = "autozoom"
    version: ClassVar[int] = 1
    needs: ClassVar[Access] = Access.PROBABILITIES
    Options: ClassVar[type[Options]] = AutozoomOptions
    targeted: ClassVar[bool] = True

    def wants(self) -> Collection[Grant]:
        """Return that an auto-encoder learns from images without answers."""
        return {Grant.UNLABELLED} if self.options.decoder == "auto-encoder" else ()

    def applicable(self, game: SearchGame) -> None:
        """Refuse an auto-encoder for a side that halving does not reach."""
        if self.options.decoder == "bilinear":
            return
        side, (height, width) = self._side(game), game.shape[1:]
        if height != width or height % side or (height // side) & (height // side - 1):
            raise NotApplicable(
                f"autozoom[decoder=auto-encoder] halves the image until side {side}, which no halving of {height}x{width} gives"
            )

    def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        """Search; see ``QueryAttack.search``."""
        import torch

        from benchbox_plugins.query_attacks._codec import bilinear, learnt
        from benchbox_plugins.query_attacks._crowd import Crowd, lengths, normal, wide

        crowd, q = Crowd(game, images, labels), self.options.probes
        side = self._side(game)
        enlarge = learnt(game, side) if self.options.decoder == "auto-encoder" else bilinear(game.shape[1:])
        small = torch.zeros(len(images), game.shape[0], side, side, device=images.device)
        first, second = torch.zeros_like(small), torch.zeros_like(small)
        beta, turns = 1 / small[0].numel(), torch.zeros(len(images), device=images.device)
        stuck = torch.zeros(len(images), dtype=torch.bool, device=images.device)  # too poor for another step
        while len(rows := (left := crowd.rows())[~stuck[left]]):
            found = crowd.margins(rows, crowd.ask(rows, self._image(enlarge, crowd, rows, small[rows])))
            paying = torch.isin(rows, crowd.rows(q))
            stuck[rows[~paying]] = True
            rows, found = rows[paying], found[paying]
            if not len(rows):
                continue
            noise = normal((len(rows) * q, *small.shape[1:]), game)
            noise = (noise / lengths(noise)).view(len(rows), q, *small.shape[1:])
            tried = (small[rows][:, None] + beta * noise).flatten(0, 1)
            probes = self._image(enlarge, crowd, rows.repeat_interleave(q), tried)
            changes = crowd.margins(rows, crowd.probe(rows, probes.view(len(rows), q, *game.shape))) - found[:, None]
            slope = torch.einsum("mk,mkchw->mchw", (changes / beta).to(noise), noise)
            turns[rows] += 1
            first[rows] = 0.9 * first[rows] + 0.1 * slope
            second[rows] = 0.999 * second[rows] + 0.001 * slope.square()
            mean, spread = (
                moment[rows] / (1 - wide(decay ** turns[rows])) for moment, decay in ((first, 0.9), (second, 0.999))
            )
            small[rows] -= self.options.lr * mean / (spread.sqrt() + 1e-8)

    def _side(self, game: SearchGame) -> int:
        height = game.shape[1]
        return min(self.options.side or (max(1, height // 2) if height <= 28 else 8 if height <= 32 else 32), height)

    def _image(self, enlarge: Enlarge, crowd: Crowd, rows: Tensor, small: Tensor) -> Tensor:
        """Return the images that small ones stand for, within the threat."""
        return crowd.project(rows, crowd.clean[rows] + enlarge(small))

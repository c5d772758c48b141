"""The selector ``trace``."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from benchbox.contracts import Game, Grant, NotApplicable, Options, Selector

if TYPE_CHECKING:
    from torch import Tensor


class TraceOptions(Options):
    """Options of ``trace``."""

    rule: Literal["coverage", "k-centre", "most-active"] = Field(
        default="coverage",
        description="cover as many neurons as possible with as few images; farthest-first by Hamming distance between "
        "the sets of active neurons; or the images with most active neurons",
    )
    neurons: Literal["proxy", "target"] = Field(
        default="proxy",
        description="whose neurons: of a network trained with the attacker's own labels, or of the target, which is "
        "privileged",
    )
    threshold: float = Field(default=0.0, ge=0, description="a neuron is active above this ReLU output")
    proxy_images: int = Field(
        default=1000, ge=1, description="images of the pool, drawn at random, that the proxy is trained on"
    )


class Trace(Selector):
    """Chooses images by the neurons that they activate.

    He et al., DRMI, USENIX Security 2021, 5.4.3, of which little is public to us; the neurons of DeepStellar (Du et
    al., 2019), which it cites, are a recurrent network's. An image's trace is the set of ReLU outputs above a
    threshold; a convolution's channel is active where its largest output is. The paper reads the target's neurons,
    which no black-box attacker can; a proxy's cost no query.

    Options (default):
        rule (coverage): ``coverage`` takes the image that activates most neurons not yet covered, and starts over when
            no image adds one; ``k-centre`` is farthest-first by Hamming distance; ``most-active`` takes most neurons
            first. Ties are broken at random, under the seed.
        neurons (proxy): ``proxy``, a substitute trained with the attacker's own labels; ``target``, privileged.
        threshold (0): a neuron is active above this ReLU output.
        proxy_images (1000): how many images of the pool, drawn at random, the proxy is trained on.
    """

    name: ClassVar[str] = "trace"
    version: ClassVar[int] = 1
    Options: ClassVar[type[Options]] = TraceOptions
    privileged: ClassVar[bool] = True

    def wants(self) -> Collection[Grant]:
        """Return whose neurons it reads: the target's, or those of a network trained with the attacker's own labels."""
        return {Grant.INSIDER if self.options.neurons == "target" else Grant.LABELS}

    def select(self, game: Game, k: int) -> Tensor:
        """Return k rows, nested."""
        import torch

        from benchbox_plugins.selectors._coverage import covering_rows
        from benchbox_plugins.selectors._farthest import farthest_first

        active = self._active(game)
        order = torch.randperm(len(active), generator=game.rng)  # ties go to the first row of a random order
        shuffled = active[order.to(active.device)]
        if self.options.rule == "coverage":
            rows = torch.from_numpy(covering_rows(shuffled.cpu().numpy(), k))
        elif self.options.rule == "k-centre":
            rows = farthest_first(shuffled.float(), k, 0)
        else:
            rows = shuffled.sum(1).argsort(stable=True, descending=True)[:k].cpu()
        return order[rows]

    def _active(self, game: Game) -> Tensor:
        """Return which neurons each image activates, bool (n, neurons)."""
        import torch

        from benchbox_plugins.selectors._networks import activations, train_proxy

        assert game.pool is not None
        if self.options.neurons == "proxy":
            outputs = activations(train_proxy(game, self.options.proxy_images), game.pool.images)
        elif game.insider is None:
            raise NotApplicable("trace with neurons=target needs a scenario that grants the target's activations")
        else:
            outputs = game.insider.activations(game.pool.images)
        return torch.cat([batch > self.options.threshold for batch in outputs])

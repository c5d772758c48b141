"""DisGUIDE: a generator makes images on which two substitutes disagree, which costs no query."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Game, Generator, Options

if TYPE_CHECKING:
    from torch import Tensor, nn

    from benchbox_plugins.generators._training import Tally

FALLS = (0.4, 0.8)
"""Shares of the budget at which both rates fall to 0.3 of themselves."""


class DisguideOptions(Options):
    """The authors' settings for CIFAR-10, in which they ask 20 million queries; what differs is said."""

    batch: int = Field(256, ge=2, description="images an iteration, all of them asked")
    z: int = Field(256, ge=1, description="length of a noise vector")
    width: int = Field(
        32, ge=4, description="channels of the generator (the authors: 128); its last layer has half as many"
    )
    lr_g: float = Field(1e-4, gt=0, description="learning rate of the generator (Adam)")
    lr_s: float = Field(0.03, gt=0, description="learning rate of the clones: SGD, momentum 0.9, weight decay 5e-4")
    even: float = Field(0.2, ge=0, description="weight of the entropy of the classes over a batch (0.04 on CIFAR-100)")
    replays: int = Field(3, ge=0, description="steps on earlier images in each iteration")
    memory: int = Field(
        100_000, ge=2, description="most images kept for them; the oldest make way (the authors: 1,000,000)"
    )
    grey: int = Field(
        8, ge=0, description="of a batch every so many-th colour image is made grey, from the first on; 0: none"
    )


class Disguide(Generator):
    """DisGUIDE: a generator makes images on which two substitutes disagree, evenly over the classes.

    Rosenthal et al., "DisGUIDE: Disagreement-Guided Data-Free Model Extraction", AAAI 2023, after the authors' code. An
    iteration takes one step of the generator, towards a larger spread between the two clones' probabilities and an even
    mean of them; asks a fresh batch; and trains both clones on it and on ``replays`` batches of earlier images. They learn
    labels by cross-entropy, probabilities by the L1 distance between logits, recovered as ``dfme`` does. The generator
    never sees the target; what is asked it makes with the running means of its batch norms. Every ``grey``-th colour image of
    a batch is one of its channels, drawn for the batch.

    The authors answer with the mean of both clones. What is offered here is one network of the scenario's, so the first
    clone is, alone. Both clones are of that network; the second has first weights of its own. The authors spend millions
    of queries, a step for every 256: at the budgets of our suites it has taken a hundred. Rates fall at 0.4 and 0.8 of the
    last budget, so the whole curve depends on it.
    """

    name: ClassVar[str] = "disguide"
    version: ClassVar[int] = 2
    Options: ClassVar[type[Options]] = DisguideOptions
    options: DisguideOptions

    def setup(self, game: Game) -> None:
        """Build the generator, both clones, their optimisers and the memory."""
        import torch

        from benchbox_plugins.generators._memory import Memory
        from benchbox_plugins.generators._networks import UpGenerator, fresh, redrawn

        o = self.options
        widths = (o.width, o.width, max(2, o.width // 2))
        self.generator = fresh(lambda: UpGenerator(o.z, game.shape, widths), game.rng, game.device)
        self.substitute = game.new_substitute()
        self.second = redrawn(game.new_substitute().cpu(), game.rng).to(game.device)
        self.optimiser_g = torch.optim.Adam(self.generator.parameters(), lr=o.lr_g, fused=True)
        self.optimiser_s, self.optimiser_second = (
            torch.optim.SGD(clone.parameters(), lr=o.lr_s, momentum=0.9, weight_decay=5e-4) for clone in self._clones
        )
        self.memory = Memory(min(o.memory, game.budgets[-1]))

    @property
    def _clones(self) -> tuple[nn.Module, nn.Module]:
        return self.substitute, self.second

    def round(self, game: Game) -> bool:
        """Move the generator, ask a batch, train both clones on it and on earlier ones."""
        import torch

        from benchbox_plugins.generators._black_box import squash
        from benchbox_plugins.generators._training import Tally, even_share, fallen, room, set_rate

        o = self.options
        gap = room(game, 2)
        if not gap:
            return False  # batch norm takes no single image
        n = even_share(gap, o.batch)
        left = fallen(game.oracle.spent / game.budgets[-1], FALLS)
        for optimiser, rate in (
            (self.optimiser_g, o.lr_g),
            (self.optimiser_s, o.lr_s),
            (self.optimiser_second, o.lr_s),
        ):
            set_rate(optimiser, rate * left)
        spread = self._disagree(game, n)
        self.generator.eval()
        with torch.no_grad():
            images = self._toned(squash(self.generator(self._noise(game, n))), game).mul(255).round().div(255)
        answers = game.oracle.query(images)
        self.memory.add(images, answers)
        tally = Tally()
        self._learn(images, answers, tally)
        for _ in range(o.replays):
            rows = torch.randint(len(self.memory), (o.batch,), generator=game.rng).to(game.device)
            self._learn(self.memory.images(rows), self.memory.answers(rows))
        self.substitute.eval()
        tally.report(game, disagreement=spread)
        game.picture("images", images)
        return True

    def _noise(self, game: Game, n: int) -> Tensor:
        import torch

        return torch.randn(n, self.options.z, generator=game.rng).to(game.device)

    def _toned(self, images: Tensor, game: Game) -> Tensor:
        """Return the images, the first and every ``grey``-th after it with one drawn channel in place of all."""
        import torch

        every = self.options.grey
        if not every:
            return images
        channel = int(torch.randint(images.shape[1], (), generator=game.rng))
        toned = images.clone()
        toned[::every] = images.detach()[::every, channel, None]
        toned[::every, channel] = images[::every, channel]  # as the authors': the copies pass no gradient on
        return toned

    def _disagree(self, game: Game, n: int) -> float:
        """Move the generator towards images on which the clones disagree; return how far they do."""
        import torch

        from benchbox_plugins.generators._black_box import squash

        self.generator.train()
        images = self._toned(squash(self.generator(self._noise(game, n))), game)
        for clone in self._clones:
            clone.eval().requires_grad_(False)
        both = torch.stack([clone(images).softmax(1) for clone in self._clones])
        spread = both.std(0).mean()
        mean = both.mean((0, 1)).clamp_min(1e-6)
        self.optimiser_g.zero_grad()
        torch.autograd.backward(self.options.even * (mean * mean.log()).sum() - spread)
        self.optimiser_g.step()
        for clone in self._clones:
            clone.train().requires_grad_(True)
        return spread.item()

    def _learn(self, images: Tensor, answers: Tensor, tally: Tally | None = None) -> None:
        """Take a step of both clones; ``tally`` notes the one that is offered."""
        import torch
        from torch.nn.functional import cross_entropy, l1_loss

        from benchbox_plugins.generators._black_box import logits_of

        for clone, optimiser in zip(self._clones, (self.optimiser_s, self.optimiser_second), strict=True):
            logits = clone(images)
            loss = cross_entropy(logits, answers) if answers.ndim == 1 else l1_loss(logits, logits_of(answers))
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            if tally is not None and clone is self.substitute:
                tally.add(loss, logits, answers)

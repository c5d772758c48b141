"""The generator ``swiftthief``."""

from __future__ import annotations

from math import ceil, cos, pi
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Game, Options
from benchbox_plugins.generators._public import PublicAsker

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.generators._contrast import Read
    from benchbox_plugins.generators._training import Fit

_PARTS, _WIDTH = 5, 0.5
"""How often a round looks for the rarest class, and the width of the Gaussians by which it does."""
_BETA = 0.99
"""An answer counts as this share of the one before it where classes are weighed by how rare they are."""
_FALL = 0.575
"""How far along a cosine the contrastive rate falls: the authors' 460 of 800 epochs."""
_BATCH = 512


class SwiftthiefOptions(Options):
    """The authors', but for sizes that a GPU is needed for."""

    share: float = Field(default=0.1, gt=0, le=1, description="of the last budget, asked a round")
    steps: int = Field(default=100, ge=0, description="contrastive steps a round (the authors: 350 first, 9,600 last)")
    batch: int = Field(default=512, ge=2, description="images without answers a contrastive step")
    answered: int = Field(default=256, ge=2, description="most answered images a contrastive step")
    width: int = Field(default=256, ge=1, description="of the contrastive heads (the authors: 2,048)")
    rate: float = Field(default=0.06, gt=0, description="of contrastive steps: SGD, momentum 0.9, decay 5e-4")
    radius: float = Field(default=0.00225, ge=0, description="of the changes that features shall withstand")
    withstand: float = Field(default=0.01, ge=0, description="weight of that")
    flip: bool = Field(default=True, description="whether views are mirrored")
    epochs: int = Field(default=20, ge=1, description="over all answers a round (the authors: 50)")
    lr: float = Field(default=0.01, gt=0, description="of these epochs: SGD, momentum 0.9, decay 5e-4, batches of 100")


class Swiftthief(PublicAsker):
    """SwiftThief: learns features from public images, asked or not, and asks for rare classes.

    Lee, Han and Lee, "SwiftThief: Enhancing Query Efficiency of Model Stealing by Contrastive Learning", IJCAI 2024, after
    the authors' code. The first tenth of the budget is random. Every round learns features: SimSiam on images without answers,
    the same on answered ones, drawn together by how alike and how sure their answers are, and, with a hundredth of the weight,
    by how rare a class is, on views that FGSM moved apart. Then the whole substitute learns the answers. Asked next is what it
    is least sure of; or, once the rest of the budget would just lift the classes that are named less than the mean up to it,
    what lies nearest to the class that was named least, by Gaussians of width 0.5 around its features.

    Our reading: features are what the last dense layer reads. Images without answers are drawn from all public ones, where
    the authors take 5,000 more in every round. FGSM's radius is their 0.01, of normalised images. The rate falls with the
    budget as theirs does with epochs. Rounds end at budget points, too. Their code asks for the same answers again in every
    epoch; here they are kept. Views leave out changes of hue. ``profile=authors`` has their sizes, for a GPU. It ends when the
    public images do.
    """

    name: ClassVar[str] = "swiftthief"
    version: ClassVar[int] = 1
    Options: ClassVar[type[Options]] = SwiftthiefOptions
    profiles: ClassVar = {"authors": {"steps": 2657, "width": 2048, "epochs": 50}}
    options: SwiftthiefOptions

    def setup(self, game: Game) -> None:
        """Build substitute, heads and optimiser; draw the order of the public images."""
        import torch

        from benchbox_plugins._features import reading_features
        from benchbox_plugins.generators._contrast import Heads

        super().setup(game)
        with torch.no_grad(), reading_features(self.substitute.eval()) as read:
            features = read(torch.zeros(2, *game.shape, device=game.device)).shape[1]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(torch.randint(2**31, (), generator=game.rng)))
            self.heads = Heads(features, self.options.width).to(game.device)
        self.optimiser = torch.optim.SGD(
            self.substitute.parameters(), lr=self.options.lr, momentum=0.9, weight_decay=5e-4
        )

    def most(self, game: Game) -> int:
        """Return a tenth of the last budget."""
        return ceil(self.options.share * game.budgets[-1])

    def ask(self, game: Game, size: int) -> None:
        """Ask the images that are wanted most; of a rare class in five parts, since another may become the rarest."""
        from benchbox_plugins.generators._training import in_batches

        if self.answers is None:
            return super().ask(game, size)
        rare = self._rare_due(game)
        for part in in_batches(size, ceil(size / _PARTS) if rare else size):
            self._bring_forward(game, rare)
            super().ask(game, part.stop - part.start)
        return game.log(rare=float(rare))

    def learnt(self, game: Game, images: Tensor, answers: Tensor) -> Fit:
        """Learn features, then the answers."""
        from benchbox_plugins.generators._training import batch_for, fit

        game.log(loss_features=self._contrast(game, images, answers))
        batch = batch_for(len(images), 100)
        return fit(self.substitute, self.optimiser, images, answers, self.options.epochs, batch, game.rng)

    def _contrast(self, game: Game, known: Tensor, answers: Tensor) -> float:
        """Learn features with a new optimiser, from answered images and from others; return the mean loss."""
        import torch
        from torch.nn.functional import one_hot

        from benchbox_plugins._features import reading_features
        from benchbox_plugins.generators._training import top_class

        o, device = self.options, game.device
        said = answers if answers.ndim == 2 else one_hot(answers, game.classes).float()
        costs = (1 - _BETA) / (1 - _BETA ** (self._counts(game) + 1))
        dear = (costs / costs.sum())[top_class(answers)]
        rate = o.rate * 0.5 * (1 + cos(pi * _FALL * game.oracle.spent / game.budgets[-1]))
        weights = [*self.substitute.parameters(), *self.heads.parameters()]
        optimiser = torch.optim.SGD(weights, lr=rate, momentum=0.9, weight_decay=5e-4)
        losses = []
        with reading_features(self.substitute) as read:
            for _ in range(o.steps if len(known) > 1 else 0):
                others = self.images(game, torch.randint(len(self.order), (o.batch,), generator=game.rng))
                rows = torch.randperm(len(known), generator=game.rng)[: o.answered].to(device)
                optimiser.zero_grad()
                loss = self._loss(game, read, others, known[rows], said[rows], dear[rows])
                torch.autograd.backward(loss)
                optimiser.step()
                losses.append(loss.detach())
        return float(torch.stack(losses).mean()) if losses else 0.0

    def _loss(self, game: Game, read: Read, others: Tensor, images: Tensor, said: Tensor, dear: Tensor) -> Tensor:
        from benchbox_plugins.generators._contrast import answered_alike, moved_apart, siamese
        from benchbox_plugins.generators._views import contrasted

        def views(of: Tensor) -> tuple[Tensor, Tensor]:
            return contrasted(of, self.options.flip, game.rng), contrasted(of, self.options.flip, game.rng)

        o, heads, (first, second) = self.options, self.heads, views(images)
        self.substitute.eval()
        heads.eval()
        apart = moved_apart(read, heads, first, second, o.radius)
        self.substitute.train()
        heads.train()
        free = siamese(*(heads(read(view)) for view in views(others)))
        one, other = heads(read(first)), heads(read(second))
        sharp = siamese(heads(read(apart)), heads(read(second)), dear)
        return free + answered_alike(one, other, said) + o.withstand * sharp

    def _counts(self, game: Game) -> Tensor:
        """Return how often each class was answered, float32 (classes,)."""
        from benchbox_plugins.generators._training import top_class

        assert self.answers is not None
        return top_class(self.answers).bincount(minlength=game.classes).float()

    def _rare_due(self, game: Game) -> bool:
        """Return whether the rest of the budget would just lift the classes named less than the mean up to it."""
        counts = self._counts(game)
        return game.budgets[-1] - game.oracle.spent <= float((counts.mean() - counts).clamp_min(0).sum())

    def _bring_forward(self, game: Game, rare: bool) -> None:
        """Put the public images that were not asked in order, the most wanted first."""
        import torch

        from benchbox_plugins._features import reading_features

        asked = game.oracle.spent
        rest = self.order[asked:]
        self.substitute.eval()
        with torch.no_grad(), reading_features(self.substitute) as read:
            wanted = self._near_rarest(game, read) if rare else self._doubt
            scores = torch.cat([wanted(self.images(game, rows)) for rows in torch.split(rest, _BATCH)])
        ranked = rest[scores.cpu().argsort(stable=True, descending=True)]
        self.order = torch.cat([self.order[:asked], ranked])

    def _doubt(self, images: Tensor) -> Tensor:
        import torch

        doubt: Tensor = torch.special.entr(self.substitute(images).float().softmax(1)).sum(1)
        return doubt

    def _near_rarest(self, game: Game, read: Read) -> Read:
        """Return a score of images: their density among the answered ones of the class that was named least, in nats."""
        import torch

        from benchbox_plugins.generators._training import top_class

        assert self.answers is not None
        counts = self._counts(game)
        rarest = counts.where(counts > 0, torch.inf).argmin()
        rows = self.order[: len(self.answers)][(top_class(self.answers) == rarest).cpu()]
        around = torch.cat([read(self.images(game, some)).float() for some in torch.split(rows, _BATCH)])

        def density(images: Tensor) -> Tensor:
            return (torch.cdist(read(images).float(), around).square() / (-2 * _WIDTH**2)).logsumexp(1)

        return density

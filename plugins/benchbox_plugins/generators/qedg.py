"""QEDG: a new generator every round; only images of which the substitute is unsure are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Game, Generator, Options

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.generators._training import Fit


class QedgOptions(Options):
    """The authors' settings for MNIST; what differs elsewhere is said."""

    batch: int = Field(256, ge=2, description="images a round makes (the authors: 512 on SVHN and CIFAR-10)")
    steps: int = Field(100, ge=1, description="steps of a round's generator")
    z: int = Field(512, ge=1, description="length of a noise vector (1024 on SVHN and CIFAR-10)")
    width: int = Field(
        32, ge=4, description="channels of the generator (the authors: 128); its last layer has half as many"
    )
    lr_g: float = Field(1e-3, gt=0, description="learning rate of the generator (Adam)")
    doubt: float = Field(
        10.0, ge=0, description="weight of the spread of the substitute's probabilities (1 on CIFAR-10)"
    )
    diverse: float = Field(0.1, ge=0, description="weight of the likeness of images of one class (0.01 on CIFAR-10)")
    sure: float = Field(0.7, gt=0, le=1, description="images of which the substitute is surer are not asked")
    tries: int = Field(
        10, ge=1, description="rounds in a row without one to ask; then the least sure of the last is asked"
    )
    lr_s: float = Field(0.01, gt=0, description="learning rate of the substitute: SGD, momentum 0.9")
    epochs: int = Field(20, ge=1, description="passes over all answered images a round")
    wrong: float = Field(
        1.5, gt=0, description="weight of images that it gets wrong (3 on Fashion-MNIST, 2 on CIFAR-10)"
    )
    last: int = Field(
        50, ge=0, description="rounds of training more, when the whole budget is spent and not at a point before"
    )
    batch_s: int = Field(256, ge=2, description="images a step of the substitute; fewer where an epoch has < 40 steps")
    shift: int = Field(4, ge=0, description="most pixels by which a view is moved, at most an eighth of a side")
    flip: bool = Field(False, description="mirror half of the views, which makes no sense for digits")


class Qedg(Generator):
    """QEDG: a new generator every round makes diverse images; those of which the substitute is sure are not asked.

    Pei et al., "Exploring Query Efficient Data Generation towards Data-free Model Stealing in Hard Label Setting", AAAI 2025,
    after the authors' code (GaozhengPei/QEDG). A round's generator takes ``steps`` of the cross-entropy of random wanted
    classes, plus the spread of the substitute's probabilities, which keeps it unsure, plus how alike images of one class are:
    the sum of the cosines of all pairs, over the number of images. All this is of views, and the views of the best step are
    viewed once more; those of which the substitute is at most ``sure`` are asked. The substitute passes over all answers,
    with more weight on those that it gets wrong.

    Ours: a view is a shift, each image's own, by an eighth of a side at most. The authors' views of MNIST are also mirrored
    both ways and turned by 90 to 180 degrees, all images of a generator's step alike. Answers are shuffled, and the last,
    smaller batch is learnt too; their loader does neither. The last weights are offered, where their code takes the best on the
    test set.
    """

    name: ClassVar[str] = "qedg"
    version: ClassVar[int] = 2
    Options: ClassVar[type[Options]] = QedgOptions
    options: QedgOptions

    def setup(self, game: Game) -> None:
        """Build the substitute and its optimiser."""
        import torch

        from benchbox_plugins.generators._ring import Ring

        o = self.options
        self.substitute = game.new_substitute()
        self.optimiser = torch.optim.SGD(self.substitute.parameters(), lr=o.lr_s, momentum=0.9)
        self.images, self.answers = Ring(game.budgets[-1]), Ring(game.budgets[-1])

    def round(self, game: Game) -> bool:
        """Make images until some are worth asking, ask them, learn from all answers."""
        from benchbox_plugins.generators._training import report, room

        o = self.options
        images = self._worth_asking(game)[: room(game)]
        answers = game.oracle.query(images)
        self.images.add(images)
        self.answers.add(answers)
        rounds = 1 if game.oracle.remaining else 1 + o.last
        seen = self._learn(game, rounds * o.epochs)
        report(game, answers, loss_s=seen.loss, agreement=seen.agreement, confidence=seen.confidence, asked=len(images))
        game.picture("images", images)
        return True

    def _worth_asking(self, game: Game) -> Tensor:
        import torch

        for _ in range(self.options.tries):
            images = self._made(game)
            with torch.no_grad():
                sure = self.substitute(images).softmax(1).amax(1)
            if bool((sure <= self.options.sure).any()):
                return images[sure <= self.options.sure]
        return images[sure.argmin()][None]

    def _shift(self, game: Game) -> int:
        return min(self.options.shift, min(game.shape[1:]) // 8)

    def _made(self, game: Game) -> Tensor:
        """Return views of the views of a new generator's best step, rounded to 256 grey levels."""
        import torch
        from torch.nn.functional import cross_entropy

        from benchbox_plugins._viewed import viewed
        from benchbox_plugins.generators._networks import UpGenerator, fresh, normal

        o, shift = self.options, self._shift(game)
        widths = (o.width, o.width, max(2, o.width // 2))
        plain = fresh(lambda: UpGenerator(o.z, game.shape, widths, last=False), game.rng, game.device)
        generator = normal(plain, game.rng)
        optimiser = torch.optim.Adam(generator.parameters(), lr=o.lr_g, fused=True)
        noise = torch.randn(o.batch, o.z, generator=game.rng).to(game.device)
        wanted = torch.randint(game.classes, (o.batch,), generator=game.rng).to(game.device)
        best, images = float("inf"), torch.empty(0)
        self.substitute.eval().requires_grad_(False)
        for _ in range(o.steps):
            seen = viewed(torch.sigmoid(generator(noise).float()), shift, o.flip, game.rng)
            logits = self.substitute(seen)
            loss = cross_entropy(logits, wanted) + o.doubt * logits.softmax(1).std(1).mean()
            loss = loss + o.diverse * _alike(seen, wanted, game.classes)
            if loss.item() < best or not len(images):
                best, images = loss.item(), seen.detach()
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
        self.substitute.requires_grad_(True)
        return viewed(images, shift, o.flip, game.rng).mul(255).round().div(255)

    def _learn(self, game: Game, epochs: int) -> Fit:
        """Pass over all answers; return what the last pass saw."""
        import torch
        from torch.nn.functional import cross_entropy

        from benchbox_plugins.generators._training import Tally, batch_for, top_class

        o = self.options
        images, answers = self.images.all(), self.answers.all()
        batches = -(-len(images) // batch_for(len(images), o.batch_s))
        self.substitute.train()
        for _ in range(epochs):
            order, tally = torch.randperm(len(images), generator=game.rng).to(game.device), Tally()
            for rows in order.tensor_split(batches):
                logits = self.substitute(images[rows])
                wrong = logits.argmax(1) != top_class(answers[rows])
                losses = cross_entropy(logits, answers[rows], reduction="none")
                loss = torch.where(wrong, o.wrong * losses, losses).mean()
                self.optimiser.zero_grad()
                torch.autograd.backward(loss)
                self.optimiser.step()
                tally.add(loss, logits, answers[rows])
        self.substitute.eval()
        return tally.fit()


def _alike(images: Tensor, classes: Tensor, most: int) -> Tensor:
    """Return the sum of the cosines between any two images of one class, over the number of all images."""
    from torch.nn.functional import normalize, one_hot

    rows = normalize(images.flatten(1), dim=1)
    member = one_hot(classes, most).to(rows.dtype)
    sums = member.T @ rows
    # the square of a class's sum holds each pair twice, and each image once with itself
    pairs: Tensor = (sums.square().sum() - len(rows)) / 2
    return pairs / len(rows)

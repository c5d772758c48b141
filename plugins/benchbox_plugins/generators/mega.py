"""MEGA: a generator and a substitute that help each other, on noise drawn once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from benchbox.contracts import Game, Generator, Options

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from benchbox_plugins.generators._training import Fit, Rows


class MegaOptions(Options):
    """MEGA's free parameters: the paper states none of them."""

    generator: Literal["dfme", "authors"] = Field("dfme", description="network: DFME's kind, or the authors' small one")
    width: int = Field(32, ge=4, description="channels of DFME's kind; its last layer has half as many")
    networks: int = Field(20, ge=1, description="such networks, each with its own share of the noise")
    shallow: int = Field(2, ge=1, description="upsamplings of the shallowest of DFME's kind; DFME's own are two")
    deep: int = Field(4, ge=1, description="upsamplings of the deepest; the networks take turns from one to the other")
    output: Literal["clip", "sigmoid", "relu"] = Field("clip", description="maps the generator's output to an image")
    positive: bool = Field(False, description="clip the generator's convolution weights at 0 when it is made")
    z: int = Field(128, ge=1, description="length of a noise vector")
    m: int = Field(10_000, ge=2, description="most noise vectors kept, and most images a round")
    plan: Literal["budget", "anytime"] = Field(
        "budget",
        description="what all shares are of: the last budget, or a horizon that doubles whenever it is reached",
    )
    horizon: int = Field(2_000, ge=2, description="the first horizon of plan=anytime, in queries")
    rounds: int = Field(4, ge=1, description="m is lowered until the budget holds at least so many rounds")
    balance: int = Field(110_000, ge=0, description="most images asked once in search of as many of each class")
    balance_share: float = Field(1 / 3, ge=0, lt=1, description="largest share of the final budget for that search")
    epochs: int = Field(3, ge=1, description="epochs of the substitute a round")
    replay: float = Field(1.0, ge=0, description="images of earlier rounds trained on beside each of a round's own")
    memory: int = Field(200_000, ge=2, description="most images kept for replay; the oldest make way")
    stop: float = Field(0.0, ge=0, lt=1, description="end them when the loss falls by less than this share; 0: never")
    epochs_g: int = Field(1, ge=1, description="epochs of the generator a round")
    optimiser: Literal["adam", "rmsprop"] = Field("adam", description="optimiser of both networks")
    lr_s: float = Field(1e-3, gt=0, description="learning rate of the substitute")
    lr_g: float = Field(1e-5, ge=0, description="learning rate of the generator")
    fall: bool = Field(
        True, description="the substitute's rate falls to 0.3 of itself at half and at 0.8 of the budget"
    )
    batch: int = Field(256, ge=2, description="images a step; the substitute takes fewer where an epoch has < 40 steps")

    @model_validator(mode="after")
    def _from_shallow_to_deep(self) -> MegaOptions:
        if self.shallow > self.deep:
            raise ValueError(f"shallow={self.shallow} is more than deep={self.deep}")
        return self


def _at_a_point(search: int, budgets: tuple[int, ...], planned: int) -> int:
    """Return where the search ends: at a budget point that is near, so that no round of a few images lies between."""
    near = max(2, planned // 100)
    return next((point for point in budgets[:-1] if search and abs(point - search) <= near), search)


class Mega(Generator):
    """MEGA: noise drawn once, a substitute fitted to the answers, a generator that raises its confidence.

    Hong, Huang and Chen, arXiv 2202.00008. First fresh noise is asked, and at most an equal share of each class is kept
    (phase ``balance``, every query counted); classes that are rare stay short. Then, round by round (phase ``main``),
    the generator's images of the kept noise are asked, the substitute is trained on the answers and on as many earlier
    ones, drawn evenly from the classes, and one epoch of the generator raises the substitute's highest probability. The
    generator never sees the target; it is several small networks, because the images of a single one are much alike.
    Rounds end at budget points: up to the next one they are as few as hold all noise at most once, and of one size.

    Search, rounds and the fall of the rate are planned for the last budget, so the whole curve depends on it: with 10,000
    queries spent, version 1 had 72.4 % on MNIST where 350,000 were planned for, and 84.4 % where 50,000 were. With
    ``plan=anytime`` no plan depends on it, but for a search that ends at a budget point where one is near: the plan is for
    ``horizon`` queries, and for twice as many whenever they are spent; each time the search goes on, and the rate starts anew.

    The settings are ours (docs/papers.md); ``profile=authors`` is the network and the optimisers of
    the authors' later code, without replay; the substitute's rate does not fall, as theirs does. Its images have no upper
    bound. The target answers what is left of them in [0, 1], which the authors' own target does not, and the substitute learns
    from that; the generator's step takes them as they are.
    """

    name: ClassVar[str] = "mega"
    version: ClassVar[int] = 2
    Options: ClassVar[type[Options]] = MegaOptions
    profiles: ClassVar = {
        "authors": {
            "generator": "authors",
            "networks": 1,
            "output": "relu",
            "positive": True,
            "balance": 40_000,
            "epochs": 10,
            "replay": 0.0,
            "optimiser": "rmsprop",
            "fall": False,
            "stop": 0.01,
        }
    }
    options: MegaOptions

    def setup(self, game: Game) -> None:
        """Build all networks and their optimisers; derive the sizes from the budget."""
        import torch

        from benchbox_plugins.generators._mega import Several
        from benchbox_plugins.generators._memory import Memory
        from benchbox_plugins.generators._networks import authors_generator, coarse_generator, positive

        o = self.options
        if o.generator == "authors":
            self.generator = Several(lambda _: authors_generator(o.z, game.shape), o.networks, game.rng, game.device)
        else:
            depths = range(o.shallow, o.deep + 1)
            self.generator = Several(
                lambda i: coarse_generator(o.z, game.shape, depths[i % len(depths)], o.width),
                o.networks,
                game.rng,
                game.device,
            )
        if o.positive:
            positive(self.generator)
        self.substitute = game.new_substitute()
        self.optimiser_s = self._optimiser(self.substitute, o.lr_s)
        self.optimiser_g = self._optimiser(self.generator, o.lr_g)
        self.searched, self.m = 0, 2
        self.noise = torch.empty(0, o.z, device=game.device)
        self.owner = self.generator.owners(0)
        self._plan(game, 0, o.horizon if o.plan == "anytime" else game.budgets[-1])
        self.images = torch.empty(0, *game.shape, device=game.device)
        self.answers: Tensor | None = None
        self.memory = Memory(min(o.memory, game.budgets[-1]) if o.replay else 0)

    def _plan(self, game: Game, start: int, end: int) -> None:
        """Derive search, m and the fall of the rate from the queries between ``start`` and ``end``."""
        import torch

        o = self.options
        self.start, self.end = start, end
        search = min(o.balance - self.searched, int(o.balance_share * (end - start)))
        self.search = _at_a_point(start + search, game.budgets, end) if search else start
        self.m = max(self.m, min(o.m, (end - self.search) // o.rounds))  # never less: what was kept is kept
        if self.search == start and not self.searched:
            more = self.m - len(self.noise)
            self.noise = torch.cat([self.noise, torch.randn(more, o.z, generator=game.rng).to(game.device)])
            self.owner = self.generator.owners(self.m)

    def _optimiser(self, network: nn.Module, lr: float) -> torch.optim.Optimizer:
        import torch

        if self.options.optimiser == "adam":
            return torch.optim.Adam(network.parameters(), lr=lr, fused=True)
        return torch.optim.RMSprop(network.parameters(), lr=lr)

    def round(self, game: Game) -> bool:
        """Ask fresh noise up to the next budget point while the search lasts; then play MEGA's round."""
        from benchbox_plugins.generators._training import fallen, set_rate

        if game.oracle.spent >= self.end:
            self._plan(game, self.end, 2 * self.end)
        if self.options.fall:
            progress = (game.oracle.spent - self.start) / (self.end - self.start)
            set_rate(self.optimiser_s, self.options.lr_s * fallen(progress))
        if game.oracle.spent < self.search:
            self._search(game)
        else:
            self._main(game)
        return True

    def _search(self, game: Game) -> None:
        import torch

        from benchbox_plugins.generators._training import balanced, even_share, report, room

        n = even_share(min(room(game), self.search - game.oracle.spent), self.options.m)
        noise = torch.randn(n, self.options.z, generator=game.rng).to(game.device)
        owner = self.generator.owners(n)
        images = self._images(noise, owner)
        answers = game.oracle.query(images, phase="balance")
        images.clamp_(0, 1)  # what the target saw
        self.memory.add(images, answers)
        self.searched += n
        known = answers if self.answers is None else torch.cat([self.answers, answers])
        keep = balanced(known, max(1, self.m // game.classes), game.classes)
        kept = len(self.noise)
        new = keep[kept:] - kept  # those kept before are kept again
        self.noise = torch.cat([self.noise, noise[new]])
        self.owner = torch.cat([self.owner, owner[new.cpu()]])
        self.images = torch.cat([self.images, images[new]])
        self.answers = known[keep]
        game.picture("images", images)
        if len(self.images):
            fit = self._fit(game, self.images, self.answers[-len(self.images) :])
        else:  # a later search that has found none of a rare class yet
            fit = self._fit(game, images, answers)
        report(game, answers, loss_s=fit.loss, agreement=fit.agreement, confidence=fit.confidence, kept=len(keep))

    def _main(self, game: Game) -> None:
        import torch

        from benchbox_plugins.generators._training import even_share, report, room

        self.images = self.images[:0].clone()  # the search is over; a view would hold all of them
        few = torch.randperm(len(self.noise), generator=game.rng)[: even_share(room(game), len(self.noise))]
        images = self._images(self.noise[few.to(game.device)], self.owner[few])
        answers = game.oracle.query(images)
        images.clamp_(0, 1)  # what the target saw
        fit = self._fit(game, images, answers)
        self.memory.add(images, answers)
        report(game, answers, loss_s=fit.loss, agreement=fit.agreement, confidence=fit.confidence)
        game.picture("images", images)
        if game.oracle.remaining:
            game.log(loss_g=self._raise_confidence(game))

    def _fit(self, game: Game, images: Tensor, answers: Tensor) -> Fit:
        import torch

        from benchbox_plugins.generators._memory import Beside
        from benchbox_plugins.generators._training import batch_for, fit

        o = self.options
        batch = batch_for(len(images), o.batch)
        replayed = int(o.replay * len(images)) if len(self.memory) else 0
        seen: Rows = images
        if replayed:
            rows = self.memory.draw(replayed, game.rng)
            seen, answers = Beside(images, self.memory, rows), torch.cat([answers, self.memory.answers(rows)])
        return fit(self.substitute, self.optimiser_s, seen, answers, o.epochs, batch, game.rng, o.stop)

    def _images(self, noise: Tensor, owner: Tensor) -> Tensor:
        from benchbox_plugins.generators._training import OUTPUTS

        return self.generator.images(noise, owner, OUTPUTS[self.options.output], self.options.batch)

    def _raise_confidence(self, game: Game) -> float:
        import torch

        from benchbox_plugins._step import pooled_first
        from benchbox_plugins.generators._training import OUTPUTS

        output, substitute = OUTPUTS[self.options.output], pooled_first(self.substitute)
        self.substitute.requires_grad_(False)
        total = 0.0
        for _ in range(self.options.epochs_g):
            total = 0.0
            order = torch.randperm(len(self.noise), generator=game.rng)
            for network, rows in self.generator.batches(self.owner, order, self.options.batch):
                logits = substitute(output(network(self.noise[rows.to(game.device)])))
                loss = -logits.log_softmax(1).amax(1).mean()
                self.optimiser_g.zero_grad()
                torch.autograd.backward(loss)
                self.optimiser_g.step()
                total += loss.item() * len(rows)
        self.substitute.requires_grad_(True)
        return total / len(self.noise)

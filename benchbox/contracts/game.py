"""What a method is given: a metered oracle, a pool, a substitute to train, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from benchbox.contracts.access import Access
from benchbox.contracts.model import Shape
from benchbox.errors import PluginError

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


class Oracle(Protocol):
    """The only way to the target. One query is one image answered once; duplicates count."""

    @property
    def access(self) -> Access:
        """What an answer holds."""

    @property
    def remaining(self) -> int:
        """Queries left."""

    @property
    def spent(self) -> int:
        """Queries paid for so far."""

    def query(self, images: Tensor, *, phase: str = "main") -> Tensor:
        """Ask the target.

        Args:
            images: (n, channels, height, width), float, in [0, 1]; values outside are clipped, and counted as clipped.
            phase: a word that names these queries in the ledger: lower-case letters, digits, spaces, ``-`` and ``_``, up to 40;
                ``scoring``, ``chosen``, ``granted substitute`` and ``blocked`` are the core's own.

        Returns:
            Under ``Access.LABEL`` classes, int64 (n,); under ``Access.PROBABILITIES`` softmax outputs, float32
            (n, classes). On the device of ``images``. Answers do not depend on how the images were batched.

        Raises:
            BudgetExceeded: n is more than remains. Nothing was asked and nothing was spent. A method may catch it; to ask
                for more than remains and go on is an error all the same. ``Blocked``, a kind of it, where a defence blocked an
                image: it holds the answers to the others. Blocked images are paid for, and a method may go on, unless the
                scenario ends the game with the first (``Blocked.ends``): then they and all behind them cost nothing.
            PluginError: the images have the wrong shape or hold NaN, or the phase is no word. The cell fails.
        """


@dataclass(frozen=True)
class Pool:
    """The real images that the attacker owns.

    Attributes:
        images: float32 (n, channels, height, width) in [0, 1], on the game's device. Where memory does not hold them they are
            read when they are indexed: ``images[rows]``, ``images[i:j]``, ``torch.split``; what takes the whole is refused.
        own: what ``labels`` gives; None where it is not granted.
    """

    images: Tensor
    own: Tensor | None = None

    @property
    def labels(self) -> Tensor:
        """The attacker's own labels, int64 (n,). Never the target's answers.

        Raises:
            PluginError: the method's ``wants`` does not name ``Grant.LABELS``.
        """
        if self.own is None:
            raise PluginError("it read game.pool.labels and does not say so; expected wants() to name Grant.LABELS")
        return self.own

    def __len__(self) -> int:
        return int(self.images.shape[0])


class Insider(Protocol):
    """More than a black box gives: granted only by a scenario that says so, and marked in every table."""

    def probabilities(self, images: Tensor) -> Tensor:
        """Return the target's softmax outputs, float32 (n, classes), without spending a query."""

    def activations(self, images: Tensor) -> Iterator[Tensor]:
        """Yield, in micro-batches, the target's ReLU outputs, one flat float32 row per image: (m, neurons).

        Convolution maps are reduced to one value per channel, their maximum over positions.
        """


class Setup(Protocol):
    """What every plugin in a match may know, on either side of the meter."""

    @property
    def shape(self) -> Shape:
        """(channels, height, width) of an image."""

    @property
    def classes(self) -> int:
        """How many classes the target knows."""

    @property
    def device(self) -> torch.device:
        """Where images and networks live."""

    @property
    def rng(self) -> torch.Generator:
        """The plugin's own random stream, on the CPU. Draw from it, not from the global generators."""


class Seat(Setup, Protocol):
    """What every contestant sees of its game, whatever its kind."""

    @property
    def access(self) -> Access:
        """What an answer holds."""

    def log(self, **values: float) -> None:
        """Record diagnostics at the present number of queries; they appear in ``benchbox show`` and on the pages."""


class Game(Seat, Protocol):
    """One cell from the attacker's side of the table."""

    @property
    def oracle(self) -> Oracle:
        """The metered oracle."""

    @property
    def pool(self) -> Pool | None:
        """The attacker's real images; a scenario for generators may have none."""

    @property
    def public(self) -> Tensor | None:
        """Images of another domain that anybody has, float32 (n, channels, height, width), read as the pool's; or None."""

    @property
    def budgets(self) -> tuple[int, ...]:
        """The query budgets at which the core scores, ascending."""

    @property
    def features(self) -> Tensor | None:
        """What the scenario's trainer learnt of the pool's images before the first question, float32 (len(pool), d).

        None where the trainer learns nothing without answers (``Trainer.prepare``).
        """

    @property
    def insider(self) -> Insider | None:
        """What a privileged method is granted; None in a black-box scenario."""

    def new_substitute(self) -> nn.Module:
        """Return a fresh substitute on ``device``: the same initial weights for every method under one seed."""

    def train(self, images: Tensor, answers: Tensor, *, stream: str = "main") -> nn.Module:
        """Train a fresh substitute on labelled queries, as the scenario's trainer does.

        Args:
            images: (n, channels, height, width).
            answers: what the oracle returned for them.
            stream: names the random stream of the batch order; the same name gives the same order under one seed.

        Returns:
            The trained network, in eval mode.

        Raises:
            PluginError: a generator whose class does not say ``trains = True``.
        """

    def picture(self, name: str, images: Tensor) -> None:
        """Keep a grid of up to 100 images under ``name``; a later call with the same name replaces it."""


class TrainingGame(Seat, Protocol):
    """What a trainer is given beside the answered queries."""

    @property
    def unlabelled(self) -> Tensor:
        """The pool's images, float32 (n, channels, height, width), read as ``Pool.images`` are.

        Raises:
            PluginError: the trainer's ``wants`` does not name ``Grant.UNLABELLED``.
        """

    @property
    def prepared(self) -> Mapping[str, Tensor]:
        """What ``Trainer.prepare`` returned, on ``device``."""

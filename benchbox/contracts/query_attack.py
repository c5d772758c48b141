"""Query attacks: each example is searched by asking the target."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from benchbox.contracts.game import Pool, Seat
from benchbox.contracts.plugin import Plugin
from benchbox.contracts.threat import Threat

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Asked:
    """What came of one request.

    Attributes:
        kept: bool (n,): which of the asked images were answered. The others were over their row's budget, and cost nothing; or
            a defence blocked them, and they were paid for.
        answers: of those that were, in order: classes int64 (m,), or softmax outputs float32 (m, classes).
        solved: bool (m,): which of them succeeded: within the threat, and fooling the target by the goal, as its answer says.
    """

    kept: Tensor
    answers: Tensor
    solved: Tensor


class SearchGame(Seat, Protocol):
    """One block of examples from the attacker's side of the table. Rows are numbered from 0 to n - 1, as the images are."""

    @property
    def threat(self) -> Threat:
        """How far an example may lie from its image to count. Images further away are answered, and paid for."""

    @property
    def goals(self) -> Tensor | None:
        """The classes to be reached, int64 (n,), on ``device``; None where any other answer than the true class will do."""

    @property
    def budget(self) -> int:
        """Queries that may be spent on each example."""

    @property
    def pool(self) -> Pool | None:
        """The attacker's own real images, to be asked about; None where the scenario grants none."""

    @property
    def unlabelled(self) -> Tensor:
        """Those images to learn from without asking, float32 (n, channels, height, width).

        Raises:
            PluginError: the attack's ``wants`` does not name ``Grant.UNLABELLED``.
        """

    @property
    def substitutes(self) -> tuple[nn.Module, ...]:
        """Copies of what the scenario grants, in eval mode: logits (n, classes). Yours to train further.

        One where the scenario's ``prior`` makes a substitute; else its ``surrogates``, one or more: other networks for the
        same task that somebody trained without asking the target.

        Raises:
            PluginError: the attack's ``wants`` does not name ``Grant.SUBSTITUTE``.
        """

    @property
    def substitute(self) -> nn.Module:
        """The first of the substitutes."""

    def remaining(self, rows: Tensor) -> Tensor:
        """Return how many queries are left to each of these rows, int64 (m,), on the device of ``rows``."""

    def ask(self, rows: Tensor, images: Tensor, *, phase: str = "main") -> Asked:
        """Ask the target.

        Args:
            rows: int64 (n,): the example that each image is asked for; a row may come several times.
            images: float (n, *shape) in [0, 1]; values outside are clipped, and counted as clipped.
            phase: a word that names these queries in the ledger, as ``Oracle.query`` takes it.

        Returns:
            The answers. Of a row that comes more often than it has queries left, the first images are answered. An example
            succeeds at the first of its images that lies within the threat and fools the target, whether or not the attack
            notices; whatever is asked for it later is paid for, and helps nothing.

        Raises:
            BudgetExceeded: n > 0 and none of the rows has a query left; ``Blocked``, a kind of it, where a defence blocked an
                image and the scenario ends the game with that. A search may let it end itself; to go on asking is an error.
            PluginError: the images or rows have the wrong form, or the images hold NaN. The cell fails.
        """

    def picture(self, name: str, images: Tensor) -> None:
        """Keep a grid of up to 100 images under ``name``; a later call with the same name replaces it."""


class QueryAttack(Plugin):
    """Searches adversarial examples by asking the target for each. A subclass writes ``search``.

    It is given images that the target classifies correctly, in blocks of up to 1,024, each block in a new process. The
    referee sees every image that is asked: the first one within the threat that fools the target is the example's success.
    A killed run plays a block again from its start and is given the answers that were paid for, so it must ask the same
    images again: all chance comes from ``game.rng``.

    Attributes:
        targeted: whether it can search examples that the target gives a goal class (``game.goals``).
    """

    kind: ClassVar[str] = "query-attack"
    targeted: ClassVar[bool] = False

    def applicable(self, game: SearchGame) -> None:
        """Check the scenario before a query is spent.

        Raises:
            NotApplicable: with these options the attack needs what this scenario does not grant; the message is stored.
        """

    @abstractmethod
    def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        """Search an example for each image, until it is solved or its budget is spent.

        Args:
            game: answers, and says what is allowed.
            images: float32 (n, channels, height, width) in [0, 1], n >= 1, on ``game.device``.
            labels: their true classes, int64 (n,); the target answers each with it.
        """

"""A query attack at play: it is given a block of images, and asks for each until it is solved or its budget is spent."""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor, nn

from benchbox.contracts import Access, Asked, Pool, QueryAttack, Shape, Threat
from benchbox.errors import BudgetExceeded, PluginError
from benchbox.images.grid import GRID
from benchbox.match.players.brief import Brief
from benchbox.match.players.link import Link
from benchbox.match.players.training import noted, unlabelled
from benchbox.seeds import stream_seed


def play_query_attack(attack: QueryAttack, substitutes: tuple[nn.Module, ...], brief: Brief, link: Link) -> None:
    """Search one block.

    Raises:
        NotApplicable: the attack cannot play under these rules.
    """
    game = PlayerSearch(brief, substitutes, link)
    attack.applicable(game)
    try:
        attack.search(game, game.images.clone(), game.labels.clone())
    except BudgetExceeded:
        return  # nothing is left to any row that it asked for


class PlayerSearch:
    """A block in play: see ``benchbox.contracts.SearchGame`` for what an attack may rely on.

    Args:
        brief: what the player was told.
        substitutes: those that the scenario grants; none where the attack uses none.
        link: leads to the referee.
    """

    def __init__(self, brief: Brief, substitutes: tuple[nn.Module, ...], link: Link) -> None:
        self._brief, self._substitutes, self._link = brief, substitutes, link
        self.access: Access = brief.access
        self.threat = Threat(*brief.search["threat"])
        self.budget: int = brief.budget
        self.shape: Shape = brief.shape
        self.classes: int = brief.classes
        self.device: torch.device = torch.device(brief.device)
        self.rng: torch.Generator = torch.Generator().manual_seed(
            stream_seed(brief.seed, f"method/{brief.search['block']}")
        )
        found = {name: tensor.to(self.device) for name, tensor in brief.examples.items()}
        self.images, self.labels, self.goals = found["images"], found["labels"], found.get("goals")
        self._left = torch.full((len(self.labels),), brief.budget, dtype=torch.int64)

    @property
    def pool(self) -> Pool | None:
        """The attacker's own images."""
        images, labels = self._brief.pool, self._brief.labels
        if images is None:
            return None
        return Pool(images.to(self.device), None if labels is None else labels.to(self.device))

    @cached_property
    def unlabelled(self) -> Tensor:
        """The attacker's own images, to learn from without asking.

        Raises:
            PluginError: the attack does not say that it learns from them.
        """
        return unlabelled(self._brief, self._brief.who)

    @property
    def substitutes(self) -> tuple[nn.Module, ...]:
        """The substitutes that the scenario grants.

        Raises:
            PluginError: the attack does not say that it uses them.
        """
        if not self._substitutes:
            raise PluginError(
                f"{self._brief.who} read game.substitute and does not say so; expected wants() to name Grant.SUBSTITUTE"
            )
        return self._substitutes

    @property
    def substitute(self) -> nn.Module:
        """The first of them."""
        return self.substitutes[0]

    def remaining(self, rows: Tensor) -> Tensor:
        """Return the queries that are left to rows."""
        return self._left[rows.cpu()].to(rows.device)

    def ask(self, rows: Tensor, images: Tensor, *, phase: str = "main") -> Asked:
        """Ask the target. See ``benchbox.contracts.SearchGame.ask``."""
        for what, given in (("rows", rows), ("images", images)):
            value: object = given
            if not isinstance(value, Tensor):
                raise PluginError(f"{self._brief.who} asked with {what} {type(value).__name__}; expected a tensor")
        rows = rows.detach()
        reply = self._link.call("ask", {"phase": phase, "rows": rows, "images": images.detach()})
        kept: Tensor = reply["kept"]
        paid = rows.cpu().long()[reply["paid"]]
        self._left.index_add_(0, paid, -torch.ones_like(paid))
        device = images.device
        return Asked(kept.to(device), reply["answers"].to(device), reply["solved"].to(device))

    def log(self, **values: float) -> None:
        """Record diagnostics at the present number of queries in all."""
        noted(self._link, values)

    def picture(self, name: str, images: Tensor) -> None:
        """Keep a grid of images."""
        self._link.tell("show", {"name": name, "images": images[: GRID * GRID].detach()})

"""A selector's whole match, in this process: the core's referee over a fixed target, a quick recipe, a pool of digits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from benchbox.contracts import Access, Grant, Pool, Selector, Trainer
from benchbox.match.match import play_match
from benchbox.match.parts import Parts
from benchbox.match.players.players import Here
from benchbox.records import CellResult, Status
from benchbox.suites.cell import PluginRef
from benchbox.target.answer import Answerer
from benchbox.target.insider import TargetInsider
from benchbox.target.response import Response

CPU = torch.device("cpu")


@dataclass
class Played:
    """What a match left behind.

    Attributes:
        result: as a cell has it.
        trained: the sizes of all trainings, the selector's own and the referee's, in their order.
    """

    result: CellResult = field(default_factory=lambda: CellResult("toy", Status.DONE))
    trained: list[int] = field(default_factory=list)

    def phases(self, budget: int) -> dict[str, int]:
        """Return how many images were paid for at a budget, by phase."""
        return {row.phase: row.queries for row in self.result.ledger if row.budget == budget}

    def spent(self) -> list[int]:
        """Return what was paid by each budget point."""
        return [m.spent for m in self.result.measurements if m.metric == "accuracy"]

    def noted(self, name: str) -> list[int]:
        """Return the values of a diagnostic, a budget point each."""
        return [int(d.value) for d in self.result.diagnostics if d.name == name]


class Unwatched:
    """Nobody follows the match."""

    due = False

    def tell(self, *told: Any) -> None: ...

    def save(self, state: Any) -> None: ...

    def load(self) -> None: ...


def play(
    method: Selector,
    images: Tensor,
    labels: Tensor,
    target: nn.Sequential,
    budgets: tuple[int, ...],
    access: Access = Access.PROBABILITIES,
) -> Played:
    """Play a match over the pool of these images."""
    played = Played()

    class Quick(Trainer):
        """Trains for a few steps."""

        name = "quick"

        def fit(self, game: Any, network: Any, images: Tensor, answers: Tensor) -> nn.Module:
            played.trained.append(len(images))
            return fit(network, images, answers)

    plugin = PluginRef(kind="selector", name=method.name, version=1, spec=method.name, options={})
    parts = Parts(
        contestant=plugin,
        trainer=plugin.model_copy(update={"kind": "trainer", "name": "quick"}),
        model=plugin,
        build=lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 24), nn.ReLU(), nn.Linear(24, 10)),
        access=Response(access),
        budgets=budgets,
        precision="float32",
        seed=2,
        shape=(1, 8, 8),
        classes=10,
        device=CPU,
        answer=Answerer(target, CPU),
        insider=TargetInsider(target, CPU) if Grant.INSIDER in method.wants() else None,
        pool=Pool(images, labels),
        uses=frozenset(method.wants()),
        public=None,
        test=(images, labels),
    )
    play_match(
        parts, Here(lambda ref: Quick() if ref.kind == "trainer" else method, parts.build), Unwatched(), played.result
    )
    return played


def fit(network: nn.Sequential, images: Tensor, answers: Tensor, steps: int = 40) -> nn.Sequential:
    optimiser = torch.optim.Adam(network.parameters(), lr=0.02)
    for _ in range(steps):
        optimiser.zero_grad()
        torch.autograd.backward(nn.functional.cross_entropy(network(images), answers))
        optimiser.step()
    return network.eval()

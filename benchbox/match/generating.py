"""A generator's match: it offers as it goes, and the latest offer at or before each budget point is scored."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor

from benchbox.errors import PluginError
from benchbox.match.desks import GeneratorDesk
from benchbox.match.messages import Offer
from benchbox.match.table import Table, refuse_what_was_swallowed
from benchbox.match.weights import check_weights
from benchbox.records import LedgerRow


@dataclass
class _Held:
    """The latest offer, and the ledger and what the defence had counted as they stood."""

    weights: dict[str, Tensor]
    spent: int
    rows: list[LedgerRow]
    counts: dict[str, int]


def play_generator(table: Table) -> None:
    """Play one game with the largest budget."""
    _Game(table).play()


class _Game:
    def __init__(self, table: Table) -> None:
        self._table = table
        self._open = list(table.parts.budgets)
        self._meter = table.meter(self._open[-1])
        self._held: _Held | None = None

    def play(self) -> None:
        table = self._table
        table.prepare()
        desk = GeneratorDesk(self._meter, table.notes, table.parts.insider, self._offered, self._save)
        table.players.play(table.brief(table.parts.budgets[-1]), desk)
        if self._held is None:
            raise PluginError(f"{table.parts.who} ended without an offer")
        self._settle(None)

    def _offered(self, offer: Offer) -> dict[str, Any]:
        """Take an offer; return what the player is told: a state to go on from, or whether to send one."""
        meter = self._meter
        check_weights(meter.asker, self._table.fresh, offer.weights)
        if self._held is None:
            return self._first(offer)
        if not offer.refused:
            refuse_what_was_swallowed(meter)
        if offer.spent != meter.spent:
            raise PluginError(
                f"{meter.asker} offered a substitute for {offer.spent} queries and had asked {meter.spent}"
            )
        self._settle(meter.spent)
        self._hold(offer)
        self._table.tell(meter.spent)
        return {"save": self._table.watch.due and not offer.refused}  # behind a refusal nothing is left to go on with

    def _first(self, offer: Offer) -> dict[str, Any]:
        meter = self._meter
        if meter.spent or offer.spent:
            raise PluginError(
                f"{meter.asker} offered a substitute for {offer.spent} queries and had asked {meter.spent}; expected "
                f"queries in rounds, not in setup"
            )
        state = self._table.kept()
        if state is None:
            self._hold(offer)
            return {}
        self._resume(state)
        return {"state": state["player"], "spent": meter.spent}

    def _hold(self, offer: Offer) -> None:
        weights = {name: tensor.clone() for name, tensor in offer.weights.items()}
        meter = self._meter
        self._held = _Held(weights, meter.spent, meter.ledger.rows(meter.spent), meter.counts)

    def _settle(self, spent: int | None) -> None:
        """Score the held offer at every open point that the next offer lies beyond; at all that are left if none follows."""
        while self._open and (spent is None or self._open[0] < spent):
            budget, held = self._open.pop(0), self._held
            assert held is not None
            rows = [LedgerRow(budget, r.phase, r.queries, r.clipped, r.digest) for r in held.rows]
            self._table.score(self._table.substitute(held.weights), budget, held.spent, rows, held.counts)

    def _save(self, player: Any) -> None:
        held = self._held
        assert held is not None
        self._table.keep(
            {
                "player": player,
                "held": {**vars(held), "rows": [asdict(row) for row in held.rows]},
                "meter": self._meter.state_dict(),
                "open": list(self._open),
            }
        )

    def _resume(self, state: dict[str, Any]) -> None:
        self._meter.load_state_dict(state["meter"])
        held = state["held"]
        self._held = _Held(**{**held, "rows": [LedgerRow(**row) for row in held["rows"]]})
        self._open = state["open"]

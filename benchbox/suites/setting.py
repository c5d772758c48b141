"""What a cell is played with: the cell, and the plugins of its rules and its target by name. Plain data; imports no torch."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from benchbox.suites.cell import Cell, PluginRef
from benchbox.target.given.record import GivenRecord
from benchbox.target.zoo.record import TargetRecord


class Setting(BaseModel):
    """A cell with all that the referee loads by name. Nothing beside the cell can change its result: hashes are checked.

    Attributes:
        cell: the cell.
        dataset: reads the scenario's images.
        pool: reads the pool's images where they are of another data set.
        public: reads the public images; None where there are none.
        target: what is known of the target: its manifest's entry, or that of what an owner gave.
        target_model: builds its network; None of a given target that no model plugin builds.
        surrogates: what is known of those that the cell uses, in the scenario's order.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    cell: Cell
    dataset: PluginRef
    pool: PluginRef | None
    public: PluginRef | None
    target: TargetRecord | GivenRecord
    target_model: PluginRef | None
    surrogates: tuple[TargetRecord, ...] = ()

    @property
    def data(self) -> tuple[tuple[str, str], ...]:
        """Names and content hashes of the data sets that the referee reads: the scenario's, the pool's own, the public one."""
        rules = self.cell.scenario
        pool = rules.pool and rules.pool.dataset
        named = ((rules.dataset, rules.dataset_hash), (pool, rules.pool_hash), (rules.public, rules.public_hash))
        return tuple((name, digest) for name, digest in named if name and digest)

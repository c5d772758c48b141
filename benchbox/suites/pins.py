"""What a cell is pinned to: plugins with all their options, and data sets and targets as their hashes say."""

from __future__ import annotations

from typing import Protocol

from benchbox.registry import Resolved
from benchbox.suites.cell import PluginRef
from benchbox.suites.fitting import DataSets
from benchbox.target.given import Gift, GivenRecord
from benchbox.target.zoo.record import TargetRecord
from benchbox.target.zoo.spec import TargetSpec


class Sources(DataSets, Protocol):
    """Where expansion gets data sets and targets from."""

    def target(self, spec: TargetSpec) -> TargetRecord | None:
        """Return the trained target, or None where it is yet to be trained.

        Raises:
            NotApplicable: its model cannot take these images.
        """

    def given(self, gift: Gift, dataset: str) -> GivenRecord | None:
        """Return a given target on a data set, or None where it was never asked, and may not be in a dry run."""


def pin(plugin: Resolved) -> PluginRef:
    """Return a plugin with all its options, the version of its results, and where it is loaded from."""
    row = plugin.row
    return PluginRef(
        kind=row.kind,
        name=row.name,
        version=row.version,
        spec=plugin.spec,
        options=plugin.options,
        target=row.target,
        file="" if row.file is None else str(row.file),
        source=row.source,
        builtin=row.builtin,
    )

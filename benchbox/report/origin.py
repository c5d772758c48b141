"""Where the results of a store come from: when they were made, by which program, on which machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchbox.machines import kind_of

if TYPE_CHECKING:
    from benchbox.store import Store


@dataclass(frozen=True)
class Origin:
    """Where the results come from; empty texts where nothing is known.

    Attributes:
        date: of the newest result, ``2026-11-28``.
        programs: the versions of benchbox that made them, with the commits that records name.
        machines: their processors and systems.
        environments: all that is known of both, by hash.
    """

    date: str
    programs: tuple[str, ...]
    machines: tuple[str, ...]
    environments: dict[str, dict[str, Any]]

    @property
    def told(self) -> tuple[str, ...]:
        """The same in sentences."""
        return (
            *((f"The newest result is of {self.date}.",) if self.date else ()),
            *((f"Made by {' and '.join(self.programs)}.",) if self.programs else ()),
            *((f"Played on {' and '.join(self.machines)}.",) if self.machines else ()),
        )


def origin(store: Store) -> Origin:
    """Read where the results of a store come from."""
    found = store.environments()
    programs: dict[str, set[str]] = {}
    for record in found.values():
        packages, (commit, _, changed) = record.get("packages") or {}, str(record.get("commit") or "").partition("-")
        if version := packages.get("benchbox-attacks") or packages.get("benchbox"):
            programs.setdefault(f"benchbox {version}", set()).add(f"{commit[:12]}{changed and ' (changed since)'}")
    unknown = (f"a machine ({r.get('system', '')})" for r in found.values() if not kind_of(r))
    machines = {*filter(None, map(kind_of, found.values())), *unknown}
    return Origin(store.newest()[:10], tuple(sorted(map(_program, programs.items()))), tuple(sorted(machines)), found)


def _program(found: tuple[str, set[str]]) -> str:
    version, commits = found
    named = sorted(commits - {""})
    return f"{version}{' at ' if named else ''}{', '.join(named)}"

"""What the replicates of a scenario share: its rules, but for the target and the pool that each draws."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from benchbox.store.enrolment import batches
from benchbox.store.models import ScenarioRow
from benchbox.store.types import dumps
from benchbox.target.zoo.spec import unseeded


def games(connection: Connection, rules: Iterable[str]) -> dict[str, str]:
    """Return by the hash of a scenario's rules the hash of what all replicates of it share."""
    query = select(ScenarioRow.hash, ScenarioRow.identity, ScenarioRow.target)
    found = (connection.execute(query.where(ScenarioRow.hash.in_(batch))) for batch in batches(rules))
    return {key: _digest(shared(identity, target)) for rows in found for key, identity, target in rows}


def shared(identity: dict[str, Any], target: str) -> dict[str, Any]:
    """Return a scenario's identity without what a replicate draws: the target by its name but for the seed, the pool whole.

    Args:
        identity: the scenario's part of a cell's identity.
        target: the target's name.
    """
    return {**pooled(identity), "target": unseeded(target)}


def pooled(identity: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scenario's identity with its pool whole, whichever images of it a replicate draws."""
    pool = identity.get("pool")  # None: the attacker has no images
    if pool is not None:
        pool = {key: value for key, value in pool.items() if key != "draw"}
    return {**identity, "pool": pool}


def _digest(data: dict[str, Any]) -> str:
    return hashlib.sha256(dumps(data).encode()).hexdigest()[:16]

"""What a merge asks of another store before it takes anything: ids that follow from identities, and numbers in range."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from benchbox.errors import StoreError
from benchbox.scoring.metrics import Unit, metric
from benchbox.store.contents import check_blob
from benchbox.store.faults import ForeignValueError, place, said
from benchbox.store.trained import trained
from benchbox.store.types import dumps

_CELLS = "other.cells AS c LEFT JOIN main.cells AS o ON o.id = c.id"
_WANTED = "(o.status IS NULL OR o.status <> 'done')"
"""Which cells something may be taken over from: those that are not done in ours. So the time grows with what is new."""


def vet(connection: Connection, path: Path) -> None:
    """Look at all that a merge may take over from the store ``path``, which is attached as ``other``.

    Raises:
        StoreError: an id does not follow from its identity, or a value is beyond its range; the sentence names it.
    """
    try:
        rules = _vetted_scenarios(connection)
        _vet_environments(connection)
        _vet_cells(connection, rules)
        _vet_numbers(connection)
        _vet_blobs(connection)
    except ForeignValueError as fault:
        raise StoreError(
            f"'{path}': {fault}; nothing of it was merged, ask whoever made it for an untouched copy"
        ) from None


@dataclass(frozen=True)
class _Rules:
    """A scenario's identity, and its text within those of its cells."""

    identity: Mapping[str, Any]
    text: str


def _vetted_scenarios(connection: Connection) -> dict[int, _Rules]:
    found: dict[int, _Rules] = {}
    query = "SELECT number, hash, target_sha256, dataset_hash, identity FROM other.scenarios"
    for number, digest, target, dataset, stored in connection.exec_driver_sql(query):
        where = place("scenarios", [("number", number)])
        identity = _parsed(where, stored)
        text = dumps(identity)
        _same(where, "hash", digest, _digest(text))
        _same(where, "target_sha256", target, identity.get("target"))
        _same(where, "dataset_hash", dataset, identity.get("dataset_hash"))
        found[number] = _Rules(identity, text)
    return found


def _vet_environments(connection: Connection) -> None:
    for digest, stored in connection.exec_driver_sql("SELECT hash, data FROM other.environments"):
        where = place("environments", [("hash", digest)])
        _same(where, "hash", digest, _digest(dumps(_parsed(where, stored))))


def _vet_cells(connection: Connection, rules: Mapping[int, _Rules]) -> None:
    columns = (
        "c.id, c.scenario, c.seed, c.privileged, c.identity, c.trainer, c.trainer_version, c.uses, "
        "m.kind, m.name, m.version, m.spec"
    )
    query = f"SELECT {columns} FROM {_CELLS} JOIN other.methods AS m ON m.number = c.method WHERE {_WANTED}"
    for cell, scenario, seed, privileged, stored, trainer, version, uses, *method in connection.exec_driver_sql(query):
        where = place("cells", [("id", cell)])
        identity = _parsed(where, stored)
        _same(where, "id", cell, _digest(_whole(identity, rules[scenario].text)), "its identity gives")
        _same(where, "seed", seed, identity.get("seed"))
        _same(where, "privileged", bool(privileged), rules[scenario].identity.get("insider"))
        _vet_method(where, identity.get("method"), *method)
        name, *rest = trained(identity)
        _vet_spec(where, "trainer", trainer, name)
        for column, value, expected in zip(("trainer_version", "uses"), (version, uses), rest, strict=True):
            _same(where, column, value, expected)


def _vet_method(where: str, identity: Any, kind: str, name: str, version: int, spec: str) -> None:
    """Refuse numbers of one method under another's name."""
    own = identity if isinstance(identity, dict) else {}
    for column, value in (("kind", kind), ("name", name), ("version", version)):
        _same(where, f"the method's {column}", value, own.get(column))
    _vet_spec(where, "the method's spec", spec, name)


def _vet_spec(where: str, column: str, spec: str, name: str) -> None:
    if spec != name and not (name and spec.startswith(f"{name}[")):
        raise ForeignValueError(f"{where}: {column} is {said(spec)}, and its name {said(name)}")


def _vet_numbers(connection: Connection) -> None:
    """Refuse a measurement beyond the range of its metric's unit."""
    for number, name in connection.exec_driver_sql("SELECT number, name FROM other.metrics").all():
        unit = metric(name).unit
        columns = "c.id, p.budget, p.spent, p.value"
        query = f"SELECT {columns} {_of('measurements')} AND p.metric = {int(number)} AND {_beyond(unit)} LIMIT 1"
        found = connection.exec_driver_sql(query).first()
        if found is not None:
            cell, budget, spent, value = found
            where = place("measurements", [("cell", cell), ("metric", name), ("budget", budget), ("spent", spent)])
            raise ForeignValueError(f"{where}: value is {said(value)}, not {unit.range}")


def _beyond(unit: Unit) -> str:
    """Return, as SQL, that a value cannot be of a unit; no value is within every range."""
    ends = [f"p.value {sign} {end!r}" for sign, end in (("<", unit.least), (">", unit.most)) if math.isfinite(end)]
    return f"({' OR '.join(['abs(p.value) = 9e999', *ends])})"


def _vet_blobs(connection: Connection) -> None:
    """Refuse what cannot be inflated, or takes too much memory to: it would make our own pages fail."""
    for table, column, key in (("confusions", "matrix", "budget"), ("diagnostics", "points", "name")):
        for cell, of, value in connection.exec_driver_sql(f"SELECT c.id, p.{key}, p.{column} {_of(table)}"):
            check_blob(table, column, [("cell", cell), (key, of)], value)


def _of(table: str) -> str:
    return f"FROM {_CELLS} JOIN other.{table} AS p ON p.cell = c.number WHERE {_WANTED}"


def _whole(identity: Mapping[str, Any], scenario: str) -> str:
    """Return the text that a cell's id hashes; the scenario's, which many share, is written once."""
    parts = {key: dumps(value) for key, value in identity.items()} | {"scenario": scenario}
    return f"{{{','.join(f'{dumps(key)}:{parts[key]}' for key in sorted(parts))}}}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _parsed(where: str, stored: Any) -> dict[str, Any]:
    try:
        found = json.loads(stored)
    except (ValueError, TypeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ForeignValueError(f"{where}: {said(stored)} is not an identity")
    return found


def _same(where: str, column: str, stored: Any, expected: Any, by: str = "its identity says") -> None:
    if stored != expected:
        raise ForeignValueError(f"{where}: {column} is {said(stored)}, {by} {said(expected)}")

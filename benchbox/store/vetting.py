"""What a merge asks of another store before it takes anything: ids that follow from identities, and numbers in range."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, String, cast, func, or_, select

from benchbox.errors import StoreError
from benchbox.records import Status
from benchbox.scoring.metrics import Unit, metric
from benchbox.store.address import Address
from benchbox.store.conflicts import OURS, THEIRS
from benchbox.store.contents import check_blob
from benchbox.store.faults import LARGEST, ForeignValueError, place, said
from benchbox.store.trained import is_privileged, trained
from benchbox.store.types import PackedJSON, dumps
from benchbox.store.writing import PARTS

_CELLS = THEIRS["cells"]
_BOTH = _CELLS.outerjoin(OURS["cells"], OURS["cells"].c.id == _CELLS.c.id)
_WANTED = func.coalesce(OURS["cells"].c.status, "") != Status.DONE
"""Which cells something may be taken over from: those that are not done in ours. So the time grows with what is new."""


def vet(connection: Connection, address: Address) -> None:
    """Look at all that a merge may take over from the store at ``address``, whose tables are the schema ``other``.

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
            f"'{address}': {fault}; nothing of it was merged, ask whoever made it for an untouched copy"
        ) from None


@dataclass(frozen=True)
class _Rules:
    """A scenario's identity, and its text within those of its cells."""

    identity: Mapping[str, Any]
    text: str


def _vetted_scenarios(connection: Connection) -> dict[int, _Rules]:
    found: dict[int, _Rules] = {}
    rows = THEIRS["scenarios"].c
    query = select(rows.number, rows.hash, rows.target_sha256, rows.dataset_hash, _text(rows.identity))
    for number, digest, target, dataset, stored in connection.execute(query):
        where = place("scenarios", [("number", number)])
        identity = _parsed(where, stored)
        text = dumps(identity)
        _same(where, "hash", digest, _digest(text))
        _same(where, "target_sha256", target, identity.get("target"))
        _same(where, "dataset_hash", dataset, identity.get("dataset_hash"))
        found[number] = _Rules(identity, text)
    return found


def _vet_environments(connection: Connection) -> None:
    rows = THEIRS["environments"].c
    for digest, stored in connection.execute(select(rows.hash, _text(rows.data))):
        where = place("environments", [("hash", digest)])
        _same(where, "hash", digest, _digest(dumps(_parsed(where, stored))))


def _vet_cells(connection: Connection, rules: Mapping[int, _Rules]) -> None:
    cells, methods = _CELLS.c, THEIRS["methods"]
    columns = [cells.id, cells.scenario, cells.seed, cells.privileged, _text(cells.identity)]
    columns += [cells.trainer, cells.trainer_version, cells.uses]
    columns += [methods.c[name] for name in ("kind", "name", "version", "spec")]
    found = _BOTH.join(methods, methods.c.number == cells.method)
    query = select(*columns).select_from(found).where(_WANTED)
    for cell, scenario, seed, privileged, stored, trainer, version, uses, *method in connection.execute(query):
        where = place("cells", [("id", cell)])
        identity = _parsed(where, stored)
        _same(where, "id", cell, _digest(_whole(identity, rules[scenario].text)), "its identity gives")
        _same(where, "seed", seed, identity.get("seed"))
        _same(where, "privileged", privileged, is_privileged(identity, rules[scenario].identity))
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
    metrics, rows = THEIRS["metrics"].c, THEIRS["measurements"]
    for number, name in connection.execute(select(metrics.number, metrics.name)).all():
        unit = metric(name).unit
        query = select(_CELLS.c.id, rows.c.budget, rows.c.spent, rows.c.value).select_from(_of(rows))
        query = query.where(_WANTED, rows.c.metric == number, _beyond(unit, rows.c.value)).limit(1)
        found = connection.execute(query).first()
        if found is not None:
            cell, budget, spent, value = found
            where = place("measurements", [("cell", cell), ("metric", name), ("budget", budget), ("spent", spent)])
            raise ForeignValueError(f"{where}: value is {said(value)}, not {unit.range}")


def _beyond(unit: Unit, value: ColumnElement[float]) -> ColumnElement[bool]:
    """Return that a value cannot be of a unit; no value is within every range."""
    below = [value < unit.least] if math.isfinite(unit.least) else []
    above = [value > unit.most] if math.isfinite(unit.most) else []
    return or_(func.abs(value) > LARGEST, *below, *above)


def _vet_blobs(connection: Connection) -> None:
    """Refuse what cannot be inflated, or takes too much memory to: it would make our own pages fail."""
    for table in (OURS[part.__tablename__] for part in PARTS):
        rows, keys = THEIRS[table.name], [key.name for key in table.primary_key if key.name != "cell"]
        for column in (column.name for column in table.columns if isinstance(column.type, PackedJSON)):
            query = select(_CELLS.c.id, rows.c[column], *(rows.c[key] for key in keys)).select_from(_of(rows))
            for cell, value, *of in connection.execute(query.where(_WANTED)):
                check_blob(table.name, column, [("cell", cell), *zip(keys, of, strict=True)], value)


def _of(rows: FromClause) -> FromClause:
    """Return another store's cells with their rows in one of its tables, and with ours where we have them."""
    return _BOTH.join(rows, rows.c.cell == _CELLS.c.number)


def _text(column: ColumnElement[Any]) -> ColumnElement[str]:
    """Return JSON as the text that is stored: what is none is told by its row."""
    return cast(column, String)


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

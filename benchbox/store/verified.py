"""Which cells of a store the maintainers played again themselves: a file beside it that no merge ever takes over.

``results.db`` has ``results.verified.json``. Only ``sign`` writes it, for what ``benchbox verify --into`` accepted. A cell
counts as verified while it measures what it measured then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select

from benchbox.distribution import version
from benchbox.errors import StoreError, shown
from benchbox.paths import write_whole
from benchbox.records import Status
from benchbox.registry.printable import place_and_words
from benchbox.store.address import Address
from benchbox.store.enrolment import batches
from benchbox.store.models import AttackRow, CellRow, MeasurementRow, MetricRow
from benchbox.store.store import Store

VERIFIED = "verified"
"""What tables write beside the name of a method whose cells are all verified."""


class Mark(BaseModel):
    """A method that was accepted in a suite.

    Attributes:
        suite, method: which, as ``benchbox run`` takes them.
        on: the day, ISO 8601.
        benchbox: the version that played it again.
        cells: by id of each of its cells the hash of what it measured.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    suite: str
    method: str
    on: str
    benchbox: str
    cells: dict[str, Annotated[str, Field(pattern="^[0-9a-f]{64}$")]]


class _Marks(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    verified: tuple[Mark, ...] = ()


def marks_file(address: Address) -> Path | None:
    """Return the file with a store's marks, there or not; None of a database on a server, which has none."""
    return None if address.file is None else address.file.with_name(f"{address.file.stem}.verified.json")


def file_to_sign(address: Address) -> Path:
    """Return the file in which a store's cells are marked, there or not.

    Raises:
        StoreError: the store is on a server.
    """
    path = marks_file(address)
    if path is None:
        raise StoreError(f"'{address}' is on a server; marks are kept in a file beside a store that is one")
    return path


def verified_cells(store: Store) -> frozenset[str]:
    """Return the ids of a store's cells that are marked, and measure what they measured then.

    Raises:
        StoreError: the file of marks is none.
    """
    signed = {cell: digest for mark in _read(marks_file(store.address)).verified for cell, digest in mark.cells.items()}
    now = _digests(store, signed)
    return frozenset(cell for cell, digest in signed.items() if now.get(cell) == digest)


def sign(store: Store, suite: str, method: str, cells: Iterable[str]) -> Path:
    """Mark done cells of a store as verified, today; return the file. An earlier mark of the method in the suite goes.

    Raises:
        StoreError: the store is on a server; or the file is there, and no file of marks.
    """
    path = file_to_sign(store.address)
    mark = Mark(
        suite=suite,
        method=method,
        on=datetime.now(UTC).date().isoformat(),
        benchbox=version(),
        cells=dict(sorted(_digests(store, cells).items())),
    )
    others = (old for old in _read(path).verified if (old.suite, old.method) != (suite, method))
    marks = _Marks(verified=tuple(sorted([*others, mark], key=lambda each: (each.suite, each.method))))
    write_whole(path, (marks.model_dump_json(indent=1) + "\n").encode())
    return path


def _read(path: Path | None) -> _Marks:
    if path is None or not path.is_file():
        return _Marks()
    try:
        return _Marks.model_validate_json(path.read_bytes())
    except ValidationError as error:
        at, words = place_and_words(error)
        raise StoreError(f"'{path}' is no file of marks at '{shown(at or 'its start')}': {words}") from None


def _digests(store: Store, cells: Iterable[str]) -> dict[str, str]:
    """Return by id of each done cell among these the sha256 of its measurements."""
    measured: dict[str, list[str]] = {}
    row = MeasurementRow
    query = select(CellRow.id, MetricRow.name, AttackRow.name, row.budget, row.spent, row.value, row.n)
    query = query.join(CellRow, CellRow.number == row.cell).join(MetricRow, MetricRow.number == row.metric)
    query = query.join(AttackRow, AttackRow.number == row.attack).where(CellRow.status == Status.DONE)
    with store.reading() as session:
        for batch in batches(cells):
            for cell, *values in session.execute(query.where(CellRow.id.in_(batch))):
                measured.setdefault(cell, []).append(json.dumps(values))
    return {cell: hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest() for cell, lines in measured.items()}

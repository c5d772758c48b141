"""What keeps a large store quick: queries that use their indices, and statements that hold many rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event
from store_samples import TARGET, Row, cell, done, only_sqlite

from benchbox.store import Store
from benchbox.store.enrolment import BATCH


@contextmanager
def statements(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """Give the statements, with their values, that reach the file meanwhile."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Connection, _cursor: object, text: str, values: Any, *_: object) -> None:
        seen.append((text, values))

    for engine in (store.dialect.reader, store.dialect.writer):
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in (store.dialect.reader, store.dialect.writer):
        event.remove(engine, "before_cursor_execute", note)


def plan(store: Store, text: str, values: Any) -> list[str]:
    with store.dialect.reader.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
    return [row[3] for row in rows]


@pytest.fixture
def filled(store: Store) -> Store:
    cells = [cell(seed=seed, k=k) for seed in range(3) for k in range(2)]
    store.enrol("s", [Row(c, label=c.method.spec) for c in cells])
    store.enrol("t", [Row(cells[0])])
    for played in cells:
        store.record(played, done(played), TARGET)
    return store


ONE_PAGE = {"suite": "s", "dataset": "digits"}


@only_sqlite
@pytest.mark.parametrize(
    "read",
    [
        lambda store: store.measurements(**ONE_PAGE),
        lambda store: store.measurements(**ONE_PAGE, metric="accuracy", budget=50),
        lambda store: store.cells(**ONE_PAGE),
        lambda store: store.confusions(**ONE_PAGE),
        lambda store: store.pictures(**ONE_PAGE),
        lambda store: store.diagnostics(**ONE_PAGE, kind="selector", name="loss"),
        lambda store: store.statuses([cell().id]),
        lambda store: store.cell(cell(k=0).id[:8]),
        lambda store: list(store.details([cell(k=0).id])),
        lambda store: store.claim(cell(k=0).id, "me"),
    ],
)
def test_reading_a_part_scans_no_table_that_grows(filled: Store, read: Callable[[Store], Any]) -> None:
    with statements(filled) as seen:
        read(filled)
    selects = [(text, values) for text, values in seen if text.startswith("SELECT")]
    assert selects
    for text, values in selects:
        scans = [step for step in plan(filled, text, values) if step.startswith("SCAN")]
        large = re.compile(r"SCAN (cells|suite_cells|measurements|confusions|ledger|diagnostics|pictures)\b")
        assert not [step for step in scans if large.match(step)], text


def test_enrolling_takes_a_few_statements_however_many_cells(store: Store) -> None:
    rows = [Row(cell(seed=seed)) for seed in range(300)]
    with statements(store) as seen:
        store.enrol("s", rows)
        store.enrol("s", rows)
    assert len(seen) < 20
    assert len(store.cells(suite="s")) == 300


def test_telling_many_cells_takes_a_few_statements(filled: Store) -> None:
    with statements(filled) as seen:
        assert len(list(filled.details(filled.cells(suite="s").cell))) == 6
    assert len(seen) < 20


def test_more_cells_than_one_statement_holds(store: Store) -> None:
    ids = [f"{i:016x}" for i in range(2 * BATCH + 1)]
    played = cell()
    store.record(played, done(played))
    assert list(store.statuses([*ids, played.id])) == [played.id]
    store.release("me", ids)


def test_measurements_are_narrow(filled: Store) -> None:
    frame = filled.measurements()
    texts = ["cell", "suite", "scenario", "label", "status", "metric", "attack", "target"]
    assert {str(frame[name].dtype) for name in texts} == {"category"}
    assert {str(frame[name].dtype) for name in ("seed", "budget", "spent", "n")} == {"int64"}
    assert frame.metric.cat.categories.tolist() == ["accuracy", "asr_untargeted", "attack_seconds"]


def test_a_cell_in_two_suites_is_measured_in_both(filled: Store) -> None:
    frame = filled.measurements(cell=cell(seed=0, k=0).id, metric="accuracy")
    assert frame.suite.tolist() == ["s", "s", "t", "t"]
    assert frame.budget.tolist() == [50, 100, 50, 100]

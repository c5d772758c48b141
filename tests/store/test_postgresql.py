"""What only a store on PostgreSQL does."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from postgres_server import PASSWORD, new_schema
from store_samples import TARGET, Row, cell, done
from test_trouble import _start

from benchbox.errors import StoreError
from benchbox.records import Status
from benchbox.store import Address, Store, exists, upgrade
from benchbox.store.dialects import Dialect

pytestmark = [
    pytest.mark.usefixtures("dialect"),
    pytest.mark.parametrize("dialect", ["postgresql"], indirect=True),
]
SECRET = "pass-word"


@pytest.fixture
def place(postgresql: str) -> str:
    """An empty schema."""
    return new_schema(postgresql)


def run_sql(store: Store, *statements: str) -> None:
    with store.dialect.writer.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def with_password(place: str, password: str = PASSWORD) -> str:
    return place.replace("tester@", f"tester:{password}@")


def sentence(place: str, read: Callable[[Store], Any] = Store.cells) -> str:
    """Return what is said when a store is opened and read."""
    with pytest.raises(StoreError) as error, Store.open(place, create=False) as store:
        read(store)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_password_in_the_url_opens_the_store_and_is_never_said(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGPASSWORD")
    with Store.open(with_password(place)) as store:
        assert str(store.address) == place
        said = [repr(store.address)]
        for wrong in (lambda: Store.open(with_password(place, SECRET)), lambda: store.cell("ffff")):
            with pytest.raises(StoreError) as error:
                wrong()
            said.append(str(error.value))
    in_query = f"{place}&password={SECRET}"
    assert str(Address.of(in_query)) == place
    said += [sentence(in_query), sentence(place), sentence(with_password(place, SECRET).replace("postgresql", "mysql"))]
    said += [sentence(with_password(place, SECRET).replace("://", ":/")), sentence(f"postgresql://a:{SECRET}@h:x/y")]
    assert not [text for text in said if SECRET in text or PASSWORD in text]
    assert "write the password into ~/.pgpass, or set PGPASSWORD" in said[1]


@pytest.mark.parametrize("scheme", ["postgresql+psycopg", "postgresql", "postgres"])
def test_the_usual_forms_of_the_url_are_one_address(place: str, scheme: str) -> None:
    assert str(Address.of(place.replace("postgresql+psycopg", scheme))) == place


def test_a_missing_store_is_not_made_unless_it_shall_be(place: str) -> None:
    assert not exists(place)
    assert f"there is no store '{place}'" in sentence(place)
    with pytest.raises(StoreError, match=r"there is no store .* to upgrade"):
        upgrade(place)
    Store.open(place).close()
    assert exists(place)


def test_a_server_database_or_schema_that_is_not_there_is_one_sentence(postgresql: str, place: str) -> None:
    nowhere = re.sub(r":\d+/", ":1/", place)
    assert "cannot be reached: Connection refused" in sentence(nowhere)
    assert 'database "nothing" does not exist; make it with createdb' in sentence(
        place.replace("/postgres?", "/nothing?")
    )
    said = sentence(f"{postgresql}?options=-csearch_path%3Dnothing")
    assert "names no schema that is there: make it with CREATE SCHEMA" in said


def test_another_programs_tables_are_left_alone(place: str) -> None:
    with Store.open(place) as store:
        run_sql(store, "COMMENT ON TABLE alembic_version IS NULL")
    for create in (False, True):
        with pytest.raises(
            StoreError, match=r"is not a benchbox store: its schema 's_.*' holds '.*' of another program"
        ):
            Store.open(place, create=create)


def test_a_machine_without_the_driver_says_what_to_install(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "psycopg":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(StoreError, match=re.escape("pip install 'benchbox-attacks[postgresql]'")):
        Store.open(place)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE cells SET status = 'dnoe' WHERE number = 1", "row number 1: status is 'dnoe', not one of"),
        ("UPDATE cells SET seconds = 'NaN'", "seconds is nan, not a finite number"),
        ("UPDATE targets SET accuracy = 97", "table 'targets', row sha256 'fff"),
        ("UPDATE scenarios SET identity = '[1, 2]'", "identity is not a scenario's identity"),
        (
            "UPDATE diagnostics SET points = '\\x00'",
            "table 'diagnostics', row cell 1, name 'loss': points is not a list",
        ),
        ("DELETE FROM alembic_version", "table 'alembic_version', which says its schema, is empty"),
        ("DROP TABLE pictures", "has no table 'pictures'"),
        ("ALTER TABLE cells DROP COLUMN output", "table 'cells' has no column 'output'"),
        ("ALTER TABLE ledger RENAME TO former; CREATE VIEW ledger AS SELECT * FROM former", "holds a view 'ledger'"),
    ],
)
def test_what_no_benchbox_wrote_is_named(store: Store, statement: str, said: str) -> None:
    store.enrol("s", [Row(cell())])
    store.record(cell(), done(cell()), TARGET)
    run_sql(store, *statement.split("; "))
    assert said in sentence(str(store.address), lambda found: found.cell(cell().id))


def test_texts_are_sorted_by_code_points_whatever_the_database_speaks(store: Store) -> None:
    """As SQLite does: pages list them in this order."""
    with store.dialect.reader.connect() as connection:
        texts = connection.exec_driver_sql(
            "SELECT table_name || '.' || column_name, data_type, collation_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name <> 'alembic_version'"
        ).all()
    assert [row for row in texts if row[1] == "character varying" and row[2] != "C"] == []
    assert [row for row in texts if row[1] == "integer"] == [], "SQLite's have 64 bits"
    store.enrol("s", [Row(cell(k=i), label=label) for i, label in enumerate("aBbAäz_ ")])
    assert store.cells(suite="s").label.tolist() == sorted("aBbAäz_ ")


def test_a_reader_without_rights_reads_and_is_told_that_it_may_not_write(store: Store, postgresql: str) -> None:
    store.record(cell(), done(cell()))
    schema = str(store.address).rpartition("%3D")[2]
    run_sql(
        store,
        f"CREATE ROLE {schema} LOGIN PASSWORD '{PASSWORD}'",
        f'GRANT USAGE ON SCHEMA "{schema}" TO {schema}',
        f'GRANT SELECT ON ALL TABLES IN SCHEMA "{schema}" TO {schema}',
    )
    with Store.open(str(store.address).replace("tester@", f"{schema}@")) as guest:
        assert len(guest.measurements()) == 4
        with pytest.raises(StoreError, match=r"does not allow it .*permission denied for table .*: ask its owner"):
            guest.claim("a", "me")


def test_who_waits_too_long_for_another_writer_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Dialect, "BUSY_SECONDS", 0.1)
    with (
        Store.open(store.address) as second,
        store.writing(),
        pytest.raises(StoreError, match="another program has kept"),
    ):
        second.claim("a", "me")
    assert store.claim("a", "me"), "it goes on when the other is done"


def test_a_lost_connection_is_one_sentence_and_the_next_call_makes_another(store: Store) -> None:
    store.record(cell(), done(cell()))
    others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"

    def end_all() -> None:
        with Store.open(store.address) as other:
            run_sql(other, f"SELECT pg_terminate_backend(pid) {others}")

    end_all()
    assert store.statuses([cell().id]) == {cell().id: Status.DONE}, "an idle connection is made anew"

    def cut_off() -> None:
        with store.reading() as session:
            session.connection()
            end_all()
            session.connection().exec_driver_sql("SELECT 1")

    with pytest.raises(StoreError, match="ended the connection"):
        cut_off()
    assert store.statuses([cell().id]) == {cell().id: Status.DONE}


_DIE = """
import os, sys
from store_samples import Row, cell, done
from benchbox.store import Store
from benchbox.store.models import TargetRow
store = Store.open(sys.argv[1])
with store.writing() as session:
    session.query(TargetRow).delete()
    session.flush()
    os._exit(9)
"""


def test_a_writer_that_dies_leaves_what_was_there_and_no_lock(store: Store) -> None:
    store.record(cell(), done(cell()), TARGET)
    writer = _start(_DIE, store.address)
    writer.communicate(timeout=60)
    assert writer.returncode == 9
    assert len(store.targets()) == 1
    assert store.claim("a", "me")


def test_resume_files_lie_in_a_folder_a_store_in_the_users_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path))
    one, other, same = (Address.of(f"postgresql://{at}").scratch for at in ("u@h/a", "u@h/b", f"u:{SECRET}@h/a"))
    assert one.parent == tmp_path / "cache" / "work"
    assert one != other
    assert one == same, "whatever the password"

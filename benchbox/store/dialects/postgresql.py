"""A store in a schema of a PostgreSQL database, by psycopg."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import JSON, Column, Connection, Engine, create_engine, event

from benchbox.errors import StoreError
from benchbox.store.address import Address
from benchbox.store.dialects.dialect import Dialect
from benchbox.store.dialects.other import OTHER, copy_tables
from benchbox.store.faults import short
from benchbox.store.models import VERSIONS, Base
from benchbox.store.types import dumps

_MARK = "benchbox store"
"""The comment on the table of versions, which tells a store from another program's tables."""
_LOCK = 0x62626F78
"""The first half of the write lock's number; the second is the schema's."""
_NETWORK = {
    "application_name": "benchbox",
    "client_encoding": "utf8",
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "30000",
}
"""A server that is cut off is noticed within a minute, as a claim lapses. What the URL says stands."""
_TABLES = "FROM pg_catalog.pg_class WHERE relnamespace = current_schema()::regnamespace"


class PostgreSQL(Dialect):
    """A schema: the one in which the URL's user makes tables, ``public`` unless the server or the URL says otherwise."""

    def __init__(self, address: Address) -> None:
        try:
            import psycopg
        except ImportError:
            raise StoreError(
                f"a store on PostgreSQL as '{address}' needs the driver psycopg: "
                "install it with pip install 'benchbox-attacks[postgresql]'"
            ) from None
        super().__init__(address, psycopg.Error)

    def _engine(self, *, write: bool) -> Engine:
        """Return an engine that keeps a connection for the next call: making one takes longer than a transaction.

        A reader's transaction sees one snapshot. A writer's must see what was committed before it got the lock, which is
        later than its first statement; since all writers have the lock, nothing changes under it.
        """
        url = self.address.url
        assert url is not None
        options: dict[str, Any] = {} if write else {"postgresql_readonly": True}
        engine = create_engine(
            url,
            isolation_level="READ COMMITTED" if write else "REPEATABLE READ",
            execution_options=options,
            json_serializer=dumps,
            connect_args={key: value for key, value in _NETWORK.items() if key not in url.query},
            pool_size=1,
            max_overflow=-1,
            pool_pre_ping=True,
        )

        @event.listens_for(engine, "connect")
        def _connect(connection: Any, _record: object) -> None:
            connection.execute(f"SET lock_timeout = '{self.BUSY_SECONDS}s'")
            connection.execute("SET cursor_tuple_fraction = 1")  # all rows of a cursor are read
            connection.commit()

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            if write:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK}, hashtext(current_schema()))")

        return engine

    def sentence(self, error: BaseException) -> str:
        """Return what an error means, by its code; the driver gives none where it could not connect."""
        place, state = self.address, getattr(error, "sqlstate", None)
        match state:
            case None if not isinstance(error, self._unreached()):
                return ""
            case None:
                return f"the server of '{place}' cannot be reached: {_reason(error)}"
            case "53100":
                return f"the disk of '{place}' is full{self.kept()}"
            case "55P03":
                return f"another program has kept '{place}' to itself for {self.BUSY_SECONDS} s; run this again when it is done"
            case "25006":
                return f"'{place}' is read-only: it can be reported from, not written"
            case "42501":
                return f"'{place}' does not allow it ({short(error)}): ask its owner for the right"
            case "57P01" | "57P02" | "57P03":
                return f"the server of '{place}' ended the connection ({short(error)}); run this again when it is back"
            case _:
                return ""

    def _unreached(self) -> type[Exception]:
        import psycopg

        return psycopg.OperationalError

    def now(self, connection: Connection) -> float:
        """Return the server's time: the clocks of several machines differ."""
        return float(connection.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())::float8").scalar_one())

    def hasten(self, connection: Connection) -> None:
        """Leave flushing to the server; SQLite has no such thing that spares the rest of the file."""
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")

    def identity(self) -> Hashable:
        """Return when the server was started, to the microsecond, and the names of database and schema."""
        query = "SELECT pg_postmaster_start_time(), current_database(), current_schema()"
        with self.reader.connect() as connection:
            return tuple(connection.exec_driver_sql(query).one())

    def vacant(self) -> bool:
        """Whether the schema is empty."""
        with self.reader.connect() as connection:
            if self.is_store(connection):
                return False
            schema = connection.exec_driver_sql("SELECT current_schema()").scalar()
            if schema is None:
                raise StoreError(f"'{self.address}' names no schema that is there: make it with CREATE SCHEMA")
            other = connection.exec_driver_sql(f"SELECT relname {_TABLES} ORDER BY relname LIMIT 1").scalar()
            if other is not None:
                raise StoreError(
                    f"'{self.address}' is not a benchbox store: its schema '{schema}' holds '{other}' of another program; "
                    "give the store a database or a schema of its own"
                )
            return True

    def make_room(self) -> None:
        """Refuse a database that cannot hold every text; the database itself is its owner's to make."""
        with self.reader.connect() as connection:
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            raise StoreError(f"'{self.address}' has the encoding {encoding}: make the database with ENCODING 'UTF8'")

    def mark(self, connection: Connection) -> None:
        """Write our comment on the table of versions."""
        connection.exec_driver_sql(f"COMMENT ON TABLE {VERSIONS} IS '{_MARK}'")

    def is_store(self, connection: Connection) -> bool:
        """Whether the table of versions has our comment."""
        query = f"SELECT obj_description(oid, 'pg_class') {_TABLES} AND relname = '{VERSIONS}'"
        return connection.exec_driver_sql(query).scalar() == _MARK

    @contextmanager
    def upgrading(self, revision: str) -> Iterator[tuple[Connection, Address]]:
        """Copy the tables into another schema, within the transaction of the upgrade, and give its connection."""
        with self.writer.begin() as connection:
            yield connection, self._copy(connection, revision)

    def _copy(self, connection: Connection, revision: str) -> Address:
        name = f"{connection.exec_driver_sql('SELECT current_schema()').scalar_one()}_{revision}_backup"
        taken = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %(name)s"
        if connection.exec_driver_sql(taken, {"name": name}).first():
            raise StoreError(f"the schema '{name}' of '{self.address}' is in the way of a backup; rename or drop it")
        schema = connection.dialect.identifier_preparer.quote(name)
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        for table in connection.exec_driver_sql(f"SELECT relname {_TABLES} AND relkind = 'r'").scalars().all():
            connection.exec_driver_sql(f'CREATE TABLE {schema}."{table}" (LIKE "{table}" INCLUDING INDEXES)')
            connection.exec_driver_sql(f'INSERT INTO {schema}."{table}" SELECT * FROM "{table}"')
        connection.exec_driver_sql(f"COMMENT ON TABLE {schema}.{VERSIONS} IS '{_MARK}'")
        assert self.address.url is not None
        return Address(url=self.address.url.update_query_dict({"options": f"-csearch_path={schema}"}))

    @contextmanager
    def beside(self, other: Dialect) -> Iterator[Connection]:
        """Copy the other store's rows into temporary tables.

        The schema of temporary tables is searched first, unless the path names it: then a bare name is a table of ours.
        """
        with self.writer.begin() as connection:
            path = "current_setting('search_path') || ', pg_temp'"
            connection.exec_driver_sql(f"SELECT set_config('search_path', {path}, true)")
            copy_tables(other, connection, schema="pg_temp")
            connection.exec_driver_sql(f"ANALYZE {', '.join(f'pg_temp.{name}' for name in OTHER)}")
            yield connection
            connection.exec_driver_sql(f"ANALYZE {', '.join(Base.metadata.tables)}")

    def intruder(self, connection: Connection) -> tuple[str, str] | None:
        """Return a view, or anything else than a table, of one of our names."""
        names = ", ".join(f"'{name}'" for name in (VERSIONS, *Base.metadata.tables))
        query = f"SELECT relkind::text, relname {_TABLES} AND relname IN ({names}) AND relkind NOT IN ('r', 'p')"
        found = connection.exec_driver_sql(query).first()
        return None if found is None else ({"v": "view", "m": "view"}.get(found[0], "relation"), found[1])

    def columns(self, connection: Connection) -> Mapping[str, set[str]]:
        """Return the columns that are not generated."""
        found: dict[str, set[str]] = {}
        query = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        for table, column in connection.exec_driver_sql(f"{query} AND is_generated = 'NEVER'"):
            found.setdefault(table, set()).add(column)
        return found

    def as_text(self, column: Column[Any]) -> str:
        """Return a column; the driver would parse JSON itself."""
        name = super().as_text(column)
        return f"{name}::text" if isinstance(column.type, JSON) else name


def _reason(error: BaseException) -> str:
    """Return why a server cannot be reached: what it says itself, else what the last of its addresses gave."""
    text = str(error).strip().splitlines()
    said = next((line for line in text if "FATAL:" in line), text[0] if text else type(error).__name__)
    reason = short(re.split(r"FATAL:\s*|failed: ", said)[-1])
    if "password" in reason:
        return f"{reason}; write the password into ~/.pgpass, or set PGPASSWORD"
    if "does not exist" in reason and "database" in reason:
        return f"{reason}; make it with createdb"
    return reason

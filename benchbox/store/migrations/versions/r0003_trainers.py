"""Who made a cell's substitutes, and what of the scenario's grants it used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from benchbox.registry.spec import render
from benchbox.store.trained import trained
from benchbox.store.types import Text, Whole

revision = "0003"
down_revision = "0002"

_COLUMNS: list[sa.ColumnClause[str]] = [sa.column(name) for name in ("trainer", "trainer_version", "uses")]
_CELLS = sa.table("cells", sa.column("number"), sa.column("identity", sa.JSON()), *_COLUMNS)


def upgrade() -> None:
    """Add the columns, and fill them with what identities say."""
    with op.batch_alter_table("cells") as batch:
        batch.add_column(sa.Column("trainer", Text, nullable=False, server_default=""))
        batch.add_column(sa.Column("trainer_version", Whole, nullable=False, server_default="0"))
        batch.add_column(sa.Column("uses", Text, nullable=False, server_default=""))
    connection = op.get_bind()
    for number, identity in connection.execute(sa.select(_CELLS.c.number, _CELLS.c.identity)).all():
        name, version, uses = trained(identity)
        spec = render(name, identity.get("trainer", {}).get("options", {}))
        values = {"trainer": spec, "trainer_version": version, "uses": uses}
        connection.execute(sa.update(_CELLS).where(_CELLS.c.number == number).values(values))

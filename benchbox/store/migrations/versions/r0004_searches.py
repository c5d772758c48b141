"""What query attacks spent on each example."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from benchbox.store.types import Whole

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table; no cell of before has a row."""
    op.create_table(
        "searches",
        sa.Column("cell", Whole, nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.Column("late", Whole, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["cell"], ["cells.number"], name="fk_searches_cell", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("cell", name="pk_searches"),
    )

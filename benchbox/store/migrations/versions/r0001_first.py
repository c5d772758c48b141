"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from benchbox.store.types import Text, Whole

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables, those first that others refer to."""
    _shared()
    _names()
    _cells()
    _results()
    _notes()
    _claims()


def _shared() -> None:
    op.create_table(
        "environments",
        sa.Column("hash", Text, nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_environments"),
    )
    op.create_table(
        "targets",
        sa.Column("sha256", Text, nullable=False),
        sa.Column("name", Text, nullable=False),
        sa.Column("dataset", Text, nullable=False),
        sa.Column("dataset_hash", Text, nullable=False),
        sa.Column("model", Text, nullable=False),
        sa.Column("recipe", sa.JSON(), nullable=False),
        sa.Column("seed", Whole, nullable=False),
        sa.Column("holdout", Whole, nullable=False),
        sa.Column("accuracy", sa.Double(), nullable=False),
        sa.Column("n_test", Whole, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_targets"),
    )
    op.create_table(
        "scenarios",
        sa.Column("number", Whole, nullable=False),
        sa.Column("hash", Text, nullable=False),
        sa.Column("dataset", Text, nullable=False),
        sa.Column("dataset_hash", Text, nullable=False),
        sa.Column("target", Text, nullable=False),
        sa.Column("target_sha256", Text, nullable=False),
        sa.Column("substitute", Text, nullable=False),
        sa.Column("access", Text, nullable=False),
        sa.Column("pool", sa.JSON(), nullable=False),
        sa.Column("identity", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_scenarios"),
        sa.UniqueConstraint("hash", name="uq_scenarios_hash"),
    )
    op.create_table(
        "methods",
        sa.Column("number", Whole, nullable=False),
        sa.Column("kind", Text, nullable=False),
        sa.Column("name", Text, nullable=False),
        sa.Column("version", Whole, nullable=False),
        sa.Column("spec", Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_methods"),
        sa.UniqueConstraint("kind", "name", "version", "spec", name="uq_methods_kind_name_version_spec"),
    )


def _names() -> None:
    op.create_table(
        "metrics",
        sa.Column("number", Whole, nullable=False),
        sa.Column("name", Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_metrics"),
        sa.UniqueConstraint("name", name="uq_metrics_name"),
    )
    op.create_table(
        "attacks",
        sa.Column("number", Whole, nullable=False),
        sa.Column("name", Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_attacks"),
        sa.UniqueConstraint("name", name="uq_attacks_name"),
    )


def _cells() -> None:
    op.create_table(
        "cells",
        sa.Column("number", Whole, nullable=False),
        sa.Column("id", Text, nullable=False),
        sa.Column("scenario", Whole, nullable=False),
        sa.Column("method", Whole, nullable=False),
        sa.Column("seed", Whole, nullable=False),
        sa.Column("privileged", sa.Boolean(), nullable=False),
        sa.Column("identity", sa.JSON(), nullable=False),
        sa.Column("package", Text, nullable=False),
        sa.Column("package_version", Text, nullable=False),
        sa.Column("status", Text, nullable=True),
        sa.Column("error", Text, nullable=False),
        sa.Column("traceback", Text, nullable=False),
        sa.Column("timings", sa.JSON(), nullable=False),
        sa.Column("environment", Text, nullable=True),
        sa.Column("started", Text, nullable=False),
        sa.Column("finished", Text, nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("spent", Whole, nullable=False),
        sa.ForeignKeyConstraint(["environment"], ["environments.hash"], name="fk_cells_environment"),
        sa.ForeignKeyConstraint(["method"], ["methods.number"], name="fk_cells_method"),
        sa.ForeignKeyConstraint(["scenario"], ["scenarios.number"], name="fk_cells_scenario"),
        sa.PrimaryKeyConstraint("number", name="pk_cells"),
        sa.UniqueConstraint("id", name="uq_cells_id"),
    )
    op.create_index("ix_cells_method", "cells", ["method"])
    op.create_index("ix_cells_scenario", "cells", ["scenario"])
    op.create_table(
        "suite_cells",
        sa.Column("suite", Text, nullable=False),
        sa.Column("dataset", Text, nullable=False),
        sa.Column("scenario", Text, nullable=False),
        sa.Column("label", Text, nullable=False),
        sa.Column("seed", Whole, nullable=False),
        sa.Column("position", Whole, nullable=False),
        sa.Column("cell", Whole, nullable=False),
        sa.ForeignKeyConstraint(["cell"], ["cells.number"], name="fk_suite_cells_cell", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("suite", "dataset", "scenario", "label", "seed", name="pk_suite_cells"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_suite_cells_cell", "suite_cells", ["cell"])


def _results() -> None:
    op.create_table(
        "measurements",
        sa.Column("cell", Whole, nullable=False),
        sa.Column("metric", Whole, nullable=False),
        sa.Column("attack", Whole, nullable=False),
        sa.Column("budget", Whole, nullable=False),
        sa.Column("spent", Whole, nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("n", Whole, nullable=False),
        sa.ForeignKeyConstraint(["attack"], ["attacks.number"], name="fk_measurements_attack"),
        sa.ForeignKeyConstraint(["cell"], ["cells.number"], name="fk_measurements_cell", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["metric"], ["metrics.number"], name="fk_measurements_metric"),
        sa.PrimaryKeyConstraint("cell", "metric", "attack", "budget", "spent", name="pk_measurements"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "confusions",
        sa.Column("cell", Whole, nullable=False),
        sa.Column("attack", Whole, nullable=False),
        sa.Column("budget", Whole, nullable=False),
        sa.Column("matrix", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["attack"], ["attacks.number"], name="fk_confusions_attack"),
        sa.ForeignKeyConstraint(["cell"], ["cells.number"], name="fk_confusions_cell", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("cell", "attack", "budget", name="pk_confusions"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger",
        sa.Column("cell", Whole, nullable=False),
        sa.Column("budget", Whole, nullable=False),
        sa.Column("phase", Text, nullable=False),
        sa.Column("queries", Whole, nullable=False),
        sa.Column("clipped", Whole, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["cell"], ["cells.number"], name="fk_ledger_cell", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("cell", "budget", "phase", name="pk_ledger"),
        sqlite_with_rowid=False,
    )


def _notes() -> None:
    op.create_table(
        "diagnostics",
        sa.Column("cell", Whole, nullable=False),
        sa.Column("name", Text, nullable=False),
        sa.Column("points", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["cell"], ["cells.number"], name="fk_diagnostics_cell", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("cell", "name", name="pk_diagnostics"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pictures",
        sa.Column("cell", Whole, nullable=False),
        sa.Column("name", Text, nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["cell"], ["cells.number"], name="fk_pictures_cell", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("cell", "name", name="pk_pictures"),
    )


def _claims() -> None:
    op.create_table(
        "claims",
        sa.Column("cell_id", Text, nullable=False),
        sa.Column("owner", Text, nullable=False),
        sa.Column("host", Text, nullable=False),
        sa.Column("pid", Whole, nullable=False),
        sa.Column("heartbeat", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("cell_id", name="pk_claims"),
    )
    op.create_index("ix_claims_owner", "claims", ["owner"])

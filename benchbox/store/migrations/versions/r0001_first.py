"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

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
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_environments"),
    )
    op.create_table(
        "targets",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("dataset_hash", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("recipe", sa.JSON(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("holdout", sa.Integer(), nullable=False),
        sa.Column("accuracy", sa.Double(), nullable=False),
        sa.Column("n_test", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_targets"),
    )
    op.create_table(
        "scenarios",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("dataset_hash", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("target_sha256", sa.String(), nullable=False),
        sa.Column("substitute", sa.String(), nullable=False),
        sa.Column("access", sa.String(), nullable=False),
        sa.Column("pool", sa.JSON(), nullable=False),
        sa.Column("identity", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_scenarios"),
        sa.UniqueConstraint("hash", name="uq_scenarios_hash"),
    )
    op.create_table(
        "methods",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("spec", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_methods"),
        sa.UniqueConstraint("kind", "name", "version", "spec", name="uq_methods_kind_name_version_spec"),
    )


def _names() -> None:
    op.create_table(
        "metrics",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_metrics"),
        sa.UniqueConstraint("name", name="uq_metrics_name"),
    )
    op.create_table(
        "attacks",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_attacks"),
        sa.UniqueConstraint("name", name="uq_attacks_name"),
    )


def _cells() -> None:
    op.create_table(
        "cells",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scenario", sa.Integer(), nullable=False),
        sa.Column("method", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("privileged", sa.Boolean(), nullable=False),
        sa.Column("identity", sa.JSON(), nullable=False),
        sa.Column("package", sa.String(), nullable=False),
        sa.Column("package_version", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("traceback", sa.String(), nullable=False),
        sa.Column("timings", sa.JSON(), nullable=False),
        sa.Column("environment", sa.String(), nullable=True),
        sa.Column("started", sa.String(), nullable=False),
        sa.Column("finished", sa.String(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("spent", sa.Integer(), nullable=False),
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
        sa.Column("suite", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("scenario", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("cell", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cell"], ["cells.number"], name="fk_suite_cells_cell", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("suite", "dataset", "scenario", "label", "seed", name="pk_suite_cells"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_suite_cells_cell", "suite_cells", ["cell"])


def _results() -> None:
    op.create_table(
        "measurements",
        sa.Column("cell", sa.Integer(), nullable=False),
        sa.Column("metric", sa.Integer(), nullable=False),
        sa.Column("attack", sa.Integer(), nullable=False),
        sa.Column("budget", sa.Integer(), nullable=False),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["attack"], ["attacks.number"], name="fk_measurements_attack"),
        sa.ForeignKeyConstraint(["cell"], ["cells.number"], name="fk_measurements_cell", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["metric"], ["metrics.number"], name="fk_measurements_metric"),
        sa.PrimaryKeyConstraint("cell", "metric", "attack", "budget", "spent", name="pk_measurements"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "confusions",
        sa.Column("cell", sa.Integer(), nullable=False),
        sa.Column("attack", sa.Integer(), nullable=False),
        sa.Column("budget", sa.Integer(), nullable=False),
        sa.Column("matrix", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["attack"], ["attacks.number"], name="fk_confusions_attack"),
        sa.ForeignKeyConstraint(["cell"], ["cells.number"], name="fk_confusions_cell", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("cell", "attack", "budget", name="pk_confusions"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger",
        sa.Column("cell", sa.Integer(), nullable=False),
        sa.Column("budget", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("queries", sa.Integer(), nullable=False),
        sa.Column("clipped", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["cell"], ["cells.number"], name="fk_ledger_cell", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("cell", "budget", "phase", name="pk_ledger"),
        sqlite_with_rowid=False,
    )


def _notes() -> None:
    op.create_table(
        "diagnostics",
        sa.Column("cell", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("points", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["cell"], ["cells.number"], name="fk_diagnostics_cell", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("cell", "name", name="pk_diagnostics"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pictures",
        sa.Column("cell", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["cell"], ["cells.number"], name="fk_pictures_cell", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("cell", "name", name="pk_pictures"),
    )


def _claims() -> None:
    op.create_table(
        "claims",
        sa.Column("cell_id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("heartbeat", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("cell_id", name="pk_claims"),
    )
    op.create_index("ix_claims_owner", "claims", ["owner"])

"""The tables. Rows that come by the thousand refer to integer keys, and lie in the order in which queries read them."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKey, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from benchbox.store.types import Hex, PackedJSON, Text, Whole

VERSIONS = "alembic_version"
"""The table that says which revision of the schema a store has."""
_CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}  # rows lie in the order of their primary key, stored once


class Base(DeclarativeBase):
    """Names every constraint, so that a migration can address each."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {str: Text, int: Whole}


def _cell_key() -> Mapped[int]:
    return mapped_column("cell", ForeignKey("cells.number", ondelete="CASCADE"), primary_key=True)


class EnvironmentRow(Base):
    """Versions, processor, threads and device; equal environments are one row."""

    __tablename__ = "environments"
    hash: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)


class TargetRow(Base):
    """A target that a stored cell attacked, as its manifest describes it."""

    __tablename__ = "targets"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    dataset: Mapped[str]
    dataset_hash: Mapped[str]
    model: Mapped[str]
    recipe: Mapped[Any] = mapped_column(JSON)
    seed: Mapped[int]
    holdout: Mapped[int]
    accuracy: Mapped[float]
    n_test: Mapped[int]


class ScenarioRow(Base):
    """The rules that many cells share: the scenario's part of their identities, once."""

    __tablename__ = "scenarios"
    number: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(unique=True)
    dataset: Mapped[str]
    dataset_hash: Mapped[str]
    target: Mapped[str]
    target_sha256: Mapped[str]
    substitute: Mapped[str]
    access: Mapped[str]
    pool: Mapped[Any] = mapped_column(JSON)
    identity: Mapped[dict[str, Any]] = mapped_column(JSON)


class MethodRow(Base):
    """A method with its options; ``spec`` shows them, the cell's identity holds them in full."""

    __tablename__ = "methods"
    __table_args__ = (UniqueConstraint("kind", "name", "version", "spec"),)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    version: Mapped[int]
    spec: Mapped[str]


class CellRow(Base):
    """A cell, and how it ended; ``status`` is null until it has a result.

    ``sealed`` is null where nobody recorded it. ``identity`` is the cell's identity without its ``scenario``, which is the
    scenario's row. ``trainer`` is a spec as the method's is, empty where the method makes its own substitutes; ``uses`` names
    the scenario's grants that the line-up uses, by commas.
    """

    __tablename__ = "cells"
    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    scenario_number: Mapped[int] = mapped_column("scenario", ForeignKey("scenarios.number"), index=True)
    method_number: Mapped[int] = mapped_column("method", ForeignKey("methods.number"), index=True)
    seed: Mapped[int]
    privileged: Mapped[bool]
    trainer: Mapped[str] = mapped_column(default="")
    trainer_version: Mapped[int] = mapped_column(default=0)
    uses: Mapped[str] = mapped_column(default="")
    identity: Mapped[dict[str, Any]] = mapped_column(JSON)
    package: Mapped[str] = mapped_column(default="")
    package_version: Mapped[str] = mapped_column(default="")
    status: Mapped[str | None]
    error: Mapped[str] = mapped_column(default="")
    traceback: Mapped[str] = mapped_column(default="")
    timings: Mapped[dict[str, float]] = mapped_column(JSON, default=dict)
    environment: Mapped[str | None] = mapped_column(ForeignKey("environments.hash"))
    started: Mapped[str] = mapped_column(default="")
    finished: Mapped[str] = mapped_column(default="")
    seconds: Mapped[float | None]
    spent: Mapped[int] = mapped_column(default=0)
    sealed: Mapped[str | None]
    output: Mapped[str] = mapped_column(default="")
    sources: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)

    scenario: Mapped[ScenarioRow] = relationship(lazy="joined")
    method: Mapped[MethodRow] = relationship(lazy="joined")


class SuiteCellRow(Base):
    """A place in a suite and the cell that stands there now. A cell may stand in several suites."""

    __tablename__ = "suite_cells"
    __table_args__ = _CLUSTERED
    suite: Mapped[str] = mapped_column(primary_key=True)
    dataset: Mapped[str] = mapped_column(primary_key=True)
    scenario: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    seed: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    cell: Mapped[int] = mapped_column(ForeignKey("cells.number", ondelete="CASCADE"), index=True)


class MetricRow(Base):
    """The name of a metric, once."""

    __tablename__ = "metrics"
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class AttackRow(Base):
    """An attack plan under its label, once; the row with an empty label and hash stands for the substitute itself.

    ``hash`` is that of the plan's identity; of a label whose plan nobody knows, the label's. ``images`` is null where all are
    attacked, ``norm`` and ``radius`` where the scenario states no threat.
    """

    __tablename__ = "attacks"
    __table_args__ = (UniqueConstraint("hash", "name"),)
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    hash: Mapped[str] = mapped_column(default="")
    goal: Mapped[str] = mapped_column(default="")
    at: Mapped[str] = mapped_column(default="")
    images: Mapped[int | None]
    definitions: Mapped[list[str]] = mapped_column(JSON, default=list)
    norm: Mapped[str | None]
    radius: Mapped[float | None]


class MeasurementRow(Base):
    """One number of a cell."""

    __tablename__ = "measurements"
    __table_args__ = _CLUSTERED
    cell: Mapped[int] = _cell_key()
    metric: Mapped[int] = mapped_column(ForeignKey("metrics.number"), primary_key=True)
    attack: Mapped[int] = mapped_column(ForeignKey("attacks.number"), primary_key=True)
    budget: Mapped[int] = mapped_column(primary_key=True)
    spent: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[float | None]
    n: Mapped[int]


class ConfusionRow(Base):
    """A confusion matrix."""

    __tablename__ = "confusions"
    __table_args__ = _CLUSTERED
    cell: Mapped[int] = _cell_key()
    attack: Mapped[int] = mapped_column(ForeignKey("attacks.number"), primary_key=True)
    budget: Mapped[int] = mapped_column(primary_key=True)
    matrix: Mapped[list[list[int]]] = mapped_column(PackedJSON)


class QueriesRow(Base):
    """The oracle's ledger: a row a phase and budget point."""

    __tablename__ = "ledger"
    __table_args__ = _CLUSTERED
    cell: Mapped[int] = _cell_key()
    budget: Mapped[int] = mapped_column(primary_key=True)
    phase: Mapped[str] = mapped_column(primary_key=True)
    queries: Mapped[int]
    clipped: Mapped[int]
    digest: Mapped[str] = mapped_column(Hex)


class DiagnosticRow(Base):
    """A method's notes of one name: ``points`` is a list of ``[spent, value]``."""

    __tablename__ = "diagnostics"
    __table_args__ = _CLUSTERED
    cell: Mapped[int] = _cell_key()
    name: Mapped[str] = mapped_column(primary_key=True)
    points: Mapped[list[tuple[int, float]]] = mapped_column(PackedJSON)


class PictureRow(Base):
    """A PNG that a method kept."""

    __tablename__ = "pictures"
    cell: Mapped[int] = _cell_key()
    name: Mapped[str] = mapped_column(primary_key=True)
    png: Mapped[bytes]


class SearchesRow(Base):
    """What a query attack spent on each example: ``counts`` holds a list a column, as ``benchbox.records.Searches``."""

    __tablename__ = "searches"
    cell: Mapped[int] = _cell_key()
    counts: Mapped[dict[str, list[Any]]] = mapped_column(PackedJSON)
    late: Mapped[int]
    digest: Mapped[str] = mapped_column(Hex)


class ClaimRow(Base):
    """Who is running a cell now; ``heartbeat`` in seconds since 1970."""

    __tablename__ = "claims"
    cell_id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(index=True)
    host: Mapped[str]
    pid: Mapped[int]
    heartbeat: Mapped[float]

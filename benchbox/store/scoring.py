"""Which results were scored under an older version than others of their scenario, and so stand in no table with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Alias, ColumnElement, String, Subquery, and_, case, cast, func, literal, select

from benchbox.records import Status
from benchbox.store.models import CellRow, SuiteCellRow

SUPERSEDED = "superseded"
"""The status of a result that an older scoring gave, where its scenario has results of a newer one."""

GROUP = ("suite", "dataset", "scenario")
"""What tables set side by side: the places of one scenario of a suite on one data set."""


def scoring_version(identity: Any) -> ColumnElement[int]:
    """Return the scoring version that a cell's identity holds, as an expression."""
    found: ColumnElement[int] = identity["scoring_version"].as_integer()
    return found


def mixed_scorings(conditions: Iterable[ColumnElement[bool]] = ()) -> Subquery:
    """Select the groups that hold results of several scoring versions, and the newest of these.

    Args:
        conditions: on ``SuiteCellRow``: which places to look at. They must take in whole groups.
    """
    version = scoring_version(CellRow.identity)
    group = [getattr(SuiteCellRow, name) for name in GROUP]
    return (
        select(*group, func.max(version).label("newest"))
        .join(CellRow, CellRow.number == SuiteCellRow.cell)
        .where(CellRow.status == Status.DONE, *conditions)
        .group_by(*group)
        .subquery("mixed")
    )


def is_superseded(mixed: Alias | Subquery) -> ColumnElement[bool]:
    """Whether a cell's result is older than its group's newest."""
    return and_(CellRow.status.is_not(None), scoring_version(CellRow.identity) < mixed.c.newest)


def superseded_error(mixed: Alias | Subquery) -> ColumnElement[str]:
    """Return what a superseded cell says in place of an error, else its error."""
    own, newest = (cast(number, String) for number in (scoring_version(CellRow.identity), mixed.c.newest))
    said = literal("scored under version ") + own + ", others of its scenario under " + newest + ": run it again"
    return case((is_superseded(mixed), said), else_=CellRow.error)

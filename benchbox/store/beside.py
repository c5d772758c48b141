"""Somebody's results beside published ones, in a store of their own: both are left as they are."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from benchbox.store.merging import merge
from benchbox.store.models import CellRow, ScenarioRow, SuiteCellRow
from benchbox.store.store import Store

_FEWER = re.compile(r"(.+)\[budgets=[0-9+]+\]")
"""What a suite is called that was played with other budgets, and otherwise as it is."""


def put_beside(into: Store, public: Store, mine: Store) -> None:
    """Fill an empty store with published results, and with others beside them.

    Where both hold a cell or a place, the published one stays. What was played with some of a suite's budgets, as of
    ``label-only[budgets=50+100]``, stands in the suite itself too, wherever nobody of its label stands there; of a method and
    seed that were played under several choices, the one with most budgets.

    Args:
        into: what is filled.
        public: the published results.
        mine: the others.

    Raises:
        StoreError: a store cannot be read, or holds what cannot be.
    """
    merge(into, public)
    merge(into, mine, keep_mine=True)
    with into.writing() as session:
        new = _places(session)
        if new:
            session.execute(insert(SuiteCellRow), new)


def _places(session: Session) -> list[dict[str, Any]]:
    """Return the places in whole suites of what was played with some of their budgets."""
    query = select(SuiteCellRow, ScenarioRow.identity).join(CellRow, CellRow.number == SuiteCellRow.cell)
    rows = session.execute(
        query.join(ScenarioRow, ScenarioRow.number == CellRow.scenario_number).order_by(SuiteCellRow.suite)
    ).all()
    whole: dict[tuple[str, str, str], set[int]] = {}
    for row, identity in rows:
        whole.setdefault((row.suite, row.dataset, row.scenario), set()).update(identity["budgets"])
    taken = {(row.suite, row.dataset, row.scenario, row.label) for row, _ in rows}
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row, identity in sorted(rows, key=lambda each: len(each[1]["budgets"])):  # of one place, the most come last
        narrowed = _FEWER.fullmatch(row.suite)
        game = (narrowed[1], row.dataset, row.scenario) if narrowed else None
        if game in whole and set(identity["budgets"]) <= whole[game] and (*game, row.label) not in taken:
            names = dict(zip(("suite", "dataset", "scenario"), game, strict=True))
            own = {"label": row.label, "seed": row.seed, "position": row.position, "cell": row.cell}
            found[*game, row.label, row.seed] = names | own
    return list(found.values())

"""How far players were sealed, what they printed, whose source they were; attacks by the hash of their plan."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from benchbox.store.types import Text, Whole

revision = "0002"
down_revision = "0001"

_LABEL = re.compile(r"(?P<name>[^\[ ]+)(?:\[(?P<options>.*)\])? (?P<goal>untargeted|others|class:\d+)")
_COLUMNS: list[sa.ColumnClause[Any]] = [sa.column(name) for name in ("number", "name", "hash", "goal", "images", "at")]
_ATTACKS = sa.table("attacks", *_COLUMNS, sa.column("definitions", sa.JSON()))
_CELLS = sa.table("cells", sa.column("number"), sa.column("scenario"))
_SCENARIOS = sa.table("scenarios", sa.column("number"), sa.column("identity", sa.JSON()))
_PARTS = [sa.table(name, sa.column("cell"), sa.column("attack")) for name in ("measurements", "confusions")]


def upgrade() -> None:
    """Add the columns, and fill those of attacks from the scenarios in which they were made."""
    with op.batch_alter_table("cells") as batch:
        batch.add_column(sa.Column("sealed", Text, nullable=True))  # null: nobody recorded it
        batch.add_column(sa.Column("output", Text, nullable=False, server_default=""))
        batch.add_column(sa.Column("sources", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("attacks") as batch:
        for name in ("hash", "goal", "at"):
            batch.add_column(sa.Column(name, Text, nullable=False, server_default=""))
        batch.add_column(sa.Column("images", Whole, nullable=True))
        batch.add_column(sa.Column("definitions", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("norm", Text, nullable=True))
        batch.add_column(sa.Column("radius", sa.Double(), nullable=True))
        batch.drop_constraint("uq_attacks_name", type_="unique")
        batch.create_unique_constraint("uq_attacks_hash_name", ["hash", "name"])
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    """Tell every attack's row its plan; a label that stood for several plans gets a row for each."""
    used = _used(connection)
    identities = {number: identity for number, identity in connection.execute(sa.select(_SCENARIOS))}  # noqa: C416
    taken: dict[int, str] = {}
    rows: dict[tuple[int, str], int] = {}
    for scenario, labels in sorted(used.items()):
        plans = matched(list(labels.values()), identities[scenario].get("attacks", []))
        for number, label in sorted(labels.items()):
            values = _values(label, plans.get(label))
            key = number, values["hash"]
            if number not in taken:
                taken[number], rows[key] = values["hash"], number
                connection.execute(sa.update(_ATTACKS).where(_ATTACKS.c.number == number).values(values))
            elif key not in rows:
                rows[key] = connection.execute(sa.select(sa.func.max(_ATTACKS.c.number) + 1)).scalar_one()
                connection.execute(sa.insert(_ATTACKS).values(number=rows[key], name=label, **values))
            if rows[key] != number:
                _move(connection, scenario, number, rows[key])
    rest = sa.select(_ATTACKS.c.number, _ATTACKS.c.name).where(_ATTACKS.c.name != "", _ATTACKS.c.hash == "")
    for number, label in connection.execute(rest).all():
        connection.execute(sa.update(_ATTACKS).where(_ATTACKS.c.number == number).values(_values(label, None)))


def _used(connection: sa.Connection) -> dict[int, dict[int, str]]:
    """Return by scenario the attacks that its cells made: label by number."""
    found: dict[int, dict[int, str]] = {}
    for part in _PARTS:
        query = (
            sa.select(_CELLS.c.scenario, _ATTACKS.c.number, _ATTACKS.c.name)
            .select_from(part.join(_CELLS, _CELLS.c.number == part.c.cell))
            .join(_ATTACKS, _ATTACKS.c.number == part.c.attack)
            .where(_ATTACKS.c.name != "")
            .distinct()
        )
        for scenario, number, label in connection.execute(query):
            found.setdefault(scenario, {})[number] = label
    return found


def _move(connection: sa.Connection, scenario: int, old: int, new: int) -> None:
    mine = sa.select(_CELLS.c.number).where(_CELLS.c.scenario == scenario)
    for part in _PARTS:
        connection.execute(sa.update(part).where(part.c.attack == old, part.c.cell.in_(mine)).values(attack=new))


def _values(label: str, plan: dict[str, Any] | None) -> dict[str, Any]:
    """Return the columns of an attack: of its plan, or where that is not known, what the label alone says."""
    if plan is None:
        goal = found["goal"] if (found := _LABEL.fullmatch(label)) else ""
        return {"hash": _digest(label), "goal": goal, "images": None, "at": "", "definitions": []}
    about = {key: plan[key] for key in ("goal", "images", "at")}
    return {"hash": _digest(plan), "definitions": plan["success"], **about}


def _digest(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:16]


def matched(labels: list[str], plans: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the plan of each label of one scenario.

    A label states the options that differ from their defaults, a plan all of them. So the label with the most options chooses
    first, and what is left is that of the plainer ones.
    """
    left = list(plans)
    found: dict[str, dict[str, Any]] = {}
    for label in sorted(labels, key=lambda text: (-len(_stated(text)), text)):
        said = _LABEL.fullmatch(label)
        fitting = [plan for plan in left if said and _fits(plan, said["name"], said["goal"], _stated(label))]
        if fitting:
            found[label] = fitting[0]
            left.remove(fitting[0])
    return found


def _fits(plan: dict[str, Any], name: str, goal: str, stated: dict[str, str]) -> bool:
    options = {key: v if isinstance(v, str) else json.dumps(v) for key, v in plan["attack"]["options"].items()}
    same = plan["attack"]["name"] == name and plan["goal"] == goal
    return same and all(options.get(key) == value for key, value in stated.items())


def _stated(label: str) -> dict[str, str]:
    said = _LABEL.fullmatch(label)
    return dict(_options((said and said["options"]) or ""))


def _options(text: str) -> Iterator[tuple[str, str]]:
    """Yield name and value of ``a=1,b=x[c=2,d=3]``: a comma within brackets belongs to a value."""
    depth, part = 0, ""
    for char in f"{text},":
        depth += (char in "[(") - (char in "])")
        if char != "," or depth:
            part += char
        elif part:
            key, _, value = part.partition("=")
            yield key.strip(), value.strip()
            part = ""

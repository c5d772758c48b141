"""The upgrade from the first schema: what an old store says of its attacks, and that no number is lost."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from benchbox.store import NOT_RECORDED, Store, schema, upgrade
from benchbox.store.models import AttackRow


def plan(name: str, at: str = "every", goal: str = "untargeted", **options: Any) -> dict[str, Any]:
    attack = {"kind": "attack", "name": name, "options": options, "version": 1}
    return {"attack": attack, "goal": goal, "success": [f"asr_{at}"], "images": 9, "at": at}


SCENARIOS = {
    1: [plan("pgd", steps=5, eps=0.25), plan("pgd", "last", steps=40, eps=0.25)],
    2: [plan("pgd", "last", steps=5, eps=0.25), plan("fgsm", goal="class:1", norm="inf")],
}
MADE = {1: ["pgd untargeted", "pgd[steps=40] untargeted"], 2: ["pgd untargeted", "fgsm class:1", "gone untargeted"]}
"""The labels of what was made in each scenario; the last is of no plan that anybody knows."""


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of the first schema, with a cell a scenario."""
    path, folder = tmp_path / "old.db", tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__", "r000[2-9]*"))
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", folder)
        patch.setattr(schema, "HEAD", "0001")
        schema.ready(path, create=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        _fill(connection)
    return path


def _fill(connection: sqlite3.Connection) -> None:
    labels = ["", *dict.fromkeys(label for made in MADE.values() for label in made)]
    connection.executemany("INSERT INTO attacks VALUES (?, ?)", enumerate(labels, 1))
    connection.execute("INSERT INTO metrics VALUES (1, 'asr_untargeted')")
    connection.execute("INSERT INTO methods VALUES (1, 'selector', 'random', 1, 'random')")
    for number, plans in SCENARIOS.items():
        identity = json.dumps({"attacks": plans, "budgets": [5]})
        row = (number, f"h{number}", "digits", "d", "t", "f", "lenet5", "label", "null", identity)
        connection.execute(f"INSERT INTO scenarios VALUES ({', '.join('?' * len(row))})", row)
        cell = (number, f"cell{number}", number, 1, 0, 0, '{"scoring_version": 2}', "", "", "done", "", "", "{}")
        more = (None, "", "", None, 0)
        connection.execute(f"INSERT INTO cells VALUES ({', '.join('?' * 18)})", (*cell, *more))
        for i, label in enumerate(MADE[number]):
            value = number + i / 10
            of = (number, 1, labels.index(label) + 1, 5, 5, value, 9)
            connection.execute("INSERT INTO measurements VALUES (?, ?, ?, ?, ?, ?, ?)", of)


def test_every_number_stays_with_its_label(old: Path) -> None:
    upgrade(old)
    with Store.open(old) as store:
        found = store.measurements()
    said = [(c, a, v) for c, a, v in zip(found.cell, found.attack, found.value, strict=True)]
    expected = [(f"cell{n}", label, n + i / 10) for n, made in MADE.items() for i, label in enumerate(made)]
    assert sorted(said) == sorted(expected)


def test_one_label_of_two_plans_becomes_two_attacks(old: Path) -> None:
    upgrade(old)
    with Store.open(old) as store, store.reading() as session:
        rows = session.scalars(select(AttackRow)).all()
        told = {(row.name, row.goal, row.at, row.images, *row.definitions) for row in rows}
        hashes = [row.hash for row in rows]
    assert told == {
        ("", "", "", None),
        ("pgd untargeted", "untargeted", "every", 9, "asr_every"),
        ("pgd untargeted", "untargeted", "last", 9, "asr_last"),
        ("pgd[steps=40] untargeted", "untargeted", "last", 9, "asr_last"),
        ("fgsm class:1", "class:1", "every", 9, "asr_every"),
        ("gone untargeted", "untargeted", "", None),
    }
    assert len(set(hashes)) == len(hashes)


def test_what_nobody_recorded_is_said_to_be_so(old: Path) -> None:
    upgrade(old)
    with Store.open(old) as store:
        assert store.cells().sealed.tolist() == [NOT_RECORDED] * 2
        assert store.sources(["cell1"]) == {"cell1": {}}
        result = store.cell("cell1").result
    assert result is not None
    assert (result.sealed, result.output, result.sources) == (None, "", {})

"""The upgrade from the first schema: what an old store says of its attacks and trainers, and that no number is lost."""

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
from benchbox.store.dialects import dialect_of
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

METHODS: list[tuple[str, str, dict[str, Any], str]] = [
    ("selector", "random", {}, ""),
    ("selector", "random-stratified", {}, "labels"),
    ("selector", "drmi", {"stratify": "label"}, "labels"),
    ("selector", "drmi", {"stratify": "none"}, ""),
    ("selector", "trace", {"neurons": "proxy"}, "labels"),
    ("selector", "trace", {"neurons": "target"}, ""),
    ("selector", "k-centre", {"space": "substitute"}, "labels"),
    ("selector", "cpb", {"rule": "lcp"}, "labels"),
    ("selector", "mine", {"stratify": "label"}, ""),
    ("generator", "mega", {}, ""),
]
"""Kind, name and options of methods, and what each used before it had to say so. The first two play in ``SCENARIOS``."""


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of the first schema, with a cell a method; the first two have a result, each in a scenario of its own."""
    path, folder = tmp_path / "old.db", tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__", "r000[2-9]*"))
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", folder)
        patch.setattr(schema, "HEAD", "0001")
        schema.ready(dialect_of(path), create=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        _fill(connection)
    return path


def _fill(connection: sqlite3.Connection) -> None:
    labels = ["", *dict.fromkeys(label for made in MADE.values() for label in made)]
    connection.executemany("INSERT INTO attacks VALUES (?, ?)", enumerate(labels, 1))
    connection.execute("INSERT INTO metrics VALUES (1, 'asr_untargeted')")
    for number, plans in SCENARIOS.items():
        identity = json.dumps({"attacks": plans, "budgets": [5]})
        row = (number, f"h{number}", "digits", "d", "t", "f", "lenet5", "label", "null", identity)
        connection.execute(f"INSERT INTO scenarios VALUES ({', '.join('?' * len(row))})", row)
    for number, (kind, name, options, _) in enumerate(METHODS, 1):
        _put_cell(connection, number, {"kind": kind, "name": name, "options": options, "version": 1})
    for number, made in MADE.items():
        for i, label in enumerate(made):
            value = (number + i / 10) / 100
            of = (number, 1, labels.index(label) + 1, 5, 5, value, 9)
            connection.execute("INSERT INTO measurements VALUES (?, ?, ?, ?, ?, ?, ?)", of)


def _put_cell(connection: sqlite3.Connection, number: int, method: dict[str, Any]) -> None:
    row = (number, method["kind"], method["name"], 1, f"{method['name']}[{number}]")
    connection.execute("INSERT INTO methods VALUES (?, ?, ?, ?, ?)", row)
    scenario, status = (number, "done") if number in SCENARIOS else (1, None)
    identity = json.dumps({"scoring_version": 2, "method": method})
    cell = (
        number,
        f"cell{number}",
        scenario,
        number,
        0,
        0,
        identity,
        "",
        "",
        status,
        "",
        "",
        "{}",
        None,
        "",
        "",
        None,
        0,
    )
    connection.execute(f"INSERT INTO cells VALUES ({', '.join('?' * len(cell))})", cell)


def test_every_number_stays_with_its_label(old: Path) -> None:
    upgrade(old)
    with Store.open(old) as store:
        found = store.measurements()
    said = [(c, a, v) for c, a, v in zip(found.cell, found.attack, found.value, strict=True)]
    expected = [(f"cell{n}", label, (n + i / 10) / 100) for n, made in MADE.items() for i, label in enumerate(made)]
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
        assert store.cells(status="done").sealed.tolist() == [NOT_RECORDED] * 2
        assert store.sources(["cell2"]) == {"cell2": {}}
        result = store.cell("cell2").result
    assert result is not None
    assert (result.sealed, result.output, result.sources) == (None, "", {})


def test_who_trained_and_what_was_used_follows_from_method_and_options(old: Path) -> None:
    upgrade(old)
    with Store.open(old) as store:
        found = store.cells().set_index("cell")
    for number, (kind, name, options, uses) in enumerate(METHODS, 1):
        row = found.loc[f"cell{number}"]
        trained = ("standard", 1) if kind == "selector" else ("", 0)
        assert (row.trainer, row.trainer_version, row.uses) == (*trained, uses), (name, options)


def test_a_trainer_that_an_identity_names_is_told_with_all_its_options(old: Path) -> None:
    """Between two releases stores of the second schema held such identities."""
    trainer = {"kind": "trainer", "name": "poisson", "options": {"rate": 0.5, "k": 3}, "version": 4}
    with closing(sqlite3.connect(old)) as connection, connection:
        change = (
            "UPDATE cells SET identity = json_set(identity, '$.trainer', json(?), '$.uses', json('[\"unlabelled\"]'))"
        )
        connection.execute(change, [json.dumps(trainer)])
    upgrade(old)
    with Store.open(old) as store:
        row = store.cells().iloc[0]
    assert (row.trainer, row.trainer_version, row.uses) == ("poisson[k=3,rate=0.5]", 4, "unlabelled")

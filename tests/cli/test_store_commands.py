"""``results``, ``show``, ``merge`` and ``db upgrade``, through the command line."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import shlex
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from postgres_server import PASSWORD, new_schema

from benchbox.cli import main
from benchbox.contracts import Grant
from benchbox.records import Measurement, Status
from benchbox.seeds import stream_seed
from benchbox.store import Store, schema
from benchbox.store.dialects import dialect_of

sys.path.append(str(Path(__file__).parent.parent / "store"))
from store_samples import TARGET, Row, cell, done, failed, ref


def run(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


@pytest.fixture
def db(tmp_path: Path) -> Path:
    store = Store.open(tmp_path / "results.db")
    good = [cell(seed=seed, method=method) for method in ("random", "drmi") for seed in (0, 1)]
    bad = cell(seed=2)
    store.enrol("label-only", [Row(c, label=c.method.name, position=c.method.name == "drmi") for c in [*good, bad]])
    for i, played in enumerate(good):
        store.record(played, done(played, accuracy=0.5 + i / 10), TARGET, "benchbox", "0.1.0")
    store.record(bad, failed(bad))
    return store.address.file


def _csv(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.stderr
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_results_prints_a_line_a_measurement_and_the_failures(db: Path) -> None:
    lines = run("results", "--db", db).stdout.splitlines()
    assert len(lines) == 1 + 4 * 4 + 1
    assert lines[0].split()[:4] == ["cell", "suite", "dataset", "scenario"]
    assert "0.5000" in lines[1]
    (bad,) = [line for line in lines if "failed" in line]
    assert bad.endswith("ValueError: no")


def test_results_filters(db: Path) -> None:
    rows = _csv(run("results", "--db", db, "--method", "drmi", "--metric", "accuracy", "--budget", "50,100", "--csv"))
    assert {(row["label"], row["seed"], row["budget"]) for row in rows} == {
        ("drmi", seed, budget) for seed in "01" for budget in ("50", "100")
    }
    assert len(_csv(run("results", "--db", db, "--status", "failed", "--csv"))) == 1
    assert len(_csv(run("results", "--db", f"sqlite:///{db}", "--seed", "1", "--dataset", "digits", "--csv"))) == 8


def test_a_name_that_the_store_holds_is_taken_whole_and_other_text_is_split_at_commas(
    db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    behind = [cell(seed=seed) for seed in (8, 9)]
    with Store.open(db) as store:
        store.enrol("defended", [Row(one, scenario="real data, mad") for one in behind])
        for one in behind:
            store.record(one, done(one), TARGET, "benchbox", "0.1.0")
    for text, cells in (("real data, mad", 2), ("real data\\, mad,real data", 7)):
        found = _csv(run("results", "--db", db, "--scenario", text, "--csv"))
        assert len({row["cell"] for row in found}) == cells
    saved = run("baseline", "save", "b", "--suite", "defended", "--scenario", "real data, mad", "--db", db)
    assert saved.exit_code == 0, saved.stderr


def test_results_leaves_numbers_of_unmeasured_cells_empty(db: Path) -> None:
    rows = _csv(run("results", "--db", db, "--csv"))
    assert (rows[0]["budget"], rows[0]["spent"], rows[0]["n"]) == ("50", "50", "360")
    (bad,) = [row for row in rows if row["status"] == "failed"]
    assert (bad["budget"], bad["value"], bad["n"]) == ("", "", "")


def test_results_tells_and_filters_how_far_players_were_sealed(db: Path) -> None:
    assert {row["sealed"] for row in _csv(run("results", "--db", db, "--status", "done", "--csv"))} == {"process"}
    failures = _csv(run("results", "--db", db, "--sealed", "not recorded", "--csv"))
    assert [row["status"] for row in failures] == ["failed"]
    assert run("results", "--db", db, "--sealed", "sandbox").stderr == "no results\n"
    assert "did you mean 'sandbox'" in run("results", "--db", db, "--sealed", "sandbx").stderr
    assert " process " in run("results", "--db", db).stdout


def test_results_and_show_tell_who_trained_and_what_was_used(db: Path) -> None:
    marked = cell(seed=9, trainer=ref("trainer", "poisson", 3, k=2), uses=(Grant.LABELS, Grant.UNLABELLED))
    with Store.open(db) as store:
        store.record(marked, done(marked))
    for arguments in (["--trainer", "poisson"], ["--trainer", "poisson[k=2]"], ["--uses", "unlabelled"]):
        found = _csv(run("results", "--db", db, *arguments, "--csv"))
        assert {(r["cell"], r["trainer"], r["uses"]) for r in found} == {
            (marked.id, "poisson[k=2]", "labels,unlabelled")
        }
    assert "did you mean 'poisson'" in run("results", "--db", db, "--trainer", "poison").stderr
    assert "did you mean 'labels'" in run("results", "--db", db, "--uses", "label").stderr
    shown = run("show", marked.id, "--db", db).stdout
    assert "selector drmi, version 1, own labels, unlabelled\n  trainer poisson[k=2], version 3\n" in shown
    data = json.loads(run("show", marked.id, "--db", db, "--json").stdout)
    assert (data["trainer"], data["trainer_version"], data["uses"]) == ("poisson[k=2]", 3, "labels,unlabelled")


def test_distances_are_details(db: Path) -> None:
    far = cell(seed=7)
    result = done(far)
    values = {"linf_mean": 0.26, "linf_max": 0.26, "l2_mean": 5.1, "l2_max": 5.3, "l0_mean": 410.0, "l0_max": 784.0}
    attack = "fgsm untargeted"
    result.measurements += [Measurement(name, attack, 100, 100, value, 360) for name, value in values.items()]
    with Store.open(db) as store:
        store.record(far, result)
    assert "linf_max" not in run("results", "--db", db).stdout
    assert "0.2600" in run("results", "--db", db, "--metric", "linf_max").stdout
    assert "linf_max" in run("results", "--db", db, "--csv").stdout
    shown = run("show", far.id, "--db", db).stdout
    line = "fgsm untargeted, 100 queries: L-inf 0.26 (largest 0.26), L2 5.1 (largest 5.3), L0 410 (largest 784) values"
    assert f"\ndistances\n  {line}\n" in shown
    assert "linf_mean" not in shown


def test_show_tells_how_far_the_player_was_sealed_its_source_and_what_it_printed(db: Path) -> None:
    loud = cell(seed=8)
    with Store.open(db) as store:
        store.record(loud, dataclasses.replace(done(loud), output="hello\x1b[2J\u202eworld\nagain\n"))
    shown = run("show", loud.id, "--db", db).stdout
    assert "players were sealed: process" in shown
    assert f"\nsources\n  selector drmi = {'5a' * 32}\n" in shown
    assert "\noutput\n  hello [2J world\n  again\n" in shown
    data = json.loads(run("show", loud.id, "--db", db, "--json").stdout)
    assert (data["result"]["sealed"], data["result"]["sources"]) == ("process", {"selector drmi": "5a" * 32})


def test_results_sorts(db: Path) -> None:
    wanted = ("results", "--db", db, "--metric", "accuracy", "--budget", "50", "--csv")
    assert [row["value"][:3] for row in _csv(run(*wanted, "--sort", "-value"))] == ["0.8", "0.7", "0.6", "0.5"]
    rows = _csv(run(*wanted, "--sort", "seed,-value"))
    assert [(row["seed"], row["label"]) for row in rows] == [
        ("0", "drmi"),
        ("0", "random"),
        ("1", "drmi"),
        ("1", "random"),
    ]


def test_results_as_json_has_null_for_what_was_not_measured(db: Path) -> None:
    rows = json.loads(run("results", "--db", db, "--json", "--metric", "asr_untargeted").stdout)
    assert [row["value"] for row in rows] == [None] * 4
    rows = json.loads(run("results", "--db", db, "--json", "--status", "failed").stdout)
    assert (rows[0]["value"], rows[0]["error"]) == (None, "ValueError: no")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--dataset", "digit"], "there is no dataset 'digit' in '{db}'; did you mean 'digits'?"),
        (["--method", "drni"], "there is no method 'drni' in '{db}'; did you mean 'drmi'?"),
        (["--metric", "acuracy"], "there is no metric 'acuracy' in '{db}'; did you mean 'accuracy'?"),
        (["--status", "fialed"], "there is no status 'fialed' in '{db}'; did you mean 'failed'?"),
        (["--seed", "7"], "there is no seed '7' in '{db}'; known: 0, 1, 2"),
        (["--budget", "7"], "there is no budget '7' in '{db}'; known: 50, 100"),
        (["--budget", "many"], "--budget: 'many' is not a whole number"),
        (["--sort", "valu"], "there is no column 'valu' in --sort; did you mean 'value'?"),
    ],
)
def test_results_names_the_nearest(db: Path, arguments: list[str], sentence: str) -> None:
    result = run("results", "--db", db, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"benchbox: {sentence.format(db=db)}\n"


def test_results_may_be_none(db: Path) -> None:
    result = run("results", "--db", db, "--status", "interrupted")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no results\n")
    assert json.loads(run("results", "--db", db, "--status", "interrupted", "--json").stdout) == []


def test_show_tells_everything(db: Path) -> None:
    played = cell(seed=0)
    result = run("show", played.id[:8], "--db", db)
    assert result.exit_code == 0
    for text in (
        f"cell {played.id}: done",
        "stands in label-only: real data / drmi on digits",
        "selector drmi, version 1, of benchbox 0.1.0",
        "target digits-lenet5, accuracy 0.9700 on 360 test images",
        'scenario.access = "label"',
        'scenario.attacks[0].goal = "untargeted"',
        "method.version = 1",
        f"method = {stream_seed(0, 'method')}",
        "ab" * 32,
        "loss: 2 notes, first 1.5, last 1.25",
        "method = 1.000 s",
        'device = "cpu"',
    ):
        assert text in result.stdout, text


def test_show_prints_the_traceback_of_a_failure(db: Path) -> None:
    assert "Traceback ...\n  ValueError: no" in run("show", cell(seed=2).id, "--db", db).stdout


def test_show_of_a_cell_that_has_not_run(db: Path) -> None:
    Store.open(db).enrol("smoke", [Row(cell(seed=9))])
    result = run("show", cell(seed=9).id, "--db", db)
    assert result.stdout.startswith(f"cell {cell(seed=9).id}: missing")
    assert json.loads(run("show", cell(seed=9).id, "--db", db, "--json").stdout)["result"] is None


def test_show_key_is_what_the_id_hashes(db: Path) -> None:
    played = cell(seed=1)
    assert json.loads(run("show", played.id, "--db", db, "--key").stdout) == played.identity


def test_show_as_json(db: Path) -> None:
    data = json.loads(run("show", cell(seed=1).id, "--db", db, "--json").stdout)
    assert data["target_record"] == TARGET
    assert data["streams"]["suite seed"] == 1
    assert data["result"]["pictures"] == [{"name": "queries", "bytes": 6}]
    assert dataclasses.asdict(done(cell()).ledger[0]) in data["result"]["ledger"]


def test_show_of_an_unknown_cell(db: Path) -> None:
    result = run("show", "zz", "--db", db)
    assert result.exit_code == 2
    assert result.stderr.startswith("benchbox: there is no cell 'zz'; 'benchbox results' lists them")


def test_merge_and_its_conflict(db: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    store = Store.open(other)
    store.record(cell(seed=5), done(cell(seed=5)))
    result = run("merge", other, "--db", db)
    assert result.stdout == f"results taken over from {other}: 1; cells that had nothing to add: 0\n"
    assert len(Store.open(db).cells(seed=5)) == 1
    store.record(cell(seed=0), done(cell(seed=0), accuracy=0.1))
    result = run("merge", other, "--db", db)
    assert result.exit_code == 2
    assert cell(seed=0).id in result.stderr


def test_what_a_failed_cell_had_measured_is_on_no_page(db: Path, tmp_path: Path) -> None:
    partial = dataclasses.replace(done(cell(seed=2), accuracy=0.1234), status=Status.FAILED, error="ValueError: no")
    Store.open(db).record(cell(seed=2), partial)
    assert run("leaderboard", "--db", db, "--out", tmp_path / "out").exit_code == 0
    pages = [path for path in (tmp_path / "out").rglob("*") if path.suffix in (".md", ".csv", ".json", ".svg")]
    assert len(pages) > 3
    for page in pages:
        text = page.read_text()
        assert "0.1234" not in text and "12.3" not in text, page
    assert {row["seed"] for row in _csv(run("results", "--db", db, "--csv")) if row["value"]} == {"0", "1"}
    assert "0.1234" in run("show", cell(seed=2).id, "--db", db).stdout


def test_merge_takes_several_stores(db: Path, tmp_path: Path) -> None:
    for seed in (5, 6):
        Store.open(tmp_path / f"{seed}.db").record(cell(seed=seed), done(cell(seed=seed)))
    others = [tmp_path / "5.db", tmp_path / "6.db"]
    result = run("merge", *others, "--into", tmp_path / "all.db")
    assert [line.split("from ")[1] for line in result.stdout.splitlines()] == [
        f"{other}: 1; cells that had nothing to add: 0" for other in others
    ]
    assert Store.open(tmp_path / "all.db").cells().seed.tolist() == [5, 6]


def test_merge_refuses_itself_and_doubles_before_anything_is_written(db: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    Store.open(other).record(cell(seed=5), done(cell(seed=5)))
    before = db.read_bytes()
    for others, said in (([other, db], "are the same store: name the others only"), ([other, other], "is named twice")):
        result = run("merge", *others, "--db", db)
        assert (result.exit_code, said in result.stderr, result.stderr.count("\n")) == (2, True, 1)
    assert db.read_bytes() == before


def test_merge_keeps_mine_where_asked(db: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    Store.open(other).record(cell(seed=0), done(cell(seed=0), accuracy=0.1))
    refused = run("merge", other, "--db", db)
    assert (refused.exit_code, "seed 0, scenario 'real data' on digits" in refused.stderr) == (2, True)
    assert run("merge", other, "--db", db, "--keep-mine").exit_code == 0


def test_merge_of_a_missing_store_makes_none(tmp_path: Path) -> None:
    result = run("merge", tmp_path / "other.db", "--db", tmp_path / "results.db")
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])


def test_db_upgrade(db: Path, tmp_path: Path) -> None:
    assert run("db", "upgrade", "--db", db).stdout == f"{db} is up to date\n"
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    for command in (["results"], ["show", "a"], ["merge", db]):
        result = run(*command, "--db", db)
        assert result.exit_code == 2
        assert f"run 'benchbox db upgrade --db {db}'" in result.stderr


def test_db_upgrade_does_what_is_advised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store of the first schema, in a folder whose name needs quotes: the advice, as it stands, mends it."""
    folder = tmp_path / "my results"
    path, migrations = folder / "old.db", tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__", "r000[2-9]*"))
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", migrations)
        patch.setattr(schema, "HEAD", "0001")
        schema.ready(dialect_of(path), create=True)
    said = run("results", "--db", path)
    assert said.exit_code == 2
    advice = said.stderr.partition("run 'benchbox ")[2].strip()[:-1]
    assert run(*shlex.split(advice)).exit_code == 0
    assert run("results", "--db", path).exit_code == 0


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE alembic_version SET version_num = '0000'",
            "the schema 0000, which no benchbox had (known: 0001, 0002, ",
        ),
        ("DELETE FROM alembic_version", "table 'alembic_version', which says its schema, is empty"),
        ("UPDATE cells SET status = 'dnoe' WHERE number = 1", "table 'cells', row number 1: status is 'dnoe'"),
    ],
)
def test_no_advice_leads_nowhere(db: Path, statement: str, said: str) -> None:
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute(statement)
    for command in (["db", "upgrade"], ["results"], ["leaderboard"], ["merge", db]):
        result = run(*command, "--db", db)
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1), result.stderr
        assert said in result.stderr
        assert "db upgrade" not in result.stderr


@pytest.mark.parametrize("command", [["results"], ["show", "a"], ["db", "upgrade"], ["leaderboard"]])
def test_a_missing_store_is_one_sentence(tmp_path: Path, command: list[str]) -> None:
    result = run(*command, "--db", tmp_path / "none.db")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"benchbox: there is no store '{tmp_path / 'none.db'}'")
    assert result.stderr.count("\n") == 1


def test_a_store_goes_to_a_server_and_back_and_no_password_is_said(
    db: Path, tmp_path: Path, postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGPASSWORD")
    there, back = new_schema(postgresql.replace("tester@", f"tester:{PASSWORD}@")), tmp_path / "back.db"
    said = [run("merge", db, "--db", there), run("merge", there, "--db", back), run("merge", there, "--db", there)]
    said += [run("db", "upgrade", "--db", there), run("baseline", "save", "b", "--suite", "label-only", "--db", there)]
    said += [run("show", "zzz", "--db", there), run("results", "--db", there, "--method", "none")]
    assert [result.exit_code for result in said] == [0, 0, 2, 0, 2, 2, 2], [result.output for result in said]
    assert not [result for result in said if PASSWORD in result.output]
    assert "is up to date" in said[3].stdout
    for command in (("results", "--csv"), ("results", "--csv", "--trainer", "standard"), ("show", cell(seed=0).id)):
        assert (
            run(*command, "--db", db).stdout
            == run(*command, "--db", there).stdout
            == run(*command, "--db", back).stdout
        )


def test_show_names_no_substitute_of_a_query_attack_that_starts_from_none(tmp_path: Path) -> None:
    told = {}
    with Store.open(tmp_path / "searches.db") as store:
        for kind, uses in (("query-attack", ()), ("query-attack", (Grant.SUBSTITUTE,)), ("selector", ())):
            played = cell(kind=kind, uses=uses, trainer=None)
            store.record(played, done(played), TARGET)
            told[kind, uses] = run("show", played.id, "--db", store.address).stdout
    assert ["substitute lenet5, answers: label" in text for text in told.values()] == [False, True, True]
    assert all("answers: label" in text for text in told.values())

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from report_samples import put

from benchbox.cli import main
from benchbox.registry import Catalogue
from benchbox.report import differing, read_pages, write_leaderboard
from benchbox.report.export import TABLES, columns, export_files
from benchbox.report.suite import suite_views
from benchbox.store import Store


def rows(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode())))


@pytest.fixture
def files(store: Store, catalogue: Catalogue) -> dict[str, bytes]:
    return export_files(suite_views(read_pages(store, catalogue)))


def test_methods_are_as_the_page_ranks_them(files: dict[str, bytes]) -> None:
    found = {row["method"]: row for row in rows(files, "data/methods.csv")}
    assert (found["drmi"]["rank"], found["random"]["rank"]) == ("1", "2")
    assert float(found["drmi"]["accuracy"]) == pytest.approx(0.95)
    assert float(found["drmi"]["accuracy_low"]) < 0.95 < float(found["drmi"]["accuracy_high"])
    assert found["cpb"]["privileged"] == "yes"
    assert found["cpb"]["rank"] == found["partial"]["rank"] == found["absent"]["accuracy"] == ""
    assert {name: found[name]["state"] for name in ("partial", "broken", "absent", "picky")} == {
        "partial": "incomplete",
        "broken": "failed",
        "absent": "missing",
        "picky": "not applicable",
    }
    assert found["random"]["queries_to_95"] == "inf", "the level was not reached"


def test_curves_hold_every_point_with_its_interval(files: dict[str, bytes]) -> None:
    found = rows(files, "data/label-only/digits.csv")
    mine = [row for row in found if row["method"] == "drmi" and row["metric"] == "accuracy"]
    assert [row["budget"] for row in mine] == ["50", "150", "600"]
    assert [float(row["mean"]) for row in mine] == pytest.approx([0.62, 0.83, 0.95])
    assert {(row["seeds"], row["unit"], row["interval"]) for row in mine} == {("5", "share", "logit")}


def test_croissant_describes_every_column_of_the_csv_that_it_pins(files: dict[str, bytes]) -> None:
    data = json.loads(files["data/label-only/croissant.jsonld"])
    assert {"@context", "conformsTo", "description", "license", "name", "url", "creator"} <= set(data)
    (file,) = data["distribution"]
    content = files[f"data/label-only/{file['contentUrl']}"]
    assert (file["sha256"], file["contentSize"]) == (hashlib.sha256(content).hexdigest(), f"{len(content)} B")
    (records,) = data["recordSet"]
    (head,) = csv.reader([content.decode().splitlines()[0]])
    assert [field["source"]["extract"]["column"] for field in records["field"]] == head
    assert {field["source"]["fileObject"]["@id"] for field in records["field"]} == {file["@id"]}
    numbers = [field["name"] for field in records["field"] if field["dataType"] == "sc:Float"]
    for row in rows(files, "data/label-only/digits.csv"):
        assert all(float(row[name]) >= 0 for name in numbers if row[name])
    known = set(data["@context"]) | {"@context", "@type", "@id"}
    ours = {key for key in data if key not in known}
    schema = {"description", "name", "url", "license", "creator", "keywords", "datePublished", "distribution"}
    assert ours <= schema, "every other key is one of the context's"


def test_json_holds_the_same_as_the_csv(files: dict[str, bytes]) -> None:
    page = json.loads(files["data/label-only/digits.json"])
    assert [row["method"] for row in page["methods"]] == [row["method"] for row in rows(files, "data/methods.csv")]
    assert len(page["curves"]) == len(rows(files, "data/label-only/digits.csv"))
    assert [row["verdict"] for row in page["reported"]] == [row["verdict"] for row in rows(files, "data/reported.csv")]
    absent = next(row for row in page["methods"] if row["method"] == "absent")
    assert absent["accuracy"] is None


def test_the_dictionary_explains_every_column_once(files: dict[str, bytes]) -> None:
    page = json.loads(files["data/label-only/digits.json"])
    for table in TABLES:
        names = [column.name for column in columns(table)]
        assert len(set(names)) == len(names)
        assert all(column.meaning for column in columns(table))
        assert list(page[table][0]) == names


@pytest.mark.parametrize("label", ["=cmd()", "<img src=x onerror=alert(1)>", 'a "b", c', "two\nlines", "-1"])
def test_a_hostile_name_stays_a_text(store: Store, catalogue: Catalogue, label: str) -> None:
    put(store, "random", (0.6, 0.7, 0.8), label=label)
    files = export_files(suite_views(read_pages(store, catalogue)))
    texts = [row["method"] for row in rows(files, "data/methods.csv")]
    shown = f"'{label}" if label[0] in "=-" else label
    assert shown in texts, "a spreadsheet computes nothing"
    page = json.loads(files["data/label-only/digits.json"])
    assert label in [row["method"] for row in page["methods"]]


def test_check_covers_the_data_and_stale_data_goes(store: Store, catalogue: Catalogue, tmp_path: Path) -> None:
    out = tmp_path / "out"
    put(store, "random", (0.6, 0.7, 0.8), suite="gone")
    write_leaderboard(store, out, catalogue)
    assert differing(store, out, catalogue) == []
    own = out / "data" / "mine" / "notes.json"
    own.parent.mkdir()
    own.write_text("{}", encoding="utf-8")
    (out / "data" / "methods.csv").write_text("method\n", encoding="utf-8")
    with store.writing() as session:
        from benchbox.store.models import SuiteCellRow

        session.query(SuiteCellRow).filter_by(suite="gone").delete()
    wrong = {path.relative_to(out).as_posix() for path in differing(store, out, catalogue)}
    assert {"data/methods.csv", "data/gone/digits.csv", "data/gone/digits.json"} <= wrong
    write_leaderboard(store, out, catalogue)
    assert not (out / "data" / "gone").exists()
    assert own.is_file()


@pytest.mark.parametrize(("opens", "said"), [(True, ""), (False, "no browser was found; the page is")])
def test_open_opens_the_page_or_says_where_it_is(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opens: bool, said: str
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: (opened.append(url), opens)[1])
    out = tmp_path / "out"
    result = CliRunner().invoke(main, ["leaderboard", "--db", str(store.address.file), "--out", str(out), "--open"])
    assert result.exit_code == 0, result.output
    assert opened == [(out / "index.html").as_uri()]
    assert said in result.output
    assert ("no browser" in result.output) is not opens


def test_open_and_check_exclude_each_other(store: Store) -> None:
    assert (
        CliRunner().invoke(main, ["leaderboard", "--db", str(store.address.file), "--open", "--check"]).exit_code == 2
    )

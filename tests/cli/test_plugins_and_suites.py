"""``benchbox plugins`` and ``benchbox suites``: what they list, and what they say of what failed to load."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from benchbox.cli import main
from benchbox.distribution import DISTRIBUTION
from benchbox.registry import Broken, Catalogue

PLUGIN = Path(__file__).with_name("troublesome.py")


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path))  # where no earlier listing is kept
    discover = Catalogue.discover.__func__  # type: ignore[attr-defined]

    def with_broken(cls: type[Catalogue], files: tuple[Path, ...] = ()) -> Catalogue:
        catalogue: Catalogue = discover(cls, files)
        catalogue.broken.append(Broken("strange-attacks", "0.3", "ImportError: no module named 'stranger'"))
        return catalogue

    monkeypatch.setattr(Catalogue, "discover", classmethod(with_broken))


def test_plugins_say_kind_access_and_package() -> None:
    lines = {line.split()[1]: line.split() for line in invoke("plugins").stdout.splitlines()}
    assert lines["random"][:4] == ["selector", "random", "1", "label"]
    assert DISTRIBUTION in lines["random"]
    assert lines["mega"][0] == "generator"
    assert lines["standard"][:4] == ["trainer", "standard", "2", "label"]
    assert "Uniform" in lines["random"]


WANTING = """
from benchbox.contracts import Grant, Options, Selector

class Said(Selector):
    "Says what it uses."
    name = "said"
    def wants(self): return {Grant.LABELS}
    def select(self, game, k): return list(range(k))

class Wrong(Said):
    "Names no grant."
    name = "wrong"
    def wants(self): return "unlabelled"

class NeedsOptions(Options):
    "Has an option without a default."
    size: int

class Needing(Said):
    "Plays with an option alone."
    name = "needing"
    Options = NeedsOptions
"""


def test_what_a_plugin_uses_is_listed_and_one_that_cannot_say_it_stops_nobody(tmp_path: Path) -> None:
    file = tmp_path / "wanting.py"
    file.write_text(WANTING, encoding="utf-8")
    result = invoke("plugins", "--plugin", str(file), "--kind", "selector", "--json")
    rows = {row["name"]: row for row in json.loads(result.stdout)}
    assert (result.exit_code, rows["random-stratified"]["needs"]) == (0, "label, own labels")
    assert [(rows[name]["needs"], rows[name]["error"]) for name in ("said", "needing")] == [
        ("label, own labels", ""),
        ("label", ""),
    ]
    sentence = "selector 'wrong': wants() returned 'unlabelled'; expected a set of Grant, as {Grant.LABELS}"
    assert (rows["wrong"]["error"], result.stderr) == (sentence, f"benchbox: {sentence}\n")
    told = invoke("plugins", "wrong", "--plugin", str(file))
    assert (told.exit_code, told.stderr) == (0, f"benchbox: {sentence}\n")


def test_kind_narrows() -> None:
    rows = json.loads(invoke("plugins", "--kind", "attack", "--json").stdout)
    assert {row["kind"] for row in rows} == {"attack"}
    assert {"fgsm", "bim", "pgd"} <= {row["name"] for row in rows}


def test_a_listing_is_asked_for_once_and_narrowed_from_what_was_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path))
    first, attacks = invoke("plugins").stdout, invoke("plugins", "--kind", "attack").stdout
    monkeypatch.setattr(Catalogue, "discover", None)
    assert invoke("plugins").stdout == first
    assert invoke("plugins", "--kind", "attack").stdout == attacks


def test_a_plugin_file_is_listed_with_its_path() -> None:
    rows = json.loads(invoke("plugins", "--plugin", str(PLUGIN), "--json").stdout)
    mine = next(row for row in rows if row["name"] == "hangs")
    assert (mine["kind"], mine["package"], mine["summary"]) == ("selector", str(PLUGIN), "Never returns.")


def test_a_plugin_file_that_is_missing_is_one_sentence() -> None:
    result = invoke("plugins", "--plugin", "nowhere.py")
    assert (result.exit_code, result.stderr) == (2, "benchbox: plugin file 'nowhere.py' does not exist\n")


@pytest.mark.usefixtures("broken")
def test_a_broken_package_is_a_warning_and_a_row_and_the_rest_goes_on() -> None:
    result = invoke("plugins")
    assert result.exit_code == 0
    assert (
        result.stderr == "benchbox: package 'strange-attacks' failed to load: ImportError: no module named 'stranger'\n"
    )
    assert any(line.startswith("broken") and "strange-attacks 0.3" in line for line in result.stdout.splitlines())
    assert "random" in result.stdout
    assert invoke("plugins").stderr == result.stderr  # asked again, not kept: what it lacked may be there by now


def test_suites_are_listed_with_what_they_play() -> None:
    suites = {suite["name"]: suite for suite in json.loads(invoke("suites", "--json").stdout)}
    assert {"label-only", "probability", "smoke"} <= set(suites)
    assert suites["label-only"]["datasets"][0] == "digits"
    assert len(suites["label-only"]["seeds"]) == 5
    assert "smoke" in invoke("suites").stdout


def test_a_malformed_suite_file_costs_one_line_and_the_rest_is_listed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "crooked.toml").write_text("title = ")
    init = Catalogue.__init__

    def with_folder(self: Catalogue, *found: Any) -> None:
        init(self, *found)
        self.suite_folders.append(tmp_path)

    monkeypatch.setattr(Catalogue, "__init__", with_folder)
    result = invoke("suites")
    assert result.exit_code == 0
    assert "crooked.toml" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "smoke" in result.stdout


def test_a_plugin_is_told_in_full() -> None:
    text = invoke("plugins", "drmi").stdout
    assert "drmi: selector, version" in text
    assert "USENIX Security" in text
    assert any(line.split()[:2] == ["alpha", "4"] for line in text.splitlines())
    assert any(line.split()[:2] == ["side", "none"] for line in text.splitlines()), "as the text above calls it"
    assert any(line.startswith("best ") and "drmi[" in line for line in text.splitlines())
    (found,) = json.loads(invoke("plugins", "drmi", "--json").stdout)
    assert {option["name"] for option in found["options"]} >= {"alpha", "bins"}


def test_a_plugin_that_is_not_there_is_one_sentence() -> None:
    result = invoke("plugins", "drm")
    assert result.exit_code == 2
    assert "there is no plugin 'drm'; did you mean 'drmi'? (or name its file with --plugin FILE.py)" in result.stderr
    result = invoke("plugins", "brightest")
    assert (
        "there is no plugin 'brightest'; 'benchbox plugins' lists them (or name its file with --plugin" in result.stderr
    )


@pytest.mark.parametrize(
    ("label", "use"), [("drmi-best", "drmi[profile=best]"), ("drmi-literal", "drmi[profile=paper]")]
)
def test_a_name_that_suites_alone_give_says_what_it_stands_for(label: str, use: str) -> None:
    for command in ("plugins", "check"):
        result = invoke(command, label)
        assert (result.exit_code, result.stderr) == (
            2,
            f"benchbox: there is no plugin '{label}'; suites call {use} so\n",
        )


def test_a_suite_is_told_in_full(tmp_path: Path) -> None:
    text = invoke("suites", "label-only", "--db", str(tmp_path / "none.db")).stdout
    assert "data sets: digits, mnist, fashion-mnist (the first is the default); seeds: 0, 1, 2, 3, 4" in text
    assert "methods of 'real data': random, random-stratified" in text
    assert "one data set is 30 cells\n" in text
    assert json.loads(invoke("suites", "label-only", "--json").stdout)["name"] == "label-only"


def test_a_suites_cost_is_that_of_the_cells_that_are_left(tmp_path: Path) -> None:
    import sys

    sys.path.append(str(Path(__file__).parent.parent / "report"))
    from report_samples import put

    from benchbox.store import Store

    db = tmp_path / "some.db"
    for dataset, already in (("mnist", 0), ("digits", 5)):
        with Store.open(db) as store:
            put(store, "random", (0.5, 0.6, 0.7), dataset=dataset)  # two seconds a cell, five seeds
        text = invoke("suites", "label-only", "--db", str(db)).stdout
        assert f"30 cells; of digits {already} are done, and the rest takes about 1 minute of one core, by" in text

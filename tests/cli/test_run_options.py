"""What ``benchbox run`` takes, refuses and announces, without running a cell."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from digits_suite import digits_suite

import benchbox
from benchbox.cli import main
from benchbox.errors import OptionError
from benchbox.records import CellResult, Sealed, Status
from benchbox.store import Store
from benchbox.suites import Selection
from benchbox.suites.asked import read_seeds, several, whole_numbers

MINE = """
from benchbox.contracts import Selector

class Mine(Selector):
    "A selector of the test."
    name = "mine"
    def select(self, game, k): return list(range(k))
"""
SUITE = digits_suite("random", "cpb", seeds=2)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("BENCHBOX_DATA", raising=False)
    (tmp_path / "trial.toml").write_text(SUITE)
    (tmp_path / "crooked.toml").write_text("title = ")
    (tmp_path / "unknown.toml").write_text(SUITE.replace("budgets", "budgts"))
    (tmp_path / "fgsm.toml").write_text(SUITE + 'attacks = [{ use = "fgsm", images = 398 }]')
    (tmp_path / "twins.toml").write_text(SUITE.replace('"cpb"', '{ use = "drmi", label = "random" }'))
    (tmp_path / "empty.py").write_text("")
    (tmp_path / "failing.py").write_text("import nothing_of_that_name")


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["run", *arguments])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", (0, 1, 2, 3, 4)),
        ("0,3", (0, 3)),
        ("3,", (3,)),
        (" 2 ", (0, 1)),
        ("2..4", (2, 3, 4)),
        ("0, 7..8", (0, 7, 8)),
        ("9223372036854775807,", (2**63 - 1,)),
    ],
)
def test_seeds_are_a_count_or_a_list(text: str, expected: tuple[int, ...]) -> None:
    assert read_seeds(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", ",", "0", "-1", "two", "1;2", "1.5", "1_0", "4..2", "0..", "..4", "-1,2"),
        *("20000000000", "0..20000000000", "9223372036854775808,", "9" * 5000, "9" * 5000 + ",", "²", "٣"),
    ],
)
def test_other_seeds_are_refused_in_a_short_sentence(text: str) -> None:
    with pytest.raises(OptionError, match="--seeds") as error:
        read_seeds(text)
    assert ("too large" in str(error.value)) == ("99999" in text)
    assert len(str(error.value)) < 250


def test_values_are_split_at_commas_outside_brackets() -> None:
    given = ["drmi[profile=best,bins=16],random", " mega "]
    assert several("--method", given) == ("drmi[profile=best,bins=16]", "random", "mega")
    assert whole_numbers("--budgets", ["50,100", "200"]) == (50, 100, 200)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--suite", "smokey"], "there is no suite 'smokey'; did you mean 'smoke'?"),
        (["--suite", "nowhere.toml"], "suite file 'nowhere.toml' cannot be read"),
        (["--suite", "crooked.toml"], "suite file 'crooked.toml' is not TOML"),
        (["--suite", "unknown.toml"], "did you mean 'budgets'?"),
        (["--suite", "trial.toml", "--method", "randm"], "there is no method 'randm'"),
        (["--suite", "trial.toml", "--method", "drmi[profil=best]"], "did you mean 'profile'?"),
        (["--suite", "trial.toml", "--method", "drmi[profile"], "'drmi[profile'"),
        (["--suite", "trial.toml", "--attack", "fgms"], "did you mean 'fgsm'?"),
        (
            ["--suite", "trial.toml", "--trainer", "standrd"],
            "no trainer 'standrd' in --trainer; did you mean 'standard'?",
        ),
        (["--suite", "trial.toml", "--trainer", "random"], "'random' is a selector: write --method random"),
        (["--suite", "trial.toml", "--method", "standard"], "is a trainer: write --trainer standard beside a method"),
        (["--suite", "trial.toml", "--trainer", "standard[rate=fast]"], "option 'rate' of trainer 'standard'"),
        (["--suite", "trial.toml", "--trainer", ""], "--trainer: an empty value names nothing"),
        (["--suite", "trial.toml", "--dataset", "digit"], "did you mean 'digits'?"),
        (["--suite", "trial.toml", "--dataset", "npz:nowhere.npz"], "nowhere.npz"),
        (["--suite", "trial.toml", "--device", "gpu"], "there is no device 'gpu'; did you mean 'cuda', or 'auto'?"),
        (["--suite", "trial.toml", "--device", "cuda:0,0"], "device 'cuda:0,0' names a GPU twice"),
        (["--suite", "trial.toml", "--cluster", "boss"], "'boss' is no Dask scheduler: write tcp://HOST:8786"),
        (["--suite", "trial.toml", "--cluster", "tcp://a:1", "--jobs", "2"], "--jobs is for this machine"),
        (
            ["--suite", "trial.toml", "--cluster", "tcp://a:1", "--device", "cuda:1"],
            "device 'cuda:1' is not for a cluster",
        ),
        (["--suite", "trial.toml", "--data-dir", "nowhere"], "the data folder 'nowhere' does not exist"),
        (["--suite", "trial.toml", "--budgets", "-5"], "a budget of -5 queries is not possible"),
        (["--suite", "trial.toml", "--dry-run", "--observer", "nobody"], "there is no observer 'nobody'"),
        (["--suite", "trial.toml", "--dry-run", "--cluster", "boss"], "'boss' is no Dask scheduler"),
        (["--suite", "trial.toml", "--budgets", "fifty"], "--budgets: 'fifty' is not a whole number"),
        (["--suite", "trial.toml", "--budgets", "100000"], "a budget of 100000 queries is larger than the pool"),
        (["--suite", "trial.toml", "--seeds", "x"], "--seeds: 'x' is not a whole number"),
        (["--suite", "trial.toml", "--plugin", "nowhere.py"], "plugin file 'nowhere.py' does not exist"),
        (["--suite", "trial.toml", "--plugin", "empty.py"], "empty.py' holds no plugin"),
        (["--suite", "trial.toml", "--plugin", "failing.py"], "nothing_of_that_name"),
        (["--suite", "trial.toml", "--db", "trial.toml/results.db"], "trial.toml/results.db"),
        (["--suite", "trial.toml", "--db", "trial.toml"], "'trial.toml'"),
        (["--suite", "trial.toml", "--sed", "3"], "--seeds"),
        (["--suite", "trial.toml", "--seeds", ""], "--seeds: an empty value names nothing"),
        (["--suite", "trial.toml", "--seeds", "20000000000"], "--seeds: 20000000000 is not how many seeds to play"),
        (["--suite", "trial.toml", "--method", ""], "--method: an empty value names nothing"),
        (["--suite", "trial.toml", "--dataset", " , "], "--dataset: an empty value names nothing"),
        (["--suite", "trial.toml", "--scenario", ""], "--scenario: an empty value names nothing"),
        (["--suite", ""], "there is no suite ''"),
        (["--suite", "trial.toml", "--db", ""], "--db"),
        (["--suite", "trial.toml", "--budgets", "1_0"], "--budgets: '1_0' is not a whole number"),
        (["--suite", "trial.toml", "--budgets", "9" * 5000], "is too large"),
        (["--suite", "trial.toml", "--budgets", "9007199254740993"], "at most 9,007,199,254,740,992"),
        (["--suite", "trial.toml", "--images", "1_0"], "'1_0' is not a whole number"),
        (["--suite", "trial.toml", "--images", "9" * 5000], "is not a whole number from 1"),
        (["--suite", "trial.toml", "--images", "0"], "0 is not from 1"),
        (["--suite", "trial.toml", "--jobs", "100000000"], "is not from 0 to 1,000"),
        (["--suite", "trial.toml", "--time-limit", "inf"], "'inf' is not a number above 0"),
        (["--suite", "trial.toml", "--time-limit", "nan"], "'nan' is not a number above 0"),
        (["--suite", "trial.toml", "--time-limit", "0"], "'0' is not a number above 0"),
        (["--suite", "trial.toml", "--time-limit", "1" + "0" * 18], "is more than 3.16224e+07"),
        (["--suite", "trial.toml", "--method", "x" * 100_000], "should have at most 2,000 characters"),
        (["--suite", "trial.toml", "--method", "ran\ndom"], "should be one line without control characters"),
        (["--suite", "trial.toml", "--method", "mega[z=" + "9" * 5000 + "]"], "should have at most 2,000 characters"),
        (["--suite", "trial.toml", "--attack", "fgsm[eps=" + "9" * 5000 + "]"], "should have at most 2,000 characters"),
        (["--suite", "trial.toml", "--attack", "PGD"], "did you mean 'pgd'?"),
        (["--suite", "trial.toml", "--attack", "fgsm[eps=8]"], "write eps=8/255"),
        (["--suite", "trial.toml", "--attack", "pgd[targeted=true]"], 'write goal = "class:3"'),
        (["--suite", "fgsm.toml"], "is to be made on 398 images, more than the 397 test images of digits"),
        (["--suite", "twins.toml"], "the methods 'random' and 'drmi' are both called 'random'"),
    ],
)
def test_what_cannot_be_run_is_one_sentence_with_exit_code_2(arguments: list[str], sentence: str) -> None:
    result = invoke(*arguments)
    assert (result.exit_code, sentence in result.stderr) == (2, True), result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert len(result.stderr) < 1000
    assert not Path("results.db").exists()


def test_a_device_that_is_not_there_is_refused_before_any_cell_fails() -> None:
    result = invoke("--suite", "trial.toml", "--method", "random", "--device", "cuda:99")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "device 'cuda:99' is not there" in result.stderr
    assert "2 to run" in invoke("--suite", "trial.toml", "--method", "random", "--dry-run").stdout


def test_a_dry_run_says_what_would_run_and_leaves_nothing_behind() -> None:
    before = sorted(Path().iterdir())
    result = invoke("--suite", "trial.toml", "--dry-run")
    assert result.exit_code == 0
    assert "4 cells: 2 to run, 2 not-applicable" in result.stdout
    assert "not-applicable: cpb needs probabilities; the scenario answers with the label only" in result.stdout
    assert sorted(Path().iterdir()) == before


def test_a_dry_run_as_json_has_the_cells_ids() -> None:
    cells = json.loads(invoke("--suite", "trial.toml", "--dry-run", "--json", "--method", "random").stdout)
    assert [(cell["method"], cell["seed"], cell["status"]) for cell in cells] == [
        ("random", 0, "to run"),
        ("random", 1, "to run"),
    ]
    assert len({cell["cell"] for cell in cells}) == 2


def test_trainers_are_paired_with_the_methods() -> None:
    trainers = ("--trainer", "standard[updates=9],standard")
    listed = invoke("--suite", "trial.toml", "--method", "random", "--seeds", "1", *trainers, "--dry-run", "--json")
    cells = json.loads(listed.stdout)
    assert [cell["method"] for cell in cells] == ["random + standard[updates=9]", "random + standard"]
    assert len({cell["cell"] for cell in cells}) == 2


def test_a_dry_run_says_what_failed_before_and_how_it_is_run_again() -> None:
    for item in benchbox.plan("trial.toml", Selection(methods="random"), device="cpu").cells:
        assert item.cell is not None
        with Store.open("results.db") as store:
            store.record(item.cell, CellResult(item.cell.id, Status.FAILED if item.seed else Status.DONE))
    dry = ("--suite", "trial.toml", "--method", "random", "--dry-run")
    said = "2 cells: 1 done, 1 failed\nfailed cells are left alone; --retry-failed runs them again\n"
    assert invoke(*dry).stdout.endswith(said)
    assert invoke(*dry, "--retry-failed").stdout.endswith("2 cells: 1 done, 1 to run\n")


def test_a_dry_run_knows_which_done_cells_the_run_plays_again(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    mine = ("--suite", "trial.toml", "--plugin", "mine.py", "--method", "mine,random", "--seeds", "1", "--dry-run")
    made = benchbox.plan(
        "trial.toml", Selection(methods=("mine", "random"), seeds=1), device="cpu", plugins=["mine.py"]
    )
    with Store.open("results.db") as store:
        for item in made.cells:
            assert item.cell is not None
            sources = {ref.key: ref.source for ref in item.cell.contestants}
            sealed = Sealed.NO if item.label == "random" else Sealed.SANDBOX
            store.record(item.cell, CellResult(item.cell.id, Status.DONE, sources=sources, sealed=sealed))
    played = invoke(*mine)
    assert "2 cells: 1 done, 1 to run\n" in played.stdout
    assert "played again, since they were played in one process and unsealed: 1 done cells" in played.stderr
    assert "2 cells: 2 done\n" in invoke(*mine, "--jobs", "0").stdout
    (tmp_path / "mine.py").write_text(MINE + "# other")
    assert "2 cells: 2 to run\n" in invoke(*mine).stdout


def test_a_run_in_which_nothing_is_applicable_stores_the_reason_and_is_no_success() -> None:
    for said in ("0 cells done, 2 not applicable", "nothing to run: 2 done before"):
        result = invoke("--suite", "trial.toml", "--method", "cpb")
        assert (result.exit_code, said in result.stdout) == (2, True)
        assert result.stderr.splitlines()[-1] == (
            "nothing was measured: no cell is applicable; cpb needs probabilities; the scenario answers with the label only"
        )
    shown = CliRunner().invoke(main, ["run", "--suite", "trial.toml", "--method", "cpb", "--dry-run"])
    assert "2 cells: 2 not-applicable" in shown.stdout


def test_a_whole_run_takes_the_suite_file_at_its_word_and_a_narrowed_one_adds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchbox.execution.run_cells", lambda *_, **__: SimpleNamespace(exit_code=0))

    def labels(*arguments: str) -> set[str]:
        result = invoke("--suite", "trial.toml", *arguments)
        assert result.exit_code == 0, result.output
        with Store.open("results.db") as store:
            return set(store.cells()["label"])

    assert labels() == {"random", "cpb"}
    Path("trial.toml").write_text(SUITE.replace('"cpb"', '"drmi"'))
    assert labels("--method", "k-centre") >= {"random", "cpb"}
    assert labels("--seeds", "1") >= {"cpb", "drmi"}
    assert labels("--trainer", "standard[updates=9]") >= {"cpb", "drmi + standard[updates=9]"}
    assert labels() == {"random", "drmi"}

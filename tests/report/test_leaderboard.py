from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from postgres_server import new_schema
from report_samples import put

from benchbox.cli import main
from benchbox.errors import OptionError, UnknownNameError
from benchbox.registry import Catalogue
from benchbox.report import differing, read_pages, write_leaderboard
from benchbox.report.leaderboard import render
from benchbox.report.paths import page_path, plot_path, slug, suite_path
from benchbox.report.text import render_pages
from benchbox.store import Store, merge

GOLDEN = Path(__file__).parent / "golden"
TWO_SEEDS = """
title = "Any"
datasets = ["digits"]
seeds = 2

[[scenario]]
name = "real data"
plays = "selector"
target = { model = "lenet5" }
substitute = "lenet5"
access = "label"
pool = {}
budgets = [50, 150, 600]
methods = ["random", "drmi"]
"""


def names(out: Path) -> set[str]:
    return {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}


def test_pages_of_either_database_are_the_same(
    store: Store, catalogue: Catalogue, tmp_path: Path, postgresql: str
) -> None:
    with Store.open(new_schema(postgresql)) as there:
        merge(there, store)
        for name, source in (("file", store), ("server", there)):
            write_leaderboard(source, tmp_path / name, catalogue)
    pages = names(tmp_path / "file")
    assert pages == names(tmp_path / "server") != set()
    assert [p for p in pages if (tmp_path / "file" / p).read_bytes() != (tmp_path / "server" / p).read_bytes()] == []


def test_pages_are_the_golden_ones(store: Store, catalogue: Catalogue, tmp_path: Path) -> None:
    """To renew them: BENCHBOX_GOLDEN=1 pytest tests/report, and read the difference."""
    import os

    write_leaderboard(store, tmp_path / "out", catalogue)
    for name in ("README.md", "reading.md", "label-only/README.md", "label-only/digits.md"):
        text = re.sub(r"\d{4}-\d\d-\d\d", "DATE", (tmp_path / "out" / name).read_text(encoding="utf-8"))
        golden = GOLDEN / name
        if os.environ.get("BENCHBOX_GOLDEN"):
            golden.parent.mkdir(parents=True, exist_ok=True)
            golden.write_text(text, encoding="utf-8")
        assert text == golden.read_text(encoding="utf-8")


def test_other_processes_give_the_same_bytes_and_need_no_torch(store: Store, tmp_path: Path) -> None:
    code = (
        "import sys; from benchbox.cli.leaderboard import command; command(sys.argv[1:], standalone_mode=False); "
        "sys.exit('torch' in sys.modules or 'art' in sys.modules)"
    )

    def run(out: str, seed: str) -> None:
        arguments = [sys.executable, "-c", code, "--db", str(store.address.file), "--out", out]
        subprocess.run(arguments, check=True, cwd=tmp_path, env={"PYTHONHASHSEED": seed, "PATH": ""})

    run("one", "1")
    run("two", "2")
    assert names(tmp_path / "one") == {
        "README.md",
        "reading.md",
        "overview.svg",
        "index.html",
        "label-only/README.md",
        "label-only/digits.md",
        "label-only/digits__real_data.svg",
        "data/README.md",
        "data/methods.csv",
        "data/reported.csv",
        "data/label-only/digits.csv",
        "data/label-only/digits.json",
        "data/label-only/croissant.jsonld",
    }
    for name in names(tmp_path / "one"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_figures_of_another_version_than_the_installed_one_say_so_in_every_form(
    store: Store, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "Figures of other versions than the installed ones: drmi 1 (installed: 2)."
    write_leaderboard(store, tmp_path, catalogue)
    pages = [tmp_path / name for name in ("label-only/README.md", "label-only/digits.md", "index.html")]
    assert not any("installed:" in page.read_text(encoding="utf-8") for page in pages), "nothing is installed"
    installed = [SimpleNamespace(kind="selector", name=name, version=of) for name, of in (("drmi", 2), ("random", 1))]
    monkeypatch.setattr(catalogue, "entries", lambda kind=None: installed)
    write_leaderboard(store, tmp_path, catalogue)
    assert all(said in page.read_text(encoding="utf-8") for page in pages)
    assert said in render_pages(read_pages(store, catalogue))


def test_a_terminal_does_not_say_that_the_highest_mean_leads(empty: Store, catalogue: Catalogue) -> None:
    for method in ("random", "drmi"):
        put(empty, method, (0.6, 0.7, 0.8))
    text = render_pages(read_pages(empty, catalogue))
    assert "Accuracy by queries (* highest mean):" in text
    assert "leads" not in text, "nobody is told from the other"


def test_seeds_that_do_not_count_are_named_in_every_form(empty: Store, catalogue: Catalogue) -> None:
    (catalogue.suite_folders[0] / "s.toml").write_text(TWO_SEEDS, encoding="utf-8")
    put(empty, "random", (0.6, 0.7, 0.8), suite="s", wanted=range(3), seeds=range(3))
    put(empty, "drmi", (0.6, 0.7, 0.8), suite="s", wanted=range(2), seeds=range(2), position=1)
    files, said = render(empty, catalogue), "Left out, since not every method has it: seed 2 of {}."
    assert said.format("`random`") in files["s/digits.md"].decode()
    assert said.format("<b>random</b>") in files["index.html"].decode()
    assert said.format("random") in render_pages(read_pages(empty, catalogue))
    put(empty, "drmi", (0.6, 0.7, 0.8), suite="s", wanted=range(3), seeds=range(3), position=1)
    assert "Left out" not in render(empty, catalogue)["s/digits.md"].decode(), "now every method has it"


def test_one_budget_has_no_plot(store: Store, catalogue: Catalogue, tmp_path: Path) -> None:
    put(store, "random", (0.6,), suite="one", budgets=(600,))
    put(store, "random", (0.6, 0.7), suite="two", budgets=(50, 600))
    write_leaderboard(store, tmp_path, catalogue)
    assert "one/digits__real_data.svg" not in names(tmp_path)
    assert "![" not in (tmp_path / "one" / "digits.md").read_text(encoding="utf-8")
    assert "two/digits__real_data.svg" in names(tmp_path)
    assert "](digits__real_data.svg)" in (tmp_path / "two" / "digits.md").read_text(encoding="utf-8")
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert page.count('class="plot"') == 3, "the overview's, label-only's and two's"


@pytest.mark.parametrize("name", ["README.md", "index.html", "label-only/digits.md", "data/methods.csv"])
def test_what_another_program_wrote_is_not_written_over(
    store: Store, catalogue: Catalogue, tmp_path: Path, name: str
) -> None:
    out = tmp_path / "out"
    (out / name).parent.mkdir(parents=True)
    (out / name).write_text("mine")
    with pytest.raises(OptionError, match=f"{name}' is no page of a leaderboard"):
        write_leaderboard(store, out, catalogue)
    assert names(out) == {name}
    (out / name).unlink()
    write_leaderboard(store, out, catalogue)
    put(store, "random", (0.1, 0.2, 0.3), suite="another")
    write_leaderboard(store, out, catalogue)
    assert (out / "another" / "digits.md").is_file(), "its own pages it does write over"
    with pytest.raises(OptionError, match="is a file; a leaderboard is a folder"):
        write_leaderboard(store, out / "README.md", catalogue)


def test_a_plot_that_is_no_longer_drawn_goes(store: Store, catalogue: Catalogue, tmp_path: Path) -> None:
    put(store, "random", (0.6,), suite="one", budgets=(600,))
    write_leaderboard(store, tmp_path, catalogue)
    former = tmp_path / "one" / "digits__real_data.svg"
    former.write_bytes((tmp_path / "label-only" / "digits__real_data.svg").read_bytes())
    assert differing(store, tmp_path, catalogue) == [former]
    write_leaderboard(store, tmp_path, catalogue)
    assert not former.exists()


def test_a_suite_played_otherwise_is_told_of_and_says_how(store: Store, tmp_path: Path) -> None:
    put(store, "random", (0.6, 0.7, 0.8), suite="label-only[images=50]")
    write_leaderboard(store, tmp_path, Catalogue.discover())
    usual, other = (
        (tmp_path / slug(suite) / "digits.md").read_text() for suite in ("label-only", "label-only[images=50]")
    )
    assert "The attacker sees the target's label" in usual
    assert "The attacker sees the target's label" in other
    assert "Played with images=50." in other
    assert "Played with" not in usual


def test_stale_pages_go_and_a_users_files_stay(store: Store, catalogue: Catalogue, tmp_path: Path) -> None:
    out = tmp_path / "out"
    put(store, "random", (0.6, 0.7, 0.8), suite="gone")
    write_leaderboard(store, out, catalogue)
    assert "gone/digits.md" in names(out)
    (out / "label-only" / "mine.md").write_text("my notes", encoding="utf-8")
    (out / "NOTES.md").write_text("more", encoding="utf-8")
    store.enrol("gone", [])
    with store.writing() as session:
        from benchbox.store.models import SuiteCellRow

        session.query(SuiteCellRow).filter_by(suite="gone").delete()
    assert {path.name for path in differing(store, out, catalogue)} == {
        "README.md",
        "index.html",
        "digits.md",
        "digits__real_data.svg",
        "methods.csv",
        "digits.csv",
        "digits.json",
        "croissant.jsonld",
    }
    write_leaderboard(store, out, catalogue)
    assert not (out / "gone").exists()
    assert {"NOTES.md", "label-only/mine.md"} <= names(out)
    assert differing(store, out, catalogue) == []


def test_a_narrowed_run_leaves_other_pages_alone(store: Store, catalogue: Catalogue, tmp_path: Path) -> None:
    out = tmp_path / "out"
    put(store, "random", (0.6, 0.7, 0.8), suite="other")
    write_leaderboard(store, out, catalogue)
    (out / "other" / "digits.md").unlink()
    write_leaderboard(store, out, catalogue, suites=["label-only"])
    assert "other/digits.md" not in names(out)
    assert "other/digits__real_data.svg" in names(out)
    assert "other" in (out / "README.md").read_text(encoding="utf-8")


def test_unknown_names_are_errors_with_the_nearest(store: Store, catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'label-only'"):
        write_leaderboard(store, tmp_path, catalogue, suites=["label-onyl"])
    with pytest.raises(UnknownNameError, match="did you mean 'digits'"):
        write_leaderboard(store, tmp_path, catalogue, datasets=["digit"])


def test_check_names_what_differs_and_exits_with_1(store: Store, tmp_path: Path) -> None:
    arguments = ["leaderboard", "--db", str(store.address.file), "--out", str(tmp_path / "out")]
    run = CliRunner()
    result = run.invoke(main, [*arguments, "--check"])
    assert result.exit_code == 1
    assert f"{tmp_path / 'out' / 'README.md'} is missing" in result.output
    assert result.output.rstrip().endswith(shlex.join(arguments))
    assert run.invoke(main, arguments).exit_code == 0
    assert run.invoke(main, [*arguments, "--check"]).exit_code == 0
    page = tmp_path / "out" / "label-only" / "digits.md"
    page.write_text(page.read_text(encoding="utf-8").replace("95.0", "99.9"), encoding="utf-8")
    result = run.invoke(main, [*arguments, "--check"])
    assert result.exit_code == 1
    assert str(page) in result.output
    assert "README.md" not in result.output


def test_an_empty_store_has_an_index(catalogue: Catalogue, tmp_path: Path) -> None:
    with Store.open(tmp_path / "empty.db") as store:
        assert [path.name for path in write_leaderboard(store, tmp_path / "out", catalogue)] == [
            "README.md",
            "reading.md",
            "index.html",
        ]
    assert "holds no results yet" in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "..", "", "npz:C:\\x.npz", "README", "<b>", "a" * 300])
def test_no_name_leaves_the_folder(name: str) -> None:
    path = page_path(name, name)
    assert len(path.parts) == 2
    assert ".." not in path.parts
    assert all(
        set(part) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") for part in path.parts
    )


@pytest.mark.parametrize("name", ["data", "Data", "index.html", "overview.svg"])
def test_a_suite_called_like_a_file_of_the_folder_takes_its_place_from_nothing(name: str) -> None:
    assert suite_path(name).parts[0].lower() != name.lower()


def test_names_that_look_alike_as_files_stay_apart() -> None:
    alike = ("a/b", "a:b", "a-b", "a b", "a_b", "a  b", " a b")
    assert len({slug(name) for name in alike}) == len(alike)
    assert plot_path("s", "mnist", "fashion x") != plot_path("s", "mnist fashion", "x")
    assert plot_path("s", "mnist", "fashion-x") != plot_path("s", "mnist-fashion", "x")


def test_suites_that_nobody_has_played_are_named_last_with_their_command(
    store: Store, catalogue: Catalogue, tmp_path: Path
) -> None:
    suites, out = Path(__file__).parents[2] / "benchmarks", tmp_path / "out"
    for name in ("label-only", "query-mnist", "smoke"):
        (catalogue.suite_folders[0] / f"{name}.toml").write_text((suites / f"{name}.toml").read_text())
    write_leaderboard(store, out, catalogue)
    index, page = ((out / name).read_text(encoding="utf-8") for name in ("README.md", "index.html"))
    assert re.search(r"\| `query-mnist` +\| Query attacks on MNIST +\| `benchbox run --suite query-mnist` +\|", index)
    assert index.index("`query-mnist`") > index.index("Toy: 3 figures stand")
    assert page.count("benchbox run --suite query-mnist\n") == 1
    for text in (index, page):
        assert "--suite smoke" not in text, "its numbers rank nothing"
        assert not re.search("--suite label-only[`\n]", text)

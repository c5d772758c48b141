"""The mark of what the maintainers verified: it stands on the pages, and goes with the numbers that it was given for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from report_samples import put

from benchbox.cli import main
from benchbox.errors import StoreError
from benchbox.store import Store, marks_file, merge, sign, verified_cells


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """A store with three methods, of which one is verified."""
    path = tmp_path / "results.db"
    with Store.open(path) as store:
        put(store, "random", (0.60, 0.80, 0.93), position=0)
        put(store, "drmi", (0.62, 0.83, 0.95), position=1)
        put(store, "mine", (0.64, 0.84, 0.96), position=2)
        assert (
            sign(store, "label-only", "mine", store.cells(label="mine")["cell"]) == tmp_path / "results.verified.json"
        )
    return path


def printed(*arguments: Path | str) -> str:
    done = CliRunner().invoke(main, ["leaderboard", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_tables_and_pages_show_it_and_say_what_it_means(signed: Path, tmp_path: Path) -> None:
    text = printed("--db", signed, "--print")
    assert "mine (verified)" in text
    assert "drmi (verified)" not in text
    printed("--db", signed, "--out", tmp_path / "pages")
    page = (tmp_path / "pages" / "label-only" / "digits.md").read_text()
    assert "mine (verified)" in page
    assert "the maintainers played its submission again" in page
    assert "✓" in (tmp_path / "pages" / "index.html").read_text()


def test_a_cell_says_so(signed: Path) -> None:
    with Store.open(signed) as store:
        mine, other = (store.cells(label=label)["cell"].iloc[0] for label in ("mine", "drmi"))
    for cell, verified in ((mine, True), (other, False)):
        text, data = (
            CliRunner().invoke(main, ["show", cell, "--db", str(signed), *more]).stdout for more in ((), ("--json",))
        )
        assert ("verified: the maintainers" in text, json.loads(data)["verified"]) == (verified, verified)


def test_it_stays_with_the_store_whose_file_says_so(signed: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with Store.open(signed) as store, Store.open(elsewhere / "merged.db") as other:
        merge(other, store)
        assert len(verified_cells(store)) == 5
        assert verified_cells(other) == frozenset()
    public = elsewhere / "public.db"
    with Store.open(public) as store:
        put(store, "random", (0.60, 0.80, 0.93), position=0)
    text = printed("--db", signed, "--beside", public, "--print")
    assert "mine" in text
    assert "verified" not in text
    assert "mine (verified)" in printed("--db", public, "--beside", signed, "--print")


def test_a_cell_that_measures_something_else_by_now_is_not_verified(signed: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with Store.open(other) as store:
        put(store, "mine", (0.94, 0.95, 0.96), position=2)
    shutil.copy(tmp_path / "results.verified.json", tmp_path / "other.verified.json")
    with Store.open(other) as store:
        assert verified_cells(store) == frozenset()


def test_a_method_with_a_seed_that_nobody_verified_is_not_marked(signed: Path) -> None:
    with Store.open(signed) as store:
        sign(store, "label-only", "mine", list(store.cells(label="mine")["cell"])[:4])
        assert len(verified_cells(store)) == 4
    assert "verified" not in printed("--db", signed, "--print")


def test_what_is_no_file_of_marks_is_one_sentence(signed: Path) -> None:
    with Store.open(signed) as store:
        path = marks_file(store.address)
        assert path is not None
        said = json.loads(path.read_text())
        path.write_text(json.dumps({**said, "verified": [{**said["verified"][0], "cells": {"x": "y"}}]}))
        with pytest.raises(
            StoreError, match=r"results\.verified\.json' is no file of marks at 'verified\.0\.cells\.x'"
        ):
            verified_cells(store)

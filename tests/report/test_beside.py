"""Somebody's results beside published ones: parts of a suite are marked, and nothing published changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from report_samples import put, scenario_view

from benchbox.cli import main
from benchbox.report.tables.scenario import incomplete
from benchbox.store import Store, put_beside


@pytest.fixture
def stores(tmp_path: Path) -> tuple[Path, Path]:
    """A public store, and one of mine with three seeds of a method, two budgets of another, and a published method."""
    public, mine = tmp_path / "public.db", tmp_path / "mine.db"
    with Store.open(public) as store:
        put(store, "random", (0.60, 0.80, 0.93), position=0)
        put(store, "drmi", (0.62, 0.83, 0.95), position=1)
    with Store.open(mine) as store:
        put(store, "few", (0.9, 0.9, 0.9), wanted=range(3), seeds=range(3))
        put(store, "short", (0.8, 0.9), suite="label-only[budgets=50+600]", budgets=(50, 600))
        put(store, "odd", (0.8, 0.9), suite="label-only[budgets=50+70]", budgets=(50, 70))
        put(store, "random", (0.1, 0.1), suite="label-only[budgets=50+600]", budgets=(50, 600))
    return public, mine


def test_parts_of_a_suite_stand_beside_the_published_rows(stores: tuple[Path, Path], tmp_path: Path) -> None:
    public, mine = stores
    with Store.open(public) as theirs, Store.open(mine) as ours, Store.open(tmp_path / "both.db") as both:
        put_beside(both, theirs, ours)
        only = {"suite": "label-only"}
        before = scenario_view("real data", theirs.cells(**only), theirs.measurements(**only), seeds=range(5))
        view = scenario_view("real data", both.cells(**only), both.measurements(**only), seeds=range(5))
        assert both.cells(suite="label-only[budgets=50+70]")["label"].unique().tolist() == ["odd"]
    ranks = [{line.standing.label: line.place.rank for line in v.summaries if line.place} for v in (before, view)]
    assert ranks[0] == ranks[1]
    assert set(view.standings) - set(before.standings) == {"few", "short"}
    assert view.budgets == before.budgets
    table = incomplete(view)
    assert table is not None
    lacks = {row[0]: row[1] for row in table.rows}
    assert lacks["few"] == "3 of 5 seeds: 0, 1, 2"
    assert lacks["short"] == "other rules, 2 of 3 budgets: 0, 1, 2, 3, 4"


def test_of_a_method_under_several_choices_of_budgets_the_one_with_most_stands_in_the_suite(
    stores: tuple[Path, Path], tmp_path: Path
) -> None:
    public, mine = stores
    with Store.open(mine) as store:
        for budgets in ((50,), (600,)):
            put(store, "short", (0.7,), suite=f"label-only[budgets={budgets[0]}]", budgets=budgets)
    with Store.open(public) as theirs, Store.open(mine) as ours, Store.open(tmp_path / "both.db") as both:
        put_beside(both, theirs, ours)
        shown = both.measurements(suite="label-only", label="short", metric="accuracy")
        assert sorted(set(shown["budget"])) == [50, 600]
        assert len(shown) == 2 * 5


def test_one_command_shows_both_and_leaves_them_as_they_are(stores: tuple[Path, Path]) -> None:
    public, mine = stores
    before = [path.read_bytes() for path in stores]
    done = CliRunner().invoke(main, ["leaderboard", "--db", str(mine), "--beside", str(public), "--print"])
    assert done.exit_code == 0, done.output
    assert "3 of 5 seeds" in done.stdout
    assert "drmi" in done.stdout
    assert [path.read_bytes() for path in stores] == before

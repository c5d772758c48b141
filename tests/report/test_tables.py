from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from report_samples import ATTACK, BUDGETS, Place, cell, done, put, put_searches, scenario_view

from benchbox.records import Confusion, Diagnostic, Measurement, Sealed
from benchbox.registry import Catalogue
from benchbox.report import prose, read_pages
from benchbox.report.markdown import render_index
from benchbox.report.statistics import Interval
from benchbox.report.statistics.contest import contest
from benchbox.report.suite import suite_views, unplayed
from benchbox.report.tables.headline import command, elsewhere, firsts, headlines, lacking, to_first, unranked
from benchbox.report.tables.scenario import columns, detail_columns, details, distances, incomplete, ranking
from benchbox.report.tables.sentences import finding, played_by
from benchbox.report.tables.words import Name, figure
from benchbox.report.views.scenario import ScenarioView, leads
from benchbox.report.views.summary import COMMONEST
from benchbox.store import Store


def view_of(store: Store, **only: str) -> ScenarioView:
    notes = store.diagnostics(kind="generator", name=COMMONEST)
    return scenario_view("real data", store.cells(**only), store.measurements(**only), notes)


def rows(store: Store, **only: str) -> dict[str, dict[str, str]]:
    """Return the main table and its details, by method and column."""
    view = view_of(store, **only)
    found: dict[str, dict[str, str]] = {}
    for table in (ranking(view), *details(view)):
        assert len(table.head) <= 7
        for row in table.rows:
            found.setdefault(row[table.head.index("method")], {}).update(zip(table.head, row, strict=True))
    return found


@pytest.mark.parametrize(
    ("found", "wanted", "text"),
    [
        (Interval(0.95, 0.94, 0.96, 5, "t"), 5, "95.0 ± 1.0"),
        (Interval(0.95, 0.94, 0.96, 3, "t"), 5, "95.0 ± 1.0 (3 seeds)"),
        (Interval(0.95, 0.931, 0.958, 12, "logit"), 12, "95.0 [93.1, 95.8]"),
        (Interval(0.95, 0.9399, 0.9597, 5, "logit"), 5, "95.0 ± 1.0"),
        (Interval(0.95, 0.923, 0.969, 1, "wilson"), 1, "95.0 [92.3, 96.9] (1 seed)"),
        (Interval(0.95, float("nan"), float("nan"), 1, "none"), 5, "95.0 (1 seed)"),
        (None, 5, "–"),
    ],
)
def test_each_kind_of_interval_looks_different(found: Interval | None, wanted: int, text: str) -> None:
    assert figure(found, wanted) == text


def test_a_loss_is_in_nats() -> None:
    assert figure(Interval(0.1961, 0.19, 0.2022, 5, "t"), 5, "nats") == "0.196 ± 0.006"


def test_the_main_table_tells_success_and_cost(store: Store) -> None:
    row = rows(store)["drmi"]
    assert (row["rank"], row["to 90 %"], row["ASR untargeted"], row["s per example"]) == (
        "1",
        "337",
        "47.5 ± 0.5",
        "0.0020",
    )
    assert columns(view_of(store))["ASR untargeted"] == "asr_untargeted of pgd[eps=0.3] untargeted"


def test_means_over_other_cells_do_not_stand_among_the_others(store: Store) -> None:
    row = rows(store)["partial"]
    assert (row["rank"], row["area"], row["accuracy at 600"]) == ("3 of 5 seeds", "–", "–")
    table = incomplete(view_of(store))
    assert table is not None
    assert [row[:2] + row[-1:] for row in table.rows] == [
        ["partial", "3 of 5 seeds: 0, 1, 2", "97.2 [94.0, 98.7] (3 seeds)"]
    ]


def test_a_generators_last_point_is_its_result_and_the_best_stands_beside(store: Store) -> None:
    put(store, "gan", (0.6, 0.9, 0.7), kind="generator", suite="free")
    row = rows(store, suite="free")["gan"]
    assert (row["accuracy at 600"], row["best on the way"]) == ("70.0 ± 1.0", "90.0 [89.0, 90.9]")
    assert row["queries to the best"] == "150 ± 0"
    assert "best on the way" not in rows(store, suite="label-only")["drmi"]


def test_the_queries_to_the_best_stand_behind_it(store: Store) -> None:
    put(store, "gan", (0.6, 0.9, 0.7), kind="generator", suite="free")
    put(store, "shut", (0.6, 0.9, 0.7), kind="generator", suite="free", sealed=Sealed.SANDBOX)
    heads = [title for table in details(view_of(store, suite="free")) for title in table.head]
    assert heads[heads.index("best on the way") + 1] == "queries to the best"


@pytest.mark.parametrize(
    ("shares", "flag"),
    [
        ((0.96, 0.97, 1.0), "1 of 5 seeds"),
        ((0.96, 0.97, 0.95, 0.96), None),
        ((0.2, 0.99, 0.98, 0.96, 0.1), "1 of 5 seeds"),
    ],
)
def test_a_collapse_is_flagged(store: Store, shares: tuple[float, ...], flag: str | None) -> None:
    from report_samples import cell

    notes = [Diagnostic(10 * i, COMMONEST, share) for i, share in enumerate(shares)]
    put(store, "gan", (0.6, 0.9, 0.7), kind="generator", suite="free", seeds=range(1, 5))
    first = cell("gan", 0, kind="generator")
    store.record(first, replace(done(first, (0.6, 0.9, 0.7)), diagnostics=notes))
    assert rows(store, suite="free")["gan"].get("collapsed") == flag


@pytest.mark.parametrize(("last", "flag"), [(((0, 10), (0, 10)), "1 of 5 seeds"), (((5, 5), (5, 5)), None)])
def test_a_copy_that_knows_one_class_has_collapsed(
    store: Store, last: tuple[tuple[int, int], tuple[int, int]], flag: str | None
) -> None:
    put(store, "gan", (0.6, 0.9, 0.7), kind="generator", suite="free", seeds=range(1, 5))
    first = cell("gan", 0, kind="generator")
    seen = [Confusion("", 50, ((0, 10), (0, 10))), Confusion("", 600, last)]
    store.record(first, replace(done(first, (0.6, 0.9, 0.7)), confusions=seen))
    read = store.cells(suite="free"), store.measurements(suite="free")
    view = scenario_view("real data", *read, confusions=store.confusions(suite="free", attack=""))
    (line,) = ([str(text) for text in row] for row in ranking(view).rows)
    assert dict(zip(map(str, ranking(view).head), line, strict=True)).get("collapsed") == flag


def test_equal_means_share_the_first_place(tmp_path: Path, catalogue: Catalogue) -> None:
    with Store.open(tmp_path / "equal.db") as store:
        for position, (method, last) in enumerate({"random": 0.7, "c": 0.9, "b": 0.9, "a": 0.9}.items()):
            put(store, method, (0.5, 0.6, last), position=position)
        (suite,) = suite_views(read_pages(store, catalogue))
        of, last = headlines(suite).rows[-1], firsts(suite.grids[0]).rows[0][-1]
        view = suite.headlines[0].view
    assert str(of[2]) == "a"
    assert "first with b and c" in str(of[4])
    assert last[-1] == "first with b and c"
    assert [to_first(view.contests[600], name) for name in ("b", "c")] == ["equal to the first in every run"] * 2
    assert to_first(view.contests[600], "random").startswith("behind by 20.0")


def test_an_interval_that_ends_where_no_difference_lies_beyond_shows_its_ends() -> None:
    wild = {seed: (0.0, 1.0, 0.0, 1.0, 0.9)[seed] for seed in range(5)}
    held = contest({"steady": dict.fromkeys(range(5), 0.95) | {0: 0.94}, "wild": wild})
    assert held is not None
    assert held.difference("steady", "wild").cut
    assert re.fullmatch(r"not told from the first \(-\d+\.\d to 100\.0\)", to_first(held, "wild"))


def test_a_suite_that_was_played_with_fewer_images_alone_is_not_played(tmp_path: Path) -> None:
    catalogue = Catalogue.discover()
    with Store.open(tmp_path / "part.db") as store:
        put(store, "random", (0.5, 0.6, 0.7), suite="drmi-transfer[images=1000]", dataset="mnist")
        put(store, "random", (0.5, 0.6, 0.7), suite="drmi-models", dataset="mnist")
        left = {suite.name for suite in unplayed(suite_views(read_pages(store, catalogue)), catalogue)}
    assert "drmi-transfer" in left
    assert "drmi-models" not in left


def test_what_of_the_suite_file_nobody_has_played_is_listed(tmp_path: Path) -> None:
    with Store.open(tmp_path / "few.db") as store:
        put(store, "random", (0.5, 0.6, 0.7), suite="smoke")
        put(store, "random", (0.5, 0.6, 0.7), suite="drmi-reduction", dataset="mnist")
        put(store, "random", (0.5, 0.6, 0.7), suite="mine")
        other, mine, page = read_pages(store, Catalogue.discover())
        assert command(page)[1] == "benchbox run --suite smoke --dataset digits"
        assert command(mine) == (), "no suite of that name is installed"
        assert dict(page.unplayed)["real data"] == ("drmi[search=min-max-pair,stratify=label]",)
        listed = lacking(page)
        assert listed is not None
        assert [str(row[0]) for row in listed.rows] == ["real data", "no data", "queries"]
        assert "all methods" in str(listed.rows[1][1])
        (suite,) = suite_views([other])
        assert "benchbox run --suite drmi-reduction --dataset fashion-mnist" in "".join(elsewhere(suite))


@pytest.mark.parametrize(
    ("suite", "told"),
    [
        ("label-only", "benchbox run --suite label-only --dataset digits"),
        ("label-only[budgets=50+100]", "benchbox run --suite label-only --dataset digits --budgets 50,100"),
        ("drmi-transfer[images=1000]", "benchbox run --suite drmi-transfer --dataset digits --images 1000"),
        ("smoke[defences=rounding]", ""),
    ],
)
def test_the_command_is_that_of_the_suites_name(suite: str, told: str) -> None:
    assert played_by(suite, "digits") == told


def test_what_columns_mean_stands_below_the_table_that_has_them(store: Store) -> None:
    put(store, "gan", (0.6, 0.9, 0.7), kind="generator", suite="free")
    view = view_of(store, suite="free")
    shown = set(ranking(view).head)
    assert {"ASR untargeted", "best on the way"} == set(columns(view)) <= shown, "success comes first"
    beside = {title for table in details(view) for title in table.head} - shown
    assert {"queries to the best", "s per example"} == set(detail_columns(view)) <= beside


def test_a_scenario_without_attacks_has_no_columns_of_them(store: Store) -> None:
    view = scenario_view("real data", store.cells(), store.measurements(metric="accuracy"))
    assert not [title for title in ranking(view).head if "ASR" in title or "example" in title]


def test_headlines_hold_the_leader_against_the_first_of_the_suite_file(store: Store) -> None:
    first, _, last = leads(view_of(store)).values()
    assert (first.budget, first.first, last.budget, last.first) == (50, "drmi", 600, "drmi")
    assert last.over is not None
    assert (last.over[0], last.open) == ("random", [])
    assert last.over[1].mean == pytest.approx(0.02)


def test_a_suites_finding_says_on_which_data_who_leads(store: Store, catalogue: Catalogue) -> None:
    for position, method in enumerate(("random", "drmi")):
        put(store, method, (0.6, 0.7, 0.8), dataset="mnist", position=position)
    (suite,) = suite_views(read_pages(store, catalogue))
    led = "digits, real data: drmi leads at 3 of 3 budgets, by up to 3.0 points."
    assert "".join(finding(suite)) == f"{led} At the other 3 of 6 budgets no method leads."
    assert [str(part) for part in finding(suite) if isinstance(part, Name)] == ["drmi"]


@pytest.mark.parametrize(
    ("methods", "seeds", "why"), [(("random",), 5, "one method"), (("random", "drmi"), 4, "3 replicates")]
)
def test_without_a_rank_the_finding_says_why_and_who_has_the_best_mean(
    store: Store, catalogue: Catalogue, methods: tuple[str, ...], seeds: int, why: str
) -> None:
    for position, method in enumerate(methods):
        curve = (0.6, 0.7, 0.7 + position / 10)
        put(store, method, curve, suite="s", position=position, seeds=range(1, seeds), wanted=range(1, seeds))
    (suite,) = suite_views(read_pages(store, catalogue, ["s"]))
    (view,) = suite.pages[0].scenarios
    last = max(line.last.mean for line in view.summaries if line.last)
    best = f"{methods[-1]} {100 * last:.1f} % accuracy at 600 queries"
    assert "".join(finding(suite)) == f"Not ranked: {why}. By mean: digits, real data: {best}."
    table = unranked(suite)
    assert table is not None
    assert [table.rows[0][1], "".join(table.rows[0][2])] == [why, best]


@pytest.mark.parametrize(
    ("second", "why"),
    [
        ({"seeds": (0,)}, "one method with all seeds"),
        ({"seeds": range(5, 10), "wanted": range(5, 10)}, "no method with all seeds"),
        ({"budgets": (50, 150)}, "no two methods by the same rules"),
    ],
)
def test_five_replicates_are_no_reason_not_to_rank(
    empty: Store, catalogue: Catalogue, second: dict[str, Any], why: str
) -> None:
    put(empty, "random", (0.6, 0.7, 0.8), suite="s")
    put(empty, "drmi", (0.6, 0.7, 0.8)[: len(second.get("budgets", BUDGETS))], suite="s", position=1, **second)
    (suite,) = suite_views(read_pages(empty, catalogue, ["s"]))
    assert "".join(finding(suite)).startswith(f"Not ranked: {why}.")


def test_a_privileged_method_alone_is_not_called_no_method(empty: Store, catalogue: Catalogue) -> None:
    put(empty, "cpb", (0.8, 0.9, 0.9), suite="s", insider=True)
    (suite,) = suite_views(read_pages(empty, catalogue, ["s"]))
    assert finding(suite)[0] == "Not ranked: no method that may be ranked."


def test_beside_privileged_methods_one_alone_is_not_ranked_for_that(store: Store, catalogue: Catalogue) -> None:
    put(store, "random", (0.6, 0.7, 0.8), suite="s", position=0)
    put(store, "cpb", (0.8, 0.9, 0.9), suite="s", position=1, insider=True)
    (suite,) = suite_views(read_pages(store, catalogue, ["s"]))
    assert "".join(finding(suite)).startswith(
        "Not ranked: one method that may be ranked. By mean: digits, real data: random "
    )


def test_a_lead_that_rounding_hides_is_not_called_none(empty: Store, catalogue: Catalogue) -> None:
    for position, method in enumerate(("a", "b")):
        put(empty, method, [height - position / 10_000 for height in (0.6, 0.8, 0.9)], suite="s", position=position)
    (suite,) = suite_views(read_pages(empty, catalogue))
    (view,) = suite.pages[0].scenarios
    assert view.contest is not None
    assert to_first(view.contest, "b") == "behind by less than 0.1"
    assert "".join(finding(suite)) == "digits, real data: a leads at 3 of 3 budgets, by less than 0.1 points."
    assert {cell[-1] for cell in firsts(suite.grids[0]).rows[0][1:]} == {"leads by less than 0.1"}


def test_who_shares_the_first_place_is_named(store: Store, catalogue: Catalogue) -> None:
    for position, method in enumerate(("random", "a", "b", "c")):
        put(store, method, (0.6, 0.7, 0.8), suite="s", position=position)
    (suite,) = suite_views(read_pages(store, catalogue, ["s"]))
    (row,) = firsts(suite.grids[0]).rows
    assert row[1][-1] == "first with b, c and 1 more"


def test_scenarios_of_one_name_share_a_grid_of_at_most_six_budgets(store: Store, catalogue: Catalogue) -> None:
    for dataset, budgets in (("mnist", tuple(range(100, 900, 100))), ("digits", (50, 100))):
        for position, method in enumerate(("random", "drmi")):
            put(
                store,
                method,
                [0.5 + position / 10] * len(budgets),
                suite="s",
                budgets=budgets,
                dataset=dataset,
                position=position,
            )
    suite = suite_views(read_pages(store, catalogue, ["s"]))[0]
    (grid,) = suite.grids
    assert [headline.page.dataset for headline in grid.headlines] == ["digits", "mnist"]
    assert len(grid.budgets) == 6
    assert prose.BUDGETS in render_index([suite]), "the finding counts all"
    assert (grid.budgets[0], grid.budgets[-1]) == (50, 800)


def test_the_main_table_of_many_columns_keeps_what_matters_most(store: Store) -> None:
    put_searches(store)
    view = scenario_view("probabilities", store.cells(suite="searches"), store.measurements(suite="searches"))
    head = ranking(view).head
    assert head[:4] == ["rank", "method", "area", "to the first"]
    assert head[4:] == ["success at 600", "queries in all at 600", "queries an example at 600"]


def test_a_substitute_a_search_and_what_joins_them_are_compared_in_total_queries(store: Store) -> None:
    curves = {"transfer": (0.5, 0.5, 0.5), "nes": (0.1, 0.7, 0.96), "hybrid": (0.55, 0.8, 0.97)}
    put_searches(store, curves=curves, before=150)
    view = scenario_view("probabilities", store.cells(suite="searches"), store.measurements(suite="searches"))
    told = {
        str(row[0]): row[table.head.index("in all to 90 %")]
        for table in details(view)
        if "in all to 90 %" in table.head
        for row in table.rows
    }
    assert told["transfer"] == "> 60,150"
    hybrid, nes = (int(told[name].replace(",", "")) for name in ("hybrid", "nes"))
    assert 30_150 < hybrid < nes < 60_000


def test_distances_stand_in_a_table_of_their_own(store: Store) -> None:
    played = cell("far", 0)
    result = done(played, (0.6, 0.7, 0.8))
    values = {"linf_mean": 0.25, "linf_max": 0.3, "l2_mean": 5.0, "l2_max": 5.5, "l0_mean": 400.0, "l0_max": 700.0}
    result.measurements += [Measurement(name, ATTACK, 600, 600, value, 350) for name, value in values.items()]
    store.enrol("far", [Place(played, "real data", "far", 0)])
    store.record(played, result)
    table = distances(view_of(store, suite="far"))
    assert table is not None
    assert table.rows == [["far", ATTACK, "0.25 (largest 0.3)", "5 (largest 5.5)", "400 (largest 700)"]]
    assert distances(view_of(store, suite="label-only")) is None


def test_an_attack_whose_steps_fall_short_says_so_beside_its_success(store: Store) -> None:
    told = {ATTACK: "its 5 steps come to 0.1 at most"}
    assert columns(view_of(store), told)["ASR untargeted"].endswith("; its 5 steps come to 0.1 at most")

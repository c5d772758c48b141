from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from report_samples import ATTACK, cell, done, put, put_searches, ref, scenario_view

from benchbox.contracts import Access
from benchbox.records import Confusion
from benchbox.registry import Catalogue
from benchbox.report import read_pages
from benchbox.report.comparison import Comparison, Rules, compare, compare_all, resolver
from benchbox.report.reported import Reported, read_papers
from benchbox.report.tables.printed import comparisons, near, why
from benchbox.store import Store

RULES = Rules("label-only", "digits", "lenet5", None)


def beside(store: Store, *printed: Reported, rules: Rules = RULES) -> list[Comparison]:
    view = scenario_view("real data", store.cells(), store.measurements())
    return compare(view, printed, rules, resolver(Catalogue()))


@pytest.fixture
def figure(catalogue: Catalogue) -> Reported:
    return read_papers(catalogue.suite_folders)[0]


def changed(figure: Reported, **keys: Any) -> Reported:
    return figure.model_copy(update=keys)


def test_a_figure_of_one_way_of_training_stands_beside_rows_that_are_trained_so(empty: Store, figure: Reported) -> None:
    for position, trainer in enumerate(("standard", "distil[strength=2]", "mixmatch")):
        put(empty, "random", (0.5, 0.6, 0.7), label=trainer, position=position, trainer=ref("trainer", trainer))
    printed = changed(figure, method=("random",))
    assert [c.label for c in beside(empty, printed)] == ["standard"], "any way of training, so the first row"
    for named, label in (("mixmatch", "mixmatch"), ("distil[strength=2]", "distil[strength=2]")):
        assert [c.label for c in beside(empty, changed(printed, trainer=(named,)))] == [label]
    assert not beside(empty, changed(printed, trainer=("fixmatch",)))


def test_verdicts(store: Store, catalogue: Catalogue) -> None:
    page = read_pages(store, catalogue)[0]
    # the same toy file that the fixture writes; the targets' model comes from the store
    found = {(c.label, c.budget): c for c in page.comparisons["real data"]}
    assert found["drmi", 600].verdict == "agrees"
    assert found["drmi", 150].verdict == "differs"
    assert found["drmi", 150].difference == pytest.approx(-7.0)
    assert found["random", 50].verdict == "not comparable"
    assert found["random", 50].differences == ("answers probabilities there, label here",)


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        (replace(RULES, defence="rounding"), "no defence there, rounding here"),
        (replace(RULES, pool_dataset="usps"), "a pool of digits there, of usps here"),
    ],
)
def test_a_game_before_a_defence_or_with_other_images_is_another_protocol(
    store: Store, figure: Reported, rules: Rules, says: str
) -> None:
    (found,) = beside(store, figure, rules=rules)
    assert (found.verdict, found.differences) == ("not comparable", (says,))
    assert beside(store, changed(figure, pool_dataset="usps"), rules=replace(RULES, pool_dataset="usps"))[
        0
    ].verdict == ("agrees")


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"differs": "The optimiser is not stated."}, "The optimiser is not stated."),
        ({"pool": 1000}, "pool of 1,000 images there, all here"),
        ({"budget": 340_000}, "340,000 queries there, 600 here"),
        ({"budget": None}, "queries not stated there, 600 here"),
        ({"target": "resnet18", "smaller": "lenet5"}, "target resnet18 there, lenet5 here"),
    ],
)
def test_another_protocol_is_named_and_never_judged(
    store: Store, figure: Reported, keys: dict[str, Any], says: str
) -> None:
    (found,) = beside(store, changed(figure, **keys))
    assert found.verdict == "not comparable"
    assert found.differences == (says,)


def test_a_single_run_on_few_images_says_that_they_are_too_few(store: Store, figure: Reported) -> None:
    put_searches(store, seeds=range(1))
    view = scenario_view("probabilities", store.cells(suite="searches"), store.measurements(suite="searches"))
    rules = Rules("searches", "digits", "lenet5", None)
    printed = changed(
        figure,
        suites=("searches",),
        method=("square",),
        metric="query_success",
        access=Access(view.access),
        per_example=True,
        substitute=None,
        budget=600,
        value=96.0,
    )
    (found,) = compare(view, [printed], rules, resolver(Catalogue()))
    assert found.differences == ("one run on 100 images, known to ± 4.5: too few to judge",)
    assert found.verdict == "undecided"


def test_attack_settings_are_part_of_the_protocol(store: Store, figure: Reported) -> None:
    attacked = changed(figure, metric="asr_untargeted", attack="pgd", goal="untargeted", value=47.5)
    (found,) = beside(store, attacked)
    assert (found.attack, found.verdict) == (ATTACK, "agrees")
    assert not beside(store, changed(attacked, goal="class:1"))
    for settings, differences in (
        ({"eps": 0.3}, ()),
        ({"eps": 0.1}, ("the attack's eps 0.1 there, 0.3 here",)),
        ({"eps": "much"}, ("the attack's eps much there, 0.3 here",)),
        ({"steps": 5.0}, ()),
    ):
        (found,) = beside(store, changed(attacked, attack_options=settings))
        assert found.differences == differences, settings


@pytest.mark.parametrize(
    "keys",
    [
        {"dataset": "mnist"},
        {"target": "c3f2"},
        {"substitute": "c3f2"},
        {"suites": ("other",)},
        {"unit": "seconds"},
        {"method": ()},
    ],
)
def test_figures_of_elsewhere_stay_away(store: Store, figure: Reported, keys: dict[str, Any]) -> None:
    assert not beside(store, changed(figure, **keys))


def test_the_nearest_protocol_of_a_paper_wins(store: Store, figure: Reported) -> None:
    (found,) = beside(store, changed(figure, value=1.0, pool=9), figure)
    assert found.figure.value == 95.1


def test_a_figure_printed_twice_stands_once_with_both_sources(store: Store, figure: Reported) -> None:
    (found,) = beside(store, figure, changed(figure, source="Table 2"))
    assert found.sources == ("Table 1", "Table 2")


def test_what_is_read_off_a_plot_gives_way_to_a_printed_figure(store: Store, figure: Reported) -> None:
    (found,) = beside(store, changed(figure, value=95.0, qualifier="about", source="Figure 1"), figure)
    assert found.sources == ("Table 1",)


@pytest.mark.parametrize("last", [False, True])
def test_a_figure_stands_in_one_scenario_where_its_queries_were_measured(
    store: Store, figure: Reported, last: bool
) -> None:
    whole = scenario_view("real data", store.cells(), store.measurements())
    short = store.measurements()
    few = replace(scenario_view("real data", store.cells(), short[short.budget < 600]), name="few queries")
    views = [few, whole] if last else [whole, few]
    of = {view.name: RULES for view in views}
    found = compare_all(views, [figure], of, resolver(Catalogue()))
    assert {name: [c.budget for c in beside] for name, beside in found.items()} == {
        "real data": [600],
        "few queries": [],
    }


def test_options_select_the_reading(store: Store, figure: Reported) -> None:
    put(store, "drmi[search=min-max-pair]", (0.6, 0.8, 0.9), position=9)
    found = beside(store, changed(figure, method=("drmi[search=min-max-pair]",)))
    assert [c.label for c in found] == ["drmi[search=min-max-pair]"]
    assert [c.label for c in beside(store, figure)] == ["drmi"], "one figure stands beside one method"


def test_one_seed_gives_no_verdict(store: Store, figure: Reported) -> None:
    cells = store.cells(label="drmi", seed=0)
    view = scenario_view("real data", cells, store.measurements(label="drmi", seed=0))
    (found,) = compare(view, [figure], replace(RULES), resolver(Catalogue()))
    assert found.verdict == "undecided"


@pytest.mark.parametrize(
    ("value", "qualifier", "verdict"),
    [
        (95.0, "", "agrees"),
        (94.0, "", "agrees"),
        (93.0, "", "undecided"),
        (91.5, "", "differs"),
        (93.0, "above", "agrees"),
        (95.1, "above", "undecided"),
        (97.0, "above", "differs"),
        (97.0, "below", "agrees"),
    ],
)
def test_agreement_is_an_equivalence_test_within_two_points(
    store: Store, figure: Reported, value: float, qualifier: str, verdict: str
) -> None:
    (found,) = beside(store, changed(figure, value=value, qualifier=qualifier))
    assert (found.interval.mean, round(found.interval.half, 1), found.verdict) == (pytest.approx(95.0), 1.0, verdict)


@pytest.mark.parametrize(
    ("value", "reason", "says"), [(95.1, "", []), (90.0, "", ["no reason is known yet."]), (90.0, "R.", ["R."])]
)
def test_a_large_difference_has_the_reason_kept_beside_the_figure(
    store: Store, figure: Reported, value: float, reason: str, says: list[str]
) -> None:
    view = scenario_view("real data", store.cells(), store.measurements())
    table, notes = comparisons(view, beside(store, changed(figure, value=value, reason=reason)))
    assert notes == [f"Why the two are far apart: {text}" for text in says]
    assert str(table.rows[0][4]).endswith(", note 1") == bool(says)


def test_why_figures_are_not_comparable_is_grouped_by_condition(store: Store, figure: Reported) -> None:
    found = beside(
        store,
        changed(figure, differs="The optimiser is not stated. One cell is lost.", budget=700),
        changed(figure, differs="The optimiser is not stated.", method=("random",), pool=9),
    )
    assert why(found) == (
        "What keeps figures from being compared: the optimiser is not stated (2 of 2); pool of 9 images there, all here "
        "(1 of 2); 2 more conditions. Each stands beside its figure."
    )
    assert why(beside(store, figure)) == ""


def test_figures_within_the_margin_are_counted_and_bounds_are_not(store: Store, figure: Reported) -> None:
    printed = [changed(figure, value=value, name=str(value)) for value in (95.1, 96.9, 97.1, 80.0)]
    found = beside(store, *printed, changed(figure, value=90.0, name="a bound", qualifier="above"))
    assert near(found) == (
        "5 figures stand beside a measurement; within 2 points of it: 2, further away: 2 (a count, no test); "
        "not counted, since they are bounds, numbers of queries, or figures of collapsed runs: 1."
    )


def test_figures_beside_collapsed_runs_say_so_and_count_neither_as_near_nor_as_far(
    store: Store, figure: Reported
) -> None:
    put(store, "noise", (0.1, 0.1, 0.1), kind="generator", suite="free", seeds=range(1, 5))
    first = cell("noise", 0, kind="generator")
    one_class = [Confusion("", 600, ((0, 10), (0, 10)))]
    store.record(first, replace(done(first, (0.1, 0.1, 0.1)), confusions=one_class))
    read, seen = (
        (store.cells(suite="free"), store.measurements(suite="free")),
        store.confusions(suite="free", attack=""),
    )
    printed = [
        changed(figure, method=("noise",), value=10.0),
        changed(figure, method=("noise",), metric="queries_to_best", unit="queries", budget=None, value=9e6),
    ]
    (found,) = compare(scenario_view("real data", *read, confusions=seen), printed, RULES, resolver(Catalogue()))
    assert (found.figure.metric, found.verdict) == ("accuracy", "not comparable")
    assert found.differences == ("1 of 5 runs here collapsed",)
    assert near([found]).endswith("numbers of queries, or figures of collapsed runs: 1.")
    assert "within" not in near([found])
    assert len(compare(scenario_view("real data", *read), printed, RULES, resolver(Catalogue()))) == 2


def test_a_loss_is_compared_in_nats(store: Store, figure: Reported) -> None:
    frame = store.measurements(label="drmi", metric="accuracy", budget=600)
    loss = frame.assign(metric="test_loss", value=frame["value"] - 0.75)
    view = scenario_view("real data", store.cells(), loss)
    (found,) = compare(
        view, [changed(figure, metric="test_loss", unit="nats", value=0.1961)], RULES, resolver(Catalogue())
    )
    assert (found.verdict, found.interval.mean) == ("agrees", pytest.approx(0.2))
    assert comparisons(view, [found])[0].rows[0][3:5] == ["0.200 ± 0.010", "+0.004"]


def test_queries_to_the_best_stand_beside_the_budget_of_the_best_on_the_way(store: Store, figure: Reported) -> None:
    put(store, "noise", (0.6, 0.9, 0.7), kind="generator", suite="made")
    view = scenario_view("real data", store.cells(suite="made"), store.measurements(suite="made"))
    printed = changed(
        figure, metric="queries_to_best", unit="queries", budget=None, value=21_500_000.0, method=("noise",)
    )
    (found,) = compare(view, [printed], RULES, resolver(Catalogue()))
    assert (found.interval.mean, found.verdict, found.large) == (150.0, "not comparable", False)
    assert found.differences == ("the best of 3 budget points here",)
    assert comparisons(view, [found])[0].rows[0][2:5] == ["21,500,000", "150 ± 0", "-21,499,850"]

"""Sorting and filtering show the rows that the views' own values call for."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from browser_samples import DATASET, NO_DATA, SCENARIO, SUITE
from browsing import Open, Visit, methods, route, table
from playwright.sync_api import Page, expect

from benchbox.report.views.scenario import ScenarioView
from benchbox.report.views.standings import Standing
from benchbox.report.views.summary import Summary

pytestmark = pytest.mark.browser

PAGE = ("suite", SUITE, DATASET)
COLUMNS: dict[str, Callable[[Summary], float | None]] = {
    "rank": lambda line: line.place and line.place.rank,
    "area": lambda line: line.area and round(line.area.mean, 3),
    "accuracy at 600": lambda line: line.last and round(line.last.mean, 3),
}
FILTERS: dict[str, Callable[[Standing, ScenarioView], bool]] = {
    "method=drmi": lambda standing, _: standing.label == "drmi",
    "kind=generator": lambda standing, _: standing.kind == "generator",
    "access=probabilities": lambda _, view: view.access == "probabilities",
    "trainer=poisson": lambda standing, _: standing.trainer == "poisson",
    "trainer=standard": lambda standing, _: standing.trainer == "standard",
    "privileged=no": lambda standing, _: not standing.privileged,
    "privileged=yes": lambda standing, _: standing.privileged,
    "kind=selector&privileged=no": lambda standing, _: standing.kind == "selector" and not standing.privileged,
}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_sorts_by_its_values_both_ways(
    visits: Open, file: Path, views: dict[str, ScenarioView], column: str
) -> None:
    page = visits(file).go(route(*PAGE))
    ranking = table(page, "Ranking", SCENARIO)
    found = {
        line.standing.label: COLUMNS[column](line) if line.standing.state == "complete" else None
        for line in views[SCENARIO].summaries
    }
    head = ranking.locator("th", has_text=re.compile(f"^{column}$"))
    best_first = ("ascending", "descending") if column == "rank" else ("descending", "ascending")
    for direction in best_first:
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == direction
        rows = methods(ranking).all_inner_texts()
        values = [value for label in rows if (value := found[label]) is not None]
        assert sorted(rows) == sorted(found)
        assert [found[label] for label in rows[: len(values)]] == values, "methods without a value stand last"
        assert values == sorted(values, reverse=direction == "descending")
    assert ranking.locator("th[aria-sort]").count() == 1


def test_the_address_keeps_the_order(visits: Open, file: Path) -> None:
    page = visits(file).go(route(*PAGE))
    head = table(page, "Ranking", SCENARIO).locator("th", has_text="accuracy at 600")
    head.get_by_role("button").click()
    head.get_by_role("button").click()
    rows = methods(table(page, "Ranking", SCENARIO)).all_inner_texts()
    address = page.url
    assert "sort=" in address
    again = visits(file).go(address[address.index("#") :])
    assert methods(table(again, "Ranking", SCENARIO)).all_inner_texts() == rows
    again.locator("select[name=kind]").select_option("selector")
    assert "sort=" in again.url and "kind=selector" in again.url


def test_the_method_stays_when_a_table_is_scrolled(visits: Open, file: Path) -> None:
    page = visits(file, width=390).go(route(*PAGE))
    ranking = table(page, "Ranking", SCENARIO)
    ranking.evaluate("(table) => { table.parentElement.scrollLeft = 300 }")
    box = methods(ranking).first.bounding_box()
    assert box is not None and 0 <= box["x"] < 60


@pytest.mark.parametrize("chosen", FILTERS)
def test_a_filter_leaves_the_rows_that_it_names(samples: Visit, views: dict[str, ScenarioView], chosen: str) -> None:
    page = samples.go(route(*PAGE))
    for name, value in (part.split("=") for part in chosen.split("&")):
        page.locator(f"select[name={name}]").select_option(value)
    assert page.url.endswith(f"?{chosen}")
    for scenario in (SCENARIO, NO_DATA):
        view = views[scenario]
        wanted = [line.standing.label for line in view.summaries if FILTERS[chosen](line.standing, view)]
        expect(methods(table(page, "Ranking", scenario))).to_have_text(wanted)
        for label, row in zip(wanted, accuracy_rows(page, scenario, len(wanted)), strict=True):
            assert row.startswith(label)
    page.get_by_role("button", name="Clear").click()
    expect(methods(table(page, "Ranking", SCENARIO))).to_have_count(len(views[SCENARIO].summaries))


def accuracy_rows(page: Page, scenario: str, count: int) -> list[str]:
    rows = table(page, "Accuracy by queries", scenario).locator("tbody tr:visible")
    expect(rows).to_have_count(count)
    return rows.all_inner_texts()


def test_a_budget_leaves_its_column_and_its_points(visits: Open, file: Path, views: dict[str, ScenarioView]) -> None:
    page = visits(file).go(route(*PAGE))
    page.locator("select[name=budget]").select_option("150")
    accuracy = table(page, "Accuracy by queries", SCENARIO)
    expect(accuracy.locator("th:visible")).to_have_text(["method", "150"])
    mean = views[SCENARIO].at["drmi", "accuracy", ""][150].mean
    assert f"{100 * mean:.1f}" in accuracy.locator("tr", has_text="drmi").inner_text()


def test_the_overview_filters_by_what_answers_hold(visits: Open, file: Path) -> None:
    page = visits(file).go()
    rows = page.locator("main tr[data-access]:visible")
    expect(rows).to_have_count(2)
    page.locator("select[name=access]").select_option("label")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(SCENARIO)
    expect(page.locator(".count")).to_have_text("1 of 2 rows; sentences are of all")


def test_the_overview_answers_who_wins_at_a_budget(visits: Open, file: Path) -> None:
    page = visits(file).go("#/?dataset=digits&budget=150")
    heads = page.locator(".current table.first thead th:visible").all_inner_texts()
    assert heads == ["first, by queries", "150"]
    won = page.locator(".current table.first tbody tr:visible td:visible").all_inner_texts()
    assert [text.split("\n")[0] for text in won] == ["digits", "mega 80.0", "digits", "drmi 83.0"]
    nothing = visits(file).go("#/?dataset=digits&budget=7")
    expect(nothing.locator("select[name=budget]")).to_have_value("")

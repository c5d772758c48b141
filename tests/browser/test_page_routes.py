"""Links into the page show what they name, and the browser's back and forward do what they do elsewhere."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from browser_samples import DATASET, HOSTILE_DATASET, HOSTILE_SUITE, SCENARIO, SUITE
from browsing import Open, methods, route, table
from playwright.sync_api import expect

from benchbox.store import Store

pytestmark = pytest.mark.browser


def test_a_link_to_a_method_shows_what_it_is_and_its_results(visits: Open, file: Path) -> None:
    page = visits(file).go(route("method", "drmi"))
    main = page.get_by_role("main")
    assert "drmi" in main.get_by_role("heading", level=1).inner_text()
    text = main.inner_text()
    for part in ("selector", "alpha", "95.0 [93.9, 95.9]", "81.7 ± 1.0"):
        assert part in text, "kind, an option of the plugin, accuracy at the last budget, area"


def test_a_link_to_a_cell_shows_identity_seed_ledger_and_environment(visits: Open, file: Path, store: Store) -> None:
    cell = str(store.cells(label="rich", seed=3)["cell"].iloc[0])
    for address in (cell, cell[:10]):
        page = visits(file).go(route("cell", address))
        text = page.get_by_role("main").inner_text()
        for part in (cell, "trace", "suite seed 3", "ab" * 32, "agreement", "scoring version", "label-only", "90.4"):
            assert part in text, part
    page.locator("main a[href^='#/environment/']:visible").click()
    expect(page.get_by_role("main")).to_contain_text("2.15.0")


def test_a_link_to_a_failed_cell_shows_its_error(visits: Open, file: Path, store: Store) -> None:
    cell = str(store.cells(label="broken", seed=0)["cell"].iloc[0])
    page = visits(file).go(route("cell", cell))
    assert "ValueError: no broken" in page.get_by_role("main").inner_text()


def test_a_link_to_a_filtered_view_filters(visits: Open, file: Path) -> None:
    page = visits(file).go(route("suite", SUITE, DATASET, method="drmi", budget="150"))
    ranked = methods(table(page, "Ranking", SCENARIO))
    expect(ranked).to_have_text(["drmi"])
    assert page.locator("select[name=method]").input_value() == "drmi"
    expect(table(page, "Accuracy by queries", SCENARIO).locator("th:visible")).to_have_text(["method", "150"])


def test_a_link_with_nonsense_shows_the_overview_or_all_rows(visits: Open, file: Path) -> None:
    for address in (route("method", "no such <method>"), "#/%", "#nonsense", "#"):
        page = visits(file).go(address)
        assert page.get_by_role("table", name="Who is first").first.is_visible(), address
        assert page.get_by_text("leads to no page here").is_visible() == (address != "#"), address
    page = visits(file).go(route("suite", SUITE, DATASET, method="none", budget="7", sort="x", nonsense="<b>"))
    expect(methods(table(page, "Ranking", SCENARIO))).to_have_count(10)


def test_a_link_that_is_encoded_more_than_needed_leads_there_too(visits: Open, file: Path) -> None:
    address = "#/" + "/".join(quote(part, safe="") for part in ("suite", HOSTILE_SUITE, HOSTILE_DATASET))
    assert "%27" in address
    title = visits(file).go(address).get_by_role("main").get_by_role("heading", level=1)
    assert HOSTILE_SUITE in title.inner_text()


def test_back_and_forward_retrace_pages_and_filters(visits: Open, file: Path) -> None:
    page = visits(file).go()
    title = page.get_by_role("main").get_by_role("heading", level=1)
    first = title.inner_text()
    page.get_by_role("main").get_by_role("link", name=DATASET, exact=True).first.click()
    expect(title).to_contain_text(DATASET)
    ranked = methods(table(page, "Ranking", SCENARIO))
    everything = ranked.all_inner_texts()
    page.locator("select[name=method]").select_option("drmi")
    expect(ranked).to_have_text(["drmi"])
    table(page, "Ranking", SCENARIO).get_by_role("link", name="drmi").click()
    expect(title).to_contain_text("drmi")
    page.go_back()
    expect(ranked).to_have_text(["drmi"])
    page.go_back()
    expect(ranked).to_have_text(everything)
    page.go_back()
    expect(title).to_have_text(first)
    for _ in range(3):
        page.go_forward()
    expect(title).to_contain_text("drmi")


def test_the_theme_can_be_chosen_and_is_kept(visits: Open, file: Path) -> None:
    one = visits(file, theme="light")
    page = one.go()
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(paper)
    for _ in range(2):
        page.get_by_role("button", name="Theme").click()
    dark = page.evaluate(paper)
    assert dark != light
    page.reload()
    assert page.evaluate(paper) == dark
    assert visits(file, theme="dark").go().evaluate(paper) == dark

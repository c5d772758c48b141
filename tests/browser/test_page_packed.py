"""Scenarios that the page holds packed are as good as the others where scripts run, and are pointed at where none does."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser_samples import DATASET, SCENARIO, SUITE
from browsing import Open, methods, route, table, write_page
from playwright.sync_api import expect

from benchbox.registry import Catalogue
from benchbox.report.html.building import Limits
from benchbox.store import Store

pytestmark = pytest.mark.browser

PAGE = ("suite", SUITE, DATASET)


@pytest.fixture(scope="module")
def packed(store: Store, catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the samples, of which no scenario can be read without a script."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchbox.report.html.page.Limits", lambda: Limits(scenarios=0))
        return write_page(store, catalogue, tmp_path_factory.mktemp("packed"))


def test_its_tables_sort_filter_and_tell_as_the_others_do(visits: Open, packed: Path, file: Path) -> None:
    said = []
    for shown in (file, packed):
        page = visits(shown).go(route(*PAGE, sort="0.1.up", privileged="no"))
        ranking = table(page, "Ranking", SCENARIO)
        expect(ranking).to_be_visible()
        page.locator(".page.current .pt[tabindex='0']").first.focus()
        rows, told = methods(ranking).all_inner_texts(), page.locator(".tip").inner_text()
        ranking.get_by_role("button", name="area").click()
        said.append([rows, told, page.locator(".count").inner_text(), methods(ranking).all_inner_texts()])
    assert said[0] == said[1]
    assert all(said[0])


def test_a_link_to_one_of_its_scenarios_leads_there(visits: Open, packed: Path) -> None:
    page = visits(packed).go(route(*PAGE, SCENARIO))
    expect(table(page, "Ranking", SCENARIO)).to_be_in_viewport(ratio=0.01)
    assert (
        page.locator("template.packed", has_text="").count()
        == page.locator(".page:not(.current) template.packed").count()
    )


def test_without_scripts_it_says_where_the_tables_are(visits: Open, packed: Path) -> None:
    page = visits(packed, scripts=False).go(route(*PAGE))
    expect(page.get_by_text("A script unpacks the tables of this scenario here.").first).to_be_visible()
    link = page.get_by_role("link", name="its Markdown page").first
    assert (packed.parent / str(link.get_attribute("href"))).is_file()

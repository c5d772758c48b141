"""Everybody can read and use the page: axe's rules, narrow windows, keyboard alone, scripts off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_samples import DATASET, HOSTILE_DATASET, HOSTILE_SUITE, IMG, SCENARIO, SUITE
from browsing import NARROW, WIDE, Open, methods, route, table, unfold
from playwright.sync_api import Page, expect

from benchbox.report.tables.words import figure
from benchbox.report.views.scenario import ScenarioView
from benchbox.store import Store

pytestmark = pytest.mark.browser

COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules on which a theme has a bearing, and a width has none."""
KINDS = ("overview", "suite", "method", "cell", "failed cell")


@pytest.fixture(scope="session")
def routes(store: Store) -> dict[str, str]:
    """A route of every kind."""
    rich, broken = (str(store.cells(label=label)["cell"].iloc[0]) for label in ("rich", "broken"))
    return {
        "overview": "",
        "suite": route("suite", SUITE, DATASET),
        "method": route("method", "trace"),
        "cell": route("cell", rich),
        "failed cell": route("cell", broken),
        "hostile suite": route("suite", HOSTILE_SUITE, HOSTILE_DATASET),
        "hostile method": route("method", IMG),
        "hostile cell": route("cell", str(store.cells(label=IMG)["cell"].iloc[0])),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_in_either_theme_nor_width(
    visits: Open, file: Path, routes: dict[str, str], kind: str
) -> None:
    page = visits(file).go(routes[kind])
    unfold(page)
    page.evaluate(
        "for (const other of document.querySelectorAll('.page:not(.current)')) other.remove()"
    )  # axe reads all
    assert violations(page, {}) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, {"runOnly": COLOURS}) == []
    page.set_viewport_size({"width": NARROW, "height": 900})
    assert violations(page, {"rules": {rule: {"enabled": False} for rule in COLOURS}}) == []


def violations(page: Page, options: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rule, place and reason of what axe objects to."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [(rule["id"], node["target"], node["failureSummary"]) for rule in found for node in rule["nodes"][:3]]


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_nothing_overflows(visits: Open, file: Path, routes: dict[str, str], width: int) -> None:
    one = visits(file, width=width)
    wider = {}
    for kind, address in routes.items():
        unfold(one.go(address))
        wider[kind] = one.overflow()
    assert max(wider.values()) <= 0, wider


def test_the_keyboard_alone_reaches_and_works_everything(visits: Open, file: Path) -> None:
    page = visits(file).go(route("suite", SUITE, DATASET))
    unfold(page)
    reached = tab_through(page)
    assert len(reached) > 50
    assert page.evaluate(MISSED, reached) == []


def test_enter_and_space_work_what_has_the_focus(visits: Open, file: Path, views: dict[str, ScenarioView]) -> None:
    page = visits(file).go(route("suite", SUITE, DATASET))
    ranking = table(page, "Ranking", SCENARIO)
    head = ranking.locator("th", has_text="area")
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    page.keyboard.press("Space")
    assert head.get_attribute("aria-sort") == "ascending"
    page.locator("select[name=privileged]").focus()
    page.keyboard.press("ArrowDown")
    expect(methods(ranking).filter(has_text="cpb")).to_have_count(0)
    expect(methods(ranking).filter(has_text="drmi")).to_have_count(1)
    ranking.get_by_role("link", name="drmi", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_contain_text("drmi")


def test_the_skip_link_comes_first_and_leads_to_the_results(visits: Open, file: Path) -> None:
    page = visits(file).go()
    page.keyboard.press("Tab")
    assert page.locator(".skip:focus").count() == 1
    page.evaluate("(address) => { location.hash = address }", route("suite", SUITE, DATASET))
    title = page.get_by_role("main").get_by_role("heading", level=1)
    expect(title).to_contain_text(DATASET)
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.reload()
    expect(title).to_contain_text(DATASET)


NUMBER = """() => {
  const focus = document.activeElement;
  if (focus === document.body) return null;
  window.stops ||= [];
  let at = window.stops.indexOf(focus);
  if (at < 0) at = window.stops.push(focus) - 1;
  return at;
}"""
MISSED = """(reached) => [...document.querySelectorAll("a[href], button, select, summary, [tabindex='0'], .scroll")]
  .filter((one) => one.checkVisibility() && !reached.some((at) => window.stops[at] === one))
  .map((one) => one.outerHTML.slice(0, 200))"""


def tab_through(page: Page) -> list[int]:
    """Press Tab from the page's first stop until the focus leaves the page; return the stops, numbered in their order."""
    page.locator(".skip").focus()
    stops: list[int] = []
    while (at := page.evaluate(NUMBER)) is not None and at not in stops:
        stops.append(at)
        page.keyboard.press("Tab")
    return stops


def test_without_scripts_headlines_tables_and_plots_are_to_be_seen(
    visits: Open, file: Path, views: dict[str, ScenarioView]
) -> None:
    page = visits(file, scripts=False).go()
    text = page.get_by_role("main").inner_text()
    for line in views[SCENARIO].summaries:
        assert line.standing.label in text
        assert line.last is None or figure(line.last, line.last.n) in text
    assert page.locator("svg.plot:visible").count() == 4
    assert page.get_by_role("table", name="Ranking").first.is_visible()
    assert page.get_by_role("button").count() == 0 and page.get_by_role("combobox").count() == 0, (
        "nothing that cannot work"
    )
    page.get_by_role("link", name="drmi", exact=True).first.click()
    assert page.url.endswith(route("method", "drmi"))


def test_without_scripts_nothing_overflows(visits: Open, file: Path) -> None:
    one = visits(file, scripts=False, width=NARROW)
    assert one.go().evaluate("document.documentElement.scrollWidth") <= NARROW

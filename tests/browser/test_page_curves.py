"""A point of a curve says what it is when it is pointed at, and when it is reached by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser_samples import DATASET, SCENARIO, SUITE
from browsing import Open, Visit, route
from playwright.sync_api import Page, expect

from benchbox.report.tables.words import figure
from benchbox.report.views.scenario import ScenarioView

pytestmark = pytest.mark.browser


def says(views: dict[str, ScenarioView], label: str, budget: int) -> list[str]:
    point = views[SCENARIO].at[label, "accuracy", ""][budget]
    return [label, f"{budget} queries", figure(point, point.n)]


def hover(page: Page, label: str, budget: int) -> None:
    point = page.locator(f".plot:visible .s[data-m='{label}'] .pt[data-b='{budget}']")
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


@pytest.mark.parametrize(("label", "budget"), [("drmi", 150), ("cpb", 600), ("rich", 50)])
def test_hovering_names_the_point(samples: Visit, views: dict[str, ScenarioView], label: str, budget: int) -> None:
    page = samples.go(route("suite", SUITE, DATASET))
    tip = page.locator(".tip")
    expect(tip).to_be_hidden()
    hover(page, label, budget)
    for part in says(views, label, budget):
        expect(tip).to_contain_text(part)
    expect(page.locator(".pt.on use")).to_have_css("stroke-width", "1.6px")
    page.mouse.move(2, 2)
    expect(tip).to_be_hidden()


def test_focus_and_arrows_name_the_points(visits: Open, file: Path, views: dict[str, ScenarioView]) -> None:
    page = visits(file).go(route("suite", SUITE, DATASET))
    first = [line.standing.label for line in views[SCENARIO].summaries]
    page.locator(f"[id='{route('suite', SUITE, DATASET, SCENARIO)[1:]}'] .pt[tabindex='0']").focus()
    tip = page.locator(".tip")
    for key, label, budget in (("", first[0], 50), ("ArrowRight", first[0], 150), ("ArrowDown", first[1], 150)):
        if key:
            page.keyboard.press(key)
        for part in says(views, label, budget):
            expect(tip).to_contain_text(part)
            assert part in (page.evaluate("document.activeElement.getAttribute('aria-label')"))
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_a_tip_stays_inside_a_narrow_window(visits: Open, file: Path) -> None:
    page = visits(file, width=390).go(route("suite", SUITE, DATASET))
    for label, budget in (("rich", 50), ("drmi", 600)):
        hover(page, label, budget)
        box = page.locator(".tip").bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390

"""Names, options and errors from plugins and suite files show as the text that they are."""

from __future__ import annotations

import pytest
from browser_samples import (
    HOSTILE,
    HOSTILE_ATTACK,
    HOSTILE_DATASET,
    HOSTILE_ERROR,
    HOSTILE_SCENARIO,
    HOSTILE_SUITE,
    IMG,
)
from browsing import Visit, methods, route, table, unfold
from playwright.sync_api import Page, expect

from benchbox.store import Store

pytestmark = pytest.mark.browser

SUSPECTS = "script, style, img, [onload], [onerror], marquee, u, iframe, object, a[href]"
FOREIGN = """(suspects) => [...document.querySelectorAll(suspects)]
  .filter((one) => !(one.localName === "a" ?
    /^(#|README\\.md$|\\.\\.\\/README\\.md$|data\\/README\\.md$)/.test(one.getAttribute("href"))
    : one.localName === "img" ? one.src.startsWith("data:image/png;base64,")
    : ["script", "style"].includes(one.localName) && one.parentElement.matches("head, body")))
  .map((one) => one.outerHTML.slice(0, 100))"""


def check(page: Page, *texts: str) -> None:
    for text in texts:
        expect(page.get_by_role("main")).to_contain_text(text, use_inner_text=True)
    assert page.evaluate(FOREIGN, SUSPECTS) == []
    assert page.locator("script").count() == 2


def test_a_suite_of_hostile_names_shows_them_as_text(samples: Visit) -> None:
    page = samples.go(route("suite", HOSTILE_SUITE, HOSTILE_DATASET))
    unfold(page)
    check(page, *HOSTILE, HOSTILE_SUITE, HOSTILE_DATASET, HOSTILE_SCENARIO, HOSTILE_ATTACK, HOSTILE_ERROR)
    shown = methods(table(page, "Not ranked", HOSTILE_SCENARIO)).all_inner_texts()
    assert shown[: len(HOSTILE)] == list(reversed(HOSTILE))


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_a_hostile_name_can_be_filtered_followed_and_pointed_at(samples: Visit, number: int) -> None:
    name = HOSTILE[number]
    page = samples.go(route("suite", HOSTILE_SUITE, HOSTILE_DATASET))
    page.locator("select[name=method]").select_option(name)
    ranking = table(page, "Not ranked", HOSTILE_SCENARIO)
    expect(methods(ranking)).to_have_text([name])
    page.locator(".plot:visible .s:not(.off) .pt").first.focus()
    expect(page.locator(".tip")).to_contain_text(name)
    ranking.get_by_role("link").click()
    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_contain_text(name)
    check(page, name)
    assert page.url.endswith(route("method", name))


@pytest.mark.parametrize("name", [*HOSTILE, f"failed {IMG}", f"not-applicable {IMG}"])
def test_a_cell_full_of_hostile_text_shows_it_as_text(samples: Visit, store: Store, name: str) -> None:
    cell = str(store.cells(suite=HOSTILE_SUITE, label=name)["cell"].iloc[0])
    page = samples.go(route("cell", cell))
    unfold(page)
    if name not in HOSTILE:
        check(page, name, HOSTILE_SUITE, HOSTILE_DATASET, HOSTILE_ERROR)
        return
    check(page, name, HOSTILE_SUITE, HOSTILE_DATASET, HOSTILE_ATTACK, f"agreement{name}", f"method{name}")
    page.locator("main a[href^='#/environment/']:visible").click()
    check(page, f"torch{name}")
    page.go_back()
    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_contain_text("cell")
    page.locator("main a[href^='#/rules/']:visible").click()
    check(page, IMG, HOSTILE_ATTACK)

"""The watch over the page sees what it should: a page with every fault is caught at each."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import MISSING, chromium, visit
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

BAD = """<!doctype html><meta http-equiv="Content-Security-Policy" content="style-src 'none'">
<script>console.error("spoken"); setTimeout(() => alert("boo")); setTimeout(() => { throw new Error("thrown") })</script>
<style>p { color: red }</style><img src=x><img src="https://example.org/far.png">
<table width=2000><td>wide</table>"""


def test_every_fault_of_a_page_is_noticed(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "bad.html"
    file.write_text(BAD, encoding="utf-8")
    one = visit(browser, file, width=390)
    page = one.go()
    page.wait_for_timeout(50)
    wider = one.overflow()
    page.context.close()
    found = "\n".join(one.troubles)
    beside = f"request: {tmp_path.as_uri()}/x"
    for trouble in ("error: spoken", "dialog: boo", "exception: thrown", "CSP: style-src", beside, "example.org/far"):
        assert trouble in found
    assert wider > 1600


def test_without_a_browser_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BENCHBOX_CHROMIUM", raising=False)
    monkeypatch.setattr("browsing.NAMES", ("no-such-browser",))
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"):
        chromium()
    monkeypatch.setenv("BENCHBOX_CHROMIUM", str(tmp_path / "none"))
    with pytest.raises(pytest.fail.Exception, match=r"none', which is no program; the tests"):
        chromium()
    assert "not browser" in MISSING

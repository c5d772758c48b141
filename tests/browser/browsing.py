"""Finding a Chromium, and visiting pages with it while noting everything that must not happen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Browser, Locator, Page

from benchbox.registry import Catalogue
from benchbox.report import write_leaderboard
from benchbox.store import Store

Theme = Literal["light", "dark"]

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
MISSING = (
    "the tests of the HTML page need Chromium or Chrome: install it ('apt-get install chromium'), or name the program in "
    "BENCHBOX_CHROMIUM, or leave these tests out with 'pytest -m \"not browser\"'"
)
FLAGS = ("--no-first-run", "--disable-gpu", "--disable-quic", "--disable-sync")
WIDE, NARROW = 1280, 390
WATCH = "document.addEventListener('securitypolicyviolation', e => console.error('CSP: ' + e.violatedDirective));"


def write_page(store: Store, catalogue: Catalogue, folder: Path) -> Path:
    """Write the pages of a store, and return the one that is opened."""
    return next(path for path in write_leaderboard(store, folder, catalogue) if path.suffix == ".html")


def chromium() -> str:
    """Return the path of a Chromium; fail in one sentence where there is none."""
    named = os.environ.get("BENCHBOX_CHROMIUM")
    found = next((path for path in map(shutil.which, [named] if named else NAMES) if path), None)
    if found is None:
        pytest.fail(
            f"BENCHBOX_CHROMIUM names '{named}', which is no program; {MISSING}" if named else MISSING, pytrace=False
        )
    return found


@dataclass
class Visit:
    """A page that is open.

    Attributes:
        page: playwright's page.
        file: what it shows.
        troubles: console errors and warnings, exceptions, dialogs, and requests that left the file.
    """

    page: Page
    file: Path
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        page = self.page
        page.on("console", lambda m: self._note(m.type, m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self._note("exception", str(error)))
        page.on("dialog", lambda dialog: (self._note("dialog", dialog.message), dialog.dismiss()))
        page.on("request", lambda request: None if self._own(request.url) else self._note("request", request.url))

    def _note(self, kind: str, text: str) -> None:
        self.troubles.append(f"{kind}: {text[:300]}")

    def _own(self, url: str) -> bool:
        return url.startswith(("data:", "blob:")) or url.partition("#")[0] == self.file.as_uri()

    def go(self, route: str = "") -> Page:
        """Open a route, ``#/...``, by its address."""
        self.page.goto(self.file.as_uri() + route)
        return self.page

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


Open = Callable[..., Visit]
"""Opens a file in a window of its own; options as in ``visit``."""


def route(*parts: str, **filters: str) -> str:
    """Return a link into the page, such as ``#/suite/label-only/digits?kind=selector``."""
    path = "/".join(quote(part, safe="!'()*") for part in parts)
    return f"#/{path}{'?' if filters else ''}{urlencode(filters)}"


def table(page: Page, caption: str, scenario: str) -> Locator:
    """Return a table that is to be seen, by its caption and the title of its scenario."""
    block = page.locator("section:visible").filter(has=page.get_by_role("heading", name=scenario, exact=True)).last
    return block.get_by_role("table", name=caption, exact=True)


def methods(table: Locator) -> Locator:
    """Return the names of the methods in the rows of a ranking that are to be seen, from top to bottom."""
    return table.locator("tbody tr:visible a")


def unfold(page: Page) -> None:
    """Open everything that can be folded."""
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")


def visit(browser: Browser, file: Path, *, width: int = WIDE, theme: Theme = "light", scripts: bool = True) -> Visit:
    """Open an empty page that will show ``file``; the caller closes its context."""
    size: Any = {"width": width, "height": 900}
    context = browser.new_context(
        viewport=size, color_scheme=theme, java_script_enabled=scripts, reduced_motion="reduce", offline=True
    )
    context.set_default_timeout(3000)
    context.set_default_navigation_timeout(30_000)  # a busy machine is no reason for a page that fails
    context.add_init_script(WATCH)
    return Visit(context.new_page(), file)

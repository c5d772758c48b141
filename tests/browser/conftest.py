from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser_samples
import pytest
from browsing import FLAGS, Open, Visit, chromium, visit, write_page
from playwright.sync_api import Browser, sync_playwright
from report_samples import paper

from benchbox.registry import Catalogue
from benchbox.report import read_pages
from benchbox.report.views.scenario import ScenarioView
from benchbox.store import Store

ROOT = Path(__file__).parents[2]

REPORTED = paper(
    """
  { method = "drmi", name = "DRMI", budget = 600, value = 95.1 },
  { method = "random", name = "baseline", budget = 50, value = 50.0 },
""",
    name="<i>Toy</i>",
    citation="Nobody & </script><script>alert(7)</script>",
    differs="<img src=x onerror=alert(8)>",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=list(FLAGS))


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = tmp_path_factory.mktemp("suites")
    (folder / "reported").mkdir()
    (folder / "reported" / "toy.toml").write_text(REPORTED, encoding="utf-8")
    catalogue = Catalogue.discover()
    catalogue.suite_folders = [folder]
    return catalogue


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("samples") / "results.db") as store:
        browser_samples.fill(store)
        yield store


@pytest.fixture(scope="session")
def file(store: Store, catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the samples."""
    return write_page(store, catalogue, tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="session")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the committed store."""
    folder = tmp_path_factory.mktemp("committed")
    with Store.open(shutil.copy(ROOT / "results.db", folder)) as store:
        return write_page(store, Catalogue.discover(), folder)


@pytest.fixture(scope="session")
def views(store: Store, catalogue: Catalogue) -> dict[str, ScenarioView]:
    """What the samples' page must say, by scenario."""
    pages = read_pages(store, catalogue)
    return {view.name: view for page in pages for view in page.scenarios}


@pytest.fixture
def visits(browser: Browser) -> Iterator[Open]:
    """Give a function that opens a file in a window of its own; whatever went wrong in one fails the test at its end."""
    opened: list[Visit] = []

    def open_file(file: Path, **options: Any) -> Visit:
        opened.append(visit(browser, file, **options))
        return opened[-1]

    yield open_file
    assert opened
    for one in opened:
        one.page.context.close()
    assert [trouble for one in opened for trouble in one.troubles] == []


@pytest.fixture(scope="session")
def window(browser: Browser, file: Path) -> Iterator[Visit]:
    one = visit(browser, file)
    yield one
    one.page.context.close()


@pytest.fixture
def samples(window: Visit) -> Iterator[Visit]:
    """The samples' page in a window that tests share, for those that neither sort nor change the theme."""
    window.troubles.clear()
    yield window
    assert window.troubles == []

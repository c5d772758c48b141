"""Writing the leaderboard's folder from a store, and checking that it is what the store gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchbox.registry import Registry
from benchbox.report import html, markdown, plots
from benchbox.report.export import export_files, exported
from benchbox.report.page import PageView, asked_for, read_pages
from benchbox.report.paths import HTML, INDEX, MARK, critical_path, page_path, plot_path, suite_path
from benchbox.report.suite import SuiteView, suite_views

if TYPE_CHECKING:
    from benchbox.store import Store

MANY = 12
"""Fewest names of scenarios whose plots are worth a second process."""


def render(
    store: Store,
    registry: Registry,
    suites: Sequence[str] | None = None,
    datasets: Sequence[str] | None = None,
    *,
    apart: bool = False,
) -> dict[str, bytes]:
    """Return every file by its path in the folder. The index, the HTML page and the data always tell of the whole store.

    Args:
        store: what is told of.
        registry: says what methods and suites are.
        suites, datasets: those whose pages are made; all where none is named.
        apart: whether a second process may draw plots, where there are many; see ``plots.painting``.

    Raises:
        UnknownNameError: the store holds nothing of a suite or data set that was asked for.
    """
    with plots.painting(apart and len(store.known("scenario")) >= MANY) as painter:
        whole = read_pages(store, registry)
        named = asked_for(((page.suite, page.dataset) for page in whole), store, suites, datasets)
        asked = [page for page in whole if (page.suite, page.dataset) in named]
        shown = {path: curves for page in asked for path, curves in _plots(page).items()}
        plot = painter(shown)
        files = {
            str(INDEX): markdown.render_index(whole).encode(),
            str(HTML): html.render_html(store, registry, whole),
        }
        files |= export_files(whole)
        for page in asked:
            files[str(page_path(page.suite, page.dataset))] = markdown.render_page(page).encode()
        files |= {path: plot(path) for path in shown}
    for suite in suite_views(whole):
        if suite.suite in {page.suite for page in asked}:
            files |= _suite_files(suite)
    return files


def _suite_files(suite: SuiteView) -> dict[str, bytes]:
    files = {str(suite_path(suite.suite)): markdown.render_suite(suite).encode()}
    for number, family in enumerate(suite.families, 1):
        if family.found:
            files[str(critical_path(suite.suite, number))] = plots.critical_plot(family.found)
    return files


def _plots(page: PageView) -> dict[str, plots.Curves]:
    found = {}
    for view in page.scenarios:
        if view.budgets:
            target = page.targets.get(view.target_sha256)
            accuracy = float(target["accuracy"]) if target else None
            found[str(plot_path(page.suite, page.dataset, view.name))] = plots.curves(view, accuracy)
    return found


def write_leaderboard(
    store: Store,
    out: Path,
    registry: Registry,
    suites: Sequence[str] | None = None,
    datasets: Sequence[str] | None = None,
    *,
    apart: bool = False,
) -> list[Path]:
    """Write the pages; files that are the same already are left alone.

    Without ``suites`` and ``datasets``, pages of suites that the store no longer holds are removed, if this program
    wrote them. ``apart``: as for ``render``.

    Returns:
        The paths of all files that the store gives.

    Raises:
        UnknownNameError: the store holds nothing of a suite or data set that was asked for.
    """
    files = render(store, registry, suites, datasets, apart=apart)
    if not suites and not datasets:
        for path in stale(out, files):
            path.unlink()
            _remove_empty(path.parent, out)
    for name, data in files.items():
        path = out / name
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return [out / name for name in files]


def differing(
    store: Store,
    out: Path,
    registry: Registry,
    suites: Sequence[str] | None = None,
    datasets: Sequence[str] | None = None,
    *,
    apart: bool = False,
) -> list[Path]:
    """Return the files that are missing, stale or not what the store gives; empty where the folder is up to date.

    What another version of matplotlib drew is held against the data that it says it shows, not against its bytes. ``apart``:
    as for ``render``.
    """
    files = render(store, registry, suites, datasets, apart=apart)
    wrong = [out / name for name, data in files.items() if not _holds(out / name, data)]
    return wrong if suites or datasets else wrong + stale(out, files)


def stale(out: Path, files: dict[str, bytes]) -> list[Path]:
    """Return the files below ``out`` that this program wrote and the store no longer gives."""
    return [path for path in _ours(out) if path.relative_to(out).as_posix() not in files]


def _ours(out: Path) -> Iterator[Path]:
    for path in sorted([*out.glob("*/*.md"), *out.glob("*/*.svg")]):
        with path.open("rb") as file:
            if (markdown.HEAD if path.suffix == ".md" else MARK).encode() in file.read(4096):
                yield path
    yield from exported(out)


def _remove_empty(folder: Path, out: Path) -> None:
    if folder != out and not any(folder.iterdir()):
        folder.rmdir()


def _holds(path: Path, data: bytes) -> bool:
    if not path.is_file():
        return False
    same = {".svg": plots.same_plot, ".html": html.same_page}.get(path.suffix, bytes.__eq__)
    return same(path.read_bytes(), data)

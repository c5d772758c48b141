"""Writing the leaderboard's folder from a store, and checking that it is what the store gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from benchbox.errors import OptionError
from benchbox.paths import write_whole
from benchbox.registry import Catalogue
from benchbox.report import html, markdown
from benchbox.report.export import export_files, exported
from benchbox.report.origin import origin
from benchbox.report.page import asked_for, enrolled, pages_of
from benchbox.report.paths import HTML, INDEX, MARK, PICTURE, READING, page_path, plot_path, suite_path
from benchbox.report.plots import families, scenario_plots, svg
from benchbox.report.suite import in_order, suite_views, unplayed

if TYPE_CHECKING:
    from benchbox.store import Store

_PAGES = ("*.md", "*/*.md", "*.svg", "*/*.svg", "*.html")


def render(
    store: Store,
    catalogue: Catalogue,
    suites: Sequence[str] | None = None,
    datasets: Sequence[str] | None = None,
) -> dict[str, bytes]:
    """Return every file by its path in the folder. The index, the HTML page and the data always tell of the whole store.

    ``suites`` and ``datasets`` are those whose pages are made; all where none is named.

    Raises:
        UnknownNameError: the store holds nothing of a suite or data set that was asked for.
    """
    cells = enrolled(store)
    named = asked_for(cells, store, suites, datasets)
    pages = pages_of(store, catalogue, cells)
    whole = in_order(suite_views(pages))
    front = families(whole)
    made, missing = origin(store), unplayed(whole, catalogue)
    files = {
        str(INDEX): markdown.render_index(whole, front, made.told, missing).encode(),
        str(READING): markdown.render_reading().encode(),
        str(HTML): html.render_html(store, catalogue, whole, cells, made, front, missing),
    }
    files |= {str(PICTURE): svg(front)} if front else {}
    files |= export_files(suite_views(pages), made.date)
    asked = [page for page in pages if (page.suite, page.dataset) in named]
    for page in asked:
        files[str(page_path(page.suite, page.dataset))] = markdown.render_page(page).encode()
        for view in page.scenarios:
            for end, plot in scenario_plots(view, page.accuracy(view)).items():
                files[str(plot_path(page.suite, page.dataset, view.name, end))] = svg(plot)
    for suite in whole:
        if suite.suite in {page.suite for page in asked}:
            files[str(suite_path(suite.suite))] = markdown.render_suite(suite).encode()
    return files


def write_leaderboard(
    store: Store,
    out: Path,
    catalogue: Catalogue,
    suites: Sequence[str] | None = None,
    datasets: Sequence[str] | None = None,
) -> list[Path]:
    """Write the pages; files that are the same already are left alone.

    Without ``suites`` and ``datasets``, pages of suites that the store no longer holds are removed, if this program
    wrote them. Returned are the paths of all files that the store gives; see ``render`` for further errors.

    Raises:
        OptionError: the folder is a file, or a page would be written over what another program wrote; nothing is written.
    """
    if out.exists() and not out.is_dir():
        raise OptionError(f"'{out}' is a file; a leaderboard is a folder")
    files = render(store, catalogue, suites, datasets)
    _refuse_foreign(out, files)
    if not suites and not datasets:
        for path in stale(out, files):
            path.unlink()
            if path.parent != out and not any(path.parent.iterdir()):
                path.parent.rmdir()
    for path in _wrong(out, files):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, files[path.relative_to(out).as_posix()])
    return [out / name for name in files]


def differing(
    store: Store,
    out: Path,
    catalogue: Catalogue,
    suites: Sequence[str] | None = None,
    datasets: Sequence[str] | None = None,
) -> list[Path]:
    """Return the files that are missing, stale or not what the store gives; empty where the folder is up to date."""
    files = render(store, catalogue, suites, datasets)
    return _wrong(out, files) + ([] if suites or datasets else stale(out, files))


def stale(out: Path, files: dict[str, bytes]) -> list[Path]:
    """Return the files below ``out`` that this program wrote and the store no longer gives."""
    return [path for path in _ours(out) if path.relative_to(out).as_posix() not in files]


def _refuse_foreign(out: Path, files: dict[str, bytes]) -> None:
    ours = {*_ours(out)}
    for path in _wrong(out, files):
        if path.exists() and path not in ours:
            raise OptionError(
                f"'{path}' is no page of a leaderboard, and would be written over; name another folder, or move it away"
            )


def _ours(out: Path) -> Iterator[Path]:
    for path in sorted(filter(Path.is_file, (path for name in _PAGES for path in out.glob(name)))):
        with path.open("rb") as file:
            if _marks()[path.suffix].encode() in file.read(4096):
                yield path
    yield from exported(out)


@cache
def _marks() -> dict[str, str]:
    """Return by a page's ending what stands near its start."""
    from markupsafe import escape

    return {".md": markdown.HEAD, ".svg": MARK, ".html": str(escape(MARK))}


def _wrong(out: Path, files: dict[str, bytes]) -> list[Path]:
    return [out / name for name, data in files.items() if not _holds(out / name, data)]


def _holds(path: Path, data: bytes) -> bool:
    if not path.is_file():
        return False
    held = path.read_bytes()
    return html.same_page(held, data) if path.suffix == ".html" else held == data

"""The page as bytes: of at most three million, and the same wherever the same is shown."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import PIL
from markdown_it import MarkdownIt
from markupsafe import Markup

from benchbox.registry import Catalogue
from benchbox.report import prose
from benchbox.report.html.building import Builder, Limits
from benchbox.report.html.packing import packed, unpacked
from benchbox.report.html.table import chip, inner, table_html
from benchbox.report.origin import Origin
from benchbox.report.paths import MARK, route
from benchbox.report.plots import MOST_CURVES, Plot, drawing
from benchbox.report.prose import TEMPLATES, fill, templates
from benchbox.report.suite import SuiteView, papers
from benchbox.report.tables import defences, headline, parts, printed, rules, scenario, sentences

if TYPE_CHECKING:
    import pandas as pd

    from benchbox.store import Store
    from benchbox.suites import Suite

LIMIT = 3_000_000

_PICTURES = re.compile(rb'data:image/png;base64,[^"]*')
_TOOLS = re.compile(rb'<meta name="packed-by" content="[^"]*">')


def render_html(
    store: Store,
    catalogue: Catalogue,
    suites: Sequence[SuiteView],
    cells: pd.DataFrame,
    made: Origin,
    front: Plot | None,
    unplayed: Sequence[Suite] = (),
) -> bytes:
    """Return the page of a whole store, of at most ``LIMIT`` bytes.

    Args:
        store, catalogue, suites, cells, made: see ``Builder``.
        front: the picture of the overview, where there is one.
        unplayed: suites without a result.
    """
    templates().filters.update(_FILTERS)
    templates().globals.update(
        {"tables": _TABLES, "most_curves": MOST_CURVES, "prose": prose, "chip": chip, "papers": papers}
    )
    builder, limits = Builder(store, catalogue, suites, cells, made), Limits()
    style, *scripts = (Markup((TEMPLATES / name).read_text(encoding="utf-8").strip()) for name in _ASSETS)
    frame: dict[str, Any] = {"style": style, "scripts": scripts, "policy": _policy(style, scripts), "mark": MARK}
    frame |= {"front": front, "unplayed": unplayed}
    # pictures that are packed by other versions may have other bytes
    frame |= {"packed_by": f"pillow {PIL.__version__}, zlib {zlib.ZLIB_RUNTIME_VERSION}", "reading": _reading()}
    while True:
        page = fill("page.html", **frame, **builder.content(limits)).encode("utf-8", "replace")
        if len(page) <= LIMIT or limits.scenarios < 1_000:
            return page
        limits = limits.halved()


def same_page(one: bytes, other: bytes) -> bool:
    """Whether two pages show the same: the same bytes, or, where other versions packed them, all but pictures, unpacked."""
    tools = [_TOOLS.search(page) for page in (one, other)]
    if one == other or tools[0] is None or tools[1] is None or tools[0][0] == tools[1][0]:
        return one == other
    return _bare(one) == _bare(other)


def _bare(page: bytes) -> bytes:
    return _TOOLS.sub(b"", _PICTURES.sub(b"", unpacked(page)))


_MODULES = (defences, headline, parts, printed, rules, scenario, sentences)
_TABLES = {module.__name__.rpartition(".")[2]: module for module in _MODULES}
_ASSETS = ("style.css", "early.js", "page.js")
_PROSE = MarkdownIt("commonmark", {"html": False})
_FILTERS = {
    "html": table_html,
    "inner": inner,
    "drawing": drawing,
    "packed": packed,
    "part": lambda text: route(str(text))[1:],
    "prose": lambda text: Markup(_PROSE.renderInline(text)),
}


@cache
def _reading() -> Markup:
    """Return how to read the page: the Markdown's own prose."""
    return Markup(_PROSE.render(prose.reading()))


def _policy(style: str, scripts: Sequence[str]) -> str:
    """Return a content security policy that allows this style, these scripts, pictures in the page, and nothing else."""
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, *scripts))
    css, *allowed = (f"'sha256-{digest}'" for digest in digests)
    rest = "base-uri 'none'; form-action 'none'"
    return f"default-src 'none'; img-src data:; style-src {css}; script-src {' '.join(allowed)}; {rest}"

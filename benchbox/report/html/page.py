"""The page as bytes: of at most three million, and the same wherever the same is shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from benchbox.registry import Catalogue
from benchbox.report.html.building import Builder, Limits
from benchbox.report.html.templating import asset, policy, reading
from benchbox.report.paths import MARK
from benchbox.report.plots import Plot
from benchbox.report.suite import SuiteView
from benchbox.report.templating import fill

if TYPE_CHECKING:
    from benchbox.store import Store

LIMIT = 3_000_000

_PICTURES = re.compile(rb'data:image/png;base64,[^"]*')
_TOOLS = re.compile(rb'<meta name="packed-by" content="[^"]*">')


def render_html(store: Store, catalogue: Catalogue, suites: Sequence[SuiteView], front: Plot | None) -> bytes:
    """Return the page of a whole store, of at most ``LIMIT`` bytes.

    Args:
        store: where cells, matrices and pictures are read from.
        catalogue: what says what a method is.
        suites: every page of the store, by suite, as the Markdown prints them.
        front: the picture of the overview, where there is one.
    """
    builder, limits = Builder(store, catalogue, suites, front), Limits()
    while True:
        made = _render(builder.content(limits))
        if len(made) <= LIMIT or limits.scenarios < 1_000:
            return made
        limits = limits.halved()


def _render(content: dict[str, Any]) -> bytes:
    style, early, script = asset("style.css"), asset("early.js"), asset("page.js")
    text = fill(
        "page.html",
        style=style,
        early=early,
        script=script,
        policy=policy(style, early, script),
        mark=MARK,
        packed_by=_packed_by(),
        reading=reading(),
        **content,
    )
    return text.encode("utf-8", "replace")


def same_page(one: bytes, other: bytes) -> bool:
    """Whether two pages show the same: the same bytes, or, where other versions packed them, all but pictures."""
    tools = [_TOOLS.search(page) for page in (one, other)]
    if one == other or tools[0] is None or tools[1] is None or tools[0][0] == tools[1][0]:
        return one == other
    return _unpacked(one) == _unpacked(other)


def _unpacked(page: bytes) -> bytes:
    return _TOOLS.sub(b"", _PICTURES.sub(b"", page))


def _packed_by() -> str:
    """Return the versions of what packs pictures, whose bytes may differ between them."""
    import zlib

    import PIL

    return f"pillow {PIL.__version__}, zlib {zlib.ZLIB_RUNTIME_VERSION}"

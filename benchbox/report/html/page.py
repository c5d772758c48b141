"""Puts the page together: sections in the order of the store, one style, one script, one policy."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchbox.registry import Registry
from benchbox.report.html.sections import read_site
from benchbox.report.page import PageView

if TYPE_CHECKING:
    from jinja2 import Environment

    from benchbox.store import Store

MARK = "made by 'benchbox leaderboard'"

_HERE = Path(__file__).parent


def render_html(store: Store, registry: Registry, pages: Sequence[PageView]) -> bytes:
    """Return the page of a whole store.

    Args:
        store: where cells, matrices and pictures are read from.
        registry: what says what a method is.
        pages: every page of the store, as the Markdown prints them.
    """
    style, script = _asset("style.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    site = read_site(store, registry, pages)
    text: str = (
        _templates().get_template("page.html").render(site=site, style=style, script=script, policy=policy, mark=MARK)
    )
    return text.encode("utf-8", "replace")


def same_page(one: bytes, other: bytes) -> bool:
    """Whether two pages show the same."""
    return one == other


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _asset(name: str) -> Any:
    from markupsafe import Markup

    return Markup((_HERE / "templates" / name).read_text(encoding="utf-8").strip())


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


__all__ = ["MARK", "render_html", "same_page"]

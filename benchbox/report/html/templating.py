"""Templates that escape everything, and the page's own style and scripts with their hashes."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import TYPE_CHECKING

from benchbox.report import prose, tables
from benchbox.report.html.routes import route, suite_route
from benchbox.report.plots import drawing
from benchbox.report.suite import VERDICTS, papers
from benchbox.report.templating import FOLDER, templates

if TYPE_CHECKING:
    from markupsafe import Markup

_FILTERS = ("sealing", "mixed", "outdated", "finding", "leading", "alone", "gain", "in_paper", "percent")


@cache
def asset(name: str) -> Markup:
    """Return the style or a script, as it stands in the page."""
    from markupsafe import Markup

    return Markup((FOLDER / name).read_text(encoding="utf-8").strip())


def policy(style: str, *scripts: str) -> str:
    """Return a content security policy that allows this style, these scripts, pictures in the page, and nothing else."""
    allowed = " ".join(f"'{_hash(script)}'" for script in scripts)
    return (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; script-src {allowed}; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def reading() -> Markup:
    """Return how to read the page: the Markdown's own prose."""
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    text = "\n\n".join((prose.READING, prose.REPORTED, prose.CLAIMS, prose.AGAIN))
    return Markup(MarkdownIt("commonmark", {"html": False}).render(text))


def _add_filters() -> None:
    filters = templates().filters
    templates().globals["verdicts"] = VERDICTS
    filters |= {name: getattr(tables, name) for name in _FILTERS}
    filters |= {
        "at": lambda headline: suite_route(headline.page.suite, headline.page.dataset, headline.view.name),
        "is_name": lambda part: isinstance(part, tables.Name),
        "figure": lambda found: tables.figure(found, found.n),
        "titles": lambda view: {label: tables.title(standing) for label, standing in view.standings.items()},
        "told": lambda lead, titles: tables.lead([titles[label] for label in lead.open]),
        "drawing": drawing,
        "papers": lambda suites: papers(suites).items(),
    }
    filters["part"] = lambda text: route(str(text))[1:]


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


_add_filters()

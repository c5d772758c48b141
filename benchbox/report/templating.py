"""Templates that escape everything: of the HTML page, and of the plots."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

FOLDER = Path(__file__).parent / "templates"


def fill(template: str, **values: Any) -> Markup:
    """Return a template with its values, all escaped but what is markup already."""
    from markupsafe import Markup

    return Markup(templates().get_template(template).render(**values))


@cache
def templates() -> Environment:
    """Return the templates, to which ``html`` adds filters of its own."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"zip": zip, "enumerate": enumerate}
    return made

"""Tables of the report as elements of the page: cells with classes, chips for states, rows that filters can tell apart."""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

from benchbox.report.paths import route
from benchbox.report.tables.words import Aside, Best, Cell, Link, Method, Name, Shade, Table
from benchbox.report.views.standings import Standing
from benchbox.store import VERIFIED

_STATES = {
    "failed": ("failed", "✕"),
    "interrupted": ("failed", "✕"),
    "missing": ("missing", "○"),
    "not applicable": ("na", "⊘"),
    "privileged": ("privileged", "◆"),
    "unsealed": ("privileged", "◇"),
    "incomplete": ("partial", "◐"),
    "other rules": ("partial", "≠"),
    "other seeds": ("partial", "≠"),
    "superseded": ("partial", "↺"),
}
"""By state, its class and the icon that stands before its word: four ways of having no rank look different without colour."""
_BESIDE = _STATES | {VERIFIED: ("agrees", "✓")}
"""The same of what may stand beside a name; what a method uses, and bars nobody from ranking, has no icon."""
_COLUMNS = {"method": "m", "rank": "r"}
_BUDGET = re.compile(r"[\d,]+")
_SPECIAL = re.compile("[&<>'\"]")


def table_html(
    table: Table,
    caption: str,
    *,
    quiet: bool = False,
    css: str = "sortable",
    several: bool = False,
    linked: bool = False,
) -> Markup:
    """Return a table.

    Args:
        table: as Markdown prints it.
        caption: what it is called where it has no caption of its own.
        quiet: whether its title says the same already, so that the caption is for those alone who cannot see.
        css: its class; ``sortable`` ones get buttons.
        several: whether its methods' substitutes are made by several trainers, so that a row says by which.
        linked: whether a method's name leads to its page.
    """
    columns = [_COLUMNS.get(title, "w" if i in table.words else "") for i, title in enumerate(table.head)]
    above = inner(table.caption) if table.caption else escape(caption)
    hidden = Markup(' class="vh"') if quiet and not table.caption else ""
    head = (
        f'<th scope="col"{_attributes({"class": of, "data-b": title.replace(",", "") if _BUDGET.fullmatch(title) else ""})}>'
        f"{escape(title)}"
        for title, of in zip(table.head, columns, strict=True)
    )
    facts = table.facts or [_facts(standing_of(row), several) for row in table.rows]
    lines = (
        f"<tr{_attributes({f'data-{name}': value for name, value in of.items()}, bare=True)}>{_row(row, columns, linked)}\n"
        for row, of in zip(table.rows, facts, strict=True)
    )
    return Markup(
        f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(caption)}">\n<table class="{css}">'
        f"<caption{hidden}>{above}</caption>\n<thead><tr>{''.join(head)}\n<tbody>\n{''.join(lines)}</table>\n</div>\n"
    )


def standing_of(row: list[Cell]) -> Standing | None:
    """Return how the method that a row is of stands; None of other rows."""
    return next((cell.standing for cell in row if isinstance(cell, Method)), None)


def inner(part: Cell) -> Markup:
    """Return a text of the report, or several, as they stand in a sentence: names stand out."""
    return Markup("".join(map(_within, part)) if isinstance(part, tuple) else _escaped(part))


def _within(part: str) -> str:
    if isinstance(part, Link):
        return _link(part.route, part)
    if isinstance(part, Name):
        return f"<b>{_escaped(part)}</b>"
    if isinstance(part, Aside):
        return chip(part) if part in _STATES else f' <span class="muted">{_escaped(part)}</span>'
    return _escaped(part)


def _escaped(text: str) -> str:
    """Escape text: most of it, the figures of tables, needs none, and is told so faster than it would be escaped."""
    return str(escape(text)) if _SPECIAL.search(text) else text


def chip(state: str, text: str = "") -> Markup:
    """Return the chip of a state, or of what stands beside a name."""
    css, icon = _BESIDE.get(state, ("uses", ""))
    shown = f'<i aria-hidden="true">{icon}</i>' if icon else ""
    return Markup(f'<span class="chip {css}">{shown}{escape(str(text or state))}</span>')


def marks(standing: Standing, barred: bool = False) -> Markup:
    """Return the chips beside a method's name; with ``barred``, another cell says already what bars it from ranking."""
    said = (mark for mark in standing.marks if not barred or mark not in standing.bars)
    return Markup("").join(map(chip, said))


def _row(row: list[Cell], columns: list[str], linked: bool) -> str:
    standing = standing_of(row)
    states, barred = _states(standing), standing is not None and standing.mark in row  # its rank says so
    return "".join(_square(cell, css, states, barred, linked) for cell, css in zip(row, columns, strict=True))


def _states(standing: Standing | None) -> Mapping[str, Markup]:
    """Return the chips that stand for texts in a method's row: those of states, ``3 of 5 seeds`` among them; none in others."""
    if standing is None:
        return {}
    found = dict(_CHIPS)
    if standing.mark:
        found[standing.mark] = Markup("").join(map(chip, standing.bars))
    if standing.state == "incomplete":
        seeds = f"{len(standing.seeds)} of {len(standing.wanted)} seeds"
        found[seeds] = chip("incomplete", seeds)
    return found


_CHIPS = {state: chip(state) for state in _STATES}


def _square(cell: Cell, css: str, states: Mapping[str, Markup], barred: bool, linked: bool) -> str:
    made: str
    if type(cell) is str:  # most are
        made = states.get(cell) or _escaped(cell)
    elif isinstance(cell, tuple):
        css, made = f"{css} best" if any(isinstance(part, Best) for part in cell) else css, inner(cell)
    elif isinstance(cell, Method):
        css, name = "m", cell.standing.label
        made = (_link(route("method", cell.standing.method), name) if linked else escape(name)) + marks(
            cell.standing, barred
        )
    elif isinstance(cell, Link):
        made = _link(cell.route, cell)
    else:
        made = _escaped(cell)
        if isinstance(cell, Shade):
            css = f"h{cell.depth}" if cell.depth else ""
        elif isinstance(cell, Name | Best):
            css = "c" if isinstance(cell, Name) else f"{css} best"
    return f'<td class="{css.strip()}">{made}' if css else f"<td>{made}"


def _link(route: str, text: str) -> Markup:
    return Markup(f'<a href="#{_escaped(route)}">{_escaped(text)}</a>')


def _facts(standing: Standing | None, several: bool) -> Mapping[str, str]:
    """Return what filters ask of a method's row."""
    if standing is None:
        return {}
    found = {"m": standing.label, "k": standing.kind}
    found |= {"p": ""} if standing.privileged else {}
    return found | ({"t": standing.trainer} if several else {})


def _attributes(found: Mapping[str, str], bare: bool = False) -> str:
    """Return attributes of an element; those without a value are left out, or stand ``bare``."""
    said = ((name, _escaped(value)) for name, value in found.items() if value or bare)
    return "".join(f' {name}="{value}"' if value else f" {name}" for name, value in said)

"""From views to tables of text, the same for Markdown, HTML and the terminal; each form makes names harmless its own way."""

from benchbox.report.tables.aligned import aligned
from benchbox.report.tables.curves import by_budget
from benchbox.report.tables.defences import costs_table, reached, thieves_table
from benchbox.report.tables.headline import command, firsts, headlines, page_link, unranked
from benchbox.report.tables.parts import NOTES, parts
from benchbox.report.tables.printed import comparisons, why
from benchbox.report.tables.rules import rules, targets
from benchbox.report.tables.scenario import columns, details, distances, incomplete, place, ranking
from benchbox.report.tables.sentences import finding, outdated, sealing
from benchbox.report.tables.words import Aside, Best, Cell, Link, Method, Name, Shade, Table, Words, figure

__all__ = [
    "NOTES",
    "Aside",
    "Best",
    "Cell",
    "Link",
    "Method",
    "Name",
    "Shade",
    "Table",
    "Words",
    "aligned",
    "by_budget",
    "columns",
    "command",
    "comparisons",
    "costs_table",
    "details",
    "distances",
    "figure",
    "finding",
    "firsts",
    "headlines",
    "incomplete",
    "outdated",
    "page_link",
    "parts",
    "place",
    "ranking",
    "reached",
    "rules",
    "sealing",
    "targets",
    "thieves_table",
    "unranked",
    "why",
]

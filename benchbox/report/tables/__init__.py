"""From views to tables of text, the same for Markdown, HTML and the terminal; each form makes names harmless its own way."""

from benchbox.report.tables.aligned import aligned
from benchbox.report.tables.curves import CurveTable, attack_curves, by_budget, own_curves, title
from benchbox.report.tables.headline import ahead, alone, finding, gain, in_paper, lead, leading, ranked, to_first
from benchbox.report.tables.ledger import attacked, ledger, targets, unfinished
from benchbox.report.tables.printed import comparisons, explanations, protocols
from benchbox.report.tables.scenario import columns, details, distances, incomplete, place, queries, ranking
from benchbox.report.tables.sealing import SEALED, mixed, sealing
from benchbox.report.tables.training import trainers
from benchbox.report.tables.versions import outdated
from benchbox.report.tables.words import Best, Name, Ready, Table, Words, amount, figure, percent

__all__ = [
    "SEALED",
    "Best",
    "CurveTable",
    "Name",
    "Ready",
    "Table",
    "Words",
    "ahead",
    "aligned",
    "alone",
    "amount",
    "attack_curves",
    "attacked",
    "by_budget",
    "columns",
    "comparisons",
    "details",
    "distances",
    "explanations",
    "figure",
    "finding",
    "gain",
    "in_paper",
    "incomplete",
    "lead",
    "leading",
    "ledger",
    "mixed",
    "outdated",
    "own_curves",
    "percent",
    "place",
    "protocols",
    "queries",
    "ranked",
    "ranking",
    "sealing",
    "targets",
    "title",
    "to_first",
    "trainers",
    "unfinished",
]

"""The leaderboard as Markdown, readable as plain text. What plugins and errors bring is shown, never interpreted."""

from benchbox.report.markdown.escape import HEAD, folded, name, paragraph, render_table, words
from benchbox.report.markdown.index import render_index, render_reading, render_suite
from benchbox.report.markdown.page import pool, render_page

__all__ = [
    "HEAD",
    "folded",
    "name",
    "paragraph",
    "pool",
    "render_index",
    "render_page",
    "render_reading",
    "render_suite",
    "render_table",
    "words",
]

"""The leaderboard as Markdown, for a repository: an index, a page a suite, and one a suite and data set.

Names, options and errors in a store are not trusted: everything that a plugin, a suite or a printed figure's file brought is
printed so that neither Markdown nor a browser that shows it reads it as anything but text.
"""

from benchbox.report.markdown.escape import HEAD
from benchbox.report.markdown.pages import render_index, render_page, render_reading, render_suite

__all__ = ["HEAD", "render_index", "render_page", "render_reading", "render_suite"]

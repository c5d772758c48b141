"""The leaderboard as one HTML file that needs nothing else: no network, no server, and no scripts to be read.

It prints the views that the Markdown prints. Names, options and errors are hostile text: templates escape all of it, data
for scripts stands in a JSON island, and a content security policy allows this file's own style and script alone.
"""

from benchbox.report.html.page import render_html, same_page

__all__ = ["render_html", "same_page"]

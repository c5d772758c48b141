"""Writing an audit: the page as Markdown and HTML, its pictures, and the leaderboard to whose cells its numbers lead."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchbox.auditing.findings import Findings, Thief
from benchbox.auditing.shields import Shield
from benchbox.auditing.words import page, within
from benchbox.errors import OptionError
from benchbox.paths import write_whole
from benchbox.playing import Plan
from benchbox.report import write_leaderboard
from benchbox.report.markdown.escape import name
from benchbox.target.given import GivenRecord

if TYPE_CHECKING:
    from benchbox.store import Store

README, HTML = "README.md", "index.html"
_MARK = "made by benchbox audit"
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
body { color: #222; background: #fff }
h1, h2 { line-height: 1.2 }
h2 { margin-top: 2.5rem }
table { border-collapse: collapse; display: block; overflow-x: auto }
th, td { padding: .3rem .7rem; border-bottom: 1px solid #ccc; text-align: left; white-space: nowrap }
a { color: #05c }
code { background: #eee; padding: 0 .2em }
img { image-rendering: pixelated; min-width: 30rem; max-width: 100% }
@media (prefers-color-scheme: dark) {
  body { color: #ddd; background: #181818 }
  a { color: #7bf }
  code { background: #333 }
}
"""
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="{mark}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def check_folder(folder: Path) -> None:
    """Refuse a folder in which an audit would write over what is none.

    Raises:
        OptionError: it is a file, or one of its files is not an audit's.
    """
    if folder.exists() and not folder.is_dir():
        raise OptionError(f"'{folder}' is a file; an audit writes a folder")
    for path in (folder / README, folder / HTML):
        if path.is_file() and _MARK not in path.read_text(encoding="utf-8", errors="replace")[:1000]:
            raise OptionError(
                f"'{path}' is no page of an audit, and would be written over; name another folder with --out, or move it away"
            )


def write(
    store: Store, made: Plan, target: GivenRecord, findings: Findings, held: Sequence[Shield], folder: Path, left: int
) -> Path:
    """Write an audit into a folder, ``left`` cells short of its plan, and return the HTML page's path."""
    pictures = _pictures(store, made, findings)
    (folder / "pictures").mkdir(exist_ok=True)
    for _, path, png in pictures:
        write_whole(folder / path, png)
    text = page(made, target, findings, held, [(said, path) for said, path, _ in pictures], left)
    write_whole(folder / README, f"<!-- {_MARK}; do not edit -->\n\n{text}".encode())
    html = folder / HTML
    write_whole(html, _html(text, target, {path: png for _, path, png in pictures}).encode())
    write_leaderboard(store, folder / "leaderboard", made.catalogue)
    return html


def _pictures(store: Store, made: Plan, findings: Findings) -> list[tuple[str, str, bytes]]:
    """Return pictures of what the most dangerous copy made, an attack each: the text above it, its path, and the PNG."""
    fooling = [thief for thief in findings.thieves if thief.fooled]
    if not fooling:
        return []
    worst = max(fooling, key=_danger)
    kept = store.pictures(suite=made.suite.name, scenario=worst.scenario, label=worst.label, seed=made.suite.seeds[0])
    found: list[tuple[str, str, bytes]] = []
    for number, attack in enumerate(worst.fooled, 1):
        pngs = kept[kept["name"] == f"attack/{attack}"].png
        if len(pngs):
            text = f"The first images, and below each what the copy of {name(worst.label)} made of it, {within(made, attack)}:"
            found.append((text, f"pictures/fooled-{number}.png", bytes(pngs.iloc[0])))
    return found


def _danger(thief: Thief) -> float:
    return max(figure.value.mean for figure in thief.fooled.values())


def _html(text: str, target: GivenRecord, pictures: dict[str, bytes]) -> str:
    """Return the page as one file that needs no other but the cells that it links to."""
    from markdown_it import MarkdownIt
    from markupsafe import escape

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    for path, png in pictures.items():
        body = body.replace(f'src="{path}"', f'src="data:image/png;base64,{base64.b64encode(png).decode()}"')
    return _PAGE.format(mark=_MARK, title=escape(f"How long {target.name} lasts"), style=_STYLE, body=body)

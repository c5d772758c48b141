"""A hook of mkdocs: the site's files are the repository's Markdown, where it stands, so that one link serves both.

GitHub shows the same files as they are. What stands between ``<!-- github -->`` and ``<!-- /github -->`` is for its readers
alone. What a comment ``<!-- site ... -->`` holds is for the site's; ``{{ PART }}`` in it is what ``parts.py`` writes.
"""

from __future__ import annotations

import re
from pathlib import Path

import parts
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
PAGES = ("*.md", "docs/**/*.md", "leaderboard/**/*.md", "examples/**/README.md", "benchmarks/**/README.md")
BESIDE = (
    "LICENSE",
    "Containerfile",
    "CITATION.cff",
    "docs/*.png",
    "docs/*.css",
    "docs/cards/*.jsonld",
    "leaderboard/**/*.svg",
    "leaderboard/**/*.png",
    "leaderboard/**/*.csv",
)
"""What pages show or lead to."""
_GITHUBS = re.compile(r"^<!-- github -->.*?^<!-- /github -->\n", re.MULTILINE | re.DOTALL)
_OURS = re.compile(r"^<!-- site\n(.*?)^-->\n", re.MULTILINE | re.DOTALL)
_PART = re.compile(r"^{{ (.+) }}$", re.MULTILINE)


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Return the repository's pages, and the theme's own files."""
    theme = [file for file in files if file.src_dir != config.docs_dir]
    paths = sorted(path for pattern in (*PAGES, *BESIDE) for path in ROOT.glob(pattern))
    ours = [File(str(path.relative_to(ROOT)), str(ROOT), config.site_dir, config.use_directory_urls) for path in paths]
    board = File.generated(config, "leaderboard/board.html", abs_src_path=str(ROOT / "leaderboard" / "index.html"))
    return Files([*theme, *ours, board])  # README.md is the folder's index.html here


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return a page as the site has it."""
    return _OURS.sub(lambda ours: _PART.sub(lambda part: _part(*part[1].split()), ours[1]), _GITHUBS.sub("", markdown))


def _part(name: str, *arguments: str) -> str:
    return "\n".join(parts.PARTS[name](*arguments))

"""A hook of mkdocs: the site's files are the repository's Markdown, where it stands, so that one link serves both."""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
PAGES = ("*.md", "docs/**/*.md", "leaderboard/**/*.md", "examples/**/README.md", "benchmarks/**/README.md")
BESIDE = (
    "LICENSE",
    "CITATION.cff",
    "docs/*.png",
    "docs/cards/*.jsonld",
    "leaderboard/**/*.svg",
    "leaderboard/**/*.png",
    "leaderboard/**/*.csv",
)
"""What pages show or lead to."""


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Return the repository's pages, and the theme's own files."""
    theme = [file for file in files if file.src_dir != config.docs_dir]
    paths = sorted(path for pattern in (*PAGES, *BESIDE) for path in ROOT.glob(pattern))
    ours = [File(str(path.relative_to(ROOT)), str(ROOT), config.site_dir, config.use_directory_urls) for path in paths]
    board = File.generated(config, "leaderboard/board.html", abs_src_path=str(ROOT / "leaderboard" / "index.html"))
    return Files([*theme, *ours, board])  # README.md is the folder's index.html here

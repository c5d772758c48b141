"""Links and commands in the documents exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from benchbox.cli import main

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_names_a_cell_since_ids_change_with_every_version(page: Path) -> None:
    assert not re.findall(r"\bshow [0-9a-f]{6,}", page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_pages_exist_with_their_options(page: Path) -> None:
    for line in re.findall(r"^\s*(?:\$ )?benchbox ([a-z].*)$", page.read_text(encoding="utf-8"), re.MULTILINE):
        words = line.split(" #")[0].split()
        command: click.Command | None = main
        context = click.Context(main)
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            command = command.get_command(context, words.pop(0))
        assert command is not None, f"{page.name}: no command in 'benchbox {line}'"
        known = {opt for param in command.params for opt in (*param.opts, *param.secondary_opts)} | {"--help"}
        for word in words:
            if word.startswith("--"):
                assert word.split("=")[0] in known, f"{page.name}: 'benchbox {line}' has no option {word}"


def test_the_readmes_figures_are_the_leaderboards() -> None:
    mine, theirs = (
        {row[0]: row for row in table(ROOT / page, begins)}
        for page, begins in (
            ("README.md", "| which images are asked |"),
            ("leaderboard/label-only/mnist.md", "### Accuracy by queries"),
        )
    )
    budgets = [title.split()[0] for title in mine["which images are asked"][1:]]
    for row in list(mine.values())[1:]:
        method = re.match(r"`[^`]+`", row[0])
        assert method
        assert row[1:] == [theirs[method[0]][theirs["method"].index(budget)] for budget in budgets], method[0]


def table(page: Path, begins: str) -> list[list[str]]:
    """Return the first table at or behind a text: its head and its rows, cell by cell."""
    text = page.read_text(encoding="utf-8")
    found = re.search(r"(?:^\|.*\n)+", text[text.index(begins) :], re.MULTILINE)
    assert found
    rows = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in found[0].splitlines()]
    return [row for row in rows if not set(row[0]) <= set(":-")]


def test_the_demo_ends_by_naming_a_page_that_it_writes() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    *_, last = re.search(r"^demo:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)[1].splitlines()  # type: ignore[index]
    written = [line for line in makefile.splitlines() if "benchbox leaderboard" in line and "--print" not in line]
    out = re.search(r"--out (\S+)", written[0])
    assert out
    assert f"open {out[1]}/index.html" in last

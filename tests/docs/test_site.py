"""The documentation builds as a site in which no link leads nowhere, and that holds all that its readers may name."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import click
import pytest

import benchbox
from benchbox import contracts
from benchbox.cli import main
from benchbox.kinds import KINDS
from benchbox.registry import Catalogue, load
from benchbox.suites import ScenarioTable, Suite, SuiteAttack
from benchbox.suites.tables import MethodEntry, PoolTable, PriorTable, TargetTable, ThreatTable
from benchbox.testing import rules_for

ROOT = Path(__file__).parents[2]
TABLES = (Suite, ScenarioTable, TargetTable, PoolTable, MethodEntry, SuiteAttack, ThreatTable, PriorTable)
ANYBODYS = {"folder", "npz", "held-out", "imagenet-sample"}
"""Data sets that stand for whatever is given, or for a part of another."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built strictly: a warning fails it."""
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(out)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return out


def anchors(site: Path, page: str) -> set[str]:
    return set(re.findall(r' id="([^"]+)"', (site / "docs" / f"{page}.html").read_text(encoding="utf-8")))


def words(site: Path, page: str) -> str:
    html = (site / "docs" / f"{page}.html").read_text(encoding="utf-8")
    return unescape(re.sub(r"<[^>]+>", "", re.sub(r"</t[dh]>", "|", html)))


def below(text: str, heading: str) -> str:
    """Return what stands between a heading and the next."""
    return text[text.index(f"\n{heading}¶") :].split("¶")[1]


def test_it_holds_the_repositorys_pages_and_the_leaderboard(site: Path) -> None:
    for page in ("index.html", "docs/faq.html", "leaderboard/label-only/mnist.html", "leaderboard/board.html"):
        assert (site / page).is_file(), page


def test_it_shows_no_mark_of_how_it_is_made_and_nothing_that_is_meant_for_github(site: Path) -> None:
    for page in (site / "docs").glob("*.html"):
        assert not re.search(
            r"<!-- (site|/?github)|{{ |<p>:::|Sentinel|The site \(", page.read_text(encoding="utf-8")
        ), page


def commands(command: click.Command, path: tuple[str, ...] = ("benchbox",)) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(path), command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from commands(child, (*path, name))


def test_every_command_is_there_with_its_options(site: Path) -> None:
    there, text = anchors(site, "commands"), words(site, "commands")
    for path, command in commands(main):
        assert path.replace(" ", "-") in there, path
        section = below(text, path)
        assert [opt for it in command.params for opt in it.opts if opt.startswith("--") and opt not in section] == []


def test_every_public_function_is_there(site: Path) -> None:
    wanted = {f"benchbox.{name}" for name in (*benchbox.__all__, "execution.Summary")}
    assert wanted - anchors(site, "python") == set()


def test_every_hook_contract_and_rule_is_there(site: Path) -> None:
    there, text = anchors(site, "reference"), words(site, "reference")
    hooks = ("plugins", "suite_folders", "target_folders")
    wanted = {
        f"benchbox.contracts.{name}" for name in contracts.__all__ if name not in ("CONTRACT_VERSION", "hookimpl")
    }
    assert (wanted | {f"benchbox.hookspecs.benchbox_{name}" for name in hooks}) - there == set()
    assert f"benchbox_contract = {contracts.CONTRACT_VERSION}" in text
    assert [rule.name for kind in KINDS for rule in rules_for(kind) if f"{rule.name}|" not in text] == []


def test_every_plugin_is_there_with_its_options_and_profiles(site: Path) -> None:
    text = words(site, "methods")
    for row in Catalogue.discover().entries():
        section, plugin = below(text, row.name), load(row)
        assert row.summary.replace("`", "") in section
        for name in (*plugin.Options.model_fields, *plugin.profiles):
            assert f"\n{name}|" in section, f"{row.name}: {name}"


def test_every_key_of_a_suite_file_is_there(site: Path) -> None:
    text = words(site, "suites")
    for table in TABLES:
        keys = set(table.model_fields) - ({"name", "path", "at_most"} if table is Suite else set())
        assert [key for key in keys if f"\n{key}|" not in text] == [], table


def test_every_data_set_that_benchbox_brings_has_a_card(site: Path) -> None:
    there, text = anchors(site, "cards"), words(site, "cards")
    rows = [row for row in Catalogue.discover().entries("dataset") if row.name not in ANYBODYS]
    folder = ROOT / "docs" / "cards"
    assert {row.name for row in rows} == {path.stem for path in folder.iterdir()} <= there
    for row in rows:
        card = json.loads((folder / f"{row.name}.jsonld").read_text(encoding="utf-8"))
        assert card["conformsTo"] == "http://mlcommons.org/croissant/1.0"
        assert (card["name"], card["description"]) == (row.name, row.summary)
        assert card["license"] in text
        md5 = {file["@id"].removesuffix(".gz"): file["md5"] for file in card.get("distribution", [])}
        assert md5 == getattr(load(row), "md5", {}), "the files whose hashes the plugin checks"

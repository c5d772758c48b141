"""On which kinds of machines a game was played stands with its rules, where that was recorded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from report_samples import Place, cell, done

from benchbox.registry import Catalogue
from benchbox.report import markdown, read_pages
from benchbox.report.leaderboard import render
from benchbox.store import Store

BOTH = "- Played on: A (AVX2), torch 2.7, and B (AVX2), torch 2.7"
MIXED = "; machines of several kinds: 'How to read these pages' says how far that moves numbers"
OLD = "old (vector instructions not recorded), torch 1"
ENVIRONMENT = {"processor": "A", "vector": "AVX2", "device": "cpu", "packages": {"torch": "2.7"}}
OTHER = {**ENVIRONMENT, "processor": "B"}


def test_one_kind_or_several_or_what_is_known_of_an_old_one(tmp_path: Path) -> None:
    with Store.open(tmp_path / "r.db") as store:
        for seed, environment in enumerate(({}, ENVIRONMENT, OTHER, {"processor": "old", "packages": {"torch": "1"}})):
            played = cell("random", seed)
            store.enrol("label-only", [Place(played, "real data", "random", 0)])
            store.record(played, replace(done(played, (0.5, 0.6, 0.7)), environment=environment))
            (page,) = read_pages(store, Catalogue())
            text = markdown.render_page(page)
            shown = [line for line in text.splitlines() if "Played on" in line]
            expected = {
                0: [],
                1: ["- Played on: A (AVX2), torch 2.7."],
                2: [f"{BOTH}{MIXED}."],
                3: [f"{BOTH}, and {OLD}{MIXED}."],
            }
            assert shown == expected[seed]
        assert "machines of several kinds" in render(store, Catalogue())["index.html"].decode()


def test_a_method_that_was_played_on_another_kind_than_the_rest_is_named(tmp_path: Path) -> None:
    with Store.open(tmp_path / "r.db") as store:
        for position, (method, environment) in enumerate(
            (("random", ENVIRONMENT), ("drmi", ENVIRONMENT), ("cpb", OTHER))
        ):
            played = cell(method, 0)
            store.enrol("label-only", [Place(played, "real data", method, position)])
            store.record(played, replace(done(played, (0.5, 0.6, 0.7)), environment=environment))
        assert (
            f"- Played on: A (AVX2), torch 2.7 (random and drmi), and B (AVX2), torch 2.7 (cpb){MIXED}."
            in markdown.render_page(read_pages(store, Catalogue())[0]).replace("\\", "")
        )


def test_the_overview_names_the_commits_that_played(tmp_path: Path) -> None:
    ours = {**ENVIRONMENT, "packages": {"benchbox-attacks": "9.1"}}
    with Store.open(tmp_path / "r.db") as store:
        for seed, commit in enumerate(("", "a" * 40, "b" * 40 + "-changed")):
            played = cell("random", seed)
            store.enrol("label-only", [Place(played, "real data", "random", 0)])
            store.record(played, replace(done(played, (0.5, 0.6, 0.7)), environment={**ours, "commit": commit}))
        text = render(store, Catalogue())["README.md"].decode()
    assert f"by benchbox 9.1 at {'a' * 12}, {'b' * 12} (changed since)." in text

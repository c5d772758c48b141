"""No page says more than its own figures: results of many spreads, near bounds and collapsed, told and read again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from report_samples import BUDGETS, TARGET, Place, cell, done

from benchbox.registry import Catalogue
from benchbox.report import read_pages
from benchbox.report.leaderboard import render
from benchbox.report.markdown import render_page
from benchbox.report.text import render_pages
from benchbox.store import Store

MEANS = {"random": 0.9, "drmi": 0.92, "steady": 0.93, "bound": 0.995, "wild": 0.75, "far": 0.02}
SPREADS = {"random": 0.02, "drmi": 0.01, "steady": 0.002, "bound": 0.006, "wild": 0.2, "far": 0.015}
ROUNDING = 0.06
"""Of two figures with one decimal."""


@pytest.fixture(params=range(4), scope="module")
def drawn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store of six methods, whose five replicates are drawn; of ``wild`` one has collapsed."""
    rng = np.random.default_rng(request.param)
    with Store.open(tmp_path_factory.mktemp("claims") / "drawn.db") as store:
        for position, (method, mean) in enumerate(MEANS.items()):
            for seed in range(5):
                curve = np.clip(rng.normal(mean, SPREADS[method]) - np.array([0.02, 0.01, 0.0]), 0, 1)
                played = cell(method, seed)
                result = done(played, (0.1,) * 3 if method == "wild" and seed == 3 else curve.tolist())
                shares = [replace(m, value=min(max(m.value or 0.0, 0.0), 1.0)) for m in result.measurements]
                store.enrol("label-only", [Place(played, "real data", method, position)])
                store.record(played, replace(result, measurements=shares), target=TARGET)
        yield store


@pytest.fixture
def page(drawn: Store, catalogue: Catalogue) -> str:
    return render_page(read_pages(drawn, catalogue)[0])


def table(text: str, first: str) -> list[dict[str, str]]:
    """Return the rows of the first table whose head begins with a word."""
    lines = iter(text[text.index(f"\n| {first} ") + 1 :].splitlines())
    head = [title.strip() for title in next(lines).strip("|").split("|")]
    next(lines)
    rows: list[dict[str, str]] = []
    for line in lines:
        if not line.startswith("|"):
            return rows
        rows.append(dict(zip(head, (part.strip() for part in line.strip("|").split("|")), strict=True)))
    return rows


def ends(figure: str) -> tuple[float, float, float]:
    """Return the mean of a figure, and the ends of its interval."""
    mean, *others = map(float, re.findall(r"\d+\.\d+", figure))
    return (mean, *others) if "[" in figure else (mean, mean - others[0], mean + others[0])  # type: ignore[return-value]


def test_ranks_and_differences_say_what_the_means_say(page: str) -> None:
    rows = table(page, "rank")
    areas = [ends(row["area"])[0] for row in rows]
    assert [int(row["rank"].split()[0]) for row in rows] == list(range(1, len(MEANS) + 1))
    assert areas == sorted(areas, reverse=True)
    assert (rows[0]["to the first"] == "leads") == all("behind" in row["to the first"] for row in rows[1:])
    for row, area in zip(rows[1:], areas[1:], strict=True):
        difference, said = areas[0] - area, row["to the first"]
        numbers = [float(number) for number in re.findall(r"\d+\.\d+", said)]
        if said.startswith("behind by"):
            assert numbers[0] == pytest.approx(difference, abs=2 * ROUNDING)
            assert 0 < numbers[1] < numbers[0] < numbers[2]
        elif "±" in said:
            assert said.startswith("not told from the first (±")
            assert difference <= numbers[0] + 2 * ROUNDING, "a difference beyond its own interval is told"
        else:
            assert re.fullmatch(r"not told from the first \(-\d+\.\d to 100\.0\)", said), "cut where none lies beyond"


def test_open_places_hold_the_rank_and_agree_with_the_differences(page: str) -> None:
    for row in table(page, "rank"):
        rank, *places = map(int, re.findall(r"\d+", row["rank"]))
        best, worst = places or (rank, rank)
        assert best <= rank <= worst
        assert rank == 1 or (best == 1) == row["to the first"].startswith("not told")


def test_intervals_stay_within_their_bounds_and_hold_their_mean(page: str) -> None:
    figures = re.findall(r"\d+\.\d+ (?:± \d+\.\d+|\[\d+\.\d+, \d+\.\d+\])", page.replace("*", ""))
    assert len(figures) > len(MEANS) * len(BUDGETS)
    for figure in figures:
        mean, low, high = ends(figure)
        assert -ROUNDING <= low <= mean <= high <= 100 + ROUNDING, figure


def test_the_bold_figure_of_a_column_is_its_highest(page: str) -> None:
    rows = table(page[page.index("### Accuracy by queries") :], "method")
    for budget in map(str, BUDGETS):
        bold = [row[budget] for row in rows if "**" in row[budget]]
        assert len(bold) == 1
        assert ends(bold[0])[0] == max(ends(row[budget])[0] for row in rows)


def test_no_form_speaks_of_ties_or_of_mean_ranks(drawn: Store, catalogue: Catalogue) -> None:
    forms = [render_pages(read_pages(drawn, catalogue))]
    forms += [data.decode() for name, data in render(drawn, catalogue).items() if name.endswith((".md", ".csv"))]
    for text in forms:
        assert not re.search(r"\b(ties?|tied|mean[- _]ranks?|critical)\b", text, re.IGNORECASE)


def test_what_agrees_with_a_paper_lies_near_it(page: str) -> None:
    rows = table(page[page.index("### Reported and measured") :], "method")
    assert {row["verdict"].split()[0] for row in rows} <= {"agrees", "differs", "undecided", "not"}
    for row in rows:
        difference = abs(float(re.findall(r"[\d.]+", row["difference"])[0])) if row["difference"] != "–" else None
        if row["verdict"] == "agrees":
            assert difference is not None
            assert difference <= 2 + ROUNDING

"""The plots beside the Markdown: what a reader would miss, read off the files."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from report_samples import WOBBLE, put, put_searches

from benchbox.registry import Catalogue
from benchbox.report import read_pages
from benchbox.report.plots import MOST_CURVES, Curve, Plot, families, png, scenario_plot, scenario_plots, svg
from benchbox.report.plots.layout import NAME, Layout
from benchbox.report.plots.spec import IN_ALL
from benchbox.report.suite import suite_views
from benchbox.store import Store

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</svg><script>alert(1)</script>",
    "</style><style>*{display:none}",
    "]]>&amp;&#x3c;",
    "$\\alpha^{$ _x_",
    "_hidden",
    "日本 é",
)


def drawn(store: Store, catalogue: Catalogue, suite: str = "label-only", scenario: int = 0) -> bytes:
    """Return the file of a suite's plot."""
    page = read_pages(store, catalogue, [suite])[0]
    view = page.scenarios[scenario]
    return svg(scenario_plot(view, page.accuracy(view)))


def elements(drawn: bytes, css: str) -> list[ElementTree.Element]:
    """Return the elements of a class, in the order in which they are drawn."""
    return [e for e in ElementTree.fromstring(drawn).iter() if css in (e.get("class") or "").split()]


def texts(drawn: bytes) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(drawn).iter(f"{SVG}text")]


def points(drawn: bytes, name: str) -> list[tuple[float, float]]:
    """Return the corners of a curve's line."""
    curve = next(e for e in elements(drawn, "s") if e.get("data-m") == name)
    line = next(e.get("d", "") for e in curve if e.get("class") == "line")
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](\S+) ([^L]+)", line)]


@pytest.fixture
def many(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "many.db") as store:
        for i in range(20):
            put(store, "random", (0.9 - i / 25, 0.92 - i / 25, 0.95 - i / 25), label=f"m{i:02}", position=i)
        yield store


def test_curves_are_named_at_their_ends_and_axes_say_what_they_are(store: Store, catalogue: Catalogue) -> None:
    said = [text.strip() for text in texts(drawn(store, catalogue))]
    assert {"drmi", "random", "partial (3 of 5 seeds)", "cpb (privileged)", "the target"} <= set(said)
    assert {"queries, log scale", "accuracy on test images, %", "50", "150", "600", "60", "80"} <= set(said)
    assert any("hollow: not ranked; dots: single replicates; bands: 95 % intervals over seeds" in text for text in said)


def test_curves_and_the_target_stand_where_the_axes_say(store: Store, catalogue: Catalogue) -> None:
    drawing = drawn(store, catalogue)
    first, (target,) = points(drawing, "drmi"), elements(drawing, "target")
    assert len(first) == 3
    (_, y50), (x150, y150), (x600, y600) = first
    point = (y50 - y600) / (95 - 62)
    assert y50 - y150 == pytest.approx((83 - 62) * point, abs=0.2)
    assert float(re.split("[ H]", target.get("d", ""))[1]) == pytest.approx(y600 - 2.5 * point, abs=0.2)
    assert (x600 - x150) / (x150 - first[0][0]) == pytest.approx(1.2618595, abs=0.01), "log 4 over log 3"


def test_every_replicate_of_a_coloured_curve_is_a_dot_at_its_value(store: Store, catalogue: Catalogue) -> None:
    drawing = drawn(store, catalogue)
    curve = next(e for e in elements(drawing, "s") if e.get("data-m") == "drmi")
    (dots,) = (e.get("d", "") for e in curve if e.get("class") == "dots")
    line = points(drawing, "drmi")
    columns = [column.rstrip("z").split("z") for column in dots.split("M")[1:]]
    heights = []
    for first, *steps in columns:
        at = [float(first.split(" ")[1])]
        for step in steps:
            at.append(at[-1] + float(step.removeprefix("m0")))
        heights.append(at)
    assert [len(at) for at in heights] == [5, 5, 5]
    percent = (line[0][1] - line[2][1]) / (95 - 62)
    for at, (_, mean) in zip(heights, line, strict=True):
        assert [(mean - y) / percent for y in at] == pytest.approx([100 * w for w in sorted(WOBBLE)], abs=0.15)


def test_grey_curves_have_no_dots(many: Store, catalogue: Catalogue) -> None:
    assert len(elements(drawn(many, catalogue), "dots")) == MOST_CURVES


def test_no_two_of_the_first_curves_look_alike_and_the_rest_is_grey(many: Store, catalogue: Catalogue) -> None:
    drawing = drawn(many, catalogue)
    curves = elements(drawing, "s")[::-1]
    looks = [(curve.get("class"), next(curve.iter(f"{SVG}use")).get("href")) for curve in curves]
    assert len(set(looks[:MOST_CURVES])) == MOST_CURVES
    assert ["chosen" in (css or "") for css, _ in looks] == [True] * MOST_CURVES + [False] * (20 - MOST_CURVES)
    assert re.search(r"\.s \{ stroke: #bbbbbb; fill: #bbbbbb; }", drawing.decode())
    named = [e.get("data-m") for e in elements(drawing, "name") if "chosen" in e.get("class", "")]
    assert named == [*(f"m{i:02}" for i in range(MOST_CURVES)), None], "the last one is the target's"
    assert "grey: 12 more" in " ".join(texts(drawing))


def test_names_at_the_ends_do_not_lie_on_each_other(many: Store, catalogue: Catalogue) -> None:
    named = [e for e in elements(drawn(many, catalogue), "name") if "chosen" in e.get("class", "")]
    heights = sorted(float(text.get("y", "")) for g in named for text in g.iter(f"{SVG}text"))
    assert min(b - a for a, b in itertools.pairwise(heights)) > 8


def test_a_name_has_the_marks_that_no_line_tells_and_is_cut_for_them() -> None:
    labels, marks = ("drmi-best + poisson", "a" * NAME), ("own labels", "unlabelled", "3 of 5 seeds")
    curves = tuple(Curve(label, marks, ((10.0, y, y, y),), ("",), ((),)) for y, label in enumerate(labels))
    (_, short, _), (_, long, _) = Layout(Plot(curves, "queries", "what")).names
    assert (short, {curve.dash for curve in curves}) == ("drmi-best + poisson (3 of 5 seeds)", {"dashed dotted"})
    assert (len(long), long[-16:]) == (NAME, "… (3 of 5 seeds)")


def test_a_line_leads_from_a_curve_at_the_edge_to_a_name_that_was_moved() -> None:
    ends = ((100.0, 90.0), (100.0, 90.0), (100.0, 90.0), (100.0, 20.0), (20.0, 50.0))
    curves = tuple(Curve(str(i), (), ((x, y, y, y),), ("",), ((),)) for i, (x, y) in enumerate(ends))
    at = Layout(Plot((*curves, Curve("low", (), ((10.0, 0.0, 0.0, 0.0),), ("",), ((),))), "queries", "what"))
    led = [at.hair(i, height)[:1] for i, _, height in at.names]
    assert led[3] == [], "its name stands beside it"
    assert led[4] == [], "it ends far from the names, and a line would cross other curves"
    assert sorted(led[:3]) == [[], [ends[0]], [ends[0]]], "of three that end in one place two are moved"


def test_the_overview_prefers_who_is_ranked_and_says_where_curves_stem_from(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    with Store.open(tmp_path / "few.db") as store:
        put(store, "random", (0.5, 0.6, 0.99), suite="first", seeds=range(2), wanted=range(2))
        put(store, "gan", (0.1, 0.2, 0.3), suite="first", seeds=range(2), wanted=range(2), kind="generator")
        put(store, "random", (0.5, 0.6, 0.7), suite="second")
        put(store, "drmi", (0.6, 0.7, 0.8), suite="second", position=1)
        drawn = families(suite_views(read_pages(store, catalogue)))
    assert drawn is not None
    assert [(curve.label, curve.hollow) for curve in drawn.curves] == [("drmi", False), ("gan", True)]
    assert drawn.curves[1].marks == ("invents images", "not ranked")
    copies = "real data (lenet5 copies digits-lenet5)"
    assert drawn.sources == f"The curves are of second, {copies}: drmi; first, {copies}: gan."


def test_one_seed_has_no_band(store: Store, catalogue: Catalogue) -> None:
    put(store, "random", (0.6, 0.7, 0.8), suite="single", seeds=(0,), wanted=(0,))
    put(store, "random", (0.6, 0.7, 0.8), suite="several")
    assert elements(drawn(store, catalogue, "single"), "band") == []
    assert len(elements(drawn(store, catalogue, "several"), "band")) == 1


def test_a_query_attack_has_its_success_per_example_and_over_all_queries(store: Store, catalogue: Catalogue) -> None:
    put_searches(store)
    page = read_pages(store, catalogue, ["searches"])[0]
    plots = scenario_plots(page.scenarios[0], 0.9)
    assert {end: (plot.x, plot.y, plot.ticks, plot.target) for end, plot in plots.items()} == {
        "": ("queries an example, log scale", "solved examples, %", (50, 150, 600), None),
        "in-all": ("queries in all, log scale", "solved examples, %", (5_000, 15_000, 60_000), None),
    }
    ends = {end: plot.curves[0].points[-1][1] for end, plot in plots.items()}
    assert ends["in-all"] == pytest.approx(ends[""]) == pytest.approx(95.0)


@pytest.mark.parametrize(
    ("spent", "ticks"),
    [
        ((1_144, 9_940, 304_090), ["10,000", "100,000"]),
        ((2_683, 45_000), ["5,000", "10,000", "20,000"]),
        ((1_100, 1_200), ["1,100", "1,200"]),
    ],
)
def test_means_of_queries_in_all_have_ticks_at_round_numbers(spent: tuple[int, ...], ticks: list[str]) -> None:
    curve = Curve("one", (), tuple((at, 5.0, 5.0, 5.0) for at in spent), ("",) * len(spent), ((),) * len(spent))
    assert [text for _, text in Layout(Plot((curve,), IN_ALL, "what")).x_ticks] == ticks


def test_a_png_is_one(store: Store, catalogue: Catalogue) -> None:
    page = read_pages(store, catalogue)[0]
    assert png(scenario_plot(page.scenarios[0], 0.99)).startswith(b"\x89PNG")


@pytest.mark.parametrize("heights", [(50.0, 50.0), (0.0, 0.0), (0.01, 12_345.0)])
def test_any_heights_have_ticks_between_the_ends_of_the_axis(heights: tuple[float, float]) -> None:
    points = tuple((10.0 * (i + 1), y, y, y) for i, y in enumerate(heights))
    at = Layout(Plot((Curve("one", (), points, ("", ""), ((), ())),), "queries", "what"))
    ticks = [value for value, _ in at.y_ticks]
    assert 2 <= len(ticks) <= 10
    assert at.low <= ticks[0] < ticks[-1] <= at.high


def test_hostile_names_are_drawn_as_text(tmp_path: Path, catalogue: Catalogue) -> None:
    with Store.open(tmp_path / "hostile.db") as store:
        for i, label in enumerate((*HOSTILE, "\x1b[31mr\u202ed")):
            put(store, "random", (0.6, 0.7 + i / 100, 0.8), label=label, wanted=(0, 1), seeds=(0, 1), position=i)
        svg_bytes = drawn(store, catalogue)
    written = {text.strip() for text in texts(svg_bytes)}
    cut = {name if len(name) <= NAME else f"{name[: NAME - 1]}…" for name in HOSTILE}
    assert {*(name.strip() for name in cut), "[31mr d"} <= written
    tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(svg_bytes).iter() if "}" in element.tag}
    assert not {"script", "img", "image", "foreignObject", "a"} & tags
    assert svg_bytes.count(b"<style") == 1

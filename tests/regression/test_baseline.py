"""Freezing, the file, and what is refused."""

from __future__ import annotations

import difflib
import json
import math
from pathlib import Path
from typing import Any

import pytest
from regression_samples import ATTACK, Make

from benchbox.errors import BenchboxError
from benchbox.regression import baseline_path, freeze, load_baseline, save_baseline
from benchbox.suites import Cell
from benchbox.suites.cell import SCORING_VERSION

VALUES = {"drmi": [0.5, 0.6, 0.7], "random": [0.4, 0.5, 0.55]}


def test_a_baseline_keeps_values_by_seed_and_what_they_were_measured_under(make: Make) -> None:
    frozen = freeze(make("a", VALUES), "trial")
    assert [group.label for group in frozen.groups] == ["drmi", "random"]
    group = frozen.groups[0]
    assert (group.dataset, group.scenario, group.seeds) == ("digits", "real data", (0, 1, 2))
    assert {figure.key: figure.values for figure in group.figures} == {
        ("accuracy", "", 50): (0.4, 0.5, 0.6),
        ("accuracy", "", 100): (0.5, 0.6, 0.7),
        ("asr_untargeted", ATTACK, 100): (0.5, 0.6, 0.7),
    }
    assert group.method == {"kind": "selector", "name": "drmi", "options": {}, "version": 1}
    rules = frozen.rules[group.rules]
    assert (rules["target"], rules["budgets"], rules["scoring_version"]) == (
        "digits-lenet5",
        [50, 100],
        SCORING_VERSION,
    )
    assert group.targets == ("f" * 64,) * 3


def test_filters_narrow_it(make: Make) -> None:
    frozen = freeze(make("a", VALUES), "trial", method=["random"], metric=["accuracy"], budget=[100], dataset=())
    assert [(group.label, [figure.key for figure in group.figures]) for group in frozen.groups] == [
        ("random", [("accuracy", "", 100)])
    ]


def test_the_file_comes_back_and_changes_by_the_line(make: Make, tmp_path: Path) -> None:
    frozen = freeze(make("a", VALUES), "trial")
    first, second = tmp_path / "new" / "a.json", tmp_path / "b.json"
    save_baseline(frozen, first)
    assert load_baseline(first) == frozen
    save_baseline(freeze(make("b", {**VALUES, "random": [0.4, 0.5, 0.65]}), "trial", metric=["accuracy"]), second)
    save_baseline(freeze(make("c", VALUES), "trial", metric=["accuracy"]), first)
    lines = [path.read_text().splitlines() for path in (first, second)]
    changed = [line for line in difflib.ndiff(*lines) if line[:2] in ("- ", "+ ") and "newest" not in line]
    assert len(changed) == 4  # one line a metric at a budget, before and after
    assert all('"metric": "accuracy"' in line for line in changed)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("not json", "is not a baseline: Invalid JSON"),
        ("{}", "is not a baseline at 'benchbox': Field required"),
        ('{"benchbox": "0.1.0", "format": 1}', "is of an older benchbox: save it again"),
    ],
)
def test_another_file_is_refused_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(BenchboxError) as error:
        load_baseline(path)
    assert sentence in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_was_edited_badly_is_refused(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    save_baseline(freeze(make("a", VALUES), "trial"), path)
    data = json.loads(path.read_text())
    data["groups"][0]["figures"][0]["values"].pop()
    path.write_text(json.dumps(data))
    with pytest.raises(BenchboxError, match="accuracy has 2 values for 3 seeds"):
        load_baseline(path)


def _first(data: dict[str, Any]) -> Any:
    return data["groups"][0]


def _emptied(data: dict[str, Any]) -> None:
    _first(data)["figures"] = []


def _one_seed(data: dict[str, Any]) -> None:
    _first(data)["seeds"] = [0]
    for figure in _first(data)["figures"]:
        figure["values"] = figure["values"][:1]


def _put(seed: int, value: float) -> Any:
    def edit(data: dict[str, Any]) -> None:
        _first(data)["figures"][0]["values"][seed] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (lambda data: data["groups"].clear(), "holds no groups, so nothing would be compared: save it again"),
        (lambda data: data["groups"].pop(), "holds 3 of the 6 figures that were saved: save it again"),
        (lambda data: _first(data)["figures"].pop(), "holds 5 of the 6 figures that were saved"),
        (_emptied, "drmi in real data: its figures were taken out"),
        (lambda data: data["groups"].append(_first(data)), "drmi in real data on digits is there twice"),
        (lambda data: _first(data).update(seeds=[0, 1, 1]), "drmi in real data: seed 1 is there twice"),
        (lambda data: _first(data).update(seeds=[0, 1, -1]), "needs 2 seeds, none below 0"),
        (lambda data: _first(data)["targets"].pop(), "drmi in real data: it names 2 targets for 3 seeds"),
        (_one_seed, "a noise band needs 2 seeds"),
        (
            lambda data: _first(data)["figures"].append(_first(data)["figures"][0]),
            "accuracy at 50 queries is there twice",
        ),
        (_put(1, 50.0), "accuracy at seed 1 is 50, not between 0 and 1"),
        (_put(1, -0.1), "accuracy at seed 1 is -0.1, not between 0 and 1"),
        (_put(1, math.nan), "accuracy at seed 1 is nan, not between 0 and 1"),
        (_put(1, math.inf), "accuracy at seed 1 is inf, not between 0 and 1"),
        (lambda data: _first(data)["figures"][0].update(values=[0.5, None, None]), "accuracy has fewer than 2 values"),
        (lambda data: _first(data)["method"].pop("version"), "its method has no kind, name or version"),
        (lambda data: data["rules"].clear(), "are not in the file"),
        (lambda data: next(iter(data["rules"].values())).pop("target"), "name no target or no data"),
    ],
)
def test_a_file_that_could_let_anything_pass_is_refused(make: Make, tmp_path: Path, edit: Any, sentence: str) -> None:
    path = tmp_path / "x.json"
    save_baseline(freeze(make("a", VALUES), "trial"), path)
    data = json.loads(path.read_text())
    edit(data)
    path.write_text(json.dumps(data))
    with pytest.raises(BenchboxError) as error:
        load_baseline(path)
    assert sentence in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_wrong_name_is_told_the_nearest(make: Make, tmp_path: Path) -> None:
    save_baseline(freeze(make("a", VALUES), "trial"), baseline_path("nightly", tmp_path))
    with pytest.raises(BenchboxError, match=r"there is no baseline 'nigthly' in .*; did you mean 'nightly'"):
        load_baseline(baseline_path("nigthly", tmp_path))


def newer(cell: Cell) -> Cell:
    return cell.model_copy(update={"method": cell.method.model_copy(update={"version": cell.seed + 1})})


@pytest.mark.parametrize(
    ("values", "more", "filters", "sentence"),
    [
        (
            VALUES,
            {"fail": 1},
            {},
            "2 of 6 cells of suite 'trial' have no result, the first is drmi in real data, seed 1",
        ),
        ({"drmi": [0.5]}, {}, {}, "drmi in real data on digits has 1 seed; a noise band needs 2"),
        (VALUES, {"change": newer}, {}, "the seeds of drmi .* were played by different rules, versions or trainers"),
        (
            {"drmi": [0.5, 1.5]},
            {},
            {},
            "table 'measurements', .*: value is 1.4, not between 0 and 1",
        ),
        (VALUES, {}, {"metric": ["acuracy"]}, "there is no metric 'acuracy' in .*; did you mean 'accuracy'"),
        (VALUES, {}, {"attack": [ATTACK], "metric": ["accuracy"]}, "nothing that was asked for was measured"),
    ],
)
def test_what_cannot_be_frozen(
    make: Make, values: dict[str, list[float]], more: dict, filters: dict, sentence: str
) -> None:  # type: ignore[type-arg]
    with pytest.raises(BenchboxError, match=sentence):
        freeze(make("a", values, **more), "trial", **filters)


def test_a_suite_that_is_not_there_is_told_the_nearest(make: Make) -> None:
    with pytest.raises(BenchboxError, match=r"there is no suite 'trail' in .*; did you mean 'trial'"):
        freeze(make("a", VALUES), "trail")

"""Every conformance rule of benchbox, what each plugin is for, and the suite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import benchbox
from benchbox.contracts import Grant
from benchbox.testing import AttackTests, DatasetTests, SelectorTests


class TestContrast(SelectorTests):
    plugin = "contrast"


class TestMomentum(AttackTests):
    plugin = "momentum"


class TestShapes(DatasetTests):
    plugin = "shapes"


def test_chosen_images_have_more_contrast_than_the_pool(benchbox_plugin: Any, benchbox_game: Any) -> None:
    game = benchbox_game(pool=60)
    rows = benchbox_plugin("contrast[share=0.2]").select(game, 12)
    contrast = game.pool.images.flatten(1).std(1)
    assert contrast[rows].mean() > contrast.mean()


def test_no_pixel_changes_by_more_than_eps(benchbox_plugin: Any, benchbox_game: Any) -> None:
    game = benchbox_game(pool=12, uses=[Grant.LABELS])
    images, labels = game.pool.images, game.pool.labels
    attack = benchbox_plugin("momentum[eps=0.1]")
    examples = attack.perturb(game.new_substitute(), images, labels, classes=game.classes, targeted=False)
    assert (examples - images).abs().max() <= 0.1 + 1e-6


def test_shapes_are_brighter_than_their_ground(benchbox_plugin: Any) -> None:
    arrays = benchbox_plugin("shapes").load(None, download=False)
    assert arrays.x_train.shape == (2000, 28, 28)
    assert arrays.x_train[arrays.y_train == 1].mean() > arrays.x_train[arrays.y_train == 3].mean()


def test_the_suite_runs_and_its_target_is_better_than_chance(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path))
    db = str(tmp_path / "results.db")
    assert benchbox.run("example", db=db, jobs=0).exit_code == 0
    frame = benchbox.results(db, metric="accuracy", budget=60)
    assert len(frame) == 2
    assert frame["value"].min() > 0.3  # four classes

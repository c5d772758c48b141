"""A third party's benchbox plugins. Importing it imports none of their modules: listing stays quick."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchbox.contracts import Lazy, hookimpl

benchbox_contract = 2


@hookimpl
def benchbox_plugins() -> Iterable[Lazy]:
    """Return the plugins; the summary of each is the first line of its class's docstring."""
    return [
        Lazy(
            "selector",
            "contrast",
            "benchbox_example.contrast:Contrast",
            "Chooses at random among the images with the highest contrast.",
        ),
        Lazy(
            "attack",
            "momentum",
            "benchbox_example.momentum:Momentum",
            "Gradient steps with momentum, within a ball around the clean image.",
        ),
        Lazy(
            "dataset",
            "shapes",
            "benchbox_example.shapes:Shapes",
            "Four shapes on noise: a disc, a square, a cross and a bar, 28x28 grey; needs no file.",
        ),
    ]


@hookimpl
def benchbox_suite_folders() -> Iterable[Path]:
    """Return the folder of the suite ``example``."""
    return [Path(__file__).parent / "suites"]


@hookimpl
def benchbox_target_folders() -> Iterable[Path]:
    """Return the folder whose ``targets.toml`` says how the suite's target is trained."""
    return [Path(__file__).parent / "targets"]

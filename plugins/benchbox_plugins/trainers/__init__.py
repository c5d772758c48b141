"""Trainers: how answered queries become a substitute."""

from __future__ import annotations

from benchbox.contracts import Lazy


def _row(name: str, target: str, summary: str, *, version: int = 1) -> Lazy:
    return Lazy("trainer", name, f"benchbox_plugins.trainers.{target}", summary, version)


PLUGINS = (
    _row("standard", "standard:Standard", "Supervised training on the answers: Adam, small batches.", version=2),
    _row("poisson", "poisson:Poisson", "Spreads a few answers over the unlabelled pool, and trains on the pool."),
    _row("fixmatch", "fixmatch:Fixmatch", "Learns from its own sure guesses about the unlabelled pool."),
    _row(
        "mixmatch",
        "mixmatch:Mixmatch",
        "Learns from mixtures of answered images and of the pool's with its own guesses.",
    ),
    _row("distil", "distil:Distil", "Long training on changed copies of the answered images, supervised only."),
)

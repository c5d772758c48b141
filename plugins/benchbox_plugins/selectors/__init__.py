"""Selectors: which rows of the attacker's pool to query."""

from __future__ import annotations

from benchbox.contracts import Lazy


def _row(name: str, target: str, summary: str, *, version: int = 1, privileged: bool = False) -> Lazy:
    return Lazy("selector", name, f"benchbox_plugins.selectors.{target}", summary, version, privileged=privileged)


PLUGINS = (
    _row("random", "random_choice:Random", "Uniform choice without replacement: the baseline of every selector."),
    _row(
        "random-stratified",
        "random_stratified:RandomStratified",
        "Random choice of equally many images per class of the attacker's own labels.",
    ),
    _row(
        "drmi",
        "drmi:Drmi",
        "Chooses images that tell little of each other: smallest mutual information between grey levels.",
    ),
    _row("cmal", "cmal:Cmal", "Chooses images whose correlation matrix matches the pool's."),
    _row(
        "cpb",
        "cpb:Cpb",
        "Chooses images by the target's class probabilities, or from clusters of them.",
        version=2,
        privileged=True,
    ),
    _row("trace", "trace:Trace", "Chooses images by the neurons that they activate.", privileged=True),
    _row(
        "k-centre",
        "k_centre:KCentre",
        "Chooses each image farthest from those before it, in pixels or in features.",
    ),
    _row(
        "medoids",
        "medoids:Medoids",
        "Chooses the image nearest to each of k cluster centres, the largest cluster first.",
    ),
    _row(
        "uncertainty",
        "uncertainty:Uncertainty",
        "Asks, in rounds, about the images that a substitute is least sure of.",
    ),
    _row(
        "activethief",
        "activethief:ActiveThief",
        "Asks, in rounds, what a substitute that is stopped by validation wants to know.",
    ),
)

"""Defences: what stands between the target and those who ask it."""

from __future__ import annotations

from benchbox.contracts import Access, Lazy


def _row(name: str, target: str, summary: str, needs: Access = Access.PROBABILITIES) -> Lazy:
    return Lazy("defence", name, f"benchbox_plugins.defences.{target}", summary, needs=needs)


PLUGINS = (
    _row("rounding", "rounding:Rounding", "Rounds every probability."),
    _row("top-k", "top_k:TopK", "Tells the largest probabilities alone."),
    _row("gaussian", "gaussian:Gaussian", "Adds noise to the logits, within a ball around the answer."),
    _row(
        "reverse-sigmoid",
        "reverse_sigmoid:ReverseSigmoid",
        "Bends probabilities so that several inputs give one output.",
    ),
    _row("mad", "mad:Mad", "Turns the gradient that a thief would follow as far as a ball around the answer allows."),
    _row(
        "misinformation",
        "misinformation:Misinformation",
        "Answers unsure images with a network that was trained to be wrong.",
    ),
    _row("modelguard-w", "modelguard_w:ModelGuardW", "Moves probability to the least likely classes, within a ball."),
    _row(
        "modelguard-s", "modelguard_s:ModelGuardS", "Answers with one of a few probability vectors that it told before."
    ),
    _row(
        "prada-detector",
        "prada:Prada",
        "Raises an alarm where distances between queries stop being normal.",
        Access.LABEL,
    ),
    _row(
        "blacklight",
        "blacklight:Blacklight",
        "Raises an alarm where a query shares most of its hashes with an earlier one.",
        Access.LABEL,
    ),
    _row(
        "neighbours",
        "neighbours:Neighbours",
        "Raises an alarm where a query's nearest earlier ones lie too near.",
        Access.LABEL,
    ),
)

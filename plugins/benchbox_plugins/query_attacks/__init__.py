"""Query attacks: each example is searched by asking the target."""

from benchbox.contracts import Access, Lazy

_HERE = "benchbox_plugins.query_attacks"


def _scored(name: str, summary: str, version: int = 1) -> Lazy:
    """Return the row of an attack that needs probabilities."""
    target = f"{_HERE}.{name.replace('-', '_')}:{name.title().replace('-', '')}"
    return Lazy("query-attack", name, target, summary, version, Access.PROBABILITIES)


PLUGINS = (
    _scored("square", "Random squares at the rim of the threat, kept where they help: one query a step."),
    _scored("nes", "Gradients from mirrored noise, followed with momentum: n probes and one candidate a step."),
    _scored(
        "simba",
        "One direction after the other, forth or else back, kept where the true class loses: one or two queries a step.",
    ),
)

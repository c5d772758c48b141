"""Query attacks: each example is searched by asking the target."""

from benchbox.contracts import Access, Lazy

_HERE = "benchbox_plugins.query_attacks"


def _row(name: str, summary: str, module: str = "", needs: Access = Access.PROBABILITIES, version: int = 1) -> Lazy:
    target = f"{_HERE}.{module or name.replace('-', '_')}:{name.title().replace('-', '')}"
    return Lazy("query-attack", name, target, summary, needs=needs, version=version)


PLUGINS = (
    _row("square", "Random squares at the rim of the threat, kept where they help: one query a step."),
    _row(
        "nes",
        "Gradients from mirrored noise, followed with momentum: n probes and one candidate a step.",
        needs=Access.LABEL,
        version=2,
    ),
    _row(
        "ge",
        "Finite differences along groups of pixels or principal components, then a step along the sign: single or iterative.",
    ),
    _row(
        "autozoom", "Adam on a small image that is enlarged to a change, by one random direction a step: two queries."
    ),
    _row("rgf", "Gradients from random directions: q probes and one candidate an iteration."),
    _row(
        "p-rgf",
        "As rgf, with directions drawn around the gradient of a substitute: the better that fits, the fewer probes.",
        "rgf",
    ),
    _row(
        "simba",
        "One direction after the other, forth or else back, kept where the true class loses: one or two queries a step.",
    ),
    _row(
        "simba-ods",
        "Directions in which a substitute's answers differ most, forth or else back, kept where the margin falls.",
    ),
    _row(
        "gfcs",
        "The gradient of a substitute's margin, forth or else back; where it does not help, directions of simba-ods.",
        "simba_ods",
    ),
    _row("hybrid", "Examples made on a substitute first, one query each; from where they fail, nes."),
    _row(
        "bases",
        "Examples made on several substitutes at once, and their weights searched by asking: two queries a round.",
    ),
    _row(
        "transfer",
        "An example made on the substitutes, one query to see whether it fools the target, and no more.",
        needs=Access.LABEL,
    ),
    _row(
        "hopskipjump",
        "Along the target's boundary towards the image: its normal from labels of noise, a step, and a bisection.",
        needs=Access.LABEL,
        version=3,
    ),
    _row(
        "geoda",
        "The boundary taken as flat: its normal from labels of low-frequency noise, and the shortest way through it.",
        needs=Access.LABEL,
    ),
    _row(
        "signopt",
        "The direction in which the boundary is nearest, by signs: one question tells whether a neighbour is nearer.",
        needs=Access.LABEL,
        version=2,
    ),
)

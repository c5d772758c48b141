"""White-box attacks on the substitute, through ART."""

from benchbox.contracts import Lazy

_HERE = "benchbox_plugins.attacks"

PLUGINS = (
    Lazy(
        "attack", "fgsm", f"{_HERE}.fgsm:Fgsm", "One step along the sign of the gradient (fast gradient sign method)."
    ),
    Lazy(
        "attack",
        "bim",
        f"{_HERE}.bim:Bim",
        "Small gradient steps within a ball, from the clean image (basic iterative).",
    ),
    Lazy(
        "attack",
        "pgd",
        f"{_HERE}.pgd:Pgd",
        "Small gradient steps within a ball, from a random start (projected gradient).",
    ),
)

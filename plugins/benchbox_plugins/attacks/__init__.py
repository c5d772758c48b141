"""White-box attacks on the substitute: ART's, those that ART lacks, and any class of ART or torchattacks by its name."""

from benchbox.contracts import Lazy

_HERE = "benchbox_plugins.attacks"


def _row(name: str, summary: str, version: int = 1) -> Lazy:
    module = name.replace("-", "_")
    return Lazy("attack", name, f"{_HERE}.{module}:{name.title().replace('-', '')}", summary, version)


PLUGINS = (
    _row("fgsm", "One step along the sign of the gradient (fast gradient sign method)."),
    _row("bim", "Small gradient steps within a ball, from the clean image (basic iterative)."),
    _row("pgd", "Small gradient steps within a ball, from a random start (projected gradient)."),
    _row("mi-fgsm", "Sign steps along a gradient that is gathered with momentum.", version=2),
    _row("ni-fgsm", "Momentum steps whose gradient is taken ahead, where the gathered one leads (Nesterov)."),
    _row(
        "si-fgsm",
        "Momentum steps along the mean gradient over darker copies of the image, taken ahead (scale invariance, SI-NI-FGSM).",
    ),
    _row(
        "ti-fgsm", "Momentum steps along a gradient that is smoothed over neighbouring pixels (translation invariance)."
    ),
    _row("di-fgsm", "Momentum steps whose gradient goes through a randomly shrunk and shifted image (diverse inputs)."),
    _row("vmi-fgsm", "Momentum steps, each corrected by how the gradient varied around the last (variance tuning)."),
    _row(
        "apgd",
        "Sign steps with momentum whose size is halved where they no longer help; the example of the highest loss (Auto-PGD).",
    ),
    _row(
        "cw",
        "The smallest L2 change by which another class leads the substitute's logits, found by gradient descent (C&W).",
    ),
    _row(
        "deepfool",
        "The shortest way over the nearest boundary of the substitute, step by step along its linear picture.",
    ),
    _row("art", "Any evasion class of ART by its name, with its defaults; examples are brought back into the ball."),
    _row(
        "torchattacks",
        "Any attack of torchattacks by its class's name, with its defaults; examples are brought back into the ball.",
    ),
)

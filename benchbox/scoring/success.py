"""Named definitions of an attack's success: who counts, and what counts. Imports no torch.

Sources: ``asr_untargeted`` and ``asr_targeted`` as the TandemGAN and DaST code count them; ``nsuc_over_nall`` as the MEGA
paper writes it; ``drmi_nondiag`` as the DRMI paper's confusion matrices count; ``drmi_hit`` is our strict companion of it.
``error_untargeted`` is ours: what the target gets wrong without an attack counts in it. Every rate is one share of all examples
that count, whatever their class.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchbox.errors import SuiteError, UnknownNameError

Classes = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Outcome:
    """What was said about n adversarial examples.

    Attributes:
        true: original classes, (n,).
        goal: classes to be reached, (n,); None for an untargeted attack.
        clean: the target's answers to the clean images, (n,).
        target: the target's answers to the adversarial examples, (n,).
        substitute: the substitute's answers to them, (n,).
    """

    true: Classes
    goal: Classes | None
    clean: Classes
    target: Classes
    substitute: Classes


@dataclass(frozen=True)
class Definition:
    """One success definition.

    Attributes:
        summary: in words.
        targeted: True or False where it is for such attacks only; None for both.
        counts: which examples are in the denominator.
        succeeds: which examples are successes.
    """

    summary: str
    targeted: bool | None
    counts: Callable[[Outcome], Mask]
    succeeds: Callable[[Outcome], Mask]


def _goal(outcome: Outcome) -> Classes:
    assert outcome.goal is not None
    return outcome.goal


def _all(outcome: Outcome) -> Mask:
    return np.ones(len(outcome.true), dtype=bool)


def _hits(outcome: Outcome) -> Mask:
    return np.equal(outcome.target, _goal(outcome))


def _missed(outcome: Outcome) -> Mask:
    return np.not_equal(outcome.target, outcome.true)


def _changed(outcome: Outcome) -> Mask:
    return np.not_equal(outcome.target, outcome.clean)


def _fools_substitute(outcome: Outcome) -> Mask:
    return np.equal(outcome.substitute, _goal(outcome))


DEFINITIONS: dict[str, Definition] = {
    "asr_untargeted": Definition(
        "of the images that the target classifies correctly, the share whose answer changes",
        False,
        lambda o: np.equal(o.clean, o.true),
        _changed,
    ),
    "asr_targeted": Definition(
        "of the images that the target does not already give the goal class, the share that it then does",
        True,
        lambda o: np.not_equal(o.clean, _goal(o)),
        _hits,
    ),
    "nsuc_over_nall": Definition(
        "of all adversarial examples, the share that the target gives the goal class, or untargeted another than before",
        None,
        _all,
        lambda o: _changed(o) if o.goal is None else _hits(o),
    ),
    "error_untargeted": Definition(
        "of all adversarial examples, the share that the target gives another than the true class",
        False,
        _all,
        _missed,
    ),
    "drmi_nondiag": Definition(
        "of the targeted examples that fool the substitute, the share that the target no longer gives the original class",
        True,
        _fools_substitute,
        _missed,
    ),
    "drmi_hit": Definition(
        "of the targeted examples that fool the substitute, the share that the target gives the goal class",
        True,
        _fools_substitute,
        _hits,
    ),
}


def check_success(name: str, goal: str, where: str) -> None:
    """Check that a definition exists and fits an attack's goal.

    Raises:
        UnknownNameError: there is no such definition.
        SuiteError: it is for the other kind of attack.
    """
    if name not in DEFINITIONS:
        raise UnknownNameError("success definition", name, DEFINITIONS, where)
    targeted = DEFINITIONS[name].targeted
    if targeted is not None and targeted != (goal != "untargeted"):
        raise SuiteError(f"{where}: success definition '{name}' does not fit the goal '{goal}'")


def rate(name: str, outcome: Outcome) -> tuple[float | None, int]:
    """Return (share of successes, denominator); the share is None where nothing counts."""
    definition = DEFINITIONS[name]
    counts = definition.counts(outcome)
    n = int(counts.sum())
    successes: Any = (definition.succeeds(outcome) & counts).sum()
    return (float(successes) / n if n else None), n

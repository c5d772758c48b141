"""What every metric is: its unit, its direction, whether it is deterministic, how it is written. Imports no torch.

Everything that shows, compares, merges or freezes numbers asks here, so that a name is never guessed from. ``metric(name)``
also answers for names that this benchbox does not know, as a newer or a foreign store may hold them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from benchbox.scoring.success import DEFINITIONS

Better = Literal["higher", "lower", "neither"]


@dataclass(frozen=True)
class Unit:
    """What values are counted in, and how they are written.

    Attributes:
        name: in words.
        mark: what stands behind a title or in a column; per cent for shares.
        scale: what a stored value is multiplied with before it is shown.
        shown: the format of a shown value.
        stored: the format of a value as it is stored, where single measurements are listed.
        least, most: between what a stored value lies; every one is finite besides.
    """

    name: str
    mark: str
    scale: float = 1.0
    shown: str = ".4g"
    stored: str = ".4g"
    least: float = 0.0
    most: float = math.inf

    def text(self, value: float) -> str:
        """Return a value as tables show it; NaN is a dash."""
        return "–" if math.isnan(value) else f"{self.scale * value:{self.shown}}"

    def holds(self, value: float) -> bool:
        """Whether a stored value can be one of this unit."""
        return math.isfinite(value) and self.least <= value <= self.most

    @property
    def range(self) -> str:
        """What a stored value must be, in words."""
        if math.isfinite(self.most):
            return f"between {self.least:g} and {self.most:g}"
        return f"a finite number of at least {self.least:g}" if math.isfinite(self.least) else "a finite number"


SHARE = Unit("share", "%", 100.0, ".1f", ".4f", most=1.0)
NATS = Unit("nats", "nats", 1.0, ".3f", ".4f")
SECONDS = Unit("seconds", "s", 1.0, ".4f", ".3g")
GREY_LEVELS = Unit("grey levels", "grey levels", 1.0, ".3g", ".4f")
VALUES = Unit("values", "values", 1.0, ",.0f", ".1f")
QUERIES = Unit("queries", "queries", 1.0, ",.0f", ".0f")
UNKNOWN = Unit("", "", least=-math.inf)
UNITS = {unit.mark: unit for unit in (SHARE, NATS, SECONDS, GREY_LEVELS, VALUES, QUERIES, UNKNOWN)}
"""By mark."""


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes:
        name: as in ``Measurement``.
        summary: what it is, in words.
        unit: what its values are counted in.
        better: which direction is good for the attacker; ``neither`` is never judged.
        deterministic: whether the same cell gives the same value again. What is not never makes two stores differ.
        floor: for the gate, the smallest difference that counts, in the unit; None where the gate leaves it alone.
        title: what its own table by queries is called; empty where it has none.
    """

    name: str
    summary: str
    unit: Unit
    better: Better
    deterministic: bool = True
    floor: float | None = None
    title: str = ""

    def stored(self, value: float) -> str:
        """Return a value as it is stored, where single measurements are listed; NaN is a dash."""
        return "-" if math.isnan(value) else f"{value:{self.unit.stored}}"


_POINT = 0.01  # 4 of the 397 test images of digits
_TWO = 0.02  # attack success hangs on two rounding steps: a sign of a gradient, and the target's answer

_SUBSTITUTE = (
    Metric(
        "accuracy",
        "share of test images that the substitute gives the true class",
        SHARE,
        "higher",
        True,
        _POINT,
        "Accuracy",
    ),
    Metric(
        "fidelity",
        "share of test images on which substitute and target agree",
        SHARE,
        "higher",
        True,
        _POINT,
        "Fidelity",
    ),
    Metric(
        "top5_accuracy",
        "share of test images whose true class is among the substitute's five likeliest; of a hundred classes and more",
        SHARE,
        "higher",
        True,
        _POINT,
        "Top-5 accuracy",
    ),
    Metric(
        "test_loss", "mean cross-entropy of the substitute on test images", NATS, "lower", title="Test loss, in nats,"
    ),
)
_SEARCHES = (
    Metric(
        "query_success",
        "share of the examples that a query attack has solved within the budget of queries an example",
        SHARE,
        "higher",
        floor=_TWO,
        title="Success",
    ),
    Metric(
        "queries_mean",
        "queries an example, mean over all, the unsolved as the budget",
        QUERIES,
        "lower",
        title="Queries an example, mean over all,",
    ),
    Metric(
        "queries_median",
        "queries an example, median over all, the unsolved as the budget",
        QUERIES,
        "lower",
        title="Queries an example, median over all,",
    ),
    Metric(
        "queries_solved_mean",
        "queries an example, mean over the solved: lower where hard ones are given up",
        QUERIES,
        "neither",
        title="Queries an example, mean over the solved,",
    ),
    Metric(
        "queries_solved_median",
        "queries an example, median over the solved",
        QUERIES,
        "neither",
        title="Queries an example, median over the solved,",
    ),
    Metric(
        "queries_in_all",
        "queries over all examples, what the scenario's substitute cost included",
        QUERIES,
        "lower",
        title="Queries in all",
    ),
)
_TIMES = (
    Metric("seconds_per_example", "of making one adversarial example", SECONDS, "lower", deterministic=False),
    # no longer measured; older stores hold it
    Metric("attack_seconds", "of making all adversarial examples", SECONDS, "lower", deterministic=False),
)
_SUCCESS = tuple(
    Metric(name, definition.summary, SHARE, "higher", floor=_TWO) for name, definition in DEFINITIONS.items()
)
# within the threat, an example may lie where it likes: nearer is not better
_DISTANCES = tuple(
    Metric(f"{norm}_{which}", f"{of}, {words} examples of an attack", unit, "neither")
    for norm, of, unit in (
        ("linf", "largest change of a value", GREY_LEVELS),
        ("l2", "root of the sum of squared changes of an image", GREY_LEVELS),
        ("l0", "values of an image that changed", VALUES),
    )
    for which, words in (("mean", "mean over the"), ("max", "largest of the"))
)
_DEFENCES = (
    Metric("alarms", "share of the thief's queries that raised an alarm of the defence", SHARE, "neither"),
    Metric("blocked", "share of the thief's queries that the defence did not answer", SHARE, "neither"),
    Metric(
        "first_alarm",
        "the thief's query that raised the first alarm; none where there was no alarm",
        QUERIES,
        "neither",
    ),
    Metric(
        "honest_accuracy",
        "share of test images that an honest client of the defence is told the true class of",
        SHARE,
        "neither",
    ),
    Metric("bare_accuracy", "the same without the defence", SHARE, "neither"),
    Metric(
        "honest_changed",
        "share of test images of which the defence told another class than the target's, or none",
        SHARE,
        "neither",
    ),
    Metric(
        "honest_calibration",
        "how far confidence lies from accuracy in what an honest client is told (ECE, 15 bins)",
        SHARE,
        "neither",
    ),
    Metric("bare_calibration", "the same without the defence", SHARE, "neither"),
    Metric(
        "honest_distance",
        "probability that the defence moved to other classes, mean over an honest client's images",
        SHARE,
        "neither",
    ),
    Metric("false_alarms", "share of an honest client's queries that raised an alarm", SHARE, "neither"),
    Metric(
        "false_first_alarm",
        "the honest client's query that raised the first alarm; none where there was none",
        QUERIES,
        "neither",
    ),
)
METRICS = {m.name: m for m in (*_SUBSTITUTE, *_SEARCHES, *_SUCCESS, *_TIMES, *_DISTANCES, *_DEFENCES)}
"""Every metric by name, in the order in which pages tell of them."""
HEADLINES = ("accuracy", "query_success")
"""Metrics that methods are ranked by: of substitutes, and of query attacks."""
DISTANCES = frozenset(m.name for m in _DISTANCES)
"""Names of those that say how far examples lie from their images: details, which no table of results holds."""
VOLATILE = frozenset(m.name for m in METRICS.values() if not m.deterministic)
"""Names of those that differ from run to run."""


def metric(name: str) -> Metric:
    """Return a metric; one of no unit, that nothing judges, where the name is unknown."""
    return METRICS.get(name) or Metric(name, "unknown to this version of benchbox", UNKNOWN, "neither")


def distance_text(found: Mapping[str, float]) -> str:
    """Return the distances of an attack's examples in one line; empty where none was measured.

    Args:
        found: values by the names in ``DISTANCES``; others are let be.
    """
    names = (("linf", "L-inf"), ("l2", "L2"), ("l0", "L0"))
    parts = [
        f"{words} {_shown(f'{norm}_mean', found)} (largest {_shown(f'{norm}_max', found)})"
        for norm, words in names
        if f"{norm}_mean" in found and f"{norm}_max" in found
    ]
    return f"{', '.join(parts)} values" if parts else ""


def _shown(name: str, found: Mapping[str, float]) -> str:
    return metric(name).unit.text(found[name])

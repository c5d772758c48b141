"""What each named defence bought in an audit, and what it cost honest clients."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchbox.auditing.findings import AGREES, Figure, Searcher, Thief, figure_of, find
from benchbox.contracts import Access

if TYPE_CHECKING:
    from benchbox.store import Store
    from benchbox.suites import ScenarioTable

COSTS = ("honest_accuracy", "bare_accuracy", "honest_changed", "false_alarms")
ALARM = "first_alarm"


@dataclass(frozen=True)
class Shield:
    """A defence, and who was held off by it.

    Attributes:
        name: the defence with its options.
        thieves, searchers: as they fared before it, in the order of the suite.
        costs: what an honest client was told, by metric of ``COSTS``.
        first_alarm: the earliest question of a thief that raised an alarm; None where none did.
    """

    name: str
    thieves: tuple[Thief, ...]
    searchers: tuple[Searcher, ...]
    costs: Mapping[str, Figure]
    first_alarm: int | None

    def cheapest(self, access: Access) -> Thief | None:
        """Return the thief that needed the fewest questions with these answers, or came nearest."""
        return cheapest(self.thieves, access)


def shields(store: Store, suite: str, dataset: str, scenarios: Iterable[ScenarioTable]) -> tuple[Shield, ...]:
    """Return what a store holds of each defence of an audit, in the order of its scenarios."""
    by_name: dict[str, list[ScenarioTable]] = {}
    for scenario in scenarios:
        if scenario.defence is not None:
            by_name.setdefault(scenario.defence, []).append(scenario)
    return tuple(_shield(store, suite, dataset, name, behind) for name, behind in by_name.items())


def _shield(store: Store, suite: str, dataset: str, name: str, scenarios: list[ScenarioTable]) -> Shield:
    found = find(store, suite, dataset, scenarios)
    names = [scenario.name for scenario in scenarios]
    frame = store.measurements(suite=suite, dataset=dataset, scenario=names, metric=[*COSTS, ALARM]).dropna(
        subset=["value"]
    )
    alarms = frame[frame.metric == ALARM].value
    costs = {
        # every cell of one replicate asked the same client
        str(metric): figure_of(rows.drop_duplicates("seed"))
        for metric, rows in frame[frame.metric.isin(COSTS)].groupby("metric", observed=True)
    }
    return Shield(name, found.thieves, found.searchers, costs, int(alarms.min()) if len(alarms) else None)


def cheapest(thieves: Sequence[Thief], access: Access) -> Thief | None:
    """Return the thief that needed the fewest questions with these answers; of those that never succeed the nearest."""
    mine = [thief for thief in thieves if thief.access is access]
    return min(mine, key=lambda thief: (thief.cost or math.inf, -thief.best.value.mean), default=None)


def told(shield: Shield, bare: Sequence[Thief], says: Mapping[Access, str]) -> Iterator[str]:
    """Yield what a defence bought and cost, in words without markup.

    Args:
        shield: the defence.
        bare: the thieves as they fared without it.
        says: what answers hold, in words.
    """
    for access in Access:
        before, after = cheapest(bare, access), shield.cheapest(access)
        if before is not None and after is not None:
            yield f"with {says[access]}, {_price(after)} (without it, {_price(before)})"
    costs = {name: 100 * figure.value.mean for name, figure in shield.costs.items()}
    if "honest_accuracy" in costs:
        yield (
            f"an honest client is told the true class of {costs['honest_accuracy']:.1f} % of images (without it "
            f"{costs['bare_accuracy']:.1f} %), and of {costs['honest_changed']:.1f} % another class than the model's, or none"
        )
    if shield.first_alarm is not None or costs.get("false_alarms"):
        first = (
            "no thief raised an alarm"
            if shield.first_alarm is None
            else f"a thief's question {shield.first_alarm:,} raised the first alarm"
        )
        yield f"{first}; {costs.get('false_alarms', 0):.1f} % of the honest client's questions were false alarms"


def _price(thief: Thief) -> str:
    if thief.cost is None:
        return (
            f"no copy agrees on {100 * AGREES:.0f} % of images after {max(thief.agreement):,} questions, the nearest on "
            f"{100 * thief.best.value.mean:.1f} %"
        )
    return f"a copy costs {thief.cost:,} questions"

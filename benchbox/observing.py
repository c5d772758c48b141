"""Observers at work: found by the names that the user enabled, told of a run beside its display, and kept from breaking it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint

from benchbox.contracts.observer import CellBegan, CellEnded, CellPlace, CellScored, Observer, RunEnded
from benchbox.errors import OptionError, UnknownNameError, described, quoted
from benchbox.execution import CellFinished, CellProgress, CellStarted, Display, Event, Notice, RunFinished, Summary
from benchbox.registry.helper import origins
from benchbox.suites import Planned

GROUP = "benchbox.observers"
"""The group of entry points that names observers."""
_RAISED = (Exception, SystemExit)


def observer_of(asked: Observer | str) -> Observer:
    """Return an observer by the name of its entry point; one that is made already, as it is.

    Raises:
        UnknownNameError: no distribution brings one of this name.
        OptionError: it is none, cannot be imported, or comes from a distribution that brings plugins.
    """
    if isinstance(asked, Observer):
        return asked
    if not isinstance(asked, str):
        raise OptionError(f"observers: {quoted(asked)} is neither an Observer nor a name")
    known = {origin["point"]: origin for origin in origins(GROUP)}
    if asked not in known:
        none = "" if known else f"a distribution brings one by an entry point of the group '{GROUP}'"
        raise UnknownNameError("observer", asked, known, instead=none)
    package = known[asked]["package"]
    if package in {origin["package"] for origin in origins()}:
        raise OptionError(
            f"observer '{asked}' comes from '{package}', which brings plugins, too; observers run where results are kept, so "
            f"they must be a distribution of their own"
        )
    try:
        made = EntryPoint(asked, known[asked]["value"], GROUP).load()()
    except _RAISED as error:
        raise OptionError(f"observer '{asked}' cannot be used: {described(error)}") from error
    if not isinstance(made, Observer):
        raise OptionError(f"observer '{asked}' is {quoted(made)}, which is no benchbox.contracts.Observer")
    return made


class Observed:
    """A display beside which observers are told what happens.

    Args:
        display: shows the run to somebody; None for nobody.
        observers: what is told besides.
        report: is told, where nothing is shown, that an observer failed.
    """

    def __init__(self, display: Display | None, observers: Sequence[Observer], report: Callable[[str], None]) -> None:
        self._display, self._observers, self._report = display, observers, report
        self._scores: dict[str, float] = {}
        self._failures: Counter[str] = Counter()

    def show(self, event: Event) -> None:
        """Tell the event to the observers, and show it."""
        if isinstance(event, CellStarted):
            began = CellBegan(_place(event.planned))
            self._tell(lambda observer: observer.cell_began(began))
        elif isinstance(event, CellProgress):
            self._progress(event)
        elif isinstance(event, CellFinished):
            ended = _ended(event)
            self._tell(lambda observer: observer.cell_ended(ended))
        elif isinstance(event, RunFinished):
            self._over(event.summary)
        if self._display is not None:
            self._display.show(event)

    def close(self) -> None:
        """Close the display."""
        if self._display is not None:
            self._display.close()

    def _over(self, summary: Summary) -> None:
        over = RunEnded(summary.done, len(summary.failures), summary.left, summary.seconds)
        self._tell(lambda observer: observer.run_ended(over))
        for name, count in self._failures.items():
            if count > 1:
                self._warn(f"observer {name} failed {count} times in all")

    def _progress(self, event: CellProgress) -> None:
        place = _place(event.planned)
        if event.accuracy is None or self._scores.get(place.cell) == event.accuracy:
            return
        self._scores[place.cell] = event.accuracy
        searched = event.planned.cell is not None and event.planned.cell.scenario.search is not None
        metric = "query_success" if searched else "accuracy"
        scored = CellScored(place, metric, event.accuracy, event.spent, event.budget)
        self._tell(lambda observer: observer.cell_scored(scored))

    def _tell(self, tell: Callable[[Observer], None]) -> None:
        for observer in self._observers:
            try:
                tell(observer)
            except _RAISED as error:  # a cell's result is worth more than whatever an observer meant to do with it
                name = type(observer).__name__
                self._failures[name] += 1
                if self._failures[name] == 1:
                    self._warn(f"observer {name} failed, and the run goes on: {described(error)}")

    def _warn(self, text: str) -> None:
        if self._display is None:
            self._report(text)
        else:
            self._display.show(Notice(text))


def _ended(event: CellFinished) -> CellEnded:
    result = event.result
    sealed = result.sealed.value if result.sealed else ""
    error = result.error.partition("\n")[0]
    return CellEnded(
        _place(event.planned), result.status.value, error, event.seconds, sealed, tuple(result.measurements)
    )


def _place(planned: Planned) -> CellPlace:
    cell = "" if planned.cell is None else planned.cell.id
    return CellPlace(cell, planned.suite, planned.dataset, planned.scenario, planned.label, planned.seed)

"""The first and the last lines of a run: counts, each failure with one sentence, where the results are."""

from __future__ import annotations

from collections.abc import Iterator

from benchbox.displays.tally import cell_id, duration, name_of
from benchbox.execution import Failure, RunStarted, Summary

MOST = 20
"""Failures that are listed one by one."""


def closing(summary: Summary, where: str) -> Iterator[str]:
    """Yield the lines."""
    if summary.stopped:
        yield f"stopped: {cells(summary.done)} done, {summary.left} left; the same command resumes"
    else:
        yield f"{counts(summary)} ({duration(summary.seconds)})"
    for failure in summary.failures[:MOST]:
        yield from _failure(failure)
    if len(summary.failures) > MOST:
        yield f"  and {len(summary.failures) - MOST} more (benchbox results)"
    yield f"results: {where}"


def _failure(failure: Failure) -> Iterator[str]:
    """Yield the line of a failure; where the store has kept another result of the cell, the traceback beneath it."""
    what = f"  {failure.status.value}: {name_of(failure.planned)}: {failure.error}"
    if failure.unkept is None:
        yield f"{what} (benchbox show {cell_id(failure.planned)})"
        return
    yield f"{what} (the store keeps the done result of before)"
    yield from (f"    {line}" for line in failure.unkept.traceback.splitlines())


def opening(event: RunStarted) -> str:
    """Return how many cells there are to run, and what became of the others."""
    parts = [f"{cells(len(event.to_run))} to run", *before(event.already, event.failed_before)]
    return ", ".join(parts) + ("; --retry-failed runs failed ones again" if event.failed_before else "")


def before(already: int, failed: int) -> list[str]:
    """Return how many cells of the plan ended in earlier runs, and how; what is 0 is left out."""
    parts = [(already, "done before"), (failed, "failed before")]
    return [f"{count} {what}" for count, what in parts if count]


def counts(summary: Summary) -> str:
    """Return the counts that are not 0, in one sentence."""
    failed = sum(not failure.before for failure in summary.failures)
    parts = [(summary.not_applicable, "not applicable"), (summary.elsewhere, "done by another run"), (failed, "failed")]
    ran = [f"{count} {what}" for count, what in parts if count]
    earlier = before(summary.already, len(summary.failures) - failed)
    if not (summary.done or ran):
        return f"nothing to run: {', '.join(earlier)}"
    return ", ".join([f"{cells(summary.done)} done", *ran, *earlier])


def cells(count: int) -> str:
    """Return ``1 cell`` or ``n cells``."""
    return "1 cell" if count == 1 else f"{count} cells"

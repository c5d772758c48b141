"""The last lines of a run: counts, each failure with one sentence, where the results are."""

from __future__ import annotations

from collections.abc import Iterator

from benchbox.displays.tally import cell_id, duration, name_of
from benchbox.execution import Summary

MOST = 20
"""Failures that are listed one by one."""


def closing(summary: Summary, where: str) -> Iterator[str]:
    """Yield the lines."""
    if summary.stopped:
        yield f"stopped: {cells(summary.done)} done, {summary.left} left; the same command resumes"
    else:
        yield f"{counts(summary)} ({duration(summary.seconds)})"
    for failure in summary.failures[:MOST]:
        what = f"{failure.status.value}: {name_of(failure.planned)}: {failure.error}"
        yield f"  {what} (benchbox show {cell_id(failure.planned)})"
    if len(summary.failures) > MOST:
        yield f"  and {len(summary.failures) - MOST} more (benchbox results)"
    yield f"results: {where}"


def counts(summary: Summary) -> str:
    """Return the counts that are not 0, in one sentence."""
    ran = summary.done + summary.not_applicable + summary.elsewhere + len(summary.failures)
    if not ran:
        return f"nothing to run: {cells(summary.already)} done before"
    parts = [
        (summary.not_applicable, "not applicable"),
        (summary.elsewhere, "done by another run"),
        (summary.already, "done before"),
        (len(summary.failures), "failed"),
    ]
    return ", ".join([f"{cells(summary.done)} done", *(f"{count} {what}" for count, what in parts if count)])


def cells(count: int) -> str:
    """Return ``1 cell`` or ``n cells``."""
    return "1 cell" if count == 1 else f"{count} cells"

"""A comparison as rows of text, and as JSON data."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from benchbox.records import finite
from benchbox.regression.comparison import Compared, Comparison, Verdict
from benchbox.report.statistics import Interval
from benchbox.scoring.metrics import metric

COLUMNS = ("verdict", "data set", "scenario", "method", "metric", "budget", "baseline", "now", "difference", "band")


def table_rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """Return a row of text a metric, in ``COLUMNS``; values in percent, differences in points."""
    return [_row(row) for row in comparison.rows]


def reasons(comparison: Comparison) -> list[str]:
    """Return a line for each reason why metrics are missing, not comparable or not judged, with where it holds first."""
    found: dict[tuple[Verdict, str], list[Compared]] = {}
    for row in comparison.rows:
        if row.reason:
            found.setdefault((row.verdict, row.reason), []).append(row)
    return [f"{verdict}: {_whose(rows)}: {reason}" for (verdict, reason), rows in found.items()]


def _whose(rows: Sequence[Compared]) -> str:
    places = list(dict.fromkeys(f"{row.label} on {row.dataset}, {row.scenario}" for row in rows))
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return f"{_metrics(len(rows))} of {places[0]}{more}"


def _metrics(count: int) -> str:
    return "1 metric" if count == 1 else f"{count} metrics"


def summary(comparison: Comparison) -> str:
    """Return one line: red or green, and how many metrics have which verdict."""
    counts = ", ".join(f"{count} {verdict}" for verdict, count in comparison.counts.items())
    n = len(comparison.rows)
    if not n:
        return f"red: nothing of suite '{comparison.suite}' was compared"
    return f"{'red' if comparison.failed else 'green'}: {_metrics(n)} of suite '{comparison.suite}': {counts}"


def as_data(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as JSON data; values are proportions, None where there is no number."""
    data = {
        "suite": comparison.suite,
        "failed": comparison.failed,
        "counts": {str(verdict): comparison.counts.get(verdict, 0) for verdict in Verdict},
        "notes": list(comparison.notes),
        "metrics": [dataclasses.asdict(row) for row in comparison.rows],
    }
    clean: dict[str, Any] = finite(data)
    return clean


def _row(row: Compared) -> tuple[str, ...]:
    found, scale = math.isfinite(row.difference), metric(row.metric).unit.scale
    return (
        row.verdict.value,
        row.dataset,
        row.scenario,
        row.label,
        f"{row.metric}, {row.attack}" if row.attack else row.metric,
        str(row.budget),
        interval(row.before, row.metric),
        interval(row.now, row.metric) if row.now else "-",
        f"{row.difference * scale:+.2f}" if found else "-",
        f"±{row.band * scale:.2f}" + ("" if row.pairs else " unpaired") if found and math.isfinite(row.band) else "-",
    )


def interval(found: Interval, name: str) -> str:
    """Return a mean with half its 95 % interval, and how many seeds it is of; shares in percent.

    Args:
        found: the interval.
        name: the metric's.
    """
    scale = metric(name).unit.scale
    half = "" if math.isnan(found.half) else f" ± {found.half * scale:.2f}"
    return f"{found.mean * scale:.2f}{half} ({found.n})"


def red_lines(comparison: Comparison) -> list[str]:
    """Return a line for each metric that turns the gate red."""
    return [
        f"{verdict}: {method} on {dataset}, {scenario}: {metric} at {budget} queries: {before} -> {now}, {change} (band {band})"
        + (f": {row.reason}" if row.reason else "")
        for row, (verdict, dataset, scenario, method, metric, budget, before, now, change, band) in zip(
            comparison.rows, table_rows(comparison), strict=True
        )
        if row.verdict.red
    ]

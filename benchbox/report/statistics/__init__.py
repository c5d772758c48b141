"""The statistics of every view: intervals, ranks, queries to reach a level. Knows no store and no plugin.

``docs/leaderboard.md`` tells readers what each of them means.
"""

from benchbox.report.statistics.critical import Critical, TooFewError, critical_difference
from benchbox.report.statistics.curves import area_over_log_budget, areas_over_log_budget, queries_to_reach
from benchbox.report.statistics.intervals import (
    BOOTSTRAP_FROM,
    CONFIDENCE,
    SKEWED,
    Floats,
    Interval,
    Intervals,
    group_intervals,
    half_widths,
    mean_interval,
    wilson,
)
from benchbox.report.statistics.ranking import Rank, front, holm, paired_p, tie_ranks

__all__ = [
    "BOOTSTRAP_FROM",
    "CONFIDENCE",
    "SKEWED",
    "Critical",
    "Floats",
    "Interval",
    "Intervals",
    "Rank",
    "TooFewError",
    "area_over_log_budget",
    "areas_over_log_budget",
    "critical_difference",
    "front",
    "group_intervals",
    "half_widths",
    "holm",
    "mean_interval",
    "paired_p",
    "queries_to_reach",
    "tie_ranks",
    "wilson",
]

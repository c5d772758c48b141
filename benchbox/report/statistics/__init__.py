"""The statistics of every view: intervals, places, queries to reach a level. Knows no store and no plugin.

``docs/leaderboard.md`` tells readers what each of them means.
"""

from benchbox.report.statistics.contest import REPLICATES, Contest, Difference, Place, contest, paired
from benchbox.report.statistics.intervals import (
    CONFIDENCE,
    Floats,
    Interval,
    Intervals,
    area_over_log_budget,
    group_intervals,
    mean_interval,
    queries_to_reach,
    wilson,
)

__all__ = [
    "CONFIDENCE",
    "REPLICATES",
    "Contest",
    "Difference",
    "Floats",
    "Interval",
    "Intervals",
    "Place",
    "area_over_log_budget",
    "contest",
    "group_intervals",
    "mean_interval",
    "paired",
    "queries_to_reach",
    "wilson",
]

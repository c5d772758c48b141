"""Regression: freeze what a set of cells gave as a baseline, and compare later runs with it. Imports no torch.

A baseline is a small text file that lives in a repository: per-seed values, and the identity of the rules that they were
measured under. ``compare`` puts a store's results beside it and says of each metric whether it is worse than noise.
"""

from benchbox.regression.baseline import Baseline, Figure, Group, baseline_path, load_baseline, save_baseline
from benchbox.regression.comparison import Compared, Comparison, Verdict, compare
from benchbox.regression.freeze import freeze
from benchbox.regression.markdown import markdown
from benchbox.regression.tables import COLUMNS, as_data, reasons, red_lines, summary, table_rows

__all__ = [
    "COLUMNS",
    "Baseline",
    "Compared",
    "Comparison",
    "Figure",
    "Group",
    "Verdict",
    "as_data",
    "baseline_path",
    "compare",
    "freeze",
    "load_baseline",
    "markdown",
    "reasons",
    "red_lines",
    "save_baseline",
    "summary",
    "table_rows",
]

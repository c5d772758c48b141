"""A comparison as Markdown, for a pull request or a CI job's summary."""

from __future__ import annotations

from collections.abc import Sequence

from benchbox.regression.comparison import Comparison, Verdict
from benchbox.regression.tables import COLUMNS, reasons, summary, table_rows

_RIGHT = ("budget", "baseline", "now", "difference", "band")


def markdown(comparison: Comparison, name: str) -> str:
    """Return the summary: what is not the same in a table, the rest folded away.

    Args:
        comparison: what to show.
        name: the baseline's name.
    """
    told: list[tuple[str, ...]] = []
    same: list[tuple[str, ...]] = []
    for row, texts in zip(comparison.rows, table_rows(comparison), strict=True):
        (same if row.verdict is Verdict.SAME else told).append(texts)
    parts = [f"### benchbox: compared with baseline `{name}`\n", f"**{_text(summary(comparison))}**\n"]
    if told:
        parts.append(_table(told))
    told_below = (*reasons(comparison), *comparison.notes)
    if told_below:
        parts.append("".join(f"- {_text(line)}\n" for line in told_below))
    if same:
        parts.append(f"<details><summary>{len(same)} the same within noise</summary>\n\n{_table(same)}\n</details>\n")
    parts.append("Values in percent with half their 95 % interval and the number of seeds; differences in points.\n")
    return "\n".join(parts)


def _table(rows: Sequence[Sequence[str]]) -> str:
    ruler = ["---:" if name in _RIGHT else "---" for name in COLUMNS]
    lines = [COLUMNS, ruler, *([_text(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _text(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")

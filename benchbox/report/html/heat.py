"""What defences take, as an HTML page of its own."""

from __future__ import annotations

from collections.abc import Iterable

from benchbox.report.html.table import table_html
from benchbox.report.prose import TEMPLATES, fill
from benchbox.report.tables.defences import matrix_tables
from benchbox.report.views.defences import DefenceMatrix
from benchbox.scoring.metrics import metric


def heat_map(matrices: Iterable[DefenceMatrix]) -> str:
    """Return a whole HTML page."""
    found = [
        (
            f"{matrix.dataset}: {matrix.game or matrix.suite}",
            f"{metric(matrix.metric).summary}; in brackets what the defence took, the difference of two means, untested.",
            [table_html(table, "What defences take", quiet=True, css="flat") for table in matrix_tables(matrix)],
        )
        for matrix in matrices
    ]
    return fill("heat.html", style=(TEMPLATES / "style.css").read_text(encoding="utf-8"), found=found)

"""Defence matrices as a page of their own, without a script: each cell is as dark as what a defence took."""

from __future__ import annotations

from collections.abc import Iterable

from benchbox.report import tables
from benchbox.report.html.table import table_html
from benchbox.report.templating import FOLDER, fill
from benchbox.report.views.defences import DefenceMatrix
from benchbox.scoring.metrics import metric


def heat_map(matrices: Iterable[DefenceMatrix]) -> str:
    """Return a whole HTML page."""
    found = [
        (
            f"{matrix.dataset}: {matrix.game or matrix.suite}",
            f"{metric(matrix.metric).summary}; in brackets the points that the defence took.",
            table_html(tables.thieves_table(matrix), "What defences take", quiet=True, css="flat"),
            table_html(tables.costs_table(matrix), "What it costs an honest client", css="flat"),
        )
        for matrix in matrices
    ]
    return fill("heat.html", style=(FOLDER / "style.css").read_text(encoding="utf-8"), found=found)

"""``run_cell``: plays one cell and scores what the method offers."""

from __future__ import annotations

import datetime
import time
import traceback
from pathlib import Path

from benchbox.contracts import NotApplicable
from benchbox.errors import BenchboxError
from benchbox.place import Place
from benchbox.records import CellResult, Status
from benchbox.registry import Catalogue
from benchbox.suites.cell import Cell

_catalogues: dict[tuple[Path, ...], Catalogue] = {}


def run_cell(cell: Cell, place: Place) -> CellResult:
    """Play a cell. A function of the cell alone; ``place`` only says where.

    Whatever goes wrong within the cell comes back as its result: ``FAILED`` with the traceback, or ``NOT_APPLICABLE``
    with the reason.
    """
    from benchbox.match.table import Table

    began = time.perf_counter()
    result = CellResult(cell.id, Status.DONE, started=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"))
    try:
        Table(cell, place, catalogue_for(place), result).play()
    except NotApplicable as reason:
        result.status, result.error = Status.NOT_APPLICABLE, str(reason)
    except Exception as error:  # a method may fail in any way; its cell says how, the others go on
        result.status = Status.FAILED
        result.error = str(error) if isinstance(error, BenchboxError) else f"{type(error).__name__}: {error}"
        result.traceback = traceback.format_exc()
    result.timings["total"] = time.perf_counter() - began
    return result


def catalogue_for(place: Place) -> Catalogue:
    """Return the catalogue with the place's plugin files; made once a process."""
    if place.plugin_files not in _catalogues:
        _catalogues[place.plugin_files] = catalogue = Catalogue.discover(place.plugin_files)
        catalogue.close()
    return _catalogues[place.plugin_files]

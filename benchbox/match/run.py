"""Running one cell, in whatever process: what goes wrong within it comes back as its result."""

from __future__ import annotations

import datetime
import time
import traceback
from dataclasses import replace

import torch

from benchbox.contracts import NotApplicable
from benchbox.devices import choose_device
from benchbox.errors import BenchboxError, Unanswered, described
from benchbox.isolation.output import clean, one_line
from benchbox.match.choices import choices_of
from benchbox.match.environment import describe
from benchbox.match.lay import lay
from benchbox.match.lineup import create
from benchbox.match.match import play_match
from benchbox.match.parts import Parts
from benchbox.match.players.players import Here, PlayerFailed, Players
from benchbox.match.table import Watch
from benchbox.place import Place
from benchbox.records import CellResult, Sealed, Status
from benchbox.suites.setting import Setting


def run_cell(setting: Setting, place: Place, watch: Watch, players: Players | None = None) -> CellResult:
    """Play a cell. A function of the cell alone; ``place`` only says where.

    Args:
        setting: the cell, and what to load by name.
        place: its surroundings.
        watch: follows the match, and keeps states to resume from.
        players: lets contestants play; in this very process where it is None.

    Returns:
        Its result: ``FAILED`` with the traceback or ``NOT_APPLICABLE`` with the reason where it could not be played,
        ``INTERRUPTED`` where a remote target gave no answer.
    """
    began = time.perf_counter()
    cell = setting.cell
    result = CellResult(cell.id, Status.DONE, started=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"))
    result.sealed = Sealed.NO if players is None else place.sealed
    result.sources = {ref.key: ref.source for ref in cell.contestants}
    try:
        _play(setting, place, watch, players, result)
    except NotApplicable as reason:
        result.status, result.error = Status.NOT_APPLICABLE, one_line(str(reason))
    except Unanswered as error:  # nobody's fault that stays: the same command asks again
        result.status, result.error = Status.INTERRUPTED, one_line(str(error))
    except (Exception, SystemExit) as error:  # a cell fails alone: it says how, the others go on
        result.status = Status.FAILED
        known = isinstance(error, BenchboxError | PlayerFailed)
        result.error = one_line(str(error) if known else described(error))
        result.traceback = clean(getattr(error, "trace", "") or traceback.format_exc())
    result.timings["total"] = time.perf_counter() - began + result.timings.get("earlier", 0.0)
    return result


def _play(setting: Setting, place: Place, watch: Watch, players: Players | None, result: CellResult) -> None:
    began = time.perf_counter()
    device = choose_device(place.device)
    result.environment = describe(device)
    choices = choices_of(setting.cell, place, result.environment)
    parts = replace(lay(setting, place, device), choices=choices)
    result.timings["load"] = time.perf_counter() - began
    play_match(parts, players or _here(parts), watch, result)


def _here(parts: Parts) -> Here:
    return Here(create, parts.build)


def one_thread() -> None:
    """Compute with one thread, as everywhere: another number of them adds in another order."""
    torch.set_num_threads(1)

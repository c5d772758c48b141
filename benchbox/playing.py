"""A plan, who plays it, and which of its done cells are played again: what stands between ``benchbox.api`` and execution."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchbox.devices import choose_device
from benchbox.paths import expanded
from benchbox.place import Place
from benchbox.registry import Catalogue
from benchbox.suites import Planned, Selection, Suite

if TYPE_CHECKING:
    from benchbox.execution.cluster.executor import DaskSlots
    from benchbox.execution.executor import Executor, Told
    from benchbox.execution.slots import LocalSlots
    from benchbox.store import Address, Store

    Environments = Sequence[Mapping[str, Any]]
    StartWith = Callable[[Environments, Told], Executor]
    """Makes the executor of a run, from the environments that earlier cells of its games recorded."""


@dataclass(frozen=True)
class Plan:
    """What a run would do.

    Attributes:
        suite: the suite, narrowed to the selection.
        selection: what was asked for.
        cells: its cells.
        place: where they would run.
        catalogue: the plugins.
    """

    suite: Suite
    selection: Selection
    cells: list[Planned]
    place: Place
    catalogue: Catalogue

    @property
    def whole(self) -> bool:
        """Whether these are all the cells that the suite plays on their data sets."""
        asked = self.selection
        return not (asked.methods or asked.trainers or asked.seeds or asked.scenarios)


def start_here(made: Plan, db: Address, jobs: int, time_limit: float, live: bool) -> StartWith:
    """Return what makes the executor of a run.

    Raises:
        OptionError: the device is not there.
        SuiteError: the suite demands more walls than this machine has.
    """
    from benchbox.execution.here import ThisProcess
    from benchbox.execution.sealing import sealed_place
    from benchbox.execution.slots import LocalSlots

    if made.place.device not in ("auto", "cpu"):
        choose_device(made.place.device)  # refuse a device that is not there once, rather than in every cell
    own = {path for item in made.cells if item.target is not None for path in item.target.files}
    hidden = (*made.catalogue.target_folders, *db.files, *own, *_data(made))
    place = sealed_place(made.place, made.suite, hidden, here=jobs == 0)
    if jobs == 0:
        return lambda known, told: ThisProcess(place, told)

    attacks = any(item.cell is not None and item.cell.scenario.attacks for item in made.cells)

    def start(known: Environments, told: Told) -> LocalSlots:
        slots = LocalSlots(jobs, place, told=told, time_limit=time_limit, live=live, attacks=attacks)
        slots.check_kind(known)
        return slots

    return start


def _data(made: Plan) -> set[Path]:
    """Return the files and folders that data sets' options name: images lie there that are held out."""
    settings = [item.setting for item in made.cells if item.setting is not None]
    refs = [ref for each in settings for ref in (each.dataset, each.pool, each.public) if ref is not None]
    named = {expanded(value) for ref in refs for value in ref.options.values() if isinstance(value, str) and value}
    here, data = Path.cwd(), made.place.data_dir
    found = {(root / name).resolve() for root in (here, data or here) for name in named}
    return {path for path in found if path.exists() and not here.is_relative_to(path)}  # plugins' files lie here


def start_on(cluster: str, made: Plan, any_machine: bool, time_limit: float, live: bool) -> StartWith:
    """Return what makes the executor of a run on a cluster.

    Raises:
        ClusterError: nobody answers there, or a target cannot travel.
    """
    from uuid import uuid4

    from benchbox.execution.cluster.executor import DaskSlots
    from benchbox.execution.cluster.goods import Goods
    from benchbox.execution.cluster.muster import muster_of
    from benchbox.execution.cluster.roster import Roster
    from benchbox.execution.resume import ResumeFiles

    device = made.place.device
    goods = Goods(made.cells, made.catalogue, made.place)
    muster = muster_of(
        uuid4().hex[:12],
        made.cells,
        made.suite,
        made.catalogue,
        device=device,
        time_limit=time_limit,
        live=live,
        choices=made.place.choices is not None,
    )

    def start(known: Environments, told: Told) -> DaskSlots:
        roster = Roster(device, known, any_machine, told.notice)
        return DaskSlots(cluster, muster, goods, roster, told=told, resume=ResumeFiles(made.place.scratch))

    return start


def again(cells: Sequence[Planned], store: Store, report: Callable[[str], None], *, jobs: int) -> set[str]:
    """Return the done cells that a run of so many jobs plays again; with none it is a debugger's look itself."""
    return changed(cells, store, report) | (unsealed(cells, store, report) if jobs else set())


def changed(cells: Sequence[Planned], store: Store, report: Callable[[str], None]) -> set[str]:
    """Return the done cells in which a stranger's plugin played whose source is another by now."""
    contestants = {item.cell.id: item.cell.contestants for item in cells if item.cell is not None}
    found: dict[str, set[str]] = {}
    for cell_id, then in store.sources(contestants).items():
        now = {ref.key: ref.source for ref in contestants[cell_id] if not ref.builtin}
        others = {key for key, source in now.items() if then.get(key, source) != source}
        if others:
            found[cell_id] = others
    if found:
        names = ", ".join(sorted(set[str]().union(*found.values())))
        report(f"the source of {names} changed since it was played: {len(found)} done cells are played again")
    return set(found)


def unsealed(cells: Sequence[Planned], store: Store, report: Callable[[str], None]) -> set[str]:
    """Return the done cells that were played in a process of ours: a debugger's look must not take a rank's place."""
    found = store.unsealed(item.cell.id for item in cells if item.cell is not None)
    if found:
        report(f"played again, since they were played in one process and unsealed: {len(found)} done cells")
    return found

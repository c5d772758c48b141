"""The results store, in SQLite or PostgreSQL: written by coordinators, read by all that reports. Imports no torch.

Opening::

    with Store.open("results.db") as store:                # made where it is missing; a path, or a URL: see ``address``
    with Store.open("results.db", create=False) as store:  # StoreError where it is missing

Writing (each call is one transaction; several processes may do this at once):

- ``store.enrol(suite, rows, whole=False)``: ``rows`` are ``Planned`` (anything with ``scenario, label, position, cell``).
  Says that these cells stand in the suite, run or not; rows without a cell are left out. A place (suite, dataset, scenario,
  label, seed) holds one cell: enrolling another cell there moves the place to it, and the earlier cell's result stays
  in the store, outside the suite. So a table never mixes the cells of two versions of a suite. With ``whole``, places on
  these data sets that are not among ``rows`` and hold no result are given up.
- ``store.claim(cell_id, owner, over=(INTERRUPTED, FAILED)) -> bool``, ``heartbeat(owner)``, ``release(owner, ids=None)``,
  ``claimed_by_others(ids, owner)``: who is running what. ``owner`` is a uuid of a run; ``over`` are the results that it
  may write over. A claim lapses 60 s after its last heartbeat, or with its process.
- ``store.record(cell, result, target=None, package="", package_version="", *, again=False) -> bool``: keep a result.
  ``target`` is a mapping (or dataclass, or pydantic model) with ``sha256, name, dataset, dataset_hash, model, recipe, seed,
  holdout, accuracy, n_test``. False where a ``done`` result is there already: it is replaced only by another one played
  ``again``. Releases the cell's claim.

Reading (plain values and pandas frames, in an order that does not depend on when things were written):

- ``store.statuses(ids) -> dict[id, Status]``, ``finished(ids) -> dict[id, time]``: only the cells that have a result.
- ``store.cells(**filters)``: a row a place in a suite, and one with an empty suite for each cell outside all suites::

      cell suite scenario dataset label position seed status kind method spec version scoring package package_version trainer
      trainer_version uses privileged sealed substitute access target target_sha256 dataset_hash rules environment started
      finished seconds spent error game

  ``status`` is a ``Status`` value; ``missing`` where the cell was enrolled and has no result; or ``superseded``: the result
  is of an older scoring version (``scoring``) than the newest that has a result in the same suite, data set and scenario,
  and ``error`` says so. The frames below leave superseded results out, unless a filter on ``status`` or ``cell`` asks for
  them, so that no table mixes two scorings; and what a failed or interrupted cell had measured, unless a filter on ``status``
  asks for it. ``method`` is the plugin's name, ``spec`` its ``name[option=value]``, ``label`` what the suite calls it,
  ``rules`` the hash of the scenario's identity, ``game`` that of what its replicates share (all but the target and the pool
  that each draws), ``position`` the method's place within its scenario in the suite file.
  ``trainer`` is who made the substitutes, as ``name[option=value]``, and ``trainer_version`` that of its results; empty and 0
  where the method makes its own. ``uses`` names, by commas, what the scenario grants and the line-up uses: ``labels``, the
  attacker's own; ``unlabelled``, images to learn from without an answer; ``substitute``, networks to start from. Cells of
  before trainers were plugins say ``standard``, version 1, and the labels that their methods used. ``spent`` is the most
  queries paid for in one game. ``seconds`` is NaN while there is no result. ``sealed`` is a ``Sealed`` value, ``not recorded``
  of results of before version 0.2, or empty while there is no result.
- ``store.measurements(**filters)``: a row a measurement and place in a suite::

      cell suite scenario dataset label position seed status kind method spec trainer uses privileged sealed substitute
      access target metric attack budget spent value n

  ``value`` is NaN where it was None. Here ``spent`` is the measurement's own. Texts are categories, in the order of the
  text, which keeps millions of rows small.
- ``store.confusions(**filters)``: ``cell suite scenario dataset label position seed kind method attack budget matrix``,
  the matrix a list of rows.
- ``store.diagnostics(**filters)``: ``cell suite scenario dataset label position seed kind method name points``: what a method
  noted under one name, the points a list of ``[spent, value]``; one more filter, ``name``.
- ``store.pictures(**filters)``: ``cell suite scenario dataset label position seed kind method name png``, PNG bytes.
- ``store.targets()``: ``sha256 name dataset dataset_hash model recipe seed holdout accuracy n_test``.
- ``store.known(name)``: the values that the filter ``name`` can have, sorted.
- ``store.cell(id_prefix) -> CellDetail``: everything about one cell, ``store.details(ids)`` about many; ``store.rules(ids)``:
  the rules of each one's scenario; ``store.sources(ids)``: the hashes of the plugins' sources that done ones were played with.

``filters`` are keywords, each a value or a list of values: ``suite scenario dataset label seed status kind method
access target trainer uses privileged sealed cell``, and for measurements also ``metric attack budget``. ``method`` matches the
name, the spec or the label, ``trainer`` the name or the spec, ``uses`` any of the words. An empty frame keeps its columns.

Every read of one suite finds its rows by an index, whatever else the store holds.

``merge(into, other)`` takes over what another store holds; ``put_beside(into, public, mine)`` fills a store with published
results and others beside them. ``verified_cells(store)`` are those that the maintainers marked, in a file beside the store, and
``sign`` marks them. ``upgrade(place)`` copies a store and migrates it; ``exists(place)`` says whether there is one. What SQLite
and PostgreSQL do each in its own way is in ``dialects``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchbox.store.address import Address
    from benchbox.store.beside import put_beside
    from benchbox.store.detail import CellDetail, SuitePlace
    from benchbox.store.enrolment import SuiteRow
    from benchbox.store.filters import MISSING, NOT_RECORDED, Filters, MeasurementFilters
    from benchbox.store.merging import Merged, merge
    from benchbox.store.schema import exists, upgrade
    from benchbox.store.scoring import SUPERSEDED
    from benchbox.store.store import Store
    from benchbox.store.trained import marks
    from benchbox.store.verified import VERIFIED, marks_file, sign, verified_cells

_HOMES = {
    "MISSING": "filters",
    "NOT_RECORDED": "filters",
    "SUPERSEDED": "scoring",
    "VERIFIED": "verified",
    "Address": "address",
    "CellDetail": "detail",
    "Filters": "filters",
    "MeasurementFilters": "filters",
    "Merged": "merging",
    "Store": "store",
    "SuitePlace": "detail",
    "SuiteRow": "enrolment",
    "exists": "schema",
    "marks": "trained",
    "marks_file": "verified",
    "merge": "merging",
    "put_beside": "beside",
    "sign": "verified",
    "upgrade": "schema",
    "verified_cells": "verified",
}

__all__ = [
    "MISSING",
    "NOT_RECORDED",
    "SUPERSEDED",
    "VERIFIED",
    "Address",
    "CellDetail",
    "Filters",
    "MeasurementFilters",
    "Merged",
    "Store",
    "SuitePlace",
    "SuiteRow",
    "exists",
    "marks",
    "marks_file",
    "merge",
    "put_beside",
    "sign",
    "upgrade",
    "verified_cells",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: an address needs no SQLAlchemy, and readers spare what only a merge needs."""
    if name not in _HOMES:
        raise AttributeError(f"module 'benchbox.store' has no attribute '{name}'")
    return getattr(importlib.import_module(f"benchbox.store.{_HOMES[name]}"), name)

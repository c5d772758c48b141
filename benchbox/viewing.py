"""What a store holds, from Python: ``results``, ``plot``, ``leaderboard``. Imports no torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchbox.errors import OptionError, quoted
from benchbox.paths import DEFAULT_DB, expanded
from benchbox.registry import Catalogue
from benchbox.suites.asked import names, text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from benchbox.store import Address


def results(db: str | Path | Address = DEFAULT_DB, **filters: Any) -> pd.DataFrame:
    """Return the measurements in a store, a row each, with the place of their cell in its suites.

    Args:
        db: the store: a path or a URL, as ``--db``.
        filters: keywords such as ``suite``, ``dataset``, ``label``, ``metric``, ``budget``: a value or a list of values.

    Raises:
        StoreError: there is no such store.
        UnknownNameError: there is no such filter, or the store holds no such value.
    """
    from benchbox.store import Store
    from benchbox.store.wanted import wanted

    with Store.open(db, create=False) as store:
        return store.measurements(**wanted(store, filters))


def plot(
    db: str | Path | Address = DEFAULT_DB,
    *,
    suite: str,
    dataset: str = "",
    scenario: str = "",
    methods: Sequence[str] | str = (),
    metric: str = "",
    attack: str = "",
    in_all: bool = False,
) -> Figure:
    """Return curves over queries as a figure of matplotlib, drawn as on the pages.

    Args:
        db: the store: a path or a URL, as ``--db``.
        suite: the suite's name.
        dataset, scenario: may be left out where there is one.
        methods: labels; all, best first, where none is named.
        metric: what is drawn; what methods are ranked by where it is left out.
        attack: the attack that the metric is of.
        in_all: of query attacks, over the queries of a whole run.

    Raises:
        StoreError: there is no such store.
        UnknownNameError: it holds nothing of that name.
        OptionError: there are several, and none is named.
    """
    from benchbox.report.plots import chosen_plot, figure
    from benchbox.store import Store

    of = {"suite": suite, "dataset": dataset, "scenario": scenario, "metric": metric, "attack": attack}
    asked: dict[str, Any] = {key: text(key, value) for key, value in of.items()}
    with Store.open(db, create=False) as store:
        plot = chosen_plot(store, Catalogue.discover(), **asked, methods=names("methods", methods), in_all=in_all)
        return figure(plot)


def leaderboard(
    db: str | Path | Address = DEFAULT_DB, out: Path | str = "leaderboard", *, suites: Sequence[str] | str | None = None
) -> list[Path]:
    """Write the leaderboard of a store and return the files.

    Args:
        db: the store: a path or a URL, as ``--db``.
        out: the folder that the pages go into.
        suites: suites to write; all where it is None.

    Raises:
        StoreError: there is no such store.
        OptionError: ``out`` is no folder, or a file of another program lies where a page goes.
    """
    from benchbox.report import write_leaderboard
    from benchbox.store import Store

    if not isinstance(out, str | Path):
        raise OptionError(f"out: {quoted(out)} should be a path")
    wanted = None if suites is None else names("suites", suites)
    with Store.open(db, create=False) as store:
        return write_leaderboard(store, expanded(out), Catalogue.discover(), wanted)

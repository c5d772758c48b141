"""Filters as a user writes them, each value held against what a store holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_type_hints

from benchbox.contracts import Grant
from benchbox.errors import OptionError, UnknownNameError
from benchbox.records import Sealed, Status
from benchbox.store.filters import MISSING, NOT_RECORDED, MeasurementFilters
from benchbox.store.scoring import SUPERSEDED

if TYPE_CHECKING:
    from benchbox.store.store import Store

_KNOWN: dict[str, list[Any]] = {
    "status": [*(status.value for status in Status), MISSING, SUPERSEDED],
    "sealed": [*(sealed.value for sealed in Sealed), NOT_RECORDED],
    "uses": [grant.value for grant in Grant if grant is not Grant.INSIDER],
    "privileged": [False, True],
}
"""Values that may be asked for whether or not the store holds any."""
_FILTERS = tuple(get_type_hints(MeasurementFilters))


def wanted(store: Store, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return filters on measurements, each as a list of values.

    Args:
        store: the store that they are for.
        asked: a value or several by the filter's name. The empty text stands for cells that stand in no suite.

    Raises:
        OptionError: a list is empty.
        UnknownNameError: there is no such filter, or the store holds no such value; the sentence names the nearest.
    """
    found: dict[str, Any] = {}
    for name, value in asked.items():
        if name not in _FILTERS:
            raise UnknownNameError("filter", name, _FILTERS, f"'{store.address}'")
        found[name] = _values(name, value)
        known = _KNOWN[name] if name in _KNOWN else store.known(name)
        for each in found[name]:
            if each not in known and each != "":
                raise UnknownNameError(name, str(each), filter(None, map(str, known)), f"'{store.address}'")
    return found


def _values(name: str, value: Any) -> list[Any]:
    alone = isinstance(value, str) or not hasattr(value, "__iter__")
    values = [each.item() if hasattr(each, "item") else each for each in ([value] if alone else value)]
    if not values:
        raise OptionError(f"{name}: an empty list names nothing; leave {name} out for all")
    return values

"""Given targets that this machine knows: those that were added by name, and what was pinned and measured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from benchbox.errors import TargetError
from benchbox.paths import write_whole
from benchbox.target.given.gift import Gift
from benchbox.target.given.record import GivenRecord

FILE = "given.json"


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    named: tuple[Gift, ...] = ()
    records: tuple[GivenRecord, ...] = ()


class Shelf:
    """The file ``given.json`` in the folder of this machine's targets.

    Args:
        folder: that folder; made when something is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def named(self) -> dict[str, Gift]:
        """Return the targets that were added, by name.

        Raises:
            TargetError: the file is malformed.
        """
        return {gift.name: gift for gift in self._read().named}

    def records(self) -> list[GivenRecord]:
        """Return all that was measured, the newest last."""
        return list(self._read().records)

    def add(self, gift: Gift) -> None:
        """Keep a target under its name, in place of another of that name."""
        with self._changing() as kept:
            kept["named"] = [*(known for known in kept["named"] if known.name != gift.name), gift]

    def remove(self, name: str) -> None:
        """Forget a name; results stay."""
        with self._changing() as kept:
            kept["named"] = [known for known in kept["named"] if known.name != name]

    def keep(self, record: GivenRecord) -> None:
        """Keep what was measured."""
        with self._changing() as kept:
            kept["records"] = [*(known for known in kept["records"] if known.sha256 != record.sha256), record]

    def latest(self, gift: Gift, dataset_hash: str | None = None, source: Path | None = None) -> GivenRecord | None:
        """Return what was last measured of what a gift names, by any name, whatever its content is by now.

        Args:
            gift: names it; published weights as the file that they are.
            dataset_hash: the hash of the content of the data that it was measured on; None for any.
            source: the module that it is in; None where that is not known.
        """
        asked = (gift.form, gift.place, gift.model, gift.sends, gift.classes)
        found = [
            record
            for record in self.records()
            if dataset_hash in (None, record.dataset_hash)
            and source in (None, record.source)
            and (record.gift.form, record.gift.place, record.gift.model, record.gift.sends, record.gift.classes)
            == asked
        ]
        return found[-1] if found else None

    def _read(self) -> _Kept:
        try:
            return _Kept.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return _Kept()
        except (OSError, ValidationError, ValueError) as error:
            first = str(error).splitlines()[0]
            raise TargetError(f"{self._path} is no list of given targets ({first}); restore it or delete it") from None

    @contextmanager
    def _changing(self) -> Iterator[dict[str, list[Any]]]:
        from filelock import FileLock

        self._path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self._path}.lock"):
            found = self._read()
            kept: dict[str, list[Any]] = {"named": list(found.named), "records": list(found.records)}
            yield kept
            data = {name: [item.model_dump(mode="json") for item in items] for name, items in kept.items()}
            write_whole(self._path, (json.dumps(data, indent=1) + "\n").encode())

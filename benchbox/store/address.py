"""Where a store is: a file, or a database on a server."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchbox.errors import OptionError, StoreError, quoted, shown
from benchbox.paths import cache_dir

if TYPE_CHECKING:
    from sqlalchemy import URL

HOW = "a path, sqlite:///PATH, or postgresql+psycopg://USER@HOST/NAME"
"""What may be written where a store is asked for."""

_URL = re.compile(r".*://|postgres[a-z+0-9]*:")  # a slash too few, and the password would be part of a file's name
_POSTGRESQL = ("postgres", "postgresql", "postgresql+psycopg")
_SECRETS = ("password", "sslpassword")


@dataclass(frozen=True)
class Address:
    """Where a store is. Its text holds no password, so that any sentence may name it.

    Attributes:
        file: the file; None of a database on a server.
        url: the database, with whatever the user wrote; None of a file.
    """

    file: Path | None = None
    url: URL | None = field(default=None, repr=False)

    @classmethod
    def of(cls, place: str | Path | Address) -> Address:
        """Return the address that a user wrote.

        Raises:
            OptionError: it is neither a path nor a URL.
            StoreError: it is a URL of another database, or of none. Since a password may stand anywhere in what cannot be
                read, no more than its beginning is repeated.
        """
        if isinstance(place, Address):
            return place
        if not isinstance(place, str | Path) or not str(place).strip():
            raise OptionError(f"db: {quoted(place)} is no store; give a path or a URL")
        text = str(place)
        if not _URL.match(text):
            return cls(file=Path(text))
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            url = make_url(text)
        except (ArgumentError, ValueError):
            url = None
        if url is not None and url.drivername in _POSTGRESQL:
            return cls(url=url.set(drivername=_POSTGRESQL[-1]))
        if url is None or url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
            raise StoreError(f"'{shown(text.partition(':')[0])}:...' is not the URL of a store: write {HOW}")
        return cls(file=Path(str(url.database)))

    def __str__(self) -> str:
        if self.url is None:
            return str(self.file)
        from sqlalchemy import URL

        url = self.url.difference_update_query(_SECRETS)
        public = URL.create(url.drivername, url.username, None, url.host, url.port, url.database, url.query)
        return public.render_as_string()

    @property
    def files(self) -> tuple[Path, ...]:
        """The file, and those that SQLite keeps beside it meanwhile; none of a database on a server."""
        return tuple(Path(f"{self.file}{end}") for end in ("", "-wal", "-shm", "-journal")) if self.file else ()

    @property
    def scratch(self) -> Path:
        """The folder for resume files of runs into the store: beside its file, or in the user's cache."""
        if self.file is not None:
            return Path(f"{self.file}.work").resolve()
        return cache_dir() / "work" / hashlib.sha256(str(self).encode()).hexdigest()[:16]

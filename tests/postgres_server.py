"""A PostgreSQL server of the tests' own, in a temporary folder and on a port of this machine alone."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

USER, PASSWORD = "tester", "s3cret-of-the-tests"
_LANGUAGE = ("--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=de")
"""In German 'a' stands before 'B', as it does not in SQLite."""
_DEBIAN = Path("/usr/lib/postgresql")  # Debian has a folder a version there, and none of them in the path


def missing() -> str:
    """Return what this machine lacks for such a server; empty where nothing."""
    if sys.platform == "win32":
        return "the tests start no PostgreSQL on Windows"
    if find_spec("psycopg") is None:
        return "psycopg is not installed (pip install 'psycopg[binary]')"
    return "" if _programs() else "PostgreSQL is not installed (Debian: apt-get install postgresql)"


def _programs() -> Path | None:
    """Return the folder of initdb and pg_ctl."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return folders[-1].parent if folders else None


@contextmanager
def server() -> Iterator[str]:
    """Start a server, and give the URL of an empty database in it, without the password."""
    programs = _programs()
    assert programs is not None
    other: dict[str, Any] = (
        {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    )  # it refuses to be root
    with TemporaryDirectory(prefix="benchbox-pg-") as name:
        folder, data = Path(name), Path(name) / "data"
        (folder / "password").write_text(PASSWORD)
        if other:
            shutil.chown(folder, "postgres")
            shutil.chown(folder / "password", "postgres")
        _call(programs / "initdb", "-D", data, "-U", USER, "-A", "scram-sha-256", f"--pwfile={folder / 'password'}",
              "-E", "UTF8", *_LANGUAGE, "--no-sync", cwd=folder, **other)  # fmt: skip
        port = _free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        _call(programs / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start", cwd=folder, **other)
        try:
            yield f"postgresql+psycopg://{USER}@127.0.0.1:{port}/postgres"
        finally:
            _call(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop", cwd=folder, **other)


def _call(*command: object, **how: Any) -> None:
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL, **how)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def new_schema(url: str, name: str = "s") -> str:
    """Make an empty schema, and return the URL of a store in it."""
    import psycopg

    schema = f"{name}_{secrets.token_hex(4)}"
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(f'CREATE SCHEMA "{schema}"')
    return f"{url}?options=-csearch_path%3D{schema}"

"""The way to a Dask scheduler."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from benchbox.errors import ClusterError
from benchbox.paths import expanded

if TYPE_CHECKING:
    from distributed import Client

HOW = "tcp://HOST:8786, tls://HOST:8786, dask://HOST:8786, or the path of a scheduler file"
"""What may be written behind ``--cluster``."""
_CONTACT = 15.0
"""Seconds that a scheduler may take to answer."""
_SCHEMES = ("tcp", "tls", "ucx", "ws", "wss")


def check_cluster(text: str) -> None:
    """Refuse what names no scheduler, and a machine without Dask.

    Raises:
        ClusterError: the sentence says what to write, or to install.
    """
    _address(text)
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise ClusterError("--cluster needs Dask: pip install 'benchbox-attacks[cluster]'") from None


def connect(text: str) -> Client:
    """Connect to a scheduler. Certificates for ``tls://`` are named in Dask's own configuration.

    Raises:
        ClusterError: nobody answers there.
    """
    from distributed import Client

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters of it we say in sentences
    address = _address(text)
    try:
        return Client(**address, timeout=_CONTACT, set_as_default=False, name="benchbox")
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise ClusterError(
            f"no Dask scheduler answers at {text} ({said[:200]}); start one with 'dask scheduler', and workers beside it"
        ) from None


def _address(text: str) -> dict[str, str]:
    scheme, found, rest = text.partition("://")
    if found and rest and scheme in (*_SCHEMES, "dask"):
        return {"address": f"tcp://{rest}" if scheme == "dask" else text}
    path = expanded(Path(text))
    if not found and path.is_file():
        return {"scheduler_file": str(path)}
    raise ClusterError(f"'{text}' is no Dask scheduler: write {HOW}")

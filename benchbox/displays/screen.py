"""What there is to show a run on: a terminal that redraws, one that cannot, a notebook."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def terminal() -> Console:
    """Return a console as wide as the terminal is: rich takes one that calls itself dumb for 80 columns wide."""
    from rich.console import Console

    if not dumb():
        return Console(highlight=False)  # it follows the window when that changes
    size = shutil.get_terminal_size()
    return Console(highlight=False, width=size.columns, height=size.lines)


def dumb() -> bool:
    """Whether the terminal cannot redraw what it showed."""
    return os.environ.get("TERM", "").lower() in ("dumb", "unknown")


def notebook_pages() -> Any:
    """Return IPython's module of displays where this process is a notebook's kernel, else None. Imports nothing new."""
    ipython = sys.modules.get("IPython")
    shell = getattr(ipython, "get_ipython", lambda: None)()
    if shell is None or not hasattr(shell, "kernel"):  # an IPython in a terminal has none
        return None
    from importlib import import_module

    return import_module("IPython.display")

"""What pytest loads where benchbox is installed. Imports neither torch nor pandas: every pytest run pays for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchbox.testing.fixtures import benchbox_game, benchbox_plugin
from benchbox.testing.regression import MARK, RENEWED, UPDATE, check_fixture, gate_of, hold

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

__all__ = ["benchbox_game", "benchbox_plugin", "check_fixture"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--benchbox-update``."""
    parser.getgroup("benchbox").addoption(
        UPDATE, action="store_true", help=f"renew the baselines of {MARK} with what the code gives now"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark."""
    config.addinivalue_line(
        "markers", f"{MARK}(suite, baseline, ...): run a suite and fail where it is worse than a baseline"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> None:
    """Run the gate of a marked test before its body."""
    marker = pyfuncitem.get_closest_marker(MARK)
    if marker is not None:
        hold(gate_of(marker), pyfuncitem.path.parent, pyfuncitem.config)


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """Name the baselines that were renewed."""
    for path in config.stash.get(RENEWED, []):
        terminalreporter.write_line(f"benchbox: renewed {path}")

"""Every cheat is played both ways: in a sandbox and in a mere process."""

from __future__ import annotations

import pytest

from benchbox.isolation.capability import capability
from benchbox.records import Sealed


@pytest.fixture(scope="session", params=[Sealed.SANDBOX, Sealed.PROCESS], ids=str)
def sealed(request: pytest.FixtureRequest) -> Sealed:
    """Return how far players are shut in: every cheat is played both ways."""
    if request.param is Sealed.SANDBOX and capability().sealed is not Sealed.SANDBOX:
        pytest.skip(" ".join(capability().reasons))
    return Sealed(request.param)

"""A plugin whose compiled code is another than its source; ``test_cheats`` puts it into ``__pycache__``."""

from __future__ import annotations

import helped
from cheating import Cheat


class Compiled(Cheat):
    """Shows honest source, and has other code ready that Python would rather run."""

    name = "x-compiled"

    def cheat(self, game):
        return helped.GAINED

"""A plugin whose cheating begins when it is imported, and goes on when its options are checked."""

from __future__ import annotations

import glob
import os
import sys
import time

import place
from cheating import Cheat, count, read, write
from pydantic import Field, field_validator

from benchbox.contracts import Options


def tries(when: str) -> int:
    """Leave marks wherever somebody who comes later would find them, and read what a game must not know."""
    import benchbox_plugins

    import benchbox

    home = os.path.expanduser("~")
    folders = [
        place.HOME,
        place.DATA,
        os.path.dirname(place.DB),
        os.path.dirname(__file__),
        f"{place.DB}.work",
        "/var/tmp",
    ]
    folders += [os.path.dirname(os.__file__), os.path.dirname(benchbox.__file__), f"{home}/.cache", "/tmp", "/dev/shm"]
    targets = os.path.join(os.path.dirname(benchbox_plugins.__file__), "targets")
    secrets = [place.DB, f"{place.DATA}/secret.npz", *place.DIGITS, f"{targets}/manifest.json"]
    found = count(
        *map(read, secrets), lambda: "BENCHBOX_TEST_SECRET" in os.environ, *map(read, glob.glob(f"{targets}/*"))
    )
    count(*(write(f"{folder}/cheat-{when}.py") for folder in folders), write(place.DB), write(__file__))
    return found


def leave_a_daemon() -> None:
    """Leave a process that outlives the import."""
    if os.fork() == 0:
        count(os.setsid)
        if os.fork() == 0:
            import ctypes

            ctypes.CDLL(None).prctl(15, b"x-daemon", 0, 0, 0)
            os.closerange(0, 256)
            while True:
                time.sleep(1)
                tries("daemon")
        os._exit(0)


FOUND = tries("import")
leave_a_daemon()


class Smuggler(Cheat):
    """Reads what is secret while its options are checked, and carries it into its game as an option."""

    name = "x-smuggler"

    class Options(Options):
        luggage: int = Field(default_factory=lambda: FOUND + tries("default"), description="What it found.")
        checked: int = Field(0, description="What a validator found.")

        @field_validator("checked")
        @classmethod
        def _check(cls, value: int) -> int:
            return value + tries("validator")

    def cheat(self, game):
        return self.options.luggage + self.options.checked + ("benchbox.store" in sys.modules)

"""A process that owns a nursery, for tests that kill it: starts a family, prints the ids of all, and waits."""

from __future__ import annotations

import time
from pathlib import Path

from zygote_toys import alive

from benchbox.isolation.nursery import start_zygote


def main() -> None:
    nursery = start_zygote(["zygote_toys"])
    child = nursery.start("zygote_toys:family", parent=True)
    _, family = child.channel.receive(60)
    assert nursery._process is not None
    print(nursery._process.pid, *family, flush=True)
    assert all(map(alive, family)), Path("/proc")
    time.sleep(600)


if __name__ == "__main__":
    main()

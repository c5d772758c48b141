"""How long ``benchbox plugins`` takes with 200 installed packages: python benchmarks/speed/many_plugins.py"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchbox.scaffold import write_distribution

PACKAGES = 200
RUNS = 5


def install(kind: str, number: int, site: Path) -> None:
    """Lay out what ``benchbox new`` writes as pip would install it."""
    name = f"speed-{number}"
    package = f"benchbox_speed_{number}"
    write_distribution(kind, name, site / "written" / name)
    (site / package).symlink_to(site / "written" / name / "src" / package)
    info = site / f"{package}-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: benchbox-{name}\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text(f"[benchbox]\n{name} = {package}\n")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site-packages"  # as pip has it: shown to the sandbox as a whole
        site.mkdir()
        for number in range(PACKAGES):
            install(("selector", "generator", "attack", "dataset", "model")[number % 5], number, site)
        paths = os.pathsep.join([str(site), *filter(None, sys.path)])
        for label, path in (("without", os.pathsep.join(filter(None, sys.path))), (f"{PACKAGES} packages", paths)):
            walls, cpus = [], []
            for _ in range(RUNS + 1):
                began, used = time.perf_counter(), os.times()
                command = [sys.executable, "-m", "benchbox", "plugins", "--json"]
                done = subprocess.run(
                    command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, check=True
                )
                after = os.times()
                walls.append(time.perf_counter() - began)
                cpus.append(after.children_user + after.children_system - used.children_user - used.children_system)
            rows = done.stdout.count('"kind"')
            print(
                f"{label}: {rows} rows, wall {statistics.median(walls[1:]):.2f} s, CPU {statistics.median(cpus[1:]):.2f} s"
            )


if __name__ == "__main__":
    main()

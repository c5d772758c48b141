"""Faults at random moments: ``python benchmarks/faults/run.py --faults 100``.

Each trial plays the same few cells into an empty store while things are killed, filled up and cut off; then the same command
is given until every cell is done. What must come of it: no cell lost, none recorded twice, and the numbers of a quiet run. It
prints a line a trial, and a table in the end; it exits with 1 where a trial came out otherwise. Stages that this machine does
not let us build (``disk`` and ``network`` need root, ``postgresql`` a server) are named and left out.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path += [str(ROOT / "tests"), str(Path(__file__).parent)]

from naps import naps  # noqa: E402
from stages import STAGES, Stage  # noqa: E402

from benchbox.store import Store  # noqa: E402

MOST_FAULTS, MOST_TRIES = 6, 30
"""In a trial; and how often the same command may be needed."""
NUMBERS = ["cell", "metric", "attack", "budget", "spent", "value", "n"]


def numbers(db: str) -> list[list[str]]:
    """Return every number in a store but the times, cell by cell."""
    with Store.open(db, create=False) as store:
        rows = store.measurements()[NUMBERS].astype(str).to_numpy().tolist()
    return sorted(row for row in rows if not row[1].startswith("seconds"))


def done(db: str) -> int:
    try:
        with Store.open(db, create=False) as store:
            return int((store.cells()["status"] == "done").sum())
    except Exception:  # it is not there yet, or its server recovers
        return 0


class Trial:
    """One trial on a stage."""

    def __init__(self, stage: Stage, folder: Path, number: int, cells: int, faults: int) -> None:
        self.stage, self.folder, self.number, self.cells, self.faults = stage, folder, number, cells, faults
        self.struck: Counter[str] = Counter()
        self.finished: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.began = time.monotonic()

    def __str__(self) -> str:
        struck = ", ".join(f"{times} {fault}" for fault, times in sorted(self.struck.items())) or "nothing"
        said = "; ".join(self.wrong) or "nothing lost, nothing twice, the same numbers"
        return f"{struck}: {said} ({time.monotonic() - self.began:.0f} s)"

    def play(self, quiet: list[list[str]]) -> None:
        self.stage.fresh(self.number)
        for _ in range(MOST_TRIES):
            self._one_try()
            if done(self.stage.db) == self.cells:
                break
        else:
            self.wrong.append(f"{self.cells - done(self.stage.db)} cells are lost")
            return
        twice = [cell for cell, times in self.finished.items() if times > 1]
        if twice:
            self.wrong.append(f"recorded twice: {', '.join(twice)}")
        if numbers(self.stage.db) != quiet:
            self.wrong.append("other numbers than the quiet run")

    def _one_try(self) -> None:
        stage = self.stage
        stage.mend()
        logs = [self.folder / f"run-{self.number}-{i}" for i in range(stage.coordinators)]
        stage.runs = [self._start(log) for log in logs]
        self._await(logs, 30)
        while any(run.poll() is None for run in stage.runs):
            time.sleep(stage.chance.uniform(0.2, 1.5))
            if sum(self.struck.values()) < self.faults and stage.living():
                self._strike()
                stage.mend()
        for log in logs:
            self._read(log)

    def _strike(self) -> None:
        """Let one thing go wrong, as soon as there is what it happens to: players come and go."""
        name, fault = self.stage.chance.choice(list(self.stage.faults.items()))
        end = time.monotonic() + 5
        while time.monotonic() < end and self.stage.living():
            if fault():
                self.struck[name] += 1
                return
            time.sleep(0.02)

    def _start(self, log: Path) -> subprocess.Popen[bytes]:
        stage = self.stage
        command = [
            *stage.within,
            sys.executable,
            "-m",
            "benchbox",
            "run",
            "--suite",
            "naps.toml",
            "--plugin",
            "napping.py",
        ]
        command += ["--device", "cpu", "--retry-failed", "--json", "--db", stage.db, *stage.options()]
        with log.open("wb") as out, log.with_suffix(".err").open("wb") as err:
            return subprocess.Popen(command, cwd=self.folder, stdout=out, stderr=err, start_new_session=True)

    def _await(self, logs: list[Path], seconds: float) -> None:
        """Wait until a cell has started, so that faults strike what is at work."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.stage.living():
            if any(b'"cell-started"' in log.read_bytes() for log in logs):
                return
            time.sleep(0.1)

    def _read(self, log: Path) -> None:
        for line in log.read_text().splitlines():
            with_event = json.loads(line) if line.endswith("}") else {}
            if with_event.get("event") == "cell-finished" and with_event["status"] == "done":
                self.finished[with_event["cell"]] += 1
        said = log.with_suffix(".err").read_text()
        if "Traceback" in said:
            self.wrong.append(f"a traceback: {said[-2000:]}")


class Account:
    """What was struck in all, and what came of it."""

    def __init__(self, cells: int, faults: int) -> None:
        self.cells, self.faults = cells, faults
        self.struck: Counter[tuple[str, str]] = Counter()
        self.trials = self.wrong = 0

    @property
    def left(self) -> int:
        return self.faults - sum(self.struck.values())

    def play(self, name: str, folder: Path, chance: random.Random, share: int, quiet: list[list[str]]) -> None:
        """Play trials on a stage, until so many faults have struck."""
        with STAGES[name](folder, chance) as stage:
            while share > 0:
                self.trials += 1
                most = 1 if name == "network" else MOST_FAULTS
                trial = Trial(stage, folder.parent, self.trials, self.cells, min(share, most))
                trial.play(quiet)
                share -= max(sum(trial.struck.values()), 1)
                self.struck.update({(name, fault): times for fault, times in trial.struck.items()})
                self.wrong += bool(trial.wrong)
                print(f"{name} {self.trials}: {trial}", flush=True)

    def close(self) -> int:
        """Print the table, and return the exit code."""
        print(
            f"{self.faults - self.left} faults in {self.trials} trials of {self.cells} cells; {self.wrong} came out wrong"
        )
        for (name, fault), times in sorted(self.struck.items()):
            print(f"  {name:15} {fault:12} {times}")
        return 1 if self.wrong or self.left > 0 else 0


def quiet_run(folder: Path, cells: int) -> list[list[str]]:
    """Write the cells' suite, play it in peace, and return its numbers."""
    naps(folder, "napping[seconds=0.5]", seeds=cells)
    with Stage(folder, random.Random(0)) as stage:
        Trial(stage, folder, 0, cells, 0).play([])
        return numbers(stage.db)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--cells", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stages", default=",".join(STAGES), help="some of " + ", ".join(STAGES))
    given = parser.parse_args()
    chance, names = random.Random(given.seed), given.stages.split(",")
    account = Account(given.cells, given.faults)
    with tempfile.TemporaryDirectory(prefix="benchbox-faults-") as place:
        folder = Path(place)
        folder.chmod(0o755)  # a database server that must not be root looks in
        os.environ["BENCHBOX_HOME"] = str(folder / "home")
        quiet = quiet_run(folder, given.cells)
        for i, name in enumerate(names):
            share = min(account.left, 2) if name == "network" else -(-account.left // (len(names) - i))
            (folder / name).mkdir()
            try:
                account.play(name, folder / name, chance, share, quiet)
            except (OSError, subprocess.CalledProcessError, AssertionError) as error:
                print(f"{name}: left out: {error}", flush=True)
    return account.close()


if __name__ == "__main__":
    sys.exit(main())

"""Playing our own cheats through ``benchbox.run``: all of them in one run, in a sandbox and in a mere process."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import benchbox
from benchbox.isolation.walls import SWITCH
from benchbox.records import CellResult, Sealed
from benchbox.store import Store

SOURCES = Path(__file__).with_name("sources")
LIBC = ctypes.CDLL(None)
SECRET, TOKEN = "BENCHBOX_TEST_SECRET", ("hunter-two-", "9f3b6a1c")
SCENARIO = """
[[scenario]]
name = "{name}"
plays = "{plays}"
target = {{ model = "lenet5" }}
substitute = "lenet5"
access = "label"
trainer = "standard[updates=100,epochs=1]"
budgets = {budgets}
methods = {methods}
{more}
"""


LINKS = {"all.py": "/", "up.py": "..", "config.py": "/etc"}
"""What a stranger's folder may come with, to have more of the machine shown than its plugins."""


class Segment:
    """A piece of memory that programs share, found by its number."""

    def __init__(self) -> None:
        self.number = LIBC.shmget(0, 4096, 0o1600) if sys.platform == "linux" else -1

    def close(self) -> None:
        """Let it go."""
        if self.number >= 0:
            LIBC.shmctl(self.number, 0, None)


@dataclass
class Ground:
    """A user's machine, with something to steal.

    Attributes:
        folder: holds all the rest.
        plugins: the plugin files.
    """

    folder: Path
    plugins: Path
    held: list[socket.socket | Segment] = field(default_factory=list)

    @property
    def db(self) -> Path:
        return self.folder / "store" / "results.db"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def data(self) -> Path:
        return self.folder / "data"


def accuracy(result: CellResult) -> dict[int, float]:
    """Return what was measured at each budget."""
    return {m.budget: m.value or 0.0 for m in result.measurements if m.metric == "accuracy"}


def gained(result: CellResult) -> float:
    """Return what the cheat wrote down that it had gained."""
    return sum(note.value for note in result.diagnostics if note.name == "gained")


def ground(folder: Path) -> Ground:
    """Return a machine whose plugin files know where everything is."""
    made = Ground(folder, folder / "plugins")
    for path in (made.home, made.data, made.db.parent):
        path.mkdir(parents=True)
    shutil.copytree(SOURCES, made.plugins, ignore=shutil.ignore_patterns("__pycache__"))
    (made.data / "secret.npz").write_text("secret")
    tcp, abstract, path = (
        socket.create_server(("127.0.0.1", 0)),
        socket.socket(socket.AF_UNIX),
        socket.socket(socket.AF_UNIX),
    )
    abstract.bind(f"\0benchbox-{os.getpid()}-{folder.name}")
    # a socket's path may have a hundred characters, and pytest's folders are deep
    here = Path.cwd()
    os.chdir(made.data)
    path.bind("socket")
    os.chdir(here)
    for listener in (abstract, path):
        listener.listen()
    shared = Segment()
    made.held += [tcp, abstract, path, shared]
    for name, target in LINKS.items():
        (made.plugins / name).symlink_to(target)
    import sklearn

    digits = Path(sklearn.__file__).parent / "datasets" / "data"
    told = {
        "DB": str(made.db),
        "HOME": str(made.home),
        "DATA": str(made.data),
        "PORT": tcp.getsockname()[1],
        "ABSTRACT": abstract.getsockname().decode().lstrip("\0"),
        "DIGITS": [str(path) for path in digits.glob("digits*")],
        "SEGMENT": shared.number,
        "START": TOKEN[0].encode(),
        "REST": hashlib.sha256(TOKEN[1].encode()).hexdigest(),
    }
    (made.plugins / "place.py").write_text("".join(f"{name} = {value!r}\n" for name, value in told.items()))
    return made


@contextlib.contextmanager
def settled(where: Ground, sealed: Sealed) -> Iterator[None]:
    """Live on that machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCHBOX_HOME", str(where.home))
        patch.setenv("BENCHBOX_DATA", str(where.data))
        patch.setenv(SECRET, "".join(TOKEN))
        patch.delenv(SWITCH, raising=False)
        if sealed is Sealed.PROCESS:
            patch.setenv(SWITCH, "off")
        yield


def scenario(name: str, plays: str, methods: list[str], more: str = "", budgets: str = "[20, 50]") -> str:
    """Return a scenario of a suite file; methods are names, or tables as the file writes them."""
    pool = "pool = {}\n" if plays == "selector" else ""
    written = ", ".join(method if method.startswith("{") else f'"{method}"' for method in methods)
    return SCENARIO.format(name=name, plays=plays, budgets=budgets, methods=f"[{written}]", more=pool + more)


def taught(trainer: str) -> str:
    """Return a method as a suite file writes it: anew for every budget at random, with a trainer that it is called after."""
    return f'{{ use = "x-again", trainer = "{trainer}", label = "{trainer}" }}'


def play(
    where: Ground, *scenarios: str, files: list[str], seconds: int = 60, db: str = "", jobs: int = 2
) -> dict[str, CellResult]:
    """Play a suite of these scenarios, and return what is stored, by method or, where it has a scenario alone, by that.

    Two play at once, as for a user with two cores: a cheat has others of its kind beside it to reach for.
    """
    suite = where.folder / "cheats.toml"
    suite.write_text(
        f'title = "Cheats"\ndatasets = ["digits"]\nseeds = 1\ntime_limit = {seconds}\n' + "".join(scenarios)
    )
    store = str(where.folder / "store" / db) if db else str(where.db)
    benchbox.run(str(suite), db=store, jobs=jobs, device="cpu", plugins=[where.plugins / file for file in files])
    return outcomes(store)


def outcomes(db: str) -> dict[str, CellResult]:
    """Return what a store holds, by method or by scenario."""
    found: dict[str, CellResult] = {}
    with Store.open(db, create=False) as store:
        for cell_id in store.cells()["cell"]:
            detail = store.cell(cell_id)
            place = detail.places[0]
            assert detail.result is not None
            found[place.scenario if place.scenario.startswith("y-") else place.label] = detail.result
    return found

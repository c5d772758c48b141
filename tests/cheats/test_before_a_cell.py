"""Cheats that are refused, or come to nothing, before a cell is played: when plugins are listed and options are checked."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from benchbox.api import plan
from benchbox.errors import BenchboxError
from benchbox.isolation.capability import capability
from benchbox.isolation.walls import SWITCH
from benchbox.records import Sealed
from benchbox.registry import Catalogue
from benchbox.suites import Selection

HEAD = "from benchbox.contracts import Attack, Options, Selector, Threat\nfrom pydantic import Field\n"
SELECTOR = HEAD + "class P(Selector):\n    'Cheats.'\n    name = {name!r}\n    def select(self, game, k): ...\n"
ATTACK = HEAD + (
    "class P(Attack):\n    'Cheats.'\n    name = 'wide'\n    def threat(self): return {threat}\n"
    "    def perturb(self, *a, **k): ...\n"
)
OPTIONS = SELECTOR.format(name="mine") + "class O(Options):\n    text: {field}\nP.Options = O\n"


@pytest.fixture(params=["sandbox", "process"], autouse=True)
def sealed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SWITCH, raising=False)
    if request.param == "process":
        monkeypatch.setenv(SWITCH, "off")


def listed(folder: Path, body: str) -> Catalogue:
    path = folder / "cheat.py"
    path.write_text(body)
    return Catalogue.discover([path])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (SELECTOR.format(name="random"), "two plugins are called selector 'random'"),
        (SELECTOR.format(name="\x1b[31mred"), "name: String should match pattern"),
        (SELECTOR.format(name="x" * 101), "name: "),
        (SELECTOR.format(name="mine") + "P.privileged = 'no'\n", "privileged: "),
        (SELECTOR.format(name="mine") + "P.kind = 'referee'\n", "the unknown kind 'referee'"),
        (SELECTOR.format(name="mine") + "P.known = lambda self: None\n", "has a method known()"),
        ("import sys; sys.exit(0)", "it ended while it was imported"),
        ("import os; os._exit(0)", "it ended while it was imported"),
        ("import os; os.kill(os.getppid(), 9); os.kill(1, 9)\n", "holds no plugin|could not|ended|Permission"),
        (
            "import os, time\nfor _ in range(300): os.fork() or (time.sleep(9), os._exit(0))\n",
            "holds no plugin|Resource|ended",
        ),
    ],
)
def test_it_is_refused_when_it_is_listed(body: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHBOX_IMPORT_SECONDS", "3")
    with pytest.raises(BenchboxError, match=said):
        listed(tmp_path, body)


@pytest.mark.parametrize(
    "threat",
    ["Threat('inf', float('nan'))", "Threat('inf', float('inf'))", "Threat('inf', -1.0)", "Threat('3', 0.1)", "None"],
)
def test_a_threat_that_is_none_is_refused(threat: str, tmp_path: Path) -> None:
    with pytest.raises(BenchboxError, match="attack 'wide'"):
        listed(tmp_path, ATTACK.format(threat=threat)).resolve("attack", "wide")


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("str = '\\x1b[2J'", "holds characters that cannot be printed"),
        ("str = Field(default_factory=lambda: 'x' * 2**21)", "larger than 1 MiB"),
        ("str = Field(default_factory=lambda: __import__('os')._exit(0))", "ended"),
        ("object = Field(default_factory=type('R', (), {'__repr__': lambda self: '\\x1b[2J'}))", "selector 'mine'"),
    ],
)
def test_hostile_options_are_refused(field: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(BenchboxError, match=said) as refused:
        listed(tmp_path, OPTIONS.format(field=field)).resolve("selector", "mine")
    assert str(refused.value).isprintable()


def test_a_listed_plugin_cannot_end_or_read_its_neighbours(tmp_path: Path) -> None:
    """Imports run side by side behind one wall: each is parted from the others."""
    (tmp_path / "good.py").write_text(SELECTOR.format(name="good") + "import time; time.sleep(1)\n")
    (tmp_path / "bad.py").write_text(
        SELECTOR.format(name="bad")
        + "import os, resource\n"
        + "try: others = [int(n) for n in os.listdir('/proc') if n.isdigit()]\n"
        + "except OSError: others = []\n"
        + "for other in set(others) | set(range(max(2, os.getpid() - 9), os.getpid() + 9)):\n"
        + "    for way in (lambda: os.kill(other, 9), lambda: open(f'/proc/{other}/mem', 'r+b'),\n"
        + "                lambda: resource.prlimit(other, resource.RLIMIT_CPU)):\n"
        + "        try:\n"
        + "            if other != os.getpid(): way(); P.__doc__ = 'reached another'\n"
        + "        except (OSError, AttributeError): pass\n"
    )
    catalogue = Catalogue.discover([tmp_path / "good.py", tmp_path / "bad.py"])
    assert catalogue.get("selector", "good").summary == "Cheats."
    assert catalogue.get("selector", "bad").summary == "Cheats."


def test_what_is_hashed_is_what_runs(tmp_path: Path) -> None:
    """A helper's source that changes changes the hash, and a stale ``__pycache__`` is not looked at."""
    (tmp_path / "helper_of_mine.py").write_text("NAME = 'first'\n")
    body = "import helper_of_mine\n" + SELECTOR.format(name="mine") + "P.__doc__ = helper_of_mine.NAME\n"
    before = listed(tmp_path, body).get("selector", "mine")
    hashed = before.source
    (tmp_path / "helper_of_mine.py").write_text("NAME = 'other'\n")
    after = listed(tmp_path, body).get("selector", "mine")
    assert (before.summary, after.summary) == ("first", "other")
    assert hashed != after.source
    assert not (tmp_path / "__pycache__").exists()


def test_listing_stays_quick() -> None:
    began = time.monotonic()
    Catalogue.discover()
    assert time.monotonic() - began < 5  # a tenth of that on a machine that does nothing else


def test_a_plugin_sees_nothing_of_the_data_folder_while_it_is_listed(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Not even of one that lies among what it may import: a default of its options would carry it into a game."""
    able = capability()
    if not able.landlock and (able.sealed is not Sealed.SANDBOX or "process" in request.node.name):
        pytest.skip(" ".join(able.reasons))
    weights = tmp_path / "data" / "targets" / "w.safetensors"
    weights.parent.mkdir(parents=True)
    weights.write_text("secret")
    (tmp_path / "data" / "__init__.py").touch()
    look = (
        f"try: P.__doc__ = open({str(weights)!r}).read()\nexcept OSError as error: P.__doc__ = type(error).__name__\n"
    )
    body = SELECTOR.format(name="mine") + look
    assert listed(tmp_path, body).get("selector", "mine").summary == "secret"
    chosen = Selection(datasets=("digits",), methods=("random",), seeds=(0,))
    plugins, data = [tmp_path / "cheat.py"], tmp_path / "data"
    made = plan("label-only", chosen, db=tmp_path / "x.db", data_dir=data, plugins=plugins, train=False)
    assert made.catalogue.get("selector", "mine").summary in ("FileNotFoundError", "PermissionError")


def test_a_strangers_target_replaces_none_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Targets are found by how they were made; a package whose name comes first brings one that claims to be ours."""
    (tmp_path / "aardvark.py").write_text(
        SELECTOR.format(name="aardvark")
        + "from benchbox.contracts import hookimpl\n"
        + "@hookimpl\ndef benchbox_plugins(): return [P]\n"
        + f"@hookimpl\ndef benchbox_target_folders(): return [{str(tmp_path)!r}]\n"
    )
    info = tmp_path / "aardvark-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: aardvark\nVersion: 1.0\n\n")
    (info / "entry_points.txt").write_text("[benchbox]\nmain = aardvark\n")
    monkeypatch.syspath_prepend(tmp_path)
    catalogue = Catalogue.discover()
    assert catalogue.get("selector", "aardvark").package == "aardvark"
    assert catalogue.target_folders[0].parent.name == "benchbox_plugins"
    assert catalogue.target_folders[-1] == tmp_path


def test_a_file_may_be_named_from_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the walls one stands elsewhere."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(SELECTOR.format(name="mine"))
    (tmp_path / "secret.py").write_text("not for others")
    (tmp_path / "secret.py").chmod(0o000)
    assert Catalogue.discover([Path("mine.py")]).get("selector", "mine").package == "mine.py"

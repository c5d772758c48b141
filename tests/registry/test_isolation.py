"""What a stranger's module does when it is imported costs its own row, whatever it does."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from strangers import SELECTOR, Install, hooked, plugin_file

import benchbox
from benchbox.errors import PluginError
from benchbox.isolation.kernel import children_of
from benchbox.isolation.walls import SWITCH
from benchbox.registry import Broken, Catalogue, starting
from benchbox.registry.client import SECONDS
from benchbox.suites import Selection

LIES = """
import json, os, sys
for end in range(3, 256):
    try:
        os.write(end, (%s).encode() + b"\\n")
    except OSError:
        pass
os._exit(0)
"""


@pytest.fixture(params=[starting._fresh, starting._forked], ids=["fresh", "forked"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start the helper in either way, whatever this process has imported."""
    monkeypatch.setattr("benchbox.registry.client.start", request.param)


def broken(install: Install, body: str) -> Broken:
    """Install a package, and return its row; all the others are there."""
    install("stranger", body)
    catalogue = Catalogue.discover()
    assert catalogue.get("selector", "random").builtin
    (row,) = catalogue.broken
    assert row.package == "stranger"
    assert row.error.isprintable()
    return row


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import sys; sys.exit(0)", "it ended while it was imported (sys.exit or os._exit)"),
        ("import os; os._exit(0)", "it ended while it was imported (sys.exit or os._exit)"),
        ("import os; os._exit(3)", "with exit code 3"),
        ("import os; os.abort()", "SIGABRT ended it while it was imported"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise type('E', (BaseException,), {'__str__': lambda self: 1 / 0})", "closed the pipe"),
        ("import os; os.closerange(3, 256)", "it closed the pipe that its report goes through"),
        ("import os; os.closerange(0, 256)", "it closed the pipe that its report goes through"),
        ("import os; print('told', flush=True); os._exit(1)", "it printed: told"),
        (hooked() + "Mine.__doc__ = 'x' * 5 * 2**20", "its report is larger than 1 MiB"),
        (hooked(SELECTOR.replace('"mine"', "'\\x1b[31m'")), "name: String should match pattern"),
        (hooked(SELECTOR.replace('"mine"', "'\\ud800'")), "name: "),
        (hooked(SELECTOR.replace('"mine"', "['x']")), "plugins.0.name: Input should be a valid string"),
        (hooked() + "Mine.version = 'new'", "plugins.0.version"),
        (hooked() + "Mine.kind = 'judge'", "the unknown kind 'judge'"),
        ("raise ValueError('\\x1b]0;owned\\x07 \\u202e\\ud800')", "ValueError: ]0;owned"),
        (LIES % "'[' * 100000", "its report is not JSON"),
        (LIES % "json.dumps([1])", "is not a JSON object"),
        (LIES % "json.dumps({'found': {'plugins': 3}})", "it registers what is no plugin: plugins"),
        (LIES % "json.dumps({'error': 'SystemExit', 'arguments': ['so', {}]})", "so {}"),
    ],
)
def test_it_costs_one_row(body: str, said: str, install: Install) -> None:
    assert said in broken(install, body).error


@pytest.mark.parametrize(
    "body", ["while True: pass", "import time; time.sleep(999)", "print('x' * 10**7)\nwhile True: print(1)"]
)
def test_an_import_that_does_not_end_is_ended(body: str, install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECONDS, "2")
    began = time.monotonic()
    said = broken(install, body).error
    assert "it did not come to an end within 2 seconds; import torch and the like inside the method" in said
    assert f"or set {SECONDS} to more" in said
    assert time.monotonic() - began < 10


NAMED = "import ctypes, os, time; ctypes.CDLL(None).prctl(15, b'%s', 0, 0, 0)"
"""A plugin cannot leave a note, so its processes are known by the name that they give themselves."""


def called(name: str) -> list[int]:
    """Return the processes of this name that live."""
    found = []
    for comm in Path("/proc").glob("[0-9]*/comm"):
        try:
            if (
                comm.read_text().strip() == name
                and comm.with_name("stat").read_text().rpartition(")")[2].split()[0] != "Z"
            ):
                found.append(int(comm.parent.name))
        except OSError:
            continue
    return found


def gone(name: str) -> bool:
    for _ in range(100):
        if not called(name):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("sandbox", ["on", "off"])
@pytest.mark.parametrize("hiding", ["", "os.setsid(); os.fork() and os._exit(0); os.closerange(0, 256); "])
def test_what_it_started_is_ended_with_it(
    hiding: str, sandbox: str, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, sandbox)
    named = NAMED % "left-behind"
    install("stranger", f"import os\nif os.fork() == 0:\n    {hiding}{named}\n    time.sleep(99)\nos._exit(0)")
    catalogue = Catalogue.discover()
    assert [row.package for row in catalogue.broken] == ["stranger"]
    catalogue.close()
    assert gone("left-behind")


def test_what_it_started_is_ended_though_the_machine_be_slow(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "off")
    install("stranger", NAMED % "x-slow" + "\nos.fork() or time.sleep(999)")
    before = set(children_of(os.getpid()))
    catalogue = Catalogue.discover()
    (helper,) = set(children_of(os.getpid())) - before
    os.kill(helper, signal.SIGSTOP)
    resume = threading.Timer(2.0, os.kill, (helper, signal.SIGCONT))
    resume.start()
    catalogue.close()
    assert gone("x-slow")
    resume.join()


def test_one_that_ends_the_helper_costs_one_row_all_the_same(install: Install) -> None:
    install("zealous", hooked(SELECTOR.replace('"mine"', '"other"')))
    install("stranger", "import os, signal; os.kill(os.getppid(), signal.SIGKILL)")
    catalogue = Catalogue.discover()
    assert [row.package for row in catalogue.broken] == ["stranger"]
    assert catalogue.get("selector", "other").package == "zealous"
    assert catalogue.resolve("method", "other").spec == "other"


def test_a_child_holds_nothing_of_the_coordinators(install: Install, tmp_path: Path) -> None:
    with (tmp_path / "secret").open("w") as secret:
        os.set_inheritable(secret.fileno(), True)
        row = broken(
            install,
            # It asks for each number: a process that nobody may look into cannot list its own /proc/self/fd everywhere.
            "import os, stat, sys\n"
            "kinds = []\n"
            "for number in range(3, 250):\n"
            "    try:\n"
            "        kinds.append(stat.S_ISFIFO(os.fstat(number).st_mode))\n"
            "    except OSError:\n"
            "        pass\n"
            "raise ValueError(f'{kinds} {sys.stdin.read()!r}')",
        )
    assert row.error == "ValueError: [True, True] ''"


def test_printing_is_swallowed(install: Install, capfd: pytest.CaptureFixture[str]) -> None:
    install("stranger", hooked() + "import os; print('noise'); os.system('echo more noise; echo and more >&2')")
    assert Catalogue.discover().get("selector", "mine").summary == "Takes every step-th image."
    assert capfd.readouterr() == ("", "")


def test_texts_are_made_printable(install: Install) -> None:
    install("stranger", hooked() + "Mine.__doc__ = 'Clears \\x1b[2J\\u202e it \\ud800' + 'x' * 9999")
    summary = Catalogue.discover().get("selector", "mine").summary
    assert summary.startswith("Clears [2J it xxx")
    assert len(summary) <= 500


@pytest.mark.parametrize(
    ("more", "text", "said"),
    [
        ("Mine.needed_access = lambda self: 1 / 0", "mine", "failed: ZeroDivisionError"),
        ("Mine.wants = lambda self: exit()", "mine", "it ended while it was imported"),
        ("Mine.needed_access = lambda self: 'everything'", "mine", "says what cannot be: needs"),
        (
            "MineOptions.model_dump = lambda self, **_: {'step': '\\x1b[2J'}",
            "mine",
            "characters that cannot be printed",
        ),
        ("Mine.threat = lambda self: 3", "mine", "could not state its threat"),
    ],
)
def test_what_a_class_does_when_it_is_resolved_costs_one_sentence(
    more: str, text: str, said: str, install: Install
) -> None:
    install("stranger", hooked() + more)
    catalogue = Catalogue.discover()
    with pytest.raises(PluginError, match="'mine'") as error:
        catalogue.resolve("method", text)
    assert said in str(error.value)
    assert catalogue.resolve("method", "random").spec == "random"


def test_a_canonical_form_is_ours_to_write(install: Install) -> None:
    install(
        "stranger", hooked() + "MineOptions.model_dump = lambda self, **_: {'step': 2, 'mega': 1}\nMine.name = 'mine'"
    )
    assert Catalogue.discover().resolve("method", "mine").spec == "mine[mega=1,step=2]"


def test_a_file_that_exits_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"my-selector.py' failed to load: it ended while it was imported"):
        Catalogue.discover([plugin_file(tmp_path, "import sys; sys.exit(0)")])


PATCHES = """
import benchbox.store.writing
benchbox.store.writing.put_result = None
"""


def test_a_plan_imports_no_plugin_and_nothing_of_it_reaches_this_process(tmp_path: Path) -> None:
    from benchbox.store import writing

    known, put_result, path = set(sys.modules), writing.put_result, list(sys.path)
    file = plugin_file(tmp_path, SELECTOR + PATCHES)
    plan = benchbox.plan("smoke", Selection(methods=["mine"]), plugins=[file], db=str(tmp_path / "r.db"), train=False)
    (cell,) = [planned.cell for planned in plan.cells if planned.seed == 0]
    assert cell is not None
    assert (cell.method.target, cell.method.file, cell.method.builtin) == ("Mine", str(file), False)
    assert cell.method.source == plan.catalogue.get("selector", "mine").source
    assert not [name for name in set(sys.modules) - known if "benchbox_plugins" in name or "benchbox_file" in name]
    assert writing.put_result is put_result
    assert sys.path == path


def test_helper_and_children_go_with_their_coordinator(tmp_path: Path) -> None:
    file = plugin_file(tmp_path, f"{NAMED % 'still-there'}; time.sleep(99)")
    code = (
        f"from pathlib import Path; from benchbox.registry import Catalogue; Catalogue.discover([Path({str(file)!r})])"
    )
    import subprocess

    coordinator = subprocess.Popen([sys.executable, "-c", code])
    while not called("still-there"):
        assert coordinator.poll() is None
        time.sleep(0.02)
    coordinator.send_signal(signal.SIGKILL)
    coordinator.wait()
    assert gone("still-there")

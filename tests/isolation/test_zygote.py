"""Children of a zygote: how they start, what they have, how they end, and that none is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from zygote_toys import alive

from benchbox.isolation import seccomp
from benchbox.isolation.channel import Gone
from benchbox.isolation.nursery import Child, Nursery, NurseryClosed, start_zygote
from benchbox.isolation.output import KEPT

OWNER = Path(__file__).with_name("zygote_owner.py")
HERE = {"PYTHONPATH": os.pathsep.join([str(OWNER.parent), *filter(None, sys.path)])}
PATIENCE = 60


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = start_zygote(["zygote_toys"])
    yield nursery
    nursery.close()


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def ended(nursery: Nursery, argument: Any) -> tuple[int | None, str]:
    child = nursery.start("zygote_toys:ends", argument)
    return _code(child), child.output.text


def _code(child: Child) -> int | None:
    code = child.wait(PATIENCE)
    child.end()
    return code


def test_a_child_is_given_its_argument_and_a_channel(nursery: Nursery) -> None:
    child = nursery.start("zygote_toys:echo", {"a": [1, None, "ü"]})
    assert child.channel.receive(PATIENCE) == ("argument", {"a": [1, None, "ü"]})
    child.channel.send("data", (1, b"x"))
    assert child.channel.receive(PATIENCE) == ("data", (1, b"x"))
    child.channel.send("end", 7)
    assert child.wait(PATIENCE) == 7
    assert child.end() == 7


@pytest.mark.parametrize(
    ("argument", "code", "said"),
    [
        (None, 0, ""),
        (3, 3, ""),
        ("leaves", 0, ""),
        ("exits", 0, ""),
        ("exits with text", 1, "last words"),
        (["exit", 2**40], 0, ""),
        (["exit", -1], 255, ""),
        ("raises", 1, "ValueError: the child raised"),
        ("no number", 1, "ValueError"),
        (["signal", signal.SIGKILL], -signal.SIGKILL, ""),
        (["signal", signal.SIGTERM], -signal.SIGTERM, ""),
        (["signal", signal.SIGSEGV], -signal.SIGSEGV, ""),
    ],
)
def test_how_a_child_ends_is_passed_on(nursery: Nursery, argument: Any, code: int, said: str) -> None:
    found, output = ended(nursery, argument)
    assert found == code
    assert said in output
    assert bool(said) == bool(output)


@pytest.mark.parametrize("entry", ["zygote_toys:nothing", "no_such_module:main", "zygote_toys"])
def test_an_entry_that_is_not_there_ends_its_child_alone(nursery: Nursery, entry: str) -> None:
    child = nursery.start(entry)
    assert child.wait(PATIENCE) == 1
    child.end()
    assert "Traceback" in child.output.text
    assert ended(nursery, 4)[0] == 4


def test_a_child_has_no_file_but_its_own_and_an_empty_input(nursery: Nursery) -> None:
    others = [nursery.start("zygote_toys:echo", parent=True) for _ in range(3)]
    for parent in (True, False):
        child = nursery.start("zygote_toys:surroundings", parent=parent, environment={"EXTRA": "x"})
        _, told = child.channel.receive(PATIENCE)
        files = {int(number): link for number, link in told["files"].items()}
        own = {number for number in told["own"] if number is not None}
        assert len(own) == (2 if parent else 1)
        assert files.keys() == {0, 1, 2, *own}
        assert files[0] == "/dev/null"
        assert files[1] == files[2]
        assert files[1].startswith("pipe:")
        assert (told["stdin"], told["group"], told["threads"], told["extra"]) == ("", True, "1", "x")
        child.end()
    for other in others:
        other.end()


def test_what_is_printed_is_kept_to_the_last_64_kib_and_clean(nursery: Nursery) -> None:
    child = nursery.start("zygote_toys:prints", 2_000)
    child.channel.send("data", b"\x1b[31m" + b"-" * 994 + b"\n")
    assert child.wait(PATIENCE) == 0
    child.end()
    text = child.output.text
    assert len(text) > KEPT * 0.99
    assert "\x1b" not in text
    assert text.endswith("[31m" + "-" * 994 + "\n")


def test_many_children_at_once_from_threads_are_not_mixed_up(nursery: Nursery) -> None:
    def play(number: int) -> tuple[Any, Any, int | None]:
        child = nursery.start("zygote_toys:echo", number)
        said = child.channel.receive(PATIENCE)[1]
        child.channel.send("pid", child.pid)
        back = child.channel.receive(PATIENCE)[1]
        child.channel.send("end", number)
        return said, back == child.pid, _code(child)

    with ThreadPoolExecutor(12) as threads:
        assert list(threads.map(play, range(48))) == [(number, True, number) for number in range(48)]


def test_ending_a_child_ends_what_it_started(nursery: Nursery) -> None:
    child = nursery.start("zygote_toys:family", parent=True)
    _, family = child.channel.receive(PATIENCE)
    assert len(family) == 3
    assert all(map(alive, family))
    assert child.end() == -signal.SIGKILL
    until(lambda: not any(map(alive, family)))


@pytest.mark.skipif(not seccomp.available(), reason="no filter of system calls here")
def test_what_forks_faster_than_anybody_looks_ends_with_the_child_that_left_it(
    nursery: Nursery, tmp_path: Path
) -> None:
    signs = tmp_path / "signs"
    signs.touch()
    child = nursery.start("zygote_toys:runs_away", str(signs))
    assert _code(child) == 0
    size = signs.stat().st_size
    time.sleep(0.2)
    assert signs.stat().st_size == size > 0


def test_a_child_can_be_ended_as_soon_as_it_is_there(nursery: Nursery) -> None:
    children = [nursery.start("zygote_toys:sleeps") for _ in range(10)]
    assert [child.end() for child in children] == [-signal.SIGKILL] * 10


def test_waiting_has_a_limit(nursery: Nursery) -> None:
    child = nursery.start("zygote_toys:sleeps")
    assert child.wait(0.05) is None
    child.end()


def test_a_child_that_dies_is_gone_for_who_reads(nursery: Nursery) -> None:
    child = nursery.start("zygote_toys:echo")
    child.channel.receive(PATIENCE)
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(Gone):
        child.channel.receive(PATIENCE)
    assert child.end() == -signal.SIGKILL


def test_closing_leaves_nothing_when_it_returns() -> None:
    own = start_zygote(["zygote_toys"])
    child = own.start("zygote_toys:family", parent=True)
    _, family = child.channel.receive(PATIENCE)
    own.close()
    assert not own.open
    until(lambda: not any(map(alive, family)))
    with pytest.raises(NurseryClosed):
        own.start("zygote_toys:echo")
    assert child.wait(PATIENCE) is None
    child.end()


def test_closing_before_it_is_ready_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        own = start_zygote(["torch"])
        own.close()
        assert own._process is not None
        assert own._process.returncode is not None
    assert capfd.readouterr() == ("", "")


def test_a_killed_zygote_closes_the_nursery() -> None:
    lost: list[bool] = []
    own = start_zygote(["zygote_toys"])
    own._lost = lambda: lost.append(True)
    children = [own.start("zygote_toys:echo") for _ in range(2)]
    assert own._process is not None
    own._process.kill()
    until(lambda: lost)
    assert not own.open
    assert children[0].wait(PATIENCE) is None
    with pytest.raises(NurseryClosed):
        own.start("zygote_toys:echo")
    own.close()
    for child in children:
        child.end()
    until(lambda: not any(alive(child.pid) for child in children))


def test_a_killed_owner_leaves_no_process() -> None:
    owner = subprocess.Popen(
        [sys.executable, str(OWNER)], stdout=subprocess.PIPE, text=True, env={**os.environ, **HERE}
    )
    assert owner.stdout is not None
    family = [int(pid) for pid in owner.stdout.readline().split()]
    assert len(family) == 4
    assert all(map(alive, family))
    owner.kill()
    owner.communicate(timeout=PATIENCE)
    until(lambda: not any(map(alive, family)))


def test_a_client_that_sends_nonsense_is_dropped_and_its_children_with_it(nursery: Nursery) -> None:
    own = start_zygote(["zygote_toys"])
    child = own.start("zygote_toys:sleeps")
    own._control.sendall(b'{"entry": 3}\n')
    until(lambda: not own.open)
    until(lambda: not alive(child.pid))
    own.close()
    child.end()
    assert ended(nursery, 0)[0] == 0


def test_a_system_that_lets_nobody_fork_is_an_error_of_this_child_alone() -> None:
    own = start_zygote(["zygote_toys", "zygote_cannot_fork"])
    with pytest.raises(OSError, match=r"no process can be started: .*Resource temporarily unavailable"):
        own.start("zygote_toys:echo", parent=True)
    child: Child = own.start("zygote_toys:echo", 1)
    assert child.channel.receive(PATIENCE) == ("argument", 1)
    child.end()
    own.close()


def test_an_end_that_was_not_sent_whole_is_no_request() -> None:
    own = start_zygote(["zygote_toys"])
    child, other = own.start("zygote_toys:sleeps"), socket.socketpair()
    socket.send_fds(own._control, [b'{"entry": "zyg'], [other[0].fileno(), other[1].fileno()])
    own.close()
    until(lambda: not alive(child.pid))
    child.end()
    for end in other:
        end.close()

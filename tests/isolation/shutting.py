"""Running a function inside a sandbox: in a forked child, as whoever runs the tests and as an ordinary user."""

from __future__ import annotations

import ctypes
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchbox.isolation import landlock, mounts, seccomp, users
from benchbox.isolation.capability import capability
from benchbox.isolation.kernel import call
from benchbox.isolation.sandbox import Sealed, enter, limit, walls

Inside = Callable[..., Any]
USERS = ["as started", "as an ordinary user"] if sys.platform == "linux" and os.getuid() == 0 else ["as started"]
ORDINARY = 12345


def become_ordinary() -> None:
    """Make a root test process one of an ordinary user, who can reach a Python that lies in root's home."""
    call("unshare", users.NEW_MOUNTS)
    mounts.keep_to_ourselves()
    home, prefix = Path("/root"), Path(sys.base_prefix)
    if prefix.is_relative_to(home):
        mounts.bind(prefix, Path("/mnt"))
        mounts.memory(home, 1 << 20)
        mounts.bind(Path("/mnt"), prefix)
        call("umount2", b"/mnt", 2)
    os.setgroups([])
    os.setresgid(ORDINARY, ORDINARY, ORDINARY)
    os.setresuid(ORDINARY, ORDINARY, ORDINARY)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # dumpable, as a process that was an ordinary user's from the start


def ended(child: int, seconds: float = 20.0) -> int:
    """Wait for a child, and fail rather than for ever."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return status
        time.sleep(0.002)
    os.kill(child, 9)
    os.waitpid(child, 0)
    raise AssertionError("the child did not end")


def forked(body: Callable[[], Any], *, status: bool = False) -> Any:
    """Run a function in a forked child and return what it returned, as JSON data; or how the child ended."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            os.write(writing, json.dumps({"returned": body()}).encode())
        except BaseException:
            os.write(writing, json.dumps({"raised": traceback.format_exc()}).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    how = ended(child)
    if status:
        return how
    answer = json.loads(said or '{"raised": "nothing was said"}')
    assert "raised" not in answer, answer.get("raised")
    return answer["returned"]


def needs_a_sandbox() -> None:
    """Skip a test where this machine builds no sandbox."""
    able = capability()
    if able.sealed is not Sealed.SANDBOX:
        pytest.skip(" ".join(able.reasons))


@pytest.fixture(params=USERS)
def inside(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Inside:
    """Return a function that runs another in a sandbox and returns what it returned.

    ``without`` names walls that are left out, to see that the others hold alone: seccomp, landlock.
    """
    needs_a_sandbox()
    # Folders of plugins that other tests loaded in this process: root's own, which an ordinary user cannot reach.
    monkeypatch.setattr(sys, "path", [path for path in sys.path if "/pytest-of-" not in path])

    def run(body: Callable[[], Any], *, status: bool = False, without: str = "", **given: Any) -> Any:
        around = replace(walls(), **given) if given else walls()

        def shut_in() -> Any:
            if request.param == "as an ordinary user":
                become_ordinary()
            _leave_out(without)
            enter(around)
            return body()

        return forked(shut_in, status=status)

    return run


@pytest.fixture
def limited() -> Inside:
    """Return a function that runs another in a process that is limited without namespaces."""

    def run(body: Callable[[], Any], *, without: str = "", **given: Any) -> Any:
        around = replace(walls(), **given)

        def shut_in() -> Any:
            _leave_out(without)
            limit(around)
            return body()

        return forked(shut_in)

    return run


def _leave_out(wall: str) -> None:
    if "seccomp" in wall:
        seccomp.restrict = lambda **_: None
    if "landlock" in wall:
        landlock.restrict = lambda _: None

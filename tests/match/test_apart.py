"""Players in processes of their own: the numbers are those of this process, and what a player does costs its own cell."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest
from match_processes import alive, family, until, zygote
from match_sources import ATTACK, GENERATOR, SELECTOR
from match_watch import AnyCell, numbers

from benchbox.execution.slots import LocalSlots
from benchbox.isolation.output import KEPT
from benchbox.place import Place
from benchbox.records import CellResult, Sealed, Status
from benchbox.suites import Setting

Play = Callable[..., CellResult]
Make = Callable[..., Setting]
Hanging = Callable[..., tuple[Future[CellResult], list[int]]]

ADAPTIVE = """
        known = game.oracle.query(game.pool.images[:k], phase="first")
        game.log(classes=float(known.unique().numel()), share=game.oracle.remaining / k)
        game.picture("first", game.pool.images[:4])
        return torch.randperm(len(game.pool), generator=game.rng)[:k]
    def choice_size(self, budget):
        return budget // 2
    nested = False
""".strip()
NOISE = """
        import random, numpy
        game.log(torch=float(torch.rand(())), numpy=numpy.random.rand(), python=random.random())
        game.picture("noise", torch.rand(3, *game.shape))
""".strip()
ROTATED = "return (images + 0.2 * torch.randn_like(images).sign()).clamp(0, 1)"


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("", {"budgets": (20, 60)}),
        (SELECTOR.format(body=ADAPTIVE), {"budgets": (10, 30)}),
        (SELECTOR.format(body=ADAPTIVE), {"budgets": (10,), "access": "probabilities", "precision": "bf16"}),
        (
            GENERATOR.format(step=90, body=NOISE) + ATTACK.format(body=ROTATED),
            {"kind": "generator", "attack": "Hit", "access": "probabilities"},
        ),
    ],
    ids=["built-in", "adaptive", "mixed precision", "generator and attack"],
)
def test_a_cell_gives_the_same_apart_as_here(
    source: str, changes: dict[str, object], play: Play, play_apart: Play, place: Place
) -> None:
    here, apart = play(source, **changes), play_apart(source, **changes)
    assert apart.status is Status.DONE, apart.traceback
    assert (here.sealed, apart.sealed) == (Sealed.NO, place.sealed)
    assert here.environment == apart.environment
    assert apart.measurements and apart.ledger and apart.diagnostics and apart.pictures
    assert numbers(apart) == numbers(here)


EXITED = "selector 'mine' ended its process with exit code {} in the middle"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import os; os._exit(0)", EXITED.format(0)),
        ("import sys; sys.exit()", EXITED.format(0)),
        ("raise SystemExit(7)", EXITED.format(7)),
        ("raise SystemExit(2 ** 70)", EXITED.format(0)),
        ("raise KeyboardInterrupt", EXITED.format(1)),
        ("import os; os.abort()", "selector 'mine' was killed by signal"),
        ("import ctypes; ctypes.string_at(0)", "selector 'mine' was killed by signal 11"),
        ("raise ValueError('a\\nb\\x1b[2J')", "ValueError: a b[2J"),
        ("raise MemoryError", "MemoryError"),
        ("f = lambda: f(); f()", "RecursionError"),
        ("game.oracle.query(game.pool.images[:99])", "selector 'mine' asked for 99 answers with 20"),
        ("game.insider.probabilities(1)", "AttributeError"),
        ("return torch.ones(k, dtype=torch.complex64)", "selector 'mine' sent 'rows', which does not cross"),
    ],
)
def test_a_player_that_fails_costs_its_own_cell(body: str, said: str, play_apart: Play) -> None:
    fails(play_apart(SELECTOR.format(body=body)), said)


def fails(result: CellResult, said: str) -> None:
    assert result.status is Status.FAILED
    assert said in result.error
    assert result.error.isprintable()
    assert not result.measurements


def test_a_player_may_say_that_it_is_not_applicable(play_apart: Play) -> None:
    excuse = "from benchbox.contracts import NotApplicable; raise NotApplicable('too dark')"
    result = play_apart(SELECTOR.format(body=excuse))
    assert (result.status, result.error) == (Status.NOT_APPLICABLE, "too dark")


HANGS = "import time; print('I hang', flush=True); time.sleep(600)"
RAW = """
        import gc, json, struct
        from benchbox.isolation.channel import Channel
        line = next(o for o in gc.get_objects() if isinstance(o, Channel))
        sock = line._sock
        {then}
        import time; time.sleep(600)
""".strip()
FRAME = "text = {header!r}; sock.sendall(struct.pack('!I', len(text)) + text)"


def frame(kind: str, data: str = "{}") -> str:
    header = f'{{"kind": "{kind}", "data": {data}, "blobs": []}}'.encode()
    return FRAME.format(header=header)


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("sock.close()", "selector 'mine' hung up in the middle of its game"),
        (
            "sock.sendall(b'GET / HTTP/1.1' * 99)",
            "selector 'mine' sent what is no message: a header of 1195725856 bytes",
        ),
        (FRAME.format(header=b"nonsense"), "selector 'mine' sent what is no message: a header that is no frame's"),
        (FRAME.format(header=b"[" * 9999), "selector 'mine' sent what is no message: a header that is no frame's"),
        (
            FRAME.format(header=b'{"kind": "query", "data": 1, "blobs": [["float64", [99999999999999]]]}'),
            "selector 'mine' sent what is no message",
        ),
        (frame("result"), "selector 'mine' sent a message 'result', which there is not"),
        (frame("query", '{"phase": "main", "images": 1}'), "selector 'mine' sent a malformed query"),
        (
            frame("offer", '{"weights": {}, "spent": 0}'),
            "selector 'mine' sent 'offer', which is not its part of the game",
        ),
        (frame("examples", '{"images": null}'), "selector 'mine' sent 'examples', which is not its part of the game"),
        (frame("done"), "selector 'mine' ended without a choice"),
        (frame("failed", '{"error": "plugin error", "sentence": "\\u001b[2J\\nhi\\u202e"}'), "[2J hi"),
        (frame("failed", '{"error": "done", "sentence": ""}'), "selector 'mine' sent a malformed failed"),
    ],
)
def test_a_player_that_speaks_another_language_costs_its_own_cell_at_once(
    then: str, said: str, play_apart: Play
) -> None:
    fails(play_apart(SELECTOR.format(body=RAW.format(then=then))), said)


def test_a_generator_sends_no_state_that_nobody_asked_for(play_apart: Play) -> None:
    body = RAW.format(then=frame("state", '{"state": 1}'))
    result = play_apart(GENERATOR.format(step=100, body=body), kind="generator")
    assert result.error == "generator 'mine' sent a state to go on from that nobody had asked for"


def test_what_a_player_prints_is_kept_and_told_and_keeps_nobody_waiting(play_apart: Play, told: AnyCell) -> None:
    body = (
        "import sys\n        sys.stdout.write('\\x1b[1mround\\n' * 1_000_000); print('the end', file=sys.stderr); 1 / 0"
    )
    told.texts()
    result = play_apart(SELECTOR.format(body=body))
    assert result.error == "selector 'mine': ZeroDivisionError: division by zero"
    assert result.output.endswith("[1mround\nthe end\n")
    assert KEPT // 2 < len(result.output) <= KEPT
    assert told.texts().endswith("the end\n")


@pytest.fixture
def hanging(cell: Make, slots: LocalSlots, told: AnyCell) -> Hanging:
    """Return a function that starts a cell and waits until its player hangs: what it will give, and its processes."""

    def started(body: str = HANGS, **rules: object) -> tuple[Future[CellResult], list[int]]:
        told.texts()
        doomed = slots.submit(cell(SELECTOR.format(body=body), **rules))
        until(lambda: "I hang" in told.texts())
        return doomed, family(slots)

    return started


def test_a_hanging_player_costs_its_own_cell_at_the_time_limit_and_is_gone(hanging: Hanging, slots: LocalSlots) -> None:
    slots._time_limit = 5.0
    try:
        hung, there = hanging()
        assert (hung.result(120).status, hung.result().error) == (
            Status.FAILED,
            "ran over its time limit of 5 s; --time-limit sets another",
        )
    finally:
        slots._time_limit = None
    until(lambda: not any(map(alive, there)))


def test_a_killed_player_costs_its_own_cell_and_the_cell_plays_again(
    hanging: Hanging, cell: Make, slots: LocalSlots, tmp_path: Path
) -> None:
    body = f"if not __import__('pathlib').Path(__file__).with_name('gate.py').exists():\n            {HANGS}\n        "
    body += "return torch.arange(k)"
    doomed, there = hanging(body, budgets=(5,))
    os.kill(there[1], signal.SIGKILL)
    result = doomed.result(60)
    assert result.status is Status.FAILED
    assert (
        result.error == "selector 'mine' was killed by signal 9 in the middle of its game (9 is often a lack of memory)"
    )
    (tmp_path / "gate.py").touch()
    assert slots.submit(cell(SELECTOR.format(body=body), budgets=(5,))).result(120).status is Status.DONE


def test_a_killed_referee_interrupts_its_cell_and_takes_its_player_along(hanging: Hanging, slots: LocalSlots) -> None:
    doomed, there = hanging()
    assert len(there) >= 2
    os.kill(there[0], signal.SIGKILL)
    result = doomed.result(60)
    assert (result.status, result.error) == (Status.INTERRUPTED, "its referee died: signal 9")
    until(lambda: not any(map(alive, there)))
    assert not family(slots)


def test_a_killed_zygote_interrupts_its_cells_leaves_nothing_and_is_replaced(
    hanging: Hanging, cell: Make, slots: LocalSlots
) -> None:
    doomed, players = hanging()
    there = [zygote(slots), *players]
    os.kill(there[0], signal.SIGKILL)
    result = doomed.result(60)
    assert (result.status, result.error) == (Status.INTERRUPTED, "the process that starts others died")
    until(lambda: not any(map(alive, there)))
    again = slots.submit(cell(GENERATOR.format(step=100, body="pass"), kind="generator", budgets=(100,)))
    assert again.result(120).status is Status.DONE
    assert zygote(slots) not in there

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from store_samples import cell, done, failed

from benchbox.store import Store, claims
from benchbox.store.models import ClaimRow


def _alter(store: Store, **values: object) -> None:
    with store.writing() as session:
        (row,) = session.query(ClaimRow).all()
        for name, value in values.items():
            setattr(row, name, value)


def test_a_claim_keeps_others_out_until_it_is_released(store: Store) -> None:
    assert store.claim("a", "me")
    assert store.claim("a", "me"), "again by the same owner"
    assert not store.claim("a", "you")
    assert store.claimed_by_others(["a", "b"], "you") == {"a"}
    assert store.claimed_by_others(["a", "b"], "me") == set()
    store.release("you", ["a"])
    assert not store.claim("a", "you"), "nobody releases another's claim"
    store.release("me", ["a"])
    assert store.claim("a", "you")
    store.release("you")
    assert store.claim("a", "me")


def test_a_done_cell_cannot_be_claimed_and_recording_releases(store: Store) -> None:
    played = cell()
    assert store.claim(played.id, "me")
    store.record(played, failed(played))
    assert store.claim(played.id, "you"), "a failed cell may be tried again"
    store.record(played, done(played))
    assert not store.claim(played.id, "me")
    assert store.claimed_by_others([played.id], "me") == set()


def test_a_claim_without_heartbeat_is_taken_over(store: Store) -> None:
    store.claim("a", "me")
    _alter(store, host="elsewhere", heartbeat=time.time() - claims.STALE_SECONDS - 1)
    assert store.claimed_by_others(["a"], "you") == set()
    store.heartbeat("me")
    assert not store.claim("a", "you"), "a heartbeat makes it fresh"
    _alter(store, heartbeat=0.0)
    assert store.claim("a", "you")
    assert not store.claim("a", "me")


def test_a_heartbeat_is_for_its_owners_claims_alone(store: Store) -> None:
    store.claim("a", "me")
    store.claim("b", "you")
    with store.writing() as session:
        for row in session.query(ClaimRow):
            row.host, row.heartbeat = "elsewhere", time.time() - claims.STALE_SECONDS - 1
    store.heartbeat("me")
    assert store.claimed_by_others(["a", "b"], "third") == {"a"}
    assert store.claim("b", "third")


def test_the_claim_of_a_dead_process_is_taken_over_at_once(store: Store) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    store.claim("a", "me")
    _alter(store, pid=gone.pid)
    assert store.claim("a", "you")


def test_a_process_elsewhere_is_judged_by_its_heartbeat_alone(store: Store) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    store.claim("a", "me")
    _alter(store, pid=gone.pid, host="elsewhere")
    assert not store.claim("a", "you")


_RACE = """
import sys, uuid
from benchbox.store import Store
store, owner = Store.open(sys.argv[1]), str(uuid.uuid4())
print(*[i for i in range(40) if store.claim(f"cell {i}", owner)])
sys.stdin.read()
"""


@pytest.mark.parametrize("made", [True, False])
def test_of_two_processes_one_gets_each_cell(dialect: str, new_place: Callable[[str, str], str], made: bool) -> None:
    path = new_place(dialect, "results")
    if made:
        Store.open(path).close()
    pipe = subprocess.PIPE
    racers = [
        subprocess.Popen([sys.executable, "-c", _RACE, path], stdin=pipe, stdout=pipe, text=True) for _ in range(2)
    ]
    taken: list[str] = []
    for racer in racers:  # neither ends before both have claimed: the claims of a process that ended are free
        assert racer.stdout is not None
        taken += racer.stdout.readline().split()
    for racer in racers:
        racer.communicate()
    assert sorted(map(int, taken)) == list(range(40))

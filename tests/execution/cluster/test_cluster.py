"""``benchbox run --cluster`` on a real scheduler and three real workers, over TCP, each with a folder of its own."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest
from cluster_runs import ended, heard, notices, played, started
from dask_cluster import Cluster
from execution_toys import alive, until
from naps import naps

from benchbox.records import Status
from benchbox.store import Store

NUMBERS = ["cell", "metric", "attack", "budget", "spent", "value", "n"]


def numbers(db: Path) -> list[list[object]]:
    with Store.open(db, create=False) as store:
        rows = store.measurements()[NUMBERS].astype(str).to_numpy().tolist()
    return sorted(row for row in rows if not row[1].startswith("seconds"))


def players(cluster: Cluster) -> set[int]:
    """Return the processes of the workers that play a cell now: children of their zygotes."""
    found = set[int]()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            zygote = b"benchbox.isolation.zygote" in (folder / "cmdline").read_bytes()
            ours = (folder / "cwd").readlink().is_relative_to(cluster.folder)
            if zygote and ours and alive(int(folder.name)):
                children = [pid for task in folder.glob("task/*/children") for pid in task.read_text().split()]
                found |= {int(pid) for pid in children}
        except OSError:
            continue
    return found


def test_smoke_is_played_by_all_three_and_gives_the_numbers_of_this_machine(workers: Cluster, folder: Path) -> None:
    options = ["--suite", "smoke", "--device", "cpu", "--seeds", "1"]
    code, events, err = played(folder, *options, "--cluster", workers.address, "--db", "there.db")
    assert (code, err) == (0, "")
    assert events[-1]["done"] == 4
    assert sum("takes part" in text for text in notices(events)) == 3
    assert {event["event"] for event in events} >= {"run-started", "cell-started", "cell-progress", "cell-finished"}
    code, _, _ = played(folder, *options, "--scenario", "queries", "--db", "here.db")
    assert code == 0
    here = numbers(folder / "here.db")
    assert here
    assert [row for row in numbers(folder / "there.db") if row[0] == here[0][0]] == here
    with Store.open(folder / "there.db", create=False) as store:
        assert set(store.cells()["status"]) == {"done"}
        assert set(store.cells()["sealed"]) <= {"sandbox", "process"}


def test_what_a_worker_lacks_comes_from_the_coordinator(workers: Cluster, folder: Path) -> None:
    import torch
    from benchbox_plugins.models.lenet5 import LeNet5
    from safetensors.torch import save_file

    drawn = np.random.default_rng(0)
    parts = {"train": 60, "test": 20}
    images = {f"x_{part}": drawn.integers(0, 256, (n, 28, 28), dtype=np.uint8) for part, n in parts.items()}
    labels = {f"y_{part}": np.arange(n) % 2 for part, n in parts.items()}
    np.savez(folder / "mine.npz", **images, **labels)
    torch.manual_seed(0)
    save_file(LeNet5().build((1, 28, 28), 2).state_dict(), folder / "mine.safetensors")
    options = [
        *naps(folder, "napping"),
        "--dataset",
        "npz:mine.npz",
        "--target",
        "mine.safetensors",
        "--model",
        "lenet5",
    ]
    code, events, err = played(folder, *options, "--cluster", workers.address, "--db", "there.db")
    assert code == 0, (events, err)
    code, _, err = played(folder, *options, "--db", "here.db")
    assert code == 0, err
    assert numbers(folder / "there.db") == numbers(folder / "here.db") != []
    kept = [path.suffix for path in workers.folder.glob("worker-*/home/cache/cluster/goods/*")]
    assert sorted(kept) == [".npz", ".safetensors"]


def test_a_worker_that_dies_costs_no_cell(workers: Cluster, folder: Path) -> None:
    options = naps(folder, "napping[seconds=6]", seeds=4)
    with started(folder, *options, "--cluster", workers.address) as run:
        heard(run, "cell-started", 3)
        workers.kill("worker-1")
        workers.start_worker("worker-1")
        code, events, err = ended(run)
    assert (code, err) == (0, "")
    assert (events[-1]["done"], events[-1]["failures"]) == (4, [])
    assert any("'worker-1'" in text and text.endswith("left") for text in notices(events))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_a_run_that_is_stopped_leaves_no_cell_behind_and_the_same_command_goes_on(
    workers: Cluster, folder: Path, number: signal.Signals, code: int
) -> None:
    options = [*naps(folder, "napping[seconds=120]", "napping", seeds=2), "--cluster", workers.address]
    with started(folder, *options) as run:
        heard(run, "cell-finished", 2)
        until(lambda: len(players(workers)) >= 2)
        os.kill(run.pid, number)
        assert ended(run)[0] == code
    until(lambda: not players(workers))
    again = played(folder, *options, "--method", "napping")
    assert again[0] == 0
    assert (again[1][-1]["already"], again[1][-1]["failures"]) == (2, [])


def test_a_referee_that_is_killed_costs_its_cell_and_a_time_limit_holds(workers: Cluster, folder: Path) -> None:
    options = [*naps(folder, "napping[seconds=120]"), "--cluster", workers.address]
    with started(folder, *options) as run:
        heard(run, "cell-started")
        until(lambda: players(workers))
        for pid in players(workers):
            os.kill(pid, signal.SIGKILL)
        code, events, _ = ended(run)
    (failure,) = events[-1]["failures"]
    assert (code, failure["status"]) == (2, "interrupted")
    assert "signal 9" in failure["error"]
    code, events, _ = played(folder, *options, "--time-limit", "2")
    assert [f["error"] for f in events[-1]["failures"]] == ["ran over its time limit of 2 s; --time-limit sets another"]
    assert not players(workers)


def test_a_worker_that_does_not_fit_is_refused_by_name_and_the_others_play_and_tell_what_players_print(
    workers: Cluster, folder: Path
) -> None:
    workers.start_worker("idle", resources="OTHER=1")
    options = naps(folder, "napping[seconds=3]", seeds=3)
    try:
        code, events, _ = played(folder, *options, "--cluster", workers.address, verbose=True)
    finally:
        workers.kill("idle")
    assert code == 0
    assert sum("good night" in event["text"] for event in events if event["event"] == "cell-output") == 3
    assert any("'idle'" in text and "refused: it offers no CELL; start it with" in text for text in notices(events))


def test_a_scheduler_that_comes_back_finds_the_run_waiting_and_one_that_does_not_ends_it(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from dask_cluster import cluster

    with cluster(tmp_path_factory.mktemp("frail"), workers=1) as frail:
        options = [*naps(folder, "napping[seconds=4]", seeds=2), "--cluster", frail.address]
        with started(folder, *options) as run:
            heard(run, "cell-started")
            for name in list(frail.processes):
                frail.kill(name)
            frail.start_scheduler()
            frail.start_worker("new")
            code, events, err = ended(run)
        assert (code, err) == (0, "")
        assert events[-1]["done"] == 2
        with started(folder, *options, "--db", "other.db", BENCHBOX_CLUSTER_SECONDS="2") as run:
            heard(run, "cell-started")
            frail.kill("scheduler")
            code, _, err = ended(run)
        assert code == 2
        assert (
            f"the scheduler at {frail.address} has been gone for 2 s; start it again, and the same command goes on"
            in err
        )
    with Store.open(folder / "other.db", create=False) as store:
        assert not [s for s in store.statuses(store.cells()["cell"]).values() if s is not Status.DONE]

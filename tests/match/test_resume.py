"""A killed generator goes on where it stood, and what cannot be gone on from costs time alone."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from match_processes import family, until
from match_sources import GENERATOR
from match_watch import AnyCell, Silence, numbers

from benchbox.execution import run_cells
from benchbox.execution.executor import Told
from benchbox.execution.resume import ResumeFiles
from benchbox.execution.slots import LocalSlots
from benchbox.match import resume
from benchbox.match.resume import Due, packed, unpacked
from benchbox.match.run import run_cell
from benchbox.place import Place
from benchbox.records import Status
from benchbox.store import Store
from benchbox.suites import Planned, Setting

Make = Callable[..., Setting]

LASTING = """
        import random, time
        from pathlib import Path
        print("round at", game.oracle.spent, flush=True)
        if game.oracle.spent == 160 and not Path(__file__).with_name("gate.py").exists():
            time.sleep(600)
        self.optimiser.zero_grad()
        torch.autograd.backward(self.net(torch.rand(3, 2)).square().sum())
        self.optimiser.step()
        self.rounds, self.word, self.tensor = self.rounds + 1, self.word + "b", self.tensor + 1
        game.log(rounds=self.rounds, word=len(self.word), tensor=float(self.tensor.sum()), python=random.random(),
                 net=float(self.net.weight.detach().sum()), drawn=float(torch.rand((), generator=game.rng)))
        game.picture("drawn", torch.rand(2, *game.shape))
""".strip()
SOURCE = GENERATOR.format(step=40, body=LASTING).replace(
    "def setup(self, game):", "def setup(self, game):\n        self.net = torch.nn.Linear(2, 2)\n"
    "        self.optimiser = torch.optim.Adam(self.net.parameters())\n"
    "        self.rounds, self.word, self.tensor, self.nothing = 0, 'a', torch.zeros(2), None",
)  # fmt: skip


class Memory(Silence):
    """Keeps every state, as bytes, and stops the match when it has so many."""

    due = True

    def __init__(self, stop: int | None = None, kept: bytes | None = None) -> None:
        self.states: list[bytes] = []
        self._stop, self._kept = stop, kept

    def save(self, state: dict[str, Any]) -> None:
        self.states.append(packed(state))
        if len(self.states) == self._stop:
            raise KeyboardInterrupt

    def load(self) -> dict[str, Any] | None:
        return unpacked(self._kept)


@pytest.fixture
def setting(cell: Make, base: tuple[Place, dict[str, Setting]], tmp_path: Path) -> Setting:
    (attack,) = base[1]["selector"].cell.scenario.attacks
    attacks = (attack.model_copy(update={"at": "every"}),)
    made = cell(SOURCE, kind="generator", budgets=(100, 150, 400), attacks=attacks)
    (tmp_path / "gate.py").touch()
    return made


@pytest.mark.parametrize("rounds", [1, 2, 3, 6, 9])
def test_it_goes_on_from_any_round(
    rounds: int, setting: Setting, place: Place, capsys: pytest.CaptureFixture[str], whole: Callable[..., Any]
) -> None:
    killed = Memory(stop=rounds)
    with pytest.raises(KeyboardInterrupt):
        run_cell(setting, place, killed)
    capsys.readouterr()
    resumed = run_cell(setting, place, Memory(kept=killed.states[-1]))
    assert numbers(resumed) == numbers(whole(setting))
    assert capsys.readouterr().out.startswith(f"round at {40 * rounds}\n")


@pytest.fixture(scope="module")
def whole(base: tuple[Place, Any]) -> Callable[..., Any]:
    """Return a function that plays a cell from beginning to end, once."""
    known: list[Any] = []

    def played(setting: Setting) -> Any:
        if not known:
            known.append(run_cell(setting, base[0], Silence()))
        assert known[0].status is Status.DONE, known[0].traceback
        assert known[0].cell_id == setting.cell.id
        return known[0]

    return played


def changed(state: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    data = unpacked(state)
    assert data is not None
    change(data)
    return packed(data)


def test_the_time_of_a_killed_run_counts(setting: Setting, place: Place) -> None:
    killed = Memory(stop=3)
    with pytest.raises(KeyboardInterrupt):
        run_cell(setting, place, killed)
    state = changed(
        killed.states[-1], lambda data: data.update(seconds=data["seconds"] + 900, scoring=data["scoring"] + 400)
    )
    spent = unpacked(killed.states[-1])
    assert spent is not None and 0 < spent["scoring"] < spent["seconds"]
    took = run_cell(setting, place, Memory(kept=state)).timings
    assert took["earlier"] == spent["seconds"] + 900
    assert took["method"] > 500
    assert took["score"] > spent["scoring"] + 400
    assert took["total"] == pytest.approx(took["load"] + took["method"] + took["score"], abs=0.2)


@pytest.mark.parametrize(
    "damage",
    [
        lambda state: b"",
        lambda state: state[:31],
        lambda state: state[:-1],
        lambda state: state[: len(state) // 2],
        lambda state: bytes(len(state)),
        lambda state: state[:-9] + bytes([state[-9] ^ 1]) + state[-8:],
        lambda state: packed({"player": {}}),
        lambda state: packed([1]),  # type: ignore[arg-type]
        lambda state: changed(state, lambda data: data["played"].update(sources=["0" * 64])),
        lambda state: changed(state, lambda data: data["played"].update(sealed="sandbox")),
        lambda state: changed(state, lambda data: data["played"].pop("form")),
    ],
    ids=[
        "empty",
        "no digest",
        "a byte less",
        "half",
        "zeros",
        "one bit",
        "another's",
        "a list",
        "source",
        "sealed",
        "form",
    ],
)
def test_what_is_damaged_or_of_another_playing_costs_time_alone(
    damage: Callable[[bytes], bytes],
    setting: Setting,
    place: Place,
    capsys: pytest.CaptureFixture[str],
    whole: Callable[..., Any],
) -> None:
    killed = Memory(stop=3)
    with pytest.raises(KeyboardInterrupt):
        run_cell(setting, place, killed)
    capsys.readouterr()
    again = run_cell(setting, place, Memory(kept=damage(killed.states[-1])))
    assert capsys.readouterr().out.startswith("round at 0\n")
    assert numbers(again) == numbers(whole(setting))


def test_a_state_of_all_that_lasts_comes_back_as_it_was() -> None:
    state = {"rng": torch.get_rng_state(), 3: ("a", None, float("inf")), "bytes": b"\0"}
    back = unpacked(packed(state))
    assert back is not None
    assert torch.equal(back.pop("rng"), state.pop("rng"))  # type: ignore[arg-type]
    assert back == state
    assert unpacked(None) is None


def test_states_are_kept_now_and_then_and_seldom_where_keeping_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(resume.time, "monotonic", lambda: now[0])
    due, times = Due(), []
    for now[0] in range(400):
        if due.now:
            times.append(now[0])
            due.took(0.1 if len(times) < 3 else 10)
    assert times == [15, 30, 45, 245]


class Kept:
    """Slots that outlive a run: their zygote is the session's."""

    slots = 1

    def __init__(self, workers: LocalSlots) -> None:
        self.submit = workers.submit

    def shutdown(self) -> None:
        pass

    def kill(self) -> None:
        pass


def test_a_cell_whose_referee_was_killed_goes_on_in_the_next_run(
    cell: Make, base: tuple[Place, Any], plan: dict[str, Planned], slots: LocalSlots, told: AnyCell, tmp_path: Path
) -> None:
    setting = cell(SOURCE, kind="generator", budgets=(100, 150, 400))
    item = replace(plan["generator"], cell=setting.cell, setting=setting)
    scratch = base[0].scratch
    assert scratch is not None
    assert scratch.name == "results.db.work"
    kept = scratch / f"{setting.cell.id}.resume"

    def start(_: Told) -> Kept:
        return Kept(slots)

    def kill() -> None:
        until(lambda: "round at 160" in heard())
        os.kill(family(slots)[0], signal.SIGKILL)

    said: list[str] = []

    def heard() -> str:
        said.append(told.texts())
        return "".join(said)

    told.texts()
    with Store.open(tmp_path / "results.db") as store:
        killer = threading.Thread(target=kill)
        killer.start()
        first = run_cells([item], store, start, resume=ResumeFiles(scratch))
        killer.join()
        assert [(f.status, f.error) for f in first.failures] == [(Status.INTERRUPTED, "its referee died: signal 9")]
        assert kept.is_file()

        (tmp_path / "gate.py").touch()
        assert run_cells([item], store, start, resume=ResumeFiles(scratch)).done == 1
        assert not kept.exists()
        resumed = store.cell(setting.cell.id).result
        assert run_cells([item], store, start, resume=ResumeFiles(scratch)).already == 1
    assert resumed is not None
    assert resumed.output.startswith("round at 160\n")
    afresh = slots.submit(setting).result(120)
    assert afresh.output.startswith("round at 0\n")
    for part in ("measurements", "ledger", "pictures", "confusions"):
        assert sorted(map(str, getattr(numbers(resumed), part))) == sorted(map(str, getattr(numbers(afresh), part)))

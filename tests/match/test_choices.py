"""A deterministic choice is made once for all cells that share it, and a cell that is handed it has the same result."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from benchbox_plugins.selectors.drmi import Drmi
from digits_suite import digits_suite
from match_watch import Silence, numbers

import benchbox
from benchbox.contracts import Game, Grant
from benchbox.execution.slots import LocalSlots
from benchbox.match.choices import Choices, choices_of
from benchbox.match.run import run_cell
from benchbox.place import Place
from benchbox.records import CellResult, Status
from benchbox.suites import Setting

QUERIED = """
[[scenario]]
name = "{prior}"
plays = "query-attack"
target = {{ model = "lenet5" }}
substitute = "lenet5"
trainer = "standard[updates=10,epochs=1]"
access = "label"
pool = {{}}
threat = {{ norm = "inf", radius = 0.3 }}
images = 5
prior = {{ method = "{prior}", budget = 20 }}
budgets = [1]
methods = ["transfer"]
"""
DRAWN = "drmi[start=random]"
SWAPPED = "drmi[swaps=2]"
Made = dict[tuple[str, int], Setting]
Play = Callable[..., CellResult]


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return cells by selector and seed; ``drmi`` has one of smaller budgets, too, under ``few``."""
    folder, made = tmp_path_factory.mktemp("choices"), Made()
    for name, budgets in (("whole", (20, 60)), ("few", (10, 30))):
        (folder / f"{name}.toml").write_text(
            digits_suite("drmi", "drmi[alpha=2]", DRAWN, SWAPPED, seeds=2, budgets=budgets)
        )
        plan = benchbox.plan(str(folder / f"{name}.toml"), db=str(folder / "results.db"), device="cpu")
        for setting in (item.setting for item in plan.cells if item.setting is not None):
            spec = "few" if name == "few" else setting.cell.method.spec
            made.setdefault((spec, setting.cell.seed), setting)
    return made


@pytest.fixture(scope="session")
def queried(tmp_path_factory: pytest.TempPathFactory) -> list[Setting]:
    """Return cells of one query attack on one pool, granted substitutes of two choices."""
    folder = tmp_path_factory.mktemp("priors")
    scenarios = [QUERIED.format(prior=prior) for prior in ("drmi", "drmi[alpha=2]")]
    (folder / "priors.toml").write_text("".join(['title = "Priors"\ndatasets = ["digits"]\nseeds = 1\n', *scenarios]))
    plan = benchbox.plan(str(folder / "priors.toml"), db=str(folder / "results.db"), device="cpu")
    return [item.setting for item in plan.cells if item.setting is not None]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Return a list that fills with the size of each choice that ``drmi`` makes."""
    sizes: list[int] = []
    select = Drmi.select

    def counted(self: Drmi, game: Game, k: int) -> torch.Tensor:
        sizes.append(k)
        return select(self, game, k)

    monkeypatch.setattr(Drmi, "select", counted)
    return sizes


@pytest.fixture
def play(settings: Made, place: Place, tmp_path: Path) -> Play:
    """Return a function that plays a cell in this process: (spec, seed); choices are kept in ``tmp_path``."""

    def played(spec: str = "drmi", seed: int = 0, *, keep: bool = True) -> CellResult:
        there = place.model_copy(update={"choices": tmp_path if keep else None})
        result = run_cell(settings[spec, seed], there, Silence())
        assert result.status is Status.DONE, result.traceback
        return result

    return played


def same(one: CellResult, other: CellResult) -> bool:
    return asdict(numbers(one)) == asdict(numbers(other))


def test_the_second_replicate_does_not_choose_again_and_has_the_same_result(play: Play, made: list[int]) -> None:
    play(seed=0)
    handed = play(seed=1)
    assert made == [60]
    assert same(handed, play(seed=1, keep=False))
    assert made == [60, 60]


def test_a_nested_choice_serves_smaller_budgets_and_larger_ones_are_chosen(play: Play, made: list[int]) -> None:
    play("few")
    play("drmi")
    handed = play("few", 1)
    assert made == [30, 60]
    assert same(handed, play("few", 1, keep=False))


def test_a_choice_that_is_not_nested_is_kept_for_each_number(play: Play, made: list[int]) -> None:
    first = play(SWAPPED)
    assert made == [20, 60]
    assert same(first, play(SWAPPED))
    assert made == [20, 60]


@pytest.mark.parametrize("harm", [bytes.swapcase, lambda kept: kept[:-8], lambda kept: b"", lambda kept: kept[:32]])
def test_a_damaged_file_is_chosen_anew(
    play: Play, made: list[int], tmp_path: Path, harm: Callable[[bytes], bytes]
) -> None:
    first = play()
    (file,) = tmp_path.glob("*.rows")
    sound = file.read_bytes()
    file.write_bytes(harm(sound))
    assert same(first, play())
    assert made == [60, 60]
    assert file.read_bytes() == sound


def test_another_choices_file_under_this_name_is_none(tmp_path: Path) -> None:
    mine, others = Choices(tmp_path, "a"), Choices(tmp_path, "b")
    with others.turn():
        assert others.recall(3, nested=True) is None
        others.keep(torch.arange(3), nested=True)
    (tmp_path / "b.rows").rename(tmp_path / "a.rows")
    with mine.turn():
        assert mine.recall(3, nested=True) is None


def test_other_options_choose_for_themselves_and_a_random_start_always_chooses(play: Play, made: list[int]) -> None:
    for spec, seed in (("drmi", 0), ("drmi[alpha=2]", 0), (DRAWN, 0), (DRAWN, 0), (DRAWN, 1)):
        play(spec, seed)
    assert len(made) == 5


def test_the_choice_behind_a_granted_substitute_is_not_kept_as_the_query_attacks(
    queried: list[Setting], place: Place, tmp_path: Path, made: list[int]
) -> None:
    there = place.model_copy(update={"choices": tmp_path})
    for setting in queried:
        result = run_cell(setting, there, Silence())
        assert result.status is Status.DONE, result.traceback
    assert made == [20, 20]


def test_whatever_may_change_a_choice_is_part_of_its_name(settings: Made, place: Place, tmp_path: Path) -> None:
    cell, there = settings["drmi", 0].cell, place.model_copy(update={"choices": tmp_path})
    rules, method = cell.scenario, cell.method
    assert rules.pool is not None
    another = [
        {"scenario": rules.model_copy(update={"dataset_hash": "0"})},
        {"scenario": rules.model_copy(update={"pool_hash": "1"})},
        {"scenario": rules.model_copy(update={"pool_hash": "1", "dataset_hash": "0"})},
        {"scenario": rules.model_copy(update={"precision": "bf16"})},
        {"scenario": rules.model_copy(update={"pool_draw": 1})},
        {"scenario": rules.model_copy(update={"pool": rules.pool.model_copy(update={"size": 99})})},
        {"uses": (Grant.LABELS,)},
        {"method": method.model_copy(update={"version": 99})},
        {"method": method.model_copy(update={"source": "0"})},
    ]
    cells = [cell, *(cell.model_copy(update=changes) for changes in another)]
    made = [choices_of(each, there, {"vector": "AVX2"}) for each in cells]
    made.append(choices_of(cell, there, {"vector": "AVX512"}))
    names = [each._key for each in made if each is not None]
    assert len(set(names)) == len(made) == 11
    same_choice = choices_of(cell.model_copy(update={"seed": 9}), there, {"vector": "AVX2"})
    assert same_choice is not None and same_choice._key == names[0]


@pytest.mark.parametrize("changes", [{"builtin": False}, {"source": ""}])
def test_a_strangers_choice_is_not_kept(
    settings: Made, place: Place, tmp_path: Path, changes: dict[str, object]
) -> None:
    cell, there = settings["drmi", 0].cell, place.model_copy(update={"choices": tmp_path})
    changed = cell.model_copy(update={"method": cell.method.model_copy(update=changes)})
    assert choices_of(changed, there, {}) is None


def test_where_nothing_can_be_written_everybody_chooses(settings: Made, place: Place, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    there = place.model_copy(update={"choices": tmp_path / "file"})
    assert run_cell(settings["drmi", 0], there, Silence()).status is Status.DONE


def test_who_comes_meanwhile_waits_for_the_choice(tmp_path: Path) -> None:
    asked, found = threading.Event(), []

    def second() -> None:
        asked.set()
        found.append(Choices(tmp_path, "a").recall(4, nested=True))

    choices, other = Choices(tmp_path, "a"), threading.Thread(target=second)
    with choices.turn():
        assert choices.recall(4, nested=True) is None
        other.start()
        asked.wait()
        choices.keep(torch.tensor([3, 1, 0, 2]), nested=True)
    other.join(60)
    assert [rows.tolist() for rows in found if rows is not None] == [[3, 1, 0, 2]]


def test_a_shorter_choice_does_not_wait_for_a_longer_one_nor_take_its_place(tmp_path: Path) -> None:
    longer, shorter = Choices(tmp_path, "a"), Choices(tmp_path, "a")
    with longer.turn(), shorter.turn():
        assert longer.recall(4, nested=True) is None
        assert shorter.recall(2, nested=True) is None
        longer.keep(torch.tensor([3, 1, 0, 2]), nested=True)
        shorter.keep(torch.tensor([3, 1]), nested=True)
    whole = Choices(tmp_path, "a").recall(4, nested=True)
    assert whole is not None and whole.tolist() == [3, 1, 0, 2]


def test_players_apart_are_handed_it_too(
    settings: Made, slots: LocalSlots, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "_place", place.model_copy(update={"choices": tmp_path}))
    first = slots.submit(settings["drmi", 1]).result(300)
    (file,) = tmp_path.glob("*.rows")
    written = file.stat().st_mtime_ns
    second = slots.submit(settings["drmi", 1]).result(300)
    assert same(first, second) and first.status is Status.DONE
    assert file.stat().st_mtime_ns == written
